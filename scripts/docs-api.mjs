#!/usr/bin/env node
/**
 * The API reference, made from the docstrings of everything that a package exports.
 *
 *   node scripts/docs-api.mjs           writes it to docs/api
 *   node scripts/docs-api.mjs --check   writes nothing
 *
 * Either way, an export without a docstring, or a link that leads nowhere, ends it with exit code 1.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, LogLevel } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
// Only what can be imported: a package of programs alone has no index.
const packages = readJson('package.json').workspaces.filter(
  (path) => existsSync(join(root, path, 'src/index.ts')) && readJson(join(path, 'package.json')).exports,
);

const application = await Application.bootstrap({
  name: 'Spectral',
  entryPoints: packages.map((path) => join(root, path, 'src/index.ts')),
  tsconfig: join(root, 'tsconfig.json'),
  readme: 'none',
  githubPages: false,
  disableSources: true,
  // Types are checked elsewhere.
  skipErrorChecking: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  validation: { notDocumented: true, notExported: false, invalidLink: true },
  packagesRequiringDocumentation: packages.map((path) => readJson(join(path, 'package.json')).name),
  requiredToBeDocumented: ['Class', 'Enum', 'Function', 'Interface', 'Method', 'TypeAlias', 'Variable'],
  logLevel: check ? LogLevel.Warn : LogLevel.Info,
});
const project = await application.convert();
if (project === undefined) process.exit(1);
application.validate(project);
if (!check) await application.generateDocs(project, join(root, 'docs/api'));
process.exit(application.logger.hasErrors() || application.logger.hasWarnings() ? 1 : 0);
