/** What comes out of a connection's bytes, however they were cut; and what happens when they are no frames. */
import {
  encodeFrame,
  FLAG_END,
  FLAG_INGRESS,
  type FrameHeader,
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
} from '@spectral/capture-hookwire';
import type { Chunk, ChunkHandler, FlowKey } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../core/test/sensor/support.js';
import { Decoder } from '../src/decoder.js';
import { MAX_FLOWS_PER_CONNECTION } from '../src/flows.js';

interface Seen {
  readonly flow: FlowKey;
  readonly pid: number;
  readonly comm: string;
  readonly direction: string | undefined;
  seqs: (number | undefined)[];
  text: string;
}

/** Joins consecutive chunks of a flow, so that cuts do not show. */
class Recorder {
  readonly seen: (Seen | { readonly end: FlowKey })[] = [];
  chunks = 0;
  readonly handler = {
    handleChunks: (chunks: readonly Chunk[]) => {
      for (const chunk of chunks) this.#add(chunk);
      return [];
    },
    endFlow: (end: FlowKey) => this.seen.push({ end }),
  } as unknown as ChunkHandler;

  #add({ flow, pid, comm, direction, data, seq, meta }: Chunk): void {
    this.chunks += 1;
    expect(meta).toEqual({ feed: 'hookwire' });
    const last = this.seen.at(-1);
    const text = Buffer.from(data).toString('latin1');
    const goesOn = last && 'flow' in last && last.flow === flow && last.comm === comm && last.direction === direction;
    if (!goesOn) this.seen.push({ flow, pid, comm, direction, seqs: seq === undefined ? [] : [seq], text });
    else {
      last.text += text;
      if (seq !== undefined) last.seqs.push(seq);
    }
  }
}

function decode(pieces: readonly Uint8Array[]) {
  const counters = { frames: 0, bytes: 0, flowsEvicted: 0 };
  const recorder = new Recorder();
  const decoder = new Decoder(1, recorder.handler, counters);
  // One buffer for all, as the feed has it: nothing may be kept of it.
  const shared = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    shared.set(piece);
    if (!decoder.push(shared.subarray(0, piece.length))) break;
    shared.fill(0xee);
  }
  return { ...recorder, decoder, counters };
}

const frame = fc.record({
  header: fc.record({
    pid: fc.nat(3),
    comm: fc.constantFrom('', 'curl', '0123456789abcdef', 'é'),
    seq: fc.constantFrom(0, 1, 2, 0xffff_ffff),
    flags: fc.constantFrom(0, FLAG_INGRESS, FLAG_END),
    flow: fc.option(fc.bigInt({ min: 0n, max: 2n }), { nil: undefined }),
  }),
  data: fc.uint8Array({ maxLength: 60 }),
});

describe('the decoder', () => {
  it('gives the same for any cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(2000), { maxLength: 40 }), (frames, places) => {
        const bytes = Buffer.concat(frames.map(({ header, data }) => encodeFrame(header, data)));
        const whole = decode([bytes]);
        const pieces = decode(cut(bytes, places));
        const single = decode(Array.from(bytes, (byte) => Uint8Array.of(byte)));
        expect(pieces.seen).toEqual(whole.seen);
        expect(single.seen).toEqual(whole.seen);
        expect(whole.counters).toEqual({
          frames: frames.length,
          bytes: frames.reduce((sum, { data }) => sum + data.length, 0),
          flowsEvicted: 0,
        });
        expect(single.counters).toEqual(whole.counters);
        expect(single.decoder.midFrame).toBe(false);
        const text = whole.seen.map((item) => ('text' in item ? item.text : '')).join('');
        expect(text).toBe(Buffer.concat(frames.map(({ data }) => data)).toString('latin1'));
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  it('survives any bytes, and says why it gives up', () => {
    const start = fc.constantFrom('', '53504857', '534857', '535048570100', '53504857010000000000000000000000ffffffff');
    fc.assert(
      fc.property(
        start,
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(300), { maxLength: 9 }),
        (hex, junk, at) => {
          const { decoder } = decode(cut(Buffer.concat([Buffer.from(hex, 'hex'), junk]), at));
          expect([undefined, 'magic', 'version', 'flags', 'length']).toContain(decoder.bad);
        },
      ),
      { seed: 2, numRuns: 2000 },
    );
  });

  it.each<[string, (header: Buffer) => void]>([
    ['magic', (header) => header.writeUInt32BE(0x53504858, 0)],
    ['version', (header) => header.writeUInt16LE(2, 4)],
    ['flags', (header) => header.writeUInt16LE(8, 6)],
    ['length', (header) => header.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 16)],
    ['length', (header) => header.writeUInt16LE(4, 6)],
  ])('a bad %s: what came before counts, nothing behind it does', (reason, spoil) => {
    const good = encodeFrame({ pid: 1, comm: 'a' }, Buffer.from('good'));
    const bad = encodeFrame({ pid: 1, comm: 'a' }, Buffer.from('bad'));
    spoil(bad);
    for (const pieces of [[good, bad, good], [Buffer.concat([good, bad, good])]]) {
      const { decoder, seen, counters } = decode(pieces);
      expect(decoder.bad).toBe(reason);
      expect(counters.frames).toBe(1);
      expect(seen).toMatchObject([{ text: 'good' }]);
    }
  });

  it('keeps no more of a stream than an unfinished header', () => {
    const bytes = encodeFrame({ pid: 1, comm: 'a' }, Buffer.alloc(MAX_PAYLOAD_BYTES, 'x'));
    const { chunks, decoder, seen } = decode([bytes.subarray(0, 100), bytes.subarray(100, 200)]);
    expect([chunks, seen.length]).toEqual([2, 1]);
    expect((seen[0] as Seen).text).toHaveLength(200 - HEADER_BYTES);
    expect(decoder.midFrame).toBe(true);
  });

  it('counts numbers on past 2^32, and takes 0 for "not numbered" elsewhere', () => {
    const numbers = [0, 0, 7, 8, 0xffff_fffe, 0xffff_ffff, 0, 1, 0, 5];
    const frames = numbers.map((seq) => encodeFrame({ pid: 1, comm: 'a', seq }, Buffer.from('.')));
    const wrap = 2 ** 32;
    expect(decode(frames).seen).toMatchObject([
      { seqs: [7, 8, 0xffff_fffe, 0xffff_ffff, wrap, wrap + 1, wrap + 5], text: '..........' },
    ]);
  });

  it('keeps processes, numbered flows and directions apart', () => {
    const of = (header: Partial<FrameHeader>) => encodeFrame({ pid: 1, comm: 'a', ...header }, Buffer.from('x'));
    const { seen } = decode([of({}), of({ flow: 1n }), of({ flow: 2n }), of({ pid: 2 }), of({ pid: 2, flow: 1n })]);
    expect(new Set(seen.map((item) => (item as Seen).flow)).size).toBe(5);
    const [one, two] = decode([of({}), of({ flags: FLAG_INGRESS })]).seen as Seen[];
    expect([one!.flow === two!.flow, one!.direction, two!.direction]).toEqual([true, 'egress', 'ingress']);
  });

  it('remembers a bounded number of flows, and ends those that make room', () => {
    const frames = Array.from({ length: MAX_FLOWS_PER_CONNECTION + 10 }, (_, n) =>
      encodeFrame({ pid: 1, comm: 'a', flow: BigInt(n) }, Buffer.from('x')),
    );
    const { seen, counters, decoder } = decode(frames);
    expect(counters.flowsEvicted).toBe(10);
    decoder.end();
    expect(seen.filter((item) => 'end' in item)).toHaveLength(MAX_FLOWS_PER_CONNECTION + 10);
  });
});
