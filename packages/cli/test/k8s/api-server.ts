import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PodObject } from '../../src/k8s/pods.js';

interface StoredEvent {
  readonly version: number;
  readonly type: string;
  readonly object: PodObject;
}

export interface SeenRequest {
  readonly kind: 'list' | 'watch';
  readonly query: Readonly<Record<string, string>>;
  readonly token: string;
}

/** What the server does instead of answering, once. */
export type Fault = { readonly status: number } | { readonly body: string } | 'hang-up';

/**
 * The part of a Kubernetes API server that list and watch of pods need, over TLS with a certificate made for the
 * occasion: paging with `limit` and `continue`, resource versions, bookmarks, 410 for versions that were compacted.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export class ApiServer {
  readonly directory = mkdtempSync(join(tmpdir(), 'spectral-k8s-'));
  readonly requests: SeenRequest[] = [];
  readonly faults: { list: Fault[]; watch: Fault[] } = { list: [], watch: [] };
  token = 'made-up-token-1';
  pageSize = 2;
  private readonly pods = new Map<string, PodObject>();
  private readonly events: StoredEvent[] = [];
  private readonly watches = new Set<ServerResponse>();
  private readonly waiting: { reached: () => boolean; resolve: () => void }[] = [];
  private version = 100;
  private compactedUpTo = 0;
  private server!: Server;

  async start(): Promise<void> {
    const key = join(this.directory, 'server.key');
    const certificate = join(this.directory, 'ca.crt');
    const subject = ['-subj', '/CN=made-up', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    writeFileSync(join(this.directory, 'token'), `${this.token}\n`);
    this.server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      const url = new URL(request.url ?? '/', 'https://localhost');
      const query = Object.fromEntries(url.searchParams);
      const kind = query.watch === 'true' ? 'watch' : 'list';
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      this.requests.push({ kind, query, token });
      this.settle();
      if (url.pathname !== '/api/v1/pods') return void response.writeHead(404).end();
      if (token !== this.token) return void response.writeHead(401).end();
      const fault = this.faults[kind].shift();
      if (fault === 'hang-up') return void request.socket.destroy();
      if (fault !== undefined) {
        response.writeHead('status' in fault ? fault.status : 200);
        return void response.end('body' in fault ? fault.body : '');
      }
      if (kind === 'list') this.list(query, response);
      else this.watch(query, response);
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get env(): NodeJS.ProcessEnv {
    const { port } = this.server.address() as AddressInfo;
    return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port), NODE_NAME: 'node-1' };
  }

  put(pod: PodObject): void {
    this.change(this.pods.has(pod.metadata?.uid ?? '') ? 'MODIFIED' : 'ADDED', pod);
  }

  remove(uid: string): void {
    this.change('DELETED', this.pods.get(uid)!);
  }

  /** Ends all watches. With `compact`, versions up to now are then too old. */
  endWatches({ compact = false } = {}): void {
    if (compact) this.compactedUpTo = ++this.version;
    for (const response of this.watches) response.end();
    this.watches.clear();
  }

  bookmark(): void {
    this.version++;
    this.compactedUpTo = this.version - 1;
    this.send({ version: this.version, type: 'BOOKMARK', object: {} });
  }

  /** Resolves once that many watches (or lists) have been asked for, over all. */
  seen(kind: 'list' | 'watch', count: number): Promise<void> {
    return this.when(() => this.requests.filter((request) => request.kind === kind).length >= count);
  }

  rotateToken(token: string): void {
    this.token = token;
    writeFileSync(join(this.directory, 'token'), token);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    rmSync(this.directory, { recursive: true });
  }

  private when(reached: () => boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ reached, resolve }));
  }

  private settle(): void {
    for (const entry of [...this.waiting]) {
      if (!entry.reached()) continue;
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      entry.resolve();
    }
  }

  private change(type: string, pod: PodObject): void {
    const version = ++this.version;
    const object = { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } };
    if (type === 'DELETED') this.pods.delete(pod.metadata!.uid!);
    else this.pods.set(pod.metadata!.uid!, object);
    const event = { version, type, object };
    this.events.push(event);
    this.send(event);
  }

  private send({ version, type, object }: StoredEvent): void {
    const line = `${JSON.stringify({ type, object: { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } } })}\n`;
    // In two pieces: a client must not take a piece for a line.
    for (const response of this.watches) {
      response.write(line.slice(0, 10));
      response.write(line.slice(10));
    }
  }

  private list(query: Readonly<Record<string, string>>, response: ServerResponse): void {
    const from = Number(query.continue ?? 0);
    const to = from + Math.min(Number(query.limit), this.pageSize);
    const all = [...this.pods.values()];
    const more = to < all.length ? String(to) : undefined;
    const metadata = { resourceVersion: String(this.version), ...(more && { continue: more }) };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'PodList', metadata, items: all.slice(from, to) }));
  }

  private watch(query: Readonly<Record<string, string>>, response: ServerResponse): void {
    const since = Number(query.resourceVersion);
    if (since < this.compactedUpTo) {
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      return void response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.watches.add(response);
    response.on('close', () => this.watches.delete(response));
    for (const event of this.events.filter(({ version }) => version > since)) {
      response.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
    }
  }
}
