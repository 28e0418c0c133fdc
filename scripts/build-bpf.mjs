#!/usr/bin/env node
// Compiles the BPF programs into packages/capture-ebpf/bpf: for each architecture one object that uses bpf_loop
// (kernels from 5.17) and one that does not. No header of the running kernel is needed; offsets are relocated at load.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'bpf');
const target = join(root, 'packages/capture-ebpf/bpf');
const architectures = { x64: '__TARGET_ARCH_x86', arm64: '__TARGET_ARCH_arm64' };
const variants = { loop: [], unrolled: ['-DSPECTRAL_UNROLLED'] };

const newest = Math.max(...readdirSync(source).map((file) => statSync(join(source, file)).mtimeMs));
mkdirSync(target, { recursive: true });
for (const [architecture, define] of Object.entries(architectures)) {
  for (const [variant, flags] of Object.entries(variants)) {
    const object = join(target, `capture.${variant}.${architecture}.bpf.o`);
    if (existsSync(object) && statSync(object).mtimeMs > newest) continue;
    const options = ['-g', '-O2', '-target', 'bpf', '-mcpu=v3', `-D${define}`, ...flags, '-Wall', '-Werror'];
    execFileSync('clang', [...options, '-c', join(source, 'capture.bpf.c'), '-o', object], { stdio: 'inherit' });
    // Drops DWARF; BTF, which CO-RE needs, stays.
    execFileSync('llvm-strip', ['-g', object], { stdio: 'inherit' });
    console.log(`built ${object.slice(root.length + 1)}`);
  }
}
