#!/usr/bin/env node
// Builds the addon and puts it where the package ships it: packages/capture-ebpf/prebuilds/linux-<arch>/spectral.node.
// Node-API keeps one binary valid for every supported version of Node.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'native');
const shared = join(root, 'bpf/spectral.h');
const target = join(root, `packages/capture-ebpf/prebuilds/linux-${process.arch}/spectral.node`);

if (process.platform !== 'linux') {
  console.log('the addon is for Linux only: skipped');
  process.exit(0);
}
const inputs = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(source, entry.name))
  .concat(shared);
const newest = Math.max(...inputs.map((file) => statSync(file).mtimeMs));
if (existsSync(target) && statSync(target).mtimeMs > newest) process.exit(0);

const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
// The headers that came with this Node, if they did; else node-gyp fetches them.
const prefix = dirname(dirname(process.execPath));
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
execFileSync(process.execPath, [gyp, 'rebuild', '--loglevel=error', ...headers], { cwd: source, stdio: 'inherit' });
mkdirSync(dirname(target), { recursive: true });
copyFileSync(join(source, 'build/Release/spectral.node'), target);
console.log(`built ${target.slice(root.length + 1)}`);
