import { encodeFrame, encodeHeader, type FrameHeader, MAX_PAYLOAD_BYTES } from '@spectral/capture-hookwire';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../src/address.js';
import vectors from './vectors/frames.json' with { type: 'json' };

describe('a frame', () => {
  it.each(vectors)('$name', ({ header, text, hex }) => {
    const { flow, ...rest } = header as { pid: number; comm: string; flow?: string };
    const frame: FrameHeader = { ...rest, ...(flow !== undefined && { flow: BigInt(flow) }) };
    expect(encodeFrame(frame, Buffer.from(text)).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it.each<[string, Partial<FrameHeader>, number]>([
    ['pid', { pid: -1 }, 0],
    ['pid', { pid: 2 ** 32 }, 0],
    ['pid', { pid: 1.5 }, 0],
    ['seq', { seq: 2 ** 32 }, 0],
    ['flags', { flags: 4 }, 0],
    ['flow', { flow: 1n << 64n }, 0],
    ['flow', { flow: -1n }, 0],
    ['plaintext length', {}, MAX_PAYLOAD_BYTES + 1],
    ['plaintext length', { flow: 1n }, MAX_PAYLOAD_BYTES - 7],
  ])('refuses a bad %s', (field, header, bytes) => {
    const encode = () => encodeHeader({ pid: 1, comm: 'x', ...header }, bytes);
    expect(encode).toThrow(expect.objectContaining({ code: 'EFRAME', message: expect.stringContaining(`${field}: `) }));
  });
});

describe('an address', () => {
  it.each([
    ['unix:/run/s.sock', { kind: 'unix', path: '/run/s.sock' }],
    ['unix:relative', { kind: 'unix', path: 'relative' }],
    ['tcp:127.0.0.1:80', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
    ['tcp:[::1]:0', { kind: 'tcp', host: '::1', port: 0 }],
    ['tcp:localhost:1', { kind: 'tcp', host: 'localhost', port: 1 }],
  ])('%s', (text, expected) => expect(parseAddress(text)).toEqual(expected));

  it.each([
    '',
    'unix:',
    'tcp:',
    'tcp::80',
    'tcp:host',
    'tcp:h:65536',
    'tcp:h:x',
    '/run/s',
    'udp:h:1',
    `unix:/${'x'.repeat(107)}`,
  ])('refuses %j', (text) => expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'EADDRESS' })));
});
