import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  // The declarations name `Symbol.dispose`, which a project's own `lib` may lack.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  target: 'node20',
  // People download this with their programs: maps would make it four times as large.
  sourcemap: false,
  minify: true,
  clean: true,
});
