import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, POLICY, piecesOf, run, TOKEN } from './support.js';

const folder = new Folder();
afterAll(() => folder.remove());
const policy = folder.file('policy.json', POLICY);
const tree = join(folder.path, 'tree');
folder.file('tree/a.txt', `first line\nkey: ${TOKEN} # end\n`);
folder.file('tree/clean.txt', 'nothing to see\n');
folder.file('tree/sub/b.txt', 'About project nowhere\n');
const scan = (...argv: string[]) => run(['scan', '-policy', policy, ...argv]);

describe('spectral-mesh scan', () => {
  it('finds nothing with 0, something with 1, and says where', async () => {
    expect(await scan(join(tree, 'clean.txt'))).toMatchObject({ code: 0, out: '' });
    const { code, out, err } = await scan(tree);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      `${tree}/a.txt:2:6: critical made-up-token`,
      `    key: ${'*'.repeat(TOKEN.length)} # end`,
      `${tree}/sub/b.txt:1:7: low made-up-word`,
      '    About ***************',
      '',
    ]);
    expect(err).toBe('spectral-mesh: 2 findings in 2 of 3 files, 83 bytes\n');
  });

  it('looks into what is compressed, and says what it could not', async () => {
    const message = (body: Uint8Array) => {
      const head = `POST / HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: ${body.length}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), body]);
    };
    const words = `the information about ${TOKEN} and the development of this government`;
    const whole = folder.file('compressed.bin', message(brotliCompressSync(words)));
    expect(await scan('-views', whole)).toMatchObject({ code: 1, out: expect.stringContaining('made-up-token') });
    const damaged = folder.file('damaged.bin', message(Buffer.alloc(900, 0xff)));
    const { code, err } = await scan('-views', damaged);
    expect(code).toBe(0);
    expect(err).toContain('damaged.bin: 900 compressed bytes could not be decompressed');
  });

  it('reads standard input where no path is given, or -', async () => {
    const stdin = `x ${TOKEN}`;
    for (const argv of [
      ['scan', '-policy', policy],
      ['scan', '-policy', policy, '-'],
    ]) {
      const { code, out } = await run(argv, { stdin });
      expect([code, out]).toEqual([1, expect.stringContaining('(standard input):1:3: critical made-up-token')]);
    }
  });

  it('finds the same however standard input is cut', async () => {
    const text = Buffer.from(`a\nbc ${TOKEN} d\n Project Nowhere ${TOKEN}`);
    const whole = await run(['scan', '-policy', policy, '-format', 'json'], { stdin: piecesOf(text) });
    for (const size of [1, 2, 7]) {
      const cut = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.subarray(i * size, (i + 1) * size),
      );
      const { out } = await run(['scan', '-policy', policy, '-format', 'json'], { stdin: piecesOf(...cut) });
      const without = (report: string) =>
        JSON.parse(report).findings.map(({ hash: _, preview: __, ...finding }: Record<string, unknown>) => finding);
      expect(without(out)).toEqual(without(whole.out));
      expect(without(out)).toHaveLength(3);
    }
  });

  it('goes on after what it cannot read, and ends with 8', async () => {
    const missing = join(folder.path, 'missing');
    const { code, out, err } = await scan(missing, join(tree, 'a.txt'));
    expect(code).toBe(8);
    expect(out).toContain('made-up-token');
    expect(err).toContain(`${missing}: cannot read it: ENOENT`);
    expect(err).toContain('; 1 could not be read');
  });

  it('counts folders that it may not enter', async () => {
    const closed = join(folder.path, 'closed/inner');
    mkdirSync(closed, { recursive: true });
    chmodSync(closed, 0);
    chmodSync(folder.path, 0o755);
    // What is loaded on demand is loaded now: root may enter everything, so nobody is to try, and may not be able to read this.
    await scan(tree);
    const isRoot = process.geteuid!() === 0;
    if (isRoot) process.seteuid!(65_534);
    try {
      expect((await scan(join(folder.path, 'closed'))).code).toBe(8);
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });

  it('does not follow links in folders, but those that are named', async () => {
    const loop = join(folder.path, 'loop');
    folder.file('loop/a.txt', 'clean');
    symlinkSync('.', join(loop, 'self'));
    symlinkSync(tree, join(loop, 'elsewhere'));
    symlinkSync(join(tree, 'a.txt'), join(loop, 'link.txt'));
    expect(await scan(loop)).toMatchObject({ code: 0, err: 'spectral-mesh: 0 findings in 0 of 1 file, 5 bytes\n' });
    expect((await scan(join(loop, 'elsewhere'))).code).toBe(1);
    expect((await scan(join(loop, 'link.txt'))).code).toBe(1);
  });

  it('never prints what was found, nor what could steer a terminal', async () => {
    const name = 'odd\u001b[31m\u202e.txt';
    const file = folder.file(`odd/${name}`, `\u001b]0;x\u0007 ${TOKEN}\u202e\n`);
    for (const format of ['text', 'json', 'sarif']) {
      const { out, err } = await scan('-format', format, '-explain', file);
      expect(out + err).not.toContain(TOKEN.slice(7));
      const steering = format === 'text' ? ['\u001b', '\u0007', '\u202e'] : ['\u001b', '\u0007'];
      for (const character of steering) expect(out + err).not.toContain(character);
    }
  });

  it('says why', async () => {
    const { out } = await run(['explain', '-policy', policy, join(tree, 'a.txt')]);
    expect(out).toContain(
      '    rule     A made-up token\n    tests    a literal\n    view     raw\n    bytes    16 to 23\n',
    );
  });

  it.each([
    [['-policy', policy, '-rules', 'secrets'], 'flags -policy and -rules: both say what to look for'],
    [['-rules', 'nope'], '"nope" names a pack that is not there; there are'],
    [['-format', 'xml'], '"xml" is not one of text, json, sarif'],
    [['-jsonl', '-format', 'json'], 'flag -format: has no meaning with -jsonl'],
    [['-frmat', 'json'], "unknown flag -frmat; did you mean -format? 'spectral-mesh scan --help' lists them all"],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await run(['scan', ...argv]);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('refuses a bad policy with 3', async () => {
    const bad = folder.file('bad.json', { schema_version: 3, rules: [{ id: 'a' }] });
    expect((await run(['scan', '-policy', bad])).code).toBe(3);
    expect((await run(['scan', '-policy', join(folder.path, 'missing.json')])).code).toBe(3);
  });

  it('takes the packs from the environment', async () => {
    const { code, out } = await run(['scan'], { stdin: 'Project Ethos', env: { SPECTRAL_RULES: 'default' } });
    expect([code, out]).toEqual([1, expect.stringContaining('sample-project-ethos')]);
  });
});

describe('explanations', () => {
  const strict = folder.file('strict.json', {
    schema_version: 3,
    rules: [{ id: 'strict', severity: 'high', literals: ['mu_'], regex: 'mu_[a-z0-9]{8}', entropy: 3 }],
  });
  const stdin = 'first\nx mu_aaaaaaaa, {"a": "\\u006du_a1b2c3d4"}';

  it('say what is none, and why', async () => {
    const { code, out } = await run(['explain', '-policy', strict], { stdin });
    expect(code).toBe(1);
    expect(out).toMatch(/^\(standard input\):2:3: no strict: .*entropy/m);
    expect(out).toMatch(/^\(standard input\):2:23: high strict \(in json\)\n/m);
    expect(out).not.toContain('a1b2c3d4');
  });

  it('are in JSON, too', async () => {
    const { out } = await run(['scan', '-explain', '-format', 'json', '-policy', strict], { stdin });
    const { findings, dropped, dropped_not_listed: more } = JSON.parse(out);
    expect(findings[0].explanation).toContain('tests    a literal, regex, entropy of at least 3');
    expect([dropped[0], more]).toMatchObject([{ rule_id: 'strict', line: 2, column: 3, view: 'raw' }, 0]);
  });

  it('do without views where these are off', async () => {
    expect((await run(['scan', '-policy', strict, '-views=false'], { stdin })).code).toBe(0);
  });
});
