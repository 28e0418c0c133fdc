import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { byteLines } from '../../src/scan/json-lines.js';
import { Folder, POLICY, piecesOf, run, TOKEN } from './support.js';

const folder = new Folder();
afterAll(() => folder.remove());
const policy = folder.file('policy.json', POLICY);
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function answers(...lines: string[]) {
  const { code, out, err } = await run(['scan', '--jsonl', '--policy', policy], { stdin: lines.join('\n') });
  return {
    code,
    err,
    lines: out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  };
}

const finding = (start: number) => ({
  rule_id: 'made-up-token',
  severity: 'critical',
  action: 'observe',
  start,
  end: start + 7,
  view: 'raw',
});

describe('scan -jsonl', () => {
  it('answers every line, with offsets and redacted bytes', async () => {
    const { code, lines, err } = await answers(
      JSON.stringify({ id: 'a', text: `é ${TOKEN} !` }),
      JSON.stringify({ id: 2, chunks: [base64('x made'), base64('up'), '', base64('_rest y')] }),
      '',
      JSON.stringify({ id: 'clean', text: 'nothing' }),
      JSON.stringify({ id: null, chunks: [] }),
    );
    expect(lines).toEqual([
      { id: 'a', findings: [finding(3)], redacted: base64(`é ${'*'.repeat(TOKEN.length)} !`) },
      { id: 2, findings: [finding(2)], redacted: base64(`x ${'*'.repeat(11)} y`) },
      { id: 'clean', findings: [], redacted: base64('nothing') },
      { id: null, findings: [], redacted: '' },
    ]);
    expect([code, err]).toEqual([1, '']);
  });

  it('answers what it cannot scan with a reason, and ends with 8', async () => {
    const { code, lines, err } = await answers(
      `{"id": 1, "text": "${TOKEN}`,
      '[1]',
      '{"id": 2}',
      '{"id": 3, "text": "a", "chunks": []}',
      '{"id": 4, "text": 7}',
      '{"id": 5, "chunks": "YQ=="}',
      '{"id": 6, "chunks": ["YQ==", "Y!=="]}',
      '{"id": {"a": 1}, "text": "a"}',
      '{"text": "a"}',
    );
    expect(lines).toEqual([
      { id: null, error: 'not JSON in UTF-8' },
      { id: null, error: 'not a JSON object' },
      { id: 2, error: 'needs either "text" or "chunks"' },
      { id: 3, error: 'needs either "text" or "chunks"' },
      { id: 4, error: 'text: must be a string' },
      { id: 5, error: 'chunks: must be an array' },
      { id: 6, error: 'chunks[1]: must be base64' },
      { id: null, error: 'id: must be a string or a number' },
      { id: null, findings: [], redacted: base64('a') },
    ]);
    expect([code, err]).toEqual([8, 'spectral-mesh: 8 lines not scanned; their answers say why\n']);
  });

  it.each([
    ['label', 'a [MADE-UP-TOKEN] b [MADE-UP-TOKEN]'],
    ['pseudonym', 'a [MADE-UP-TOKEN_1] b [MADE-UP-TOKEN_1]'],
  ])('puts a %s in the place of what was found', async (style, wanted) => {
    const stdin = JSON.stringify({ id: 1, text: `a ${TOKEN} b ${TOKEN}` });
    const { out } = await run(['scan', '-jsonl', '-redact', style, '-policy', policy], { stdin });
    expect(Buffer.from(JSON.parse(out).redacted, 'base64').toString()).toBe(wanted);
    expect(await run(['scan', '-redact', style, '-policy', policy], { stdin })).toMatchObject({ code: 2 });
  });

  it('finds the same however the chunks are cut', async () => {
    const text = Buffer.from(`{"a": "${TOKEN}", "b": "PROJECT nowhere"}`);
    const cuts = fc.array(fc.nat(text.length), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const ends = [...places, text.length].sort((a, b) => a - b);
        const chunks = ends.map((end, i) => text.subarray(ends[i - 1] ?? 0, end).toString('base64'));
        const { lines } = await answers(JSON.stringify({ id: 0, chunks }), JSON.stringify({ id: 0, text: `${text}` }));
        expect(lines[0]).toEqual(lines[1]);
        expect(lines[0].findings).toHaveLength(2);
      }),
      { seed: 41, numRuns: 30 },
    );
  });
});

describe('byteLines', () => {
  it('keeps nothing of a piece that does not hold any longer', async () => {
    async function* reused() {
      const buffer = Buffer.alloc(8);
      for (const text of ['ab\ncdefg', 'hijklmno', 'p\nq     ']) yield buffer.fill(text);
    }
    const lines: string[] = [];
    for await (const line of byteLines(reused())) lines.push(Buffer.from(line as Uint8Array).toString());
    expect(lines).toEqual(['ab', 'cdefghijklmnop', 'q     ']);
  });

  const collect = async (pieces: readonly Uint8Array[], most?: number) => {
    const lines: string[] = [];
    for await (const line of byteLines(piecesOf(...pieces), most)) {
      lines.push(line instanceof Uint8Array ? Buffer.from(line).toString() : line.error);
    }
    return lines;
  };

  it('gives the same lines whatever the cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'bc', '\n', ''), { maxLength: 12 }), async (parts) => {
        const whole = parts.join('');
        const wanted = whole.split('\n');
        if (wanted.at(-1) === '') wanted.pop();
        expect(await collect(parts.map((part) => Buffer.from(part)))).toEqual(wanted);
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  it('passes over what is too long', async () => {
    const pieces = ['ab', 'cd\nef', 'g\nhijk'].map((text) => Buffer.from(text));
    expect(await collect(pieces, 3)).toEqual(['longer than 3 bytes', 'efg', 'longer than 3 bytes']);
  });
});
