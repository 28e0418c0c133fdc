import { CHUNK_SCHEMA, type ChunkDocument, ChunkReader } from '@spectral/capture-json';
import { type Chunk, ChunkError, type ChunkHandler } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literals, record } from '../../core/test/sensor/support.js';

/** Made up for these tests. */
const SECRET = 'SAMPLE-SECRET-91c2';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A reader of which one sees the chunks. */
function observe() {
  const chunks: (Chunk & { text: string })[] = [];
  const ended: unknown[] = [];
  const handler = {
    handleChunk: (chunk: Chunk) => {
      chunks.push({ ...chunk, text: Buffer.from(chunk.data).toString('latin1') });
      return { findings: [], action: 'observe' };
    },
    endFlow: (flow: unknown) => ended.push(flow),
  } as unknown as ChunkHandler;
  return { reader: new ChunkReader('test', handler, 1 << 20), chunks, ended };
}

describe('a document', () => {
  it('becomes a chunk, field for field', () => {
    const { reader, chunks, ended } = observe();
    const all = {
      pid: 7,
      comm: 'curl',
      flow: 'f',
      direction: 'ingress',
      seq: 3,
      lost: 4,
      time: 5.5,
      end: true,
    } as const;
    reader.read(json({ ...all, payload: base64('bytes'), unknown: 1 }));
    const { end, ...fields } = all;
    expect(chunks).toMatchObject([{ ...fields, flow: 'test/flow/f', meta: { feed: 'test' }, text: 'bytes' }]);
    expect(ended).toEqual(['test/flow/f']);
  });

  it('belongs to the flow that it names, else to that of its process, else to its own', () => {
    const { reader, chunks, ended } = observe();
    const flowOf = (document: ChunkDocument) => {
      reader.read(json({ text: 'x', ...document }));
      return chunks.at(-1)!.flow;
    };
    expect(flowOf({ pid: 1, comm: 'a' })).toBe(flowOf({ pid: 1, comm: 'a' }));
    expect(flowOf({ flow: 5 })).toBe(flowOf({ flow: '5', pid: 9 }));
    const apart = [{ pid: 1, comm: 'a' }, { pid: 1 }, { comm: 'a' }, { pid: 1, flow: '1/a' }, { flow: 'process/1/a' }];
    expect(new Set(apart.map(flowOf)).size).toBe(apart.length);
    expect(ended).toEqual([]);
    expect(flowOf({})).not.toBe(flowOf({}));
    expect(ended).toHaveLength(2);
  });

  it.each<[string, unknown]>([
    ['', 5],
    ['', null],
    ['', []],
    ['payload', {}],
    ['payload', { payload: 5 }],
    ['payload', { payload: null }],
    ['payload', { payload: 'AAA$' }],
    ['payload', { payload: 'A' }],
    ['payload', { payload: 'AA=A' }],
    ['payload', { payload: 'QUJD\nREVG' }],
    ['payload', { payload: `${'A'.repeat(3000)}*` }],
    ['payload', { payload: `${'A'.repeat(3001)}` }],
    ['text', { text: 5 }],
    ['text', { text: 'a', payload: '' }],
    ['text', { text: 'a', payload: 'A'.repeat(4000) }],
    ['pid', { text: '', pid: '5' }],
    ['pid', { text: '', pid: -1 }],
    ['pid', { text: '', pid: 2 ** 32 }],
    ['pid', { text: '', pid: null }],
    ['comm', { text: '', comm: 5 }],
    ['comm', { text: '', comm: 'x'.repeat(65) }],
    ['flow', { text: '', flow: 1.5 }],
    ['flow', { text: '', flow: {} }],
    ['flow', { text: '', flow: 'x'.repeat(129) }],
    ['direction', { text: '', direction: 'up' }],
    ['seq', { text: '', seq: -1 }],
    ['lost', { text: '', lost: 'many' }],
    ['time', { text: '', time: 'now' }],
    ['end', { text: '', end: 1 }],
  ])('with a bad "%s" is refused: %j', async (field, document) => {
    const { sensor } = await record({ policy: literals(SECRET) });
    const reader = new ChunkReader('test', sensor, 1 << 20);
    expect(() => reader.read(json(document))).toThrow(expect.objectContaining({ code: 'CHUNK_INVALID', field }));
    expect(sensor.counters.chunks).toBe(0);
    sensor.close();
  });

  it.each([
    ['not JSON', Buffer.from(`{"payload": ${SECRET}}`)],
    ['cut short', json({ payload: base64(SECRET.repeat(200)) }).subarray(0, -3)],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('that is %s is refused without quoting it', (_what, document) => {
    const { reader } = observe();
    let message = '';
    try {
      reader.read(document);
    } catch (error) {
      expect(error).toBeInstanceOf(ChunkError);
      message = (error as Error).message;
    }
    expect(message).toMatch(/^chunk: /);
    expect(message).not.toContain('SAMPLE');
  });

  it('may use either alphabet of base64, with padding or without', () => {
    const { reader, chunks } = observe();
    const bytes = Buffer.from([0xfb, 0xff, 0xbf, 0x41]);
    for (const encoding of ['base64', 'base64url'] as const) {
      for (const payload of [bytes.toString(encoding), bytes.toString(encoding).replace(/=+$/, '')]) {
        reader.read(json({ payload }));
        expect(chunks.at(-1)!.text).toBe(bytes.toString('latin1'));
      }
    }
  });
});

describe('a long payload, which is cut out before the rest is parsed,', () => {
  const long = Buffer.alloc(3000, 'plain text ').toString('base64');
  const other = Buffer.alloc(3000, 'other text ').toString('base64');

  it.each<[string, string, string]>([
    ['first', `{"payload":"${long}","pid":1}`, long],
    ['last', `{"pid":1,"payload":"${long}"}`, long],
    ['after a space', `{ "pid": 1,   "payload":"${long}"  }`, long],
    ['with a space behind the colon', `{"payload" : "${long}"}`, long],
    ['twice: the last one counts', `{"payload":"${long}","payload":"${other}"}`, other],
    ['twice, the last one empty', `{"payload":"${long}","payload":""}`, ''],
    [
      'escaped',
      `{"payload":"${long.slice(0, 2000)}\\u0041${long.slice(2001)}"}`,
      `${long.slice(0, 2000)}A${long.slice(2001)}`,
    ],
    ['beside one in a nested object', `{"x":{"payload":"${long}"},"payload":"${other}"}`, other],
    ['behind one in a nested object, empty', `{"x":{"payload":"${long}"},"payload":""}`, ''],
    ['beside a string that looks like one', `{"x":"\\"payload\\":\\"${long}","payload":"${other}"}`, other],
    ['behind a key that ends like it', `{"a\\"payload":"${long}","payload":"${other}"}`, other],
  ])('%s', (_where, document, expected) => {
    const { reader, chunks } = observe();
    reader.read(Buffer.from(document));
    expect(Buffer.from(chunks[0]!.text, 'latin1').equals(Buffer.from(expected, 'base64'))).toBe(true);
  });

  it('gives what parsing it all gives, for any fields around it', () => {
    const name = fc.oneof(fc.constantFrom('payload', 'comm', 'flow', '"payload":"', 'x'), fc.string({ maxLength: 8 }));
    const value = fc.oneof(
      fc.constantFrom(long, other, `"payload":"${long}`, 'x'),
      fc.string({ maxLength: 12 }),
      fc.dictionary(name, fc.constantFrom(long, 'y'), { maxKeys: 2 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), fc.nat(2), (pairs, indent) => {
        const text = JSON.stringify(Object.fromEntries([...pairs, ['payload', long]]), null, indent);
        const { reader, chunks } = observe();
        let failed: unknown;
        try {
          reader.read(Buffer.from(text));
        } catch (error) {
          failed = (error as ChunkError).field;
        }
        if (failed === undefined)
          expect(chunks[0]!.text).toBe(Buffer.from(JSON.parse(text).payload, 'base64').toString('latin1'));
        else expect(['comm', 'flow']).toContain(failed);
      }),
      { seed: 4, numRuns: 1000 },
    );
  });
});

it('any bytes are a chunk or a refusal, and nothing else', () => {
  const { reader } = observe();
  const pieces = fc.constantFrom(
    '{',
    '}',
    '"payload":"',
    '"',
    'QUJD',
    ',',
    ':',
    '\\',
    '1',
    '[',
    'null',
    'A'.repeat(1200),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces).map((p) => Buffer.from(p.join(''))),
        fc.uint8Array(),
      ),
      (bytes) => {
        try {
          reader.read(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ChunkError);
        }
      },
    ),
    { seed: 5, numRuns: 3000 },
  );
});

it('payloads of all sizes and bytes come out as they went in', () => {
  const { reader, chunks } = observe();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000, size: 'max' }), (data) => {
      reader.read(json({ payload: base64(data) }));
      expect(chunks.pop()!.text).toBe(Buffer.from(data).toString('latin1'));
    }),
    { seed: 6, numRuns: 300 },
  );
});

it('the schema lists every field of the type, and no other', () => {
  const all: Required<ChunkDocument> = {
    payload: '',
    text: '',
    pid: 0,
    comm: '',
    flow: '',
    direction: 'egress',
    seq: 0,
    lost: 0,
    time: 0,
    end: false,
  };
  expect(Object.keys(CHUNK_SCHEMA.properties).sort()).toEqual(Object.keys(all).sort());
});
