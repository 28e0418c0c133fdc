import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Counter, Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CliError } from '../src/errors.js';
import { type HttpEndpoint, serveHttp } from '../src/http.js';

const registry = new Registry();
new Counter({ name: 'sample_total', help: 'A sample', registers: [registry] }).inc(3);

let state: string | undefined;
let endpoint: HttpEndpoint;
const url = (path: string) => `http://127.0.0.1:${endpoint.port}${path}`;

beforeAll(async () => {
  endpoint = await serveHttp({ address: { host: '127.0.0.1', port: 0 }, registry, notReady: () => state });
});
afterAll(() => endpoint.close());
afterEach(() => {
  state = undefined;
});

/** Everything the server sends back for these bytes, until it closes. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(endpoint.port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

describe('the HTTP server', () => {
  it('serves metrics', async () => {
    const response = await fetch(url('/metrics'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('\nsample_total 3\n');
  });

  it('is alive whatever the sensor does, and ready when it delivers', async () => {
    for (const [reason, status, body] of [
      ['starting', 503, 'starting\n'],
      [undefined, 200, 'ok\n'],
      ['stopping', 503, 'stopping\n'],
    ] as const) {
      state = reason;
      const ready = await fetch(url('/readyz'));
      expect([ready.status, await ready.text()]).toEqual([status, body]);
      expect((await fetch(url('/healthz'))).status).toBe(200);
    }
  });

  it('tells the build', async () => {
    const response = await fetch(url('/version'));
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(Object.keys((await response.json()) as object)).toEqual(['version', 'git_commit', 'build_time']);
  });

  it('answers HEAD without a body, and ignores a query', async () => {
    const response = await fetch(url('/version?x=1'), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(10);
    expect(await response.text()).toBe('');
  });

  it.each(['/', '/metrics/', '/__proto__', '/constructor', '//healthz'])('knows no %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const response = await fetch(url('/metrics'), { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('refuses oversized headers and what is not HTTP', async () => {
    const big = await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(big).toMatch(/^HTTP\/1\.1 431 /);
    expect(await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(url('/healthz'))).status).toBe(200);
  });

  it('lets go of open connections when it closes', async () => {
    const other = await serveHttp({ address: { host: '127.0.0.1', port: 0 }, registry, notReady: () => undefined });
    const idle = connect(other.port, '127.0.0.1');
    await once(idle, 'connect');
    idle.on('error', () => {});
    const half = request({ port: other.port, path: '/healthz', method: 'POST' });
    half.on('error', () => {});
    half.write('x');
    await other.close();
    if (!idle.closed) await once(idle, 'close');
  });

  it('says what to do when the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const refused = serveHttp({ address: { host: '127.0.0.1', port }, registry, notReady: () => undefined });
    await expect(refused).rejects.toThrow(
      `flag -metrics-addr: cannot listen on 127.0.0.1:${port}: the port is in use; choose another`,
    );
    await expect(refused).rejects.toMatchObject({ code: 'BIND', exitCode: 6 } satisfies Partial<CliError>);
    taken.close();
  });

  it('says what to do with an address that is not here', async () => {
    const refused = serveHttp({ address: { host: '192.0.2.1', port: 0 }, registry, notReady: () => undefined });
    await expect(refused).rejects.toThrow('192.0.2.1:0: this machine has no such address');
  });

  it('knows which addresses are for this machine only', async () => {
    expect(endpoint.loopback).toBe(true);
    const open = await serveHttp({ address: { host: '0.0.0.0', port: 0 }, registry, notReady: () => undefined });
    expect(open.loopback).toBe(false);
    await open.close();
  });
});
