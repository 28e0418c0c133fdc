import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  // The declarations name `Symbol.dispose`, which a project's own `lib` may lack.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  target: 'node20',
  // People download this with their programs: maps would make it four times as large.
  sourcemap: false,
  // Names only: with white space and syntax goes what says that an initialiser has no side effects, and programs would keep what they do
  // not use. Their bundlers do the rest.
  esbuildOptions(options) {
    options.minifyIdentifiers = true;
  },
  clean: true,
  plugins: [
    {
      // Every supported Node can `require` an ES module: a second copy would double the package, and be a second module to a program.
      name: 'one module for import and require',
      renderChunk() {
        return this.format === 'cjs' ? { code: "'use strict';module.exports=require('./index.js');\n" } : undefined;
      },
    },
  ],
});
