import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const packagesDirectory = join(root, 'packages');

/** Which packages of ours a package may import, and whether it may use Node's own modules. */
const MAY_IMPORT: Readonly<Record<string, { ours: readonly string[]; node: boolean }>> = {
  core: { ours: [], node: false },
  rules: { ours: ['core'], node: false },
  'capture-ebpf': { ours: ['core'], node: true },
  'capture-json': { ours: ['core'], node: true },
  'capture-ingest': { ours: ['core', 'capture-json'], node: true },
  'capture-stdin': { ours: ['core', 'capture-json'], node: true },
  'capture-hookwire': { ours: ['core'], node: true },
  cli: { ours: ['core', 'rules', 'capture-ebpf', 'capture-ingest', 'capture-stdin', 'capture-hookwire'], node: true },
};

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Every module that a source file names: static, dynamic and type imports, re-exports and `require`. */
function importsOf(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push((node.argument.literal as ts.StringLiteral).text);
    } else if (ts.isCallExpression(node)) {
      const [first] = node.arguments;
      const loads = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require';
      if (loads && first !== undefined && ts.isStringLiteralLike(first)) found.push(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Why `specifier` must not stand in `file` (a path inside `packages/NAME/src`), or `undefined` if it may. */
function objection(name: string, manifest: Manifest, file: string, specifier: string): string | undefined {
  const may = MAY_IMPORT[name];
  if (may === undefined) return `package ${name} has no row in MAY_IMPORT`;
  if (specifier.startsWith('.')) {
    const target = relative(join(packagesDirectory, name, 'src'), resolve(dirname(file), specifier));
    return target.startsWith('..') ? 'reaches out of its own package' : undefined;
  }
  if (isBuiltin(specifier)) {
    if (!may.node) return 'is a module of Node';
    return specifier.startsWith('node:') ? undefined : 'is written without node:';
  }
  const dependency = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (manifest.dependencies?.[dependency] === undefined) return 'is not among the dependencies of the package';
  if (dependency.startsWith('@spectral/') && !may.ours.includes(dependency.slice('@spectral/'.length))) {
    return 'points the wrong way';
  }
  return undefined;
}

function sourcesUnder(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .map((path) => join(directory, path));
}

describe('imports', () => {
  const packages = readdirSync(packagesDirectory).filter((name) => existsSync(join(packagesDirectory, name, 'src')));

  it.each(packages)('%s imports only what it may', (name) => {
    const manifest = JSON.parse(readFileSync(join(packagesDirectory, name, 'package.json'), 'utf8')) as Manifest;
    const sources = sourcesUnder(join(packagesDirectory, name, 'src'));
    expect(sources.length).toBeGreaterThan(0);
    const forbidden = sources.flatMap((file) =>
      importsOf(readFileSync(file, 'utf8')).flatMap((specifier) => {
        const reason = objection(name, manifest, file, specifier);
        return reason === undefined ? [] : [`${relative(root, file)}: "${specifier}" ${reason}`];
      }),
    );
    expect(forbidden).toEqual([]);
  });

  it('are found in every form that TypeScript has', () => {
    const source = `
      import a from 'a'; import 'b'; export * from 'c'; export { d } from 'd'; import type { E } from 'e';
      const f = await import('f'); const g = require('g'); type H = import('h').H; const i = "import 'not'";`;
    expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  });

  it.each([
    ['core', 'node:fs', 'is a module of Node'],
    ['core', 'fs', 'is a module of Node'],
    ['core', '@spectral/capture-ebpf', 'points the wrong way'],
    ['core', '../../cli/src/flags.js', 'reaches out of its own package'],
    ['capture-ebpf', '@spectral/cli', 'points the wrong way'],
    ['capture-stdin', '@spectral/capture-ebpf', 'points the wrong way'],
    ['capture-ebpf', 'fs', 'is written without node:'],
    ['cli', 'left-pad', 'is not among the dependencies of the package'],
    ['unheard-of', 'node:fs', 'package unheard-of has no row in MAY_IMPORT'],
    ['cli', '@spectral/core', undefined],
    ['cli', 'node:fs', undefined],
    ['core', './types.js', undefined],
  ])('in %s, "%s": %s', (name, specifier, expected) => {
    const manifest = { dependencies: { '@spectral/core': '*', '@spectral/cli': '*', '@spectral/capture-ebpf': '*' } };
    expect(objection(name, manifest, join(packagesDirectory, name, 'src/file.ts'), specifier)).toBe(expected);
  });
});

it('core compiles without the types of Node, so it uses none of its globals', () => {
  const program = ts.createProgram([join(packagesDirectory, 'core/src/index.ts')], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  expect(problems).toEqual([]);
}, 60_000);

describe('what git tracks', () => {
  const inGit = existsSync(join(root, '.git'));
  const files = inGit
    ? execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
        .split('\0')
        .filter((path) => path !== '' && existsSync(join(root, path)))
    : [];
  const isText = (path: string) => !readFileSync(join(root, path)).includes(0);

  it.skipIf(!inGit)('is written by hand', () => {
    const generated =
      /(^|\/)(dist|build|prebuilds|node_modules|coverage|generated)\/|\.(o|a|so|node|wasm|tgz|map|log)$/;
    expect(files.filter((path) => generated.test(path))).toEqual([]);
  });

  it.skipIf(!inGit)('holds each command of a package, for npm links none that is made later', () => {
    const commands = files
      .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
      .flatMap((path) => {
        const { bin = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as { bin?: Record<string, string> };
        return Object.values(bin).map((target) => join(dirname(path), target));
      });
    expect(commands).toContain('packages/cli/bin/spectral-mesh.js');
    expect(commands.filter((path) => !files.includes(path))).toEqual([]);
  });

  it.skipIf(!inGit)('is small enough to be read', () => {
    const source = /\.(ts|mjs|js|c|h|cc|cpp|sh|py)$/;
    const tooLong = files
      .filter((path) => source.test(path))
      .map((path) => `${path}: ${readFileSync(join(root, path), 'utf8').split('\n').length}`)
      .filter((entry) => Number(entry.split(': ')[1]) > 500);
    expect(tooLong).toEqual([]);
    // Cases that programs write and read may be longer.
    const isData = (path: string) => path === 'package-lock.json' || path.startsWith('test/detection/cases/');
    const tooBig = files.filter((path) => !isData(path) && statSync(join(root, path)).size > 256 * 1024);
    expect(tooBig).toEqual([]);
  });

  it.skipIf(!inGit)('names no package registry and no home directory', () => {
    const registry = /\b(registry|deb|security|archive|pypi|proxy|mirror)\.[a-z]+\.(org|com|net|dev|io)\b/;
    const home = /(?<![\w}>)*\]])\/(root|home\/[a-z]\w*|Users\/[A-Za-z]\w*)\//;
    const found = files.filter(isText).flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          registry.test(line) || home.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(found).toEqual([]);
  });
});
