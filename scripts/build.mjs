#!/usr/bin/env node
/**
 * Builds everything, in order, and only what changed:
 *
 *   build:wasm ──▶ build:bpf ──▶ build:native ──▶ build:rules ──▶ packages, each after the packages it depends on
 *
 * A step is skipped when its inputs have the contents of its last successful run and its outputs are there. `--force`
 * runs every step. The first step that fails ends the build with exit code 1.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamps = join(root, '.cache/build');
const force = process.argv.includes('--force');
const started = performance.now();

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifest = readJson('package.json');

/** What `npm run build:*` reads and writes, in the order in which to run them. */
const SCRIPTS = [
  {
    script: 'build:wasm',
    inputs: ['assembly', 'asconfig.json', 'scripts/build-wasm.mjs'],
    outputs: ['packages/core/src/engine/generated'],
  },
  {
    script: 'build:bpf',
    linuxOnly: true,
    inputs: ['bpf', 'scripts/build-bpf.mjs'],
    outputs: ['packages/capture-ebpf/bpf'],
  },
  {
    script: 'build:native',
    linuxOnly: true,
    inputs: ['native', 'bpf', 'scripts/build-native.mjs'],
    outputs: ['packages/capture-ebpf/prebuilds'],
  },
  {
    script: 'build:rules',
    inputs: ['packages/rules/packs', 'packages/rules/scripts', 'packages/core/src', 'package-lock.json'],
    outputs: ['packages/rules/src/generated/packs.ts', 'packages/rules/src/generated/examples.ts'],
  },
];

/** Files under `path` (a file or a folder of the repository), without what builds leave behind. */
function filesOf(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => !['build', 'dist', 'node_modules', 'prebuilds', 'test'].includes(entry.name))
    .flatMap((entry) => filesOf(join(path, entry.name)))
    .sort();
}

function fingerprint(step) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([step.command, process.version, process.platform, process.arch, step.salt ?? '']));
  for (const file of step.inputs.flatMap(filesOf)) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

const stampOf = (step) => join(stamps, step.name.replaceAll(/[^\w.-]/g, '_'));

function upToDate(step, print) {
  if (force || !existsSync(stampOf(step)) || readFileSync(stampOf(step), 'utf8') !== print) return false;
  return step.outputs.every((path) => existsSync(join(root, path)));
}

function run(step) {
  const print = fingerprint(step);
  if (upToDate(step, print)) return false;
  const start = performance.now();
  process.stderr.write(`build: ${step.name} … `);
  const [program, ...args] = step.command;
  const child = spawnSync(program, args, { cwd: join(root, step.cwd ?? '.'), stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.status !== 0) {
    process.stderr.write(`failed\n\n${child.stdout ?? ''}${child.stderr ?? ''}${child.error ?? ''}\n`);
    process.stderr.write(`build: "${step.command.join(' ')}" in ${step.cwd ?? '.'} ended with ${child.status}\n`);
    process.exit(1);
  }
  const absent = step.outputs.filter((path) => !existsSync(join(root, path)));
  if (absent.length > 0) {
    process.stderr.write(`failed: it ended well but left no ${absent.join(', ')}\n`);
    process.exit(1);
  }
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stampOf(step), print);
  return true;
}

function scriptSteps() {
  return SCRIPTS.filter(({ script }) => manifest.scripts[script]).flatMap((step) => {
    if (step.linuxOnly && process.platform !== 'linux') {
      process.stderr.write(`build: ${step.script} is skipped: it needs Linux, this is ${process.platform}\n`);
      return [];
    }
    const command = ['npm', 'run', '--silent', step.script];
    return [{ ...step, name: step.script, command, salt: manifest.scripts[step.script] }];
  });
}

/** The workspaces that have sources, each after those it depends on. */
function packagesInOrder() {
  const packages = new Map(
    manifest.workspaces
      .filter((path) => existsSync(join(root, path, 'src')))
      .map((path) => {
        const { name, bin, dependencies = {} } = readJson(join(path, 'package.json'));
        return [name, { name, path, bin, dependencies: Object.keys(dependencies) }];
      }),
  );
  const order = [];
  const visit = (item, trail) => {
    if (trail.includes(item)) throw new Error(`packages depend on each other in a circle: ${trail.map((p) => p.name)}`);
    for (const name of item.dependencies) if (packages.has(name)) visit(packages.get(name), [...trail, item]);
    if (!order.includes(item)) order.push(item);
  };
  for (const item of packages.values()) visit(item, []);
  return order;
}

/** The commit that a program prints with its version; part of the fingerprint of every package with a program. */
function commit() {
  try {
    return execFileSync('git', ['-c', 'safe.directory=*', 'rev-parse', 'HEAD'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}

function packageSteps() {
  const order = packagesInOrder();
  const sourcesOf = (item) => [
    ...['src', 'package.json', 'tsup.config.ts'].map((file) => join(item.path, file)),
    ...order.filter(({ name }) => item.dependencies.includes(name)).flatMap(sourcesOf),
  ];
  return order.map((item) => ({
    name: item.name,
    command: [process.execPath, join(root, 'node_modules/tsup/dist/cli-default.js'), '--silent'],
    cwd: item.path,
    inputs: ['tsconfig.json', 'package-lock.json', ...sourcesOf(item)],
    outputs: [join(item.path, 'dist')],
    salt: item.bin ? commit() : '',
  }));
}

const steps = [...scriptSteps(), ...packageSteps()];
const ran = steps.filter(run).length;
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stderr.write(ran > 0 ? `build: ${ran} of ${steps.length} steps in ${seconds} s\n` : 'build: up to date\n');
