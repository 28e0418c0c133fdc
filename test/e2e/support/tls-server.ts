import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from './temp.js';

export interface Received {
  readonly httpVersion: string;
  readonly path: string;
  readonly body: string;
}

/** A real TLS server on loopback that speaks HTTP/1.1 and HTTP/2 and remembers what came in. */
export class TlsServer {
  readonly received: Received[] = [];

  private constructor(
    private readonly server: Http2SecureServer,
    /** The server's own certificate, to be trusted by its clients. */
    readonly certificate: string,
    private readonly removeFiles: () => void,
  ) {
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        this.received.push({ httpVersion: request.httpVersion, path: request.url, body });
        response.end('received\n');
      });
    });
  }

  static async start(): Promise<TlsServer> {
    const directory = temporaryDirectory();
    const key = join(directory.path, 'key.pem');
    const certificate = join(directory.path, 'cert.pem');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-days', '2', ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'pipe',
    });
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate), allowHTTP1: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsServer(server, certificate, directory.remove);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/'): string {
    return `https://localhost:${this.port}${path}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
    this.removeFiles();
  }
}
