import { defineConfig } from 'tsup';

type Esbuild = { transform(code: string, options: object): Promise<{ code: string }> };
let esbuild: Esbuild;

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  // The declarations name `Symbol.dispose`, which a project's own `lib` may lack.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  target: 'node20',
  // People download this with their programs: maps would make it four times as large.
  sourcemap: false,
  // Names only: with syntax goes what says that an initialiser has no side effects, and programs would keep what they do not use. Their
  // bundlers do the rest.
  esbuildOptions(options) {
    options.minifyIdentifiers = true;
  },
  esbuildPlugins: [
    {
      name: 'the bundler, for below',
      setup(build) {
        esbuild = build.esbuild;
      },
    },
  ],
  clean: true,
  plugins: [
    {
      // Comments go with white space. So what they say of a call stands in its name meanwhile, of a function before its parameters.
      name: 'no white space, but what says that there are no side effects',
      async renderChunk(code) {
        const marked = code
          .replaceAll('/* @__PURE__ */ new ', 'new __PURE__')
          .replaceAll('/* @__PURE__ */ ', '__PURE__')
          .replace(/\/\/ @__NO_SIDE_EFFECTS__\nfunction ([\w$]+)\(/g, 'function $1(__NO_SIDE_EFFECTS__,');
        const { code: small } = await esbuild.transform(marked, { minifyWhitespace: true, target: 'node20' });
        return {
          code: small
            .replace(/(new )?__PURE__/g, '/* @__PURE__ */$1')
            .replace(/function ([\w$]+)\(__NO_SIDE_EFFECTS__,/g, '/* @__NO_SIDE_EFFECTS__ */function $1('),
        };
      },
    },
    {
      // Every supported Node can `require` an ES module: a second copy would double the package, and be a second module to a program.
      name: 'one module for import and require',
      renderChunk() {
        return this.format === 'cjs' ? { code: "'use strict';module.exports=require('./index.js');\n" } : undefined;
      },
    },
  ],
});
