/**
 * What a client writes on an HTTP/2 connection (RFC 9113): preface, settings, then a request for each body.
 *
 *   frame: length 3 · type 1 · flags 1 · stream 4 · payload
 *   header field without indexing (RFC 7541, 6.2.2): 0x00 · length · name · length · value
 */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const [DATA, HEADERS, SETTINGS] = [0, 1, 4];
const [END_STREAM, END_HEADERS] = [1, 4];

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const string = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]);
const HEADER_BLOCK = Buffer.concat(
  [
    [':method', 'POST'],
    [':scheme', 'https'],
    [':path', '/v1/messages'],
    [':authority', 'api.madeup.dev'],
    ['content-type', 'application/json'],
  ].map(([name, value]) => Buffer.concat([Buffer.from([0]), string(name!), string(value!)])),
);

/** Streams 1, 3, 5 …, a frame of each in turn. */
export function http2Bytes(bodies: readonly (readonly Buffer[])[]): Buffer {
  const stream = (i: number) => 2 * i + 1;
  const requests = bodies.map((_, i) => frame(HEADERS, END_HEADERS, stream(i), HEADER_BLOCK));
  const frames = [PREFACE, frame(SETTINGS, 0, 0, Buffer.alloc(0)), ...requests];
  for (let round = 0; round < Math.max(...bodies.map(({ length }) => length)); round++) {
    bodies.forEach((body, i) => {
      const part = body[round];
      if (part !== undefined) frames.push(frame(DATA, round === body.length - 1 ? END_STREAM : 0, stream(i), part));
    });
  }
  return Buffer.concat(frames);
}
