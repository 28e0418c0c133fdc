/** The packages as people get them: packed, installed elsewhere, and used in every way that they may be. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, launch, serve } from './browser.js';
import { CI, install, output, type Packed, pack, packages, RUNTIMES, readJson, root, scratch } from './support.js';

const CORE_BYTES = 150_000;
const EXPECTED = {
  findings: [
    'authorization-header 0-14',
    'bearer-token 15-22',
    'secret-key-prefix 22-25',
    'openai-project-key 22-30',
    'sample-project-ethos 47-60',
  ],
  redacted: `${'*'.repeat(46)}\n${'*'.repeat(13)}, café.`,
  streamed: `${'*'.repeat(46)}\n${'*'.repeat(13)}, café.`,
  code: 'POLICY_INVALID',
};

/** How every WebAssembly module begins, in base64. */
const WASM = 'AGFzbQ';
const MADE_UP = 'sk-proj-MADEUP0123456789';

const directory = scratch();
const project = join(directory, 'project');
const tarballs = join(directory, 'tarballs');
let packed: Packed[];

beforeAll(async () => {
  mkdirSync(project);
  mkdirSync(tarballs);
  packed = await pack(tarballs);
  await install(
    project,
    packed.map(({ tarball }) => tarball),
  );
}, 240_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const named = packages.map(({ manifest }) => manifest.name);
const importable = packages
  .filter(({ manifest }) => manifest.exports !== undefined)
  .map(({ manifest }) => manifest.name);
const tarballOf = (name: string) => packed.find((entry) => entry.name === name)!;

describe('the tarballs', () => {
  test('are small', () => {
    const sizes = packed.map(({ name, size }) => `${name.padEnd(28)} ${(size / 1000).toFixed(1).padStart(7)} kB`);
    console.log(`packed sizes\n${sizes.join('\n')}`);
    expect(tarballOf('@spectral/core').size).toBeLessThan(CORE_BYTES);
  });

  test.each(named)('of %s holds what is needed to run, and no source', (name) => {
    const { files } = tarballOf(name);
    expect(
      files.filter((path) => !/^(dist|bin|examples|prebuilds|bpf)\/|^(package\.json|README\.md|LICENSE)$/.test(path)),
    ).toEqual([]);
    expect(files.filter((path) => path.startsWith('dist/')).length).toBeGreaterThan(0);
  });

  test.each(named)('of %s is to the liking of publint', async (name) => {
    const { tarball, manifest } = tarballOf(name);
    const buffer = readFileSync(tarball);
    const { messages } = await publint({ pack: { tarball: new Uint8Array(buffer).buffer } });
    const wrong = messages.filter(({ type }) => type !== 'suggestion');
    expect(wrong.map((message) => formatMessage(message, manifest as never))).toEqual([]);
  });

  test.each(importable)('of %s has types that are right about it', async (name) => {
    const attw = join(
      dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')),
      'dist/index.js',
    );
    const args = [attw, tarballOf(name).tarball, '--no-definitely-typed', '--format', 'ascii', '--no-emoji'];
    expect(await output(process.execPath, args, project)).toContain('No problems found');
  });
});

describe.each(RUNTIMES)('in $name', ({ program, args, installed }) => {
  test.skipIf(!installed).each(['esm.mjs', 'cjs.cjs'])('the library works from %s', async (file) => {
    const seen = JSON.parse(await output(program, [...args, file], project));
    expect(seen).toMatchObject(EXPECTED);
  });
});

describe.each(RUNTIMES.filter(({ name }) => name.includes('Node')))('in $name', ({ program, installed }) => {
  test.skipIf(!installed).each(importable)('%s can be imported and required', async (name) => {
    const names = (expression: string) => `console.log(Object.keys(${expression}).sort().join())`;
    const imported = await output(program, ['--input-type=module', '-e', names(`await import('${name}')`)], project);
    const required = await output(program, ['-e', names(`require('${name}')`)], project);
    expect(imported.trim()).not.toBe('');
    expect(required).toBe(imported);
  });
});

test('every program says how it is used', async () => {
  const programs = packed.flatMap(({ name, manifest }) =>
    Object.values(manifest.bin ?? {}).map((path) => join(project, 'node_modules', name, path)),
  );
  expect(programs.length).toBeGreaterThan(0);
  for (const program of programs)
    expect(await output(process.execPath, [program, '--help'], project)).toContain('Usage');
});

describe('TypeScript', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compile = async (name: string, files: readonly string[], options: Record<string, unknown>) => {
    const config = join(project, `${name}.json`);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'ES2022',
      lib: ['ES2022'],
      skipLibCheck: false,
      ...options,
    };
    writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    return output(process.execPath, [tsc, '-p', config], project).catch(({ stdout }) => stdout);
  };
  const types = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };

  beforeAll(() => {
    const core = readFileSync(join(project, 'types.ts.txt'), 'utf8');
    const others = importable.map((name, n) => `import * as p${n} from '${name}';\nconsole.log(p${n});\n`).join('');
    const node = `import { Duplex } from 'node:stream';\nimport { createScanner } from '@spectral/core';
      export const make = async () => Duplex.fromWeb((await createScanner()).stream());\n`;
    for (const extension of ['ts', 'mts', 'cts']) {
      writeFileSync(join(project, `types.${extension}`), core);
      writeFileSync(join(project, `others.${extension}`), others);
    }
    writeFileSync(join(project, 'node.mts'), node);
  });

  test('resolves all packages as node16 does, from modules of both kinds', async () => {
    const files = ['types.mts', 'types.cts', 'others.mts', 'others.cts', 'node.mts'];
    expect(await compile('node16', files, { module: 'node16', moduleResolution: 'node16', ...types })).toBe('');
  }, 90_000);

  test('resolves the library as bundlers do, without the types of Node', async () => {
    const options = { module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'], types: [] };
    expect(await compile('bundler', ['types.ts'], options)).toBe('');
  }, 90_000);
});

describe('a bundle by Vite', () => {
  const bundle = (input: string, outDir: string) =>
    build({ root: project, logLevel: 'error', build: { rollupOptions: { input: join(project, input) }, outDir } });

  test.skipIf(CHROMIUM === undefined && !CI)(
    'works in Chromium',
    async () => {
      const outDir = join(project, 'bundle');
      await bundle('browser.html', outDir);
      const { url, server } = await serve(outDir);
      const browser = await launch();
      try {
        const page = await browser.context.newPage();
        await page.goto(`${url}browser.html`);
        await page.waitForFunction('document.title.startsWith("{")');
        expect(JSON.parse(await page.title())).toMatchObject(EXPECTED);
      } finally {
        await browser.close();
        server.close();
      }
    },
    60_000,
  );

  test('leaves out what is not used', async () => {
    writeFileSync(
      join(project, 'small.html'),
      '<script type="module">import { SpectralError } from "@spectral/core"; console.log(SpectralError)</script>',
    );
    const outDir = join(project, 'small');
    await bundle('small.html', outDir);
    const scripts = readdirSync(join(outDir, 'assets')).map((file) =>
      readFileSync(join(outDir, 'assets', file), 'utf8'),
    );
    expect(scripts).toHaveLength(1);
    expect(readFileSync(join(project, 'node_modules/@spectral/core/dist/index.js'), 'utf8')).toContain(WASM);
    expect(scripts[0]).not.toContain(WASM);
    expect(scripts[0]!.length).toBeLessThan(10_000);
  });
});

test('the quick start of the README runs, and prints what it says', async () => {
  const readme = readFileSync(join(project, 'node_modules/@spectral/core/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code!);
  expect(blocks.length).toBeGreaterThan(1);
  const said = blocks.flatMap((code) =>
    [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text!),
  );
  expect(said.length).toBeGreaterThan(1);
  const printed = [];
  for (const [n, code] of blocks.entries()) {
    writeFileSync(join(project, `readme-${n}.mjs`), code);
    writeFileSync(join(project, 'app.log'), `user=ann key=${MADE_UP}\n`);
    printed.push(await output(process.execPath, [`readme-${n}.mjs`], project));
  }
  for (const text of said) expect(printed.join('')).toContain(text);
  expect(readFileSync(join(project, 'redacted.log'), 'utf8')).toBe(`user=ann key=${'*'.repeat(MADE_UP.length)}\n`);
});

test('no more is installed than the packages say', () => {
  const { dependencies } = readJson(join(project, 'node_modules/@spectral/core/package.json'));
  expect(Object.keys(dependencies)).toEqual(['@noble/hashes']);
});
