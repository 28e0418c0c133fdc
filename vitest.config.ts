import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      '@spectral/core': source('core'),
      '@spectral/rules': source('rules'),
      '@spectral/capture-ebpf': source('capture-ebpf'),
      '@spectral/capture-json': source('capture-json'),
      '@spectral/capture-hookwire': source('capture-hookwire'),
      '@spectral/capture-ingest': source('capture-ingest'),
      '@spectral/capture-stdin': source('capture-stdin'),
      '@spectral/cli': source('cli'),
    },
  },
  test: {
    testTimeout: 30_000,
    setupFiles: [fileURLToPath(new URL('./test/setup.ts', import.meta.url))],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'assembly/test/**/*.test.ts'],
          exclude: ['test/e2e/**', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        // A sensor watches the whole host, and these load it: one file at a time, after everything else.
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
