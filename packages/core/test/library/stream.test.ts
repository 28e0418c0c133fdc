/** What comes out of a stream does not depend on how the text was cut. */
import { createScanner, DEFAULT_POLICY, definePolicy, type Finding, Sensor } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/engine/wasm.js';
import { Workbench } from '../../src/library/bench.js';
import { Redactor } from '../../src/library/redactor.js';
import { chunk, cut, decode, encode, literals, occurrences } from '../sensor/support.js';
import { concat, flow, maskNaively, places, policies, texts } from './support.js';

const bytewise = (data: Uint8Array) => Array.from(data, (_, i) => data.subarray(i, i + 1));
/** Literals that reach over each other, of all kinds of mask; and long enough for every stage of the search. */
const SECRETS = [
  'Authorization: Basic bWFkZTp1cA==\r\nHost: example\r\n',
  '{"api_key": "sk-proj-MADEUP0123456789", "n": 1}',
  'AWS_SECRET_ACCESS_KEY=MadeUp/0123456789 and AKIAMADEUP0000000000 ',
  '-----BEGIN RSA PRIVATE KEY-----\nTUFERSBVUA==\n-----END RSA PRIVATE KEY-----\n',
  'Project Ethos ',
  'nothing to see here, move along; ',
  'setting_number_17_of_the_program: made-up-1; setting_number_4_of_the_program="made-up-2", ',
];
/** Short and long literals are searched for one after the other: their matches do not come in order. */
const MANY = definePolicy([
  ...DEFAULT_POLICY.rules,
  ...Array.from({ length: 300 }, (_, n) => {
    return { id: `s${n}`, pattern: `setting_number_${n}_of_the_program`, severity: 'low', action: 'observe' } as const;
  }),
]);

const engine = await loadEngine();

describe('redaction', () => {
  test('masks what a match introduces, each match by itself', async () => {
    await fc.assert(
      fc.asyncProperty(policies, texts, async (policy, text) => {
        using scanner = await createScanner(policy);
        expect(decode(scanner.redact(text))).toBe(decode(maskNaively(engine, policy, text)));
      }),
      { seed: 11, numRuns: 400 },
    );
  });

  test('is the same whatever the cut, and as of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(policies, texts, places, async (policy, text, at) => {
        using scanner = await createScanner(policy);
        const whole = decode(scanner.redact(text));
        const wanted = scanner.scan(text).findings;
        for (const pieces of [[text], cut(text, at), bytewise(text)]) {
          const findings: Finding[] = [];
          const out = await flow(scanner, pieces, { onFindings: (found) => findings.push(...found) });
          expect(decode(concat(out))).toBe(whole);
          expect(findings).toEqual(wanted);
        }
      }),
      { seed: 12, numRuns: 250 },
    );
  }, 60_000);

  test('finds every occurrence, in order', async () => {
    await fc.assert(
      fc.asyncProperty(policies, texts, async (policy, text) => {
        using scanner = await createScanner(policy);
        const { findings, omitted } = scanner.scan(text);
        expect(omitted).toBe(0);
        const sorted = [...findings].sort(
          (a, b) => a.end - b.end || a.start - b.start || (a.ruleId < b.ruleId ? -1 : 1),
        );
        expect(findings).toEqual(sorted);
        expect(findings).toEqual(occurrences(policy, text));
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  test.each([
    ['the default policy', DEFAULT_POLICY],
    ['many long literals, too', MANY],
  ])('is that of the sensor, over long texts with %s', async (_, policy) => {
    const sensor = await Sensor.create({ policy });
    using scanner = await createScanner(policy);
    let next = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...SECRETS), fc.nat(600)), { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(40_000), { maxLength: 20 }),
        async (parts, at) => {
          const text = encode(parts.map(([secret, gap]) => secret + 'lorem ipsum '.repeat(gap / 12)).join(''));
          const redacted = decode(scanner.redact(text));
          expect(redacted).toBe(decode(maskNaively(engine, policy, text)));
          const verdict = sensor.handleChunk(chunk(text, { flow: next++ }));
          expect(decode(verdict.redacted ?? text)).toBe(redacted);
          expect(decode(concat(await flow(scanner, cut(text, at))))).toBe(redacted);
        },
      ),
      { seed: 14, numRuns: 40 },
    );
    sensor.close();
  });
});

describe('a stream', () => {
  test('holds back no more than may belong to a match', () => {
    const bench = new Workbench(engine, literals('needle in hay', 'key='));
    let out = '';
    const redactor = new Redactor(
      bench,
      (bytes) => {
        out += decode(bytes);
      },
      () => {},
    );
    const pass = (text: string) => {
      out = '';
      redactor.push(encode(text));
      return out;
    };
    expect(pass('plain text')).toBe('plain text');
    expect(pass('some nee')).toBe('some ');
    expect(pass('ds')).toBe('needs');
    expect(pass(' needle in ha')).toBe(' ');
    expect(pass('t.')).toBe('needle in hat.');
    expect(pass('key=abc')).toBe('*******');
    expect(pass('def, gh')).toBe('***, gh');
    expect(pass('needle in hay')).toBe('*************');
    expect(pass(' "')).toBe('');
    expect(pass('=')).toBe('***');
    expect(pass('x')).toBe('*');
    expect(pass(' n')).toBe(' ');
    redactor.end();
    expect(out).toBe(' n');
    bench.close();
  });

  test('passes a clean chunk on as it is', async () => {
    using scanner = await createScanner();
    const clean = encode('nothing here.');
    expect((await flow(scanner, [clean]))[0]).toBe(clean);
  });

  test('shows what it holds back to nobody, also not through a buffer', async () => {
    using scanner = await createScanner(literals('needle'));
    const out = await flow(scanner, [encode('needle hay nee'), encode('d'), encode('le hay nee'), encode('d')]);
    for (const { buffer, byteLength } of out) expect(buffer.byteLength).toBe(byteLength);
    expect(decode(concat(out))).toBe('****** hay ****** hay need');
  });

  test('drops what it holds back when it is aborted', async () => {
    using scanner = await createScanner(literals('needle'));
    const { readable, writable } = scanner.stream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const first = reader.read();
    await writer.write(encode('hay nee'));
    expect(decode((await first).value!)).toBe('hay ');
    const rest = reader.read();
    rest.catch(() => {});
    await writer.abort(new Error('enough'));
    await expect(rest).rejects.toThrow('enough');
  });

  test('tells its source when nobody reads any more', async () => {
    using scanner = await createScanner();
    let told: (reason: unknown) => void;
    const reason = new Promise((resolve) => {
      told = resolve;
    });
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encode('text ')),
      cancel: (why) => told(why),
    });
    const reader = source.pipeThrough(scanner.stream()).getReader();
    expect(decode((await reader.read()).value!)).toBe('text ');
    await reader.cancel('enough');
    expect(await reason).toBe('enough');
  });

  test('makes a fast source wait for a slow reader', async () => {
    using scanner = await createScanner();
    let pulled = 0;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(encode('text '));
      },
    });
    const reader = source.pipeThrough(scanner.stream()).getReader();
    for (let i = 0; i < 10; i++) await reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    expect(pulled).toBeLessThan(20);
    await reader.cancel();
  });

  test('refuses what is no bytes, and says what to do', async () => {
    using scanner = await createScanner();
    const { readable, writable } = scanner.stream();
    const writer = writable.getWriter();
    const reading = readable.getReader().read();
    reading.catch(() => {});
    await expect(writer.write('text' as never)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(reading).rejects.toThrow('TextEncoderStream');
  });

  test('fails when what it tells about findings throws', async () => {
    using scanner = await createScanner(literals('needle'));
    const onFindings = () => {
      throw new Error('no, thanks');
    };
    await expect(flow(scanner, [encode('needle')], { onFindings })).rejects.toThrow('no, thanks');
  });

  test('may run beside others and beside calls, of the same scanner', async () => {
    using scanner = await createScanner(literals('needle'));
    const streams = Array.from({ length: 3 }, () => scanner.stream());
    const outs = streams.map(async ({ readable }) => {
      let text = '';
      for await (const part of readable) text += decode(part);
      return text;
    });
    const writers = streams.map(({ writable }) => writable.getWriter());
    for (const piece of ['a nee', 'dl', 'e b n', 'eedle']) {
      for (const [n, writer] of writers.entries()) await writer.write(encode(n === 1 ? piece.toUpperCase() : piece));
      expect(scanner.redact('needle')).toBe('******');
    }
    for (const writer of writers) await writer.close();
    expect(await Promise.all(outs)).toEqual(['a ****** b ******', 'A NEEDLE B NEEDLE', 'a ****** b ******']);
  });
});
