/** Module hooks: sources import each other as `./x.js`, and are translated one by one when loaded. */
import { readFile } from 'node:fs/promises';
import ts from 'typescript';

/** Packages of ours are taken from their sources, too: nothing that was built before is mixed in. */
const OURS = /^@spectral\/(core|rules)$/;

export async function resolve(specifier, context, next) {
  const ours = OURS.exec(specifier)?.[1];
  if (ours !== undefined) return next(new URL(`../packages/${ours}/src/index.ts`, import.meta.url).href, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !specifier.endsWith('.js')) throw error;
    return next(specifier.replace(/\.js$/, '.ts'), context);
  }
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = await readFile(new URL(url), 'utf8');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  };
  const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: url });
  return { format: 'module', source: outputText, shortCircuit: true };
}
