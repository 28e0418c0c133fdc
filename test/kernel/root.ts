/**
 * What a kernel is tested with.
 *
 *   .cache/kernels/stage/          runs on the host as it is, and is /spectral in a test machine
 *     packages/, node_modules/     the built packages and what they depend on, as npm would install them
 *     test/kernel/guest/checks.mjs the checks, bundled
 *     tls_writer tls_sender verifier_record lib/libssl.so.3 run-checks
 *   .cache/kernels/root/           the machine's root: /init, busybox, node, openssl, curl, python3, their libraries, /spectral
 *   .cache/kernels/root.cpio       the same as an initramfs
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { libsslOf } from '../e2e/support/private-libssl.js';
import { compileTlsSender } from '../e2e/support/tls-sender.js';
import { compileTlsWriter } from '../e2e/support/tls-writer.js';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What runs on the kernel that is tested. */
export const GUEST = fileURLToPath(new URL('guest/', import.meta.url));
const PACKAGES = ['core', 'rules', 'capture-ebpf', 'cli'];
const PROGRAMS = ['openssl', 'curl'];

interface Manifest {
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (directory: string): Manifest => JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));

/** Copies what npm would publish of a package of ours. */
function installPackage(name: string, stage: string): void {
  const source = join(repository, 'packages', name);
  const target = join(stage, 'packages', name);
  for (const file of ['package.json', ...(manifestOf(source).files ?? [])])
    cpSync(join(source, file), join(target, file), { recursive: true });
  mkdirSync(join(stage, 'node_modules/@spectral'), { recursive: true });
  symlinkSync(`../../packages/${name}`, join(stage, 'node_modules/@spectral', name));
}

/** Where npm put a dependency of the package in `directory`: in the nearest `node_modules` upwards. */
function installed(name: string, directory: string): string {
  for (let at = directory; at.startsWith(repository); at = dirname(at)) {
    const found = join(at, 'node_modules', name);
    if (existsSync(found)) return found;
  }
  throw new Error(`${name}, which ${directory} needs, is not installed`);
}

/** Copies a package's dependencies, and theirs, to the places that they have in the repository. */
function installDependencies(directory: string, stage: string, done = new Set<string>()): void {
  for (const name of Object.keys(manifestOf(directory).dependencies ?? {})) {
    if (name.startsWith('@spectral/')) continue;
    const source = installed(name, directory);
    if (done.has(source)) continue;
    done.add(source);
    cpSync(source, join(stage, relative(repository, source)), { recursive: true });
    installDependencies(source, stage, done);
  }
}

function compileRecorder(stage: string): void {
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-I', join(repository, 'bpf')];
  const libraries = ['-l:libbpf.a', '-l:libelf.a', '-l:libz.a'];
  const program = join(stage, 'verifier_record');
  execFileSync('cc', [...flags, '-o', program, join(GUEST, 'verifier_record.c'), ...libraries], { stdio: 'pipe' });
}

/** Lays out `stage` anew. */
export async function buildStage(cache: string): Promise<string> {
  const stage = join(cache, 'stage');
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(join(stage, 'lib'), { recursive: true });
  for (const name of PACKAGES) {
    installPackage(name, stage);
    installDependencies(join(repository, 'packages', name), stage);
  }
  await build({
    entry: { checks: join(GUEST, 'checks.ts') },
    outDir: join(stage, 'test/kernel/guest'),
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    external: [/^@spectral\//],
    target: 'node20',
    config: false,
    silent: true,
  });
  compileRecorder(stage);
  const libssl = libsslOf(compileTlsWriter(stage));
  compileTlsSender(stage);
  cpSync(libssl, join(stage, 'lib', basename(libssl)), { dereference: true });
  cpSync(join(GUEST, 'run-checks'), join(stage, 'run-checks'));
  return stage;
}

/** The loader and the shared libraries of a program; none of a static one. */
function loadedBy(program: string): string[] {
  try {
    const listed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: 'pipe' });
    return [...listed.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!);
  } catch {
    return [];
  }
}

const which = (program: string) => execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();

/**
 * Python, and of its library what an HTTPS request loads: pairs of source and target, the program first; none where there
 * is no Python. Modules go as bytecode in the place of their source, which needs no time stamps to be believed.
 */
function pythonFiles(): [from: string, to: string][] {
  const list = `
import encodings.idna, json, os, ssl, sys, urllib.request
pairs = [[os.path.realpath(sys.executable)] * 2]
for module in list(sys.modules.values()):
    file, cached = getattr(module, "__file__", None), getattr(module, "__cached__", None)
    if cached and os.path.exists(cached): pairs.append([cached, file + "c"])
    elif file: pairs.append([file, file])
print(json.dumps(pairs))`;
  try {
    return JSON.parse(execFileSync('python3', ['-I', '-c', list], { encoding: 'utf8', stdio: 'pipe' }));
  } catch {
    return [];
  }
}

/** Lays out the part of a machine's root that is the same on all: folders, settings, /init, and the stage. */
export function layOut(root: string, stage: string): void {
  rmSync(root, { recursive: true, force: true });
  for (const path of ['bin', 'usr/bin', 'etc/ssl', 'proc', 'sys', 'dev', 'tmp'])
    mkdirSync(join(root, path), { recursive: true });
  cpSync('/etc/ssl/openssl.cnf', join(root, 'etc/ssl/openssl.cnf'));
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/tmp:/bin/sh\n');
  cpSync(join(GUEST, 'init'), join(root, 'init'));
  cpSync(stage, join(root, 'spectral'), { recursive: true, verbatimSymlinks: true });
}

/** Makes an initramfs of a root. */
export function pack(root: string, archive: string): void {
  const command = 'find . -print0 | cpio --null --quiet --create --format=newc --reproducible > "$0"';
  execFileSync('sh', ['-c', command, archive], { cwd: root });
}

/** Packs the stage and the programs of this machine into an initramfs. */
export function buildInitramfs(cache: string, stage: string): string {
  const root = join(cache, 'root');
  const archive = join(cache, 'root.cpio');
  layOut(root, stage);
  const copy = (from: string, to: string) => {
    if (existsSync(join(root, to))) return;
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(from, join(root, to), { dereference: true });
  };
  const install = (program: string, target: string) => {
    copy(program, target);
    for (const library of loadedBy(program)) copy(library, library);
  };
  install(which('busybox'), 'bin/busybox');
  install(process.execPath, 'usr/bin/node');
  for (const program of PROGRAMS) install(which(program), `usr/bin/${program}`);
  const python = pythonFiles();
  for (const [from, to] of python) install(from, to);
  if (python[0] !== undefined) symlinkSync(python[0][1], join(root, 'usr/bin/python3'));
  for (const file of ['tls_writer', 'tls_sender', 'verifier_record'])
    for (const library of loadedBy(join(stage, file))) copy(library, library);
  pack(root, archive);
  return archive;
}
