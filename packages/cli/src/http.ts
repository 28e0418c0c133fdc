import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { BUILD } from './build-info.js';
import type { ListenAddress } from './config.js';
import { CliError } from './errors.js';

export interface HttpOptions {
  readonly address: ListenAddress;
  readonly registry: Registry;
  /** Why the sensor is not ready; `undefined` when it is. */
  readonly notReady: () => string | undefined;
}

export interface HttpEndpoint {
  readonly host: string;
  readonly port: number;
  readonly loopback: boolean;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Serves `/metrics`, `/healthz` (the process lives), `/readyz` (the feeds deliver) and `/version`. Reads no request
 * bodies, and bounds header size, time and number of connections.
 * @throws CliError code `BIND`
 */
export async function serveHttp({ address, registry, notReady }: HttpOptions): Promise<HttpEndpoint> {
  const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
    '/healthz': () => ({ status: 200, type: TEXT, body: 'ok\n' }),
    '/readyz': () => {
      const reason = notReady();
      return { status: reason === undefined ? 200 : 503, type: TEXT, body: `${reason ?? 'ok'}\n` };
    },
    '/version': () => ({ status: 200, type: JSON_TYPE, body: `${JSON.stringify(BUILD)}\n` }),
  };

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined)
      return { status: 404, type: TEXT, body: `not here; try ${Object.keys(routes).join(', ')}\n` };
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { status: 405, type: TEXT, body: 'only GET and HEAD\n' };
    }
    return route();
  };

  const server = createServer({ maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 5_000 });
  server.on('request', (request, response) => {
    answer(request).then(
      (found) => send(request, response, found),
      () => send(request, response, { status: 500, type: TEXT, body: 'internal error\n' }),
    );
  });
  server.keepAliveTimeout = 10_000;
  server.setTimeout(15_000);
  server.maxConnections = 64;
  server.maxRequestsPerSocket = 1_000;
  const bound = await listen(server, address);
  return {
    host: bound.address,
    port: bound.port,
    loopback: bound.address === '::1' || bound.address.startsWith('127.'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'GET, HEAD' }),
    // A body that nobody reads must not be taken for the next request.
    ...(request.method !== 'GET' && request.method !== 'HEAD' && { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listen(server: Server, { host, port }: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const shown = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      reject(new CliError('BIND', `flag -metrics-addr: cannot listen on ${shown}: ${reasonOf(error, port)}`));
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      // What goes wrong with a listening socket later (out of descriptors) costs a request, not the sensor.
      server.on('error', () => {});
      resolve(server.address() as AddressInfo);
    });
  });
}

function reasonOf({ code, message }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE')
    return `the port is in use; choose another, or see who has it with 'ss -tlnp | grep :${port}'`;
  if (code === 'EACCES') return 'not permitted; choose a port from 1024 or run as root';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address; see them with "ip address"';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name cannot be resolved';
  return code ?? message;
}
