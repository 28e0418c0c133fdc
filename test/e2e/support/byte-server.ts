import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { temporaryDirectory } from './temp.js';
import { within } from './within.js';

/** One connection, as its server saw it. */
export interface Stream {
  bytes: Buffer;
  closed: boolean;
}

/** A TLS server on loopback that keeps every byte that came in, whether or not it made sense. */
export class ByteServer {
  readonly streams: Stream[] = [];
  private wakers: (() => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('secureConnection', (socket) => {
      const stream: Stream = { bytes: Buffer.alloc(0), closed: false };
      const parts: Buffer[] = [];
      this.streams.push(stream);
      socket.on('data', (data) => {
        parts.push(data);
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        stream.bytes = Buffer.concat(parts);
        stream.closed = true;
        for (const waker of this.wakers.splice(0)) waker();
      });
    });
    server.on('tlsClientError', () => {});
  }

  static async start(): Promise<ByteServer> {
    const directory = temporaryDirectory();
    const key = join(directory.path, 'key.pem');
    const certificate = join(directory.path, 'cert.pem');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const output = ['-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', ...curve, ...output], { stdio: 'pipe' });
    // In TLS 1.3 tickets follow the handshake: a client that dies with one unread resets the connection, and what it sent is lost.
    const options = { key: readFileSync(key), cert: readFileSync(certificate), maxVersion: 'TLSv1.2' } as const;
    const server = createServer(options);
    directory.remove();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ByteServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The stream with this number, counted from 0, once it has ended. */
  async ended(index: number): Promise<Buffer> {
    const over = async () => {
      while (!this.streams[index]?.closed) await new Promise<void>((resolve) => this.wakers.push(resolve));
    };
    await within(10_000, `the end of connection ${index}`, over());
    return this.streams[index]!.bytes;
  }

  async stop(): Promise<void> {
    this.server.close();
    await within(5_000, 'the end of the server', once(this.server, 'close')).catch(() => {});
  }
}
