/** Packs the packages as they are published, and installs the tarballs into a scratch project. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const consumer = join(root, 'test/package/consumer');

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}

export interface Packed {
  readonly name: string;
  readonly directory: string;
  readonly manifest: Manifest;
  readonly tarball: string;
  /** Size of the tarball in bytes. */
  readonly size: number;
  readonly files: readonly string[];
}

export const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

const workspaces: string[] = readJson(join(root, 'package.json')).workspaces;

export const packages = workspaces
  .map((path) => join(root, path))
  .filter((directory) => existsSync(join(directory, 'src')))
  .map((directory) => ({ directory, manifest: readJson(join(directory, 'package.json')) as Manifest }));

export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'spectral-package-'));
}

export async function pack(into: string): Promise<Packed[]> {
  await run(process.execPath, [join(root, 'scripts/build.mjs')]);
  return Promise.all(
    packages.map(async ({ directory, manifest }) => {
      const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
        cwd: directory,
      });
      // A list, or from npm 12 on an object by package name.
      const [{ filename, size, files }] = Object.values(JSON.parse(stdout)) as [
        { filename: string; size: number; files: { path: string }[] },
      ];
      const paths = files.map(({ path }) => path);
      return { name: manifest.name, directory, manifest, tarball: join(into, filename), size, files: paths };
    }),
  );
}

/** Installs from npm's cache; only what the cache lacks is fetched. */
export async function install(project: string, tarballs: readonly string[]): Promise<void> {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'scratch', private: true }));
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', [...args, ...tarballs], { cwd: project });
  cpSync(consumer, project, { recursive: true });
}

/** Runs a program to its end and returns what it printed. */
export async function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run(program, args, { cwd, timeout: 60_000, maxBuffer: 1 << 24 });
  return stdout;
}

/** There, what is not installed is a failure and not a test that is skipped. */
export const CI = process.env.CI === 'true';

const arm = process.arch === 'arm64';
const runtimes = join(root, 'test/package/runtimes/node_modules');

/** Runtimes by name: how each runs a file. Those that are not installed here have no program. */
export const RUNTIMES = [
  { name: 'this Node', program: process.execPath, args: [] },
  { name: 'Node 22', program: join(runtimes, `node22-linux-${process.arch}/bin/node`), args: [] },
  { name: 'Node 24', program: join(runtimes, `node-linux-${process.arch}/bin/node`), args: [] },
  { name: 'Bun', program: join(runtimes, `@oven/bun-linux-${arm ? 'aarch64' : 'x64'}/bin/bun`), args: ['run'] },
  { name: 'Deno', program: join(runtimes, `@deno/linux-${process.arch}-glibc/deno`), args: ['run', '--quiet', '-R'] },
].map((runtime) => ({ ...runtime, installed: CI || existsSync(runtime.program) }));
