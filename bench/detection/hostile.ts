/** Texts made to be slow, by what they aim at. Each is as long as asked. */
import { gzipSync } from 'node:zlib';
import { Random } from './random.js';

const repeated = (part: string | Buffer, bytes: number): Buffer => {
  const piece = Buffer.from(part);
  return Buffer.alloc(bytes, piece);
};

/** The same text encoded over and over. */
function nested(bytes: number): Buffer {
  let text = Buffer.from(
    'api_key = "made-up" and some words of plain text, again and again; '.repeat(Math.ceil(bytes / 160)),
  );
  while (text.length < bytes) text = Buffer.from(text.toString('base64'));
  return text.subarray(0, bytes);
}

const gzip = (body: Buffer, total: number): Buffer => {
  const head = Buffer.from(
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nTransfer-Encoding: identity\r\n\r\n',
  );
  return Buffer.concat([head, gzipSync(body)]).subarray(0, total);
};

/** Behind a head, the same bytes over and over. */
const behind = (head: string, part: string | Buffer, bytes: number): Buffer => {
  const begin = Buffer.from(head);
  return Buffer.concat([begin, repeated(part, bytes - begin.length)]);
};

const CHUNKED = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** DATA on stream 1. */
const FRAME = Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 1, 0x61]);

export const HOSTILE: Readonly<Record<string, (bytes: number) => Buffer>> = {
  'JWT beginnings': (n) => repeated('eyJ', n),
  'JWT heads': (n) => repeated('eyJhbGciOiJIUzI1NiJ9.', n),
  'key prefixes': (n) => repeated('sk-proj-ghp_xoxb-AKIAglpat-hf_', n),
  'a prefix and no end': (n) => Buffer.concat([Buffer.from('sk-proj-'), repeated('aB3_', n - 8)]),
  'names without values': (n) => repeated('password=token:api_key = secret:', n),
  assignments: (n) => repeated('password = "aA1', n),
  'context words': (n) => repeated('aws amazon azure datadog heroku twilio ', n),
  'URL beginnings': (n) => repeated('postgres://a:', n),
  'PEM beginnings': (n) => repeated('-----BEGIN RSA PRIVATE KEY-----\n', n),
  digits: (n) => repeated('4111 1111 1111 1112 ', n),
  'one number': (n) => repeated('4539578763621486', n),
  'at signs': (n) => repeated('a@', n),
  dots: (n) => repeated('1.2.', n),
  colons: (n) => repeated('a1:b2:', n),
  'country codes': (n) => repeated('DE89', n),
  'deep JSON': (n) => Buffer.concat([repeated('{"a":[', n >> 1), repeated(']}', n - (n >> 1))]),
  backslashes: (n) => repeated('\\', n),
  '\\u escapes': (n) => repeated('\\u0061', n),
  '\\u of a prefix': (n) => repeated('\\u0073\\u006b\\u002d', n),
  'percent escapes': (n) => repeated('%25', n),
  entities: (n) => repeated('&#x26;&amp;', n),
  'endless base64': (n) =>
    repeated(Buffer.from('the quick model reads every word; ').toString('base64').replace(/=+$/, ''), n),
  'base64 of noise': (n) => repeated(new Random('noise').bytes(6144).toString('base64'), n),
  'endless hex': (n) => repeated(Buffer.from('the quick model reads ').toString('hex'), n),
  'encodings in encodings': nested,
  'one line': (n) => repeated('x', n),
  zeros: (n) => Buffer.alloc(n),
  'JSON escapes': (n) => behind('{"a":"', '\\n\\u0041', n),
  'a JSON text of nothing': (n) => behind('["', '","', n),
  'chunks of one byte': (n) => behind(CHUNKED, '1\r\na\r\n', n),
  'requests without a body': (n) => repeated('GET / HTTP/1.1\r\n\r\n', n),
  'requests with a byte': (n) => repeated('POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na', n),
  'frames of one byte': (n) => behind(PREFACE, FRAME, n),
  'a form of nothing': (n) => behind('a=b', '&c=+', n),
  'gzip bomb': (n) => gzip(Buffer.alloc(n * 200, 'a'), n),
  'many events': (n) => repeated('data: {"choices":[{"index":0,"delta":{"content":"s"}}]}\n\n', n),
};
