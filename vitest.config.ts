import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      '@spectral/core': source('core'),
      '@spectral/capture-ebpf': source('capture-ebpf'),
      '@spectral/cli': source('cli'),
    },
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'assembly/test/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
