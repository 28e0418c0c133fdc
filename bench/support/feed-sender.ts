/**
 * Writes to a socket as fast as it takes, in a process of its own so that it does not share the scanner's core:
 * `feed-sender FEED TARGET BYTES-PER-CHUNK`. Ends when the reader does.
 */
import { connect } from 'node:net';
import { encodeFrame } from '../../packages/capture-hookwire/src/index.js';
import { harmlessText } from './text.js';

const [feed, target, size] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4])];
/** Chunks of this many flows in turn, about 4 MiB of them in one write. */
const FLOWS = 16;
const PER_WRITE = Math.max(FLOWS, Math.floor((4 << 20) / size));

const text = harmlessText(size * FLOWS);
const plaintext = (n: number) => Buffer.from(text.subarray((n % FLOWS) * size, ((n % FLOWS) + 1) * size));

function request(n: number): Buffer {
  const head =
    'POST /v1/ingest/chunk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n' +
    `X-Spectral-Pid: ${1000 + (n % FLOWS)}\r\nX-Spectral-Comm: bench\r\nContent-Length: ${size}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), plaintext(n)]);
}

const document = (n: number) =>
  `${JSON.stringify({ pid: 1000 + (n % FLOWS), comm: 'bench', payload: plaintext(n).toString('base64') })}\n`;

const make: Record<string, (n: number) => Buffer> = {
  hookwire: (n) => encodeFrame({ pid: 1000 + (n % FLOWS), comm: 'bench' }, plaintext(n)),
  ingest: request,
  stdin: (n) => Buffer.from(document(n)),
};

const block = Buffer.concat(Array.from({ length: PER_WRITE }, (_, n) => make[feed]!(n)));
process.on('SIGTERM', () => process.exit());

if (feed === 'stdin') {
  const more = () => process.stdout.write(block, more);
  process.stdout.on('error', () => process.exit());
  more();
} else {
  const socket = target.startsWith('/')
    ? connect({ path: target })
    : connect({ port: Number(target), host: '127.0.0.1' });
  // Answers are read and thrown away; a sender may have many requests under way.
  socket.resume();
  socket.on('error', () => process.exit());
  socket.on('close', () => process.exit());
  const more = () => socket.write(block, more);
  more();
}
