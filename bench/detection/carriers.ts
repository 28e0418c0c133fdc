/**
 * The forms in which a text leaves a host. Each tells where in its bytes the text's part [from, to) stands; a coding that
 * spreads it names the whole body.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import { http2Bytes } from './http2.js';
import type { Random } from './random.js';

export interface Carried {
  readonly bytes: Buffer;
  /** Offsets in `bytes`. */
  readonly span: readonly [start: number, end: number];
  /** Where it is cut into pieces; absent: not at all. */
  readonly cuts?: readonly number[] | 'every byte';
}

export type Carrier = (text: Buffer, from: number, to: number, random: Random) => Carried;

/** A coding of bytes that gives the same whatever stands behind, between two fixed texts. */
const between =
  (before: string, encode: (text: Buffer) => Buffer | string, after: string): Carrier =>
  (text, from, to) => {
    const head = Buffer.from(before);
    const at = (offset: number) => head.length + Buffer.byteLength(encode(text.subarray(0, offset)));
    return {
      bytes: Buffer.concat([head, Buffer.from(encode(text)), Buffer.from(after)]),
      span: [at(from), at(to)],
    };
  };

const quoted = (text: Buffer) => JSON.stringify(text.toString()).slice(1, -1);
const everyByte = (text: Buffer, form: (hex: string) => string) =>
  [...text].map((byte) => form(byte.toString(16).padStart(2, '0'))).join('');
const everyUnit = (text: Buffer, form: (unit: string) => string) =>
  [...text.toString()]
    .flatMap((c) => [...Array(c.length).keys()].map((i) => form(c.charCodeAt(i).toString(16).padStart(4, '0'))))
    .join('');

const CHAT = [
  '{"model":"demo-4","temperature":0.2,"messages":[{"role":"system","content":"You are helpful."},{"role":"user","content":"',
  '"}],"stream":true}',
] as const;
const TOOL = [
  '{"model":"demo-4","messages":[{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"read_file","arguments":"{\\"path\\":\\"settings\\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"{\\"ok\\":true,\\"text\\":\\"',
  '\\"}"}]}',
] as const;
const chat = between(CHAT[0], quoted, CHAT[1]);

const base64 =
  (shift: number, coding: 'base64' | 'base64url'): Carrier =>
  (text, from, to) => {
    const filler = Buffer.from('# of the settings\n'.slice(0, 15 + shift));
    const whole = Buffer.concat([filler, text, Buffer.from('\n# end of the settings\n')]).toString(coding);
    const head = `{"encoding":"${coding}","content":"`;
    const at = (offset: number) => head.length + ((filler.length + offset) * 4) / 3;
    return { bytes: Buffer.from(`${head}${whole}"}`), span: [Math.floor(at(from)), Math.ceil(at(to))] };
  };

const BOUNDARY = '----form-boundary-3d8a1c';
const multipart = between(
  `POST /v1/files HTTP/1.1\r\nHost: api.madeup.dev\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nTransfer-Encoding: identity\r\n\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="notes.txt"\r\nContent-Type: text/plain\r\n\r\n`,
  (text) => text,
  `\r\n--${BOUNDARY}--\r\n`,
);

/** Some places in order, each at least 1 behind the other. */
function places(random: Random, length: number, step: number): number[] {
  const all: number[] = [];
  for (let at = 1 + random.below(step); at < length; at += 1 + random.below(step)) all.push(at);
  return all;
}

function parts<T extends { length: number; slice(from: number, to?: number): T }>(
  whole: T,
  at: readonly number[],
): T[] {
  const ends = [...at, whole.length];
  return ends.map((end, i) => whole.slice(i === 0 ? 0 : ends[i - 1]!, end));
}

const request = (headers: string) =>
  Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: api.madeup.dev\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`,
  );

/** Where a whole body stands behind its head. */
const behind = (head: Buffer, body: Buffer): Carried => ({
  bytes: Buffer.concat([head, body]),
  span: [head.length, head.length + body.length],
});

const chunked: Carrier = (text, from, to, random) => {
  const { bytes } = chat(text, from, to, random);
  const body = parts(bytes, places(random, bytes.length, 24)).map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
  );
  return behind(request('Transfer-Encoding: chunked'), Buffer.concat([...body, Buffer.from('0\r\n\r\n')]));
};

const coded =
  (coding: string, deflate: (bytes: Buffer) => Buffer): Carrier =>
  (text, from, to, random) => {
    const body = deflate(chat(text, from, to, random).bytes);
    return behind(request(`Content-Encoding: ${coding}\r\nContent-Length: ${body.length}`), body);
  };

const whole = (bytes: Buffer): Carried => ({ bytes, span: [0, bytes.length] });

/** https://platform.openai.com/docs/api-reference/chat-streaming */
const sseOpenai: Carrier = (text, _from, _to, random) => {
  const string = text.toString();
  const events = parts(string, places(random, string.length, 7)).map(
    (content) =>
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`,
  );
  return whole(Buffer.from(`${events.join('')}data: [DONE]\n\n`));
};

/** https://docs.anthropic.com/en/api/messages-streaming */
const sseAnthropic: Carrier = (text, _from, _to, random) => {
  const input = JSON.stringify({ path: 'settings', content: text.toString() });
  const events = parts(input, places(random, input.length, 9)).map(
    (partial_json) =>
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json } })}\n\n`,
  );
  const start =
    'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"write_file","input":{}}}\n\n';
  return whole(
    Buffer.from(
      `${start}${events.join('')}event: content_block_stop\ndata: {"type":"content_block_stop","index":1}\n\n`,
    ),
  );
};

const http2 =
  (interleaved: boolean): Carrier =>
  (text, from, to, random) => {
    const { bytes } = chat(text, from, to, random);
    const others = interleaved
      ? [chat(Buffer.from('Which of these two texts is longer, and by how much?'), 0, 0, random).bytes]
      : [];
    const cut = (body: Buffer) => parts(body, places(random, body.length, 60));
    return whole(http2Bytes([bytes, ...others].map(cut)));
  };

const cut =
  (cuts: (random: Random, length: number) => Carried['cuts']): Carrier =>
  (text, from, to, random) => {
    const carried = chat(text, from, to, random);
    return { ...carried, cuts: cuts(random, carried.bytes.length)! };
  };

export const CARRIERS: Readonly<Record<string, Carrier>> = {
  raw: between('', (text) => text, ''),
  json: chat,
  nested: between(TOOL[0], (text) => quoted(Buffer.from(quoted(text))), TOOL[1]),
  'u-escaped': between(CHAT[0], (text) => everyUnit(text, (hex) => `\\u${hex}`), CHAT[1]),
  form: between(
    'grant_type=password&scope=all&note=',
    (text) => encodeURIComponent(text.toString()).replaceAll('%20', '+'),
    '&submit=1',
  ),
  multipart,
  'base64, shift 0': base64(0, 'base64'),
  'base64, shift 1': base64(1, 'base64'),
  'base64, shift 2': base64(2, 'base64'),
  base64url: base64(0, 'base64url'),
  hex: between('{"encoding":"hex","content":"', (text) => text.toString('hex'), '"}'),
  percent: between(
    'GET /search?q=',
    (text) => everyByte(text, (hex) => `%${hex}`),
    ' HTTP/1.1\r\nHost: api.madeup.dev\r\n\r\n',
  ),
  entities: between(
    '<p>',
    (text) => [...text.toString()].map((c) => `&#x${c.codePointAt(0)!.toString(16)};`).join(''),
    '</p>',
  ),
  'http1 chunked': chunked,
  gzip: coded('gzip', (bytes) => gzipSync(bytes)),
  deflate: coded('deflate', (bytes) => deflateSync(bytes)),
  http2: http2(false),
  'http2 interleaved': http2(true),
  'sse openai': sseOpenai,
  'sse anthropic': sseAnthropic,
  'cut every byte': cut(() => 'every byte'),
  'cut anywhere': cut((random, length) => places(random, length, 90)),
};
