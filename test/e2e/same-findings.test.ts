/** The same bytes give the same alerts through every feed, the kernel's among them, and through the library. */
import { createEbpfFeed } from '@spectral/capture-ebpf';
import type { Alert, Sensor } from '@spectral/core';
import { afterAll, expect, it, vi } from 'vitest';
import { cut, decode, encode, literals, occurrences, record } from '../../packages/core/test/sensor/support.js';
import { NEVER, WAYS, type Way } from '../feeds/ways.js';
import { describeBpf } from './support/bpf.js';
import { privateLibssl } from './support/private-libssl.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, write } from './support/tls-writer.js';

const policy = literals('Bearer ', 'SAMPLE-SECRET', 'TeTe', '\u00e9\u4e16', 'api_key=');

const LONG = `${'some text, '.repeat(1_200)}SAMPLE-SECRET and Bearer SAMPLE-token-of-nobody`;
const TEXTS: readonly (readonly [name: string, text: string, places: readonly number[]])[] = [
  ['one match in one piece', 'POST / HTTP/1.1\r\nAuthorization: Bearer SAMPLE-token-of-nobody\r\n\r\n', []],
  ['a match across two pieces', 'x SAMPLE-SECRET y', [8]],
  ['a match across many pieces', 'x SAMPLE-SECRET y', [3, 4, 5, 6, 9, 12]],
  ['matches that overlap', 'TeTeTeTe TeTe', [3]],
  ['text that is not ASCII', '\u00e9\u4e16 \u00e9\u4e16 \u{1f511} api_key="SAMPLE-value"', [2, 7]],
  ['a match behind many bytes', LONG, [4_096, LONG.length - 20]],
  ['nothing to find', 'all is well, nothing to see', [5]],
];

/** What must not depend on the way: all but who sent it and through what. */
const facts = ({
  rule_id,
  matched_rule_ids,
  severity,
  action,
  match_offset,
  match_count,
  redacted_preview,
}: Alert) => ({
  rule_id,
  matched_rule_ids,
  severity,
  action,
  match_offset,
  match_count,
  redacted_preview,
});

describeBpf('the same bytes', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);
  const { path, env } = privateLibssl(program, directory.path);
  afterAll(() => directory.remove());

  /** A program that writes the pieces into TLS, one call each. */
  async function kernel(sensor: Sensor): Promise<Way> {
    const said: unknown[] = [];
    const feed = createEbpfFeed({ targets: [path], log: (event) => said.push(event) });
    await feed.start(sensor, NEVER);
    return {
      feed,
      said,
      close: () => feed.stop(),
      async send(pieces) {
        const ended = sensor.counters.processes_ended;
        await write(
          program,
          pieces.map((piece) => `text:0:${decode(piece)}`),
          { env },
        );
        await vi.waitFor(() => expect(sensor.counters.processes_ended).toBeGreaterThan(ended), { timeout: 10_000 });
      },
    };
  }

  const ways = { ...WAYS, 'the kernel': kernel as (typeof WAYS)[string] };

  it.each(TEXTS)('%s: through every feed and the library', async (_, text, places) => {
    // Whole characters: the client's text comes from its command line.
    const data = encode(text);
    const border = (at: number) => encode(decode(data.subarray(0, at)).replaceAll('\ufffd', '')).length;
    const pieces = cut(data, places.map(border));
    const seen: Record<string, unknown> = {};
    for (const [name, open] of Object.entries(ways)) {
      const { sensor, alerts, gaps } = await record({ policy });
      const way = await open(sensor);
      await way.send(pieces, 1);
      await way.close();
      seen[name] = alerts.map(facts);
      expect(gaps, name).toEqual([]);
      const count = alerts.reduce((sum, { match_count }) => sum + match_count, 0);
      expect(count, name).toBe(occurrences(policy, data).length);
      sensor.close();
    }
    expect(Object.keys(seen)).toHaveLength(Object.keys(WAYS).length + 1);
    for (const name of Object.keys(seen)) expect(seen[name], name).toEqual(seen['the library']);
  });
});
