import { rm, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

type Esbuild = { transform(code: string, options: object): Promise<{ code: string }> };
let esbuild: Esbuild;

// The declarations name `Symbol.dispose`, which a project's own `lib` may lack.
const REFERENCE = '/// <reference lib="esnext.disposable" />';

/** One copy: a module may have the declarations of a CommonJS file, but not the other way round. */
const declarations: Options = {
  entry: ['src/index.ts'],
  format: ['cjs'],
  dts: { only: true, banner: REFERENCE },
};

const program: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
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
    {
      name: 'declarations of the module',
      buildEnd: () => writeFile('dist/index.d.ts', `${REFERENCE}\nexport * from './index.cjs';\n`),
    },
  ],
};

export default defineConfig(async () => {
  await rm('dist', { recursive: true, force: true });
  return [program, declarations];
});
