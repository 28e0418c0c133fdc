import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { CliError } from '../errors.js';
import type { PodObject } from './pods.js';

/** Where the kubelet puts the credentials of a pod. https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const PAGE = 250;
/** A page of that many pods of ordinary size is about 5 MiB; objects in etcd are limited to 1.5 MiB each. */
const MAX_PAGE_BYTES = 64 * 2 ** 20;
const MAX_EVENT_BYTES = 8 * 2 ** 20;
const MAX_PAGES = 100;
const RESPONSE_MS = 30_000;
/** The server ends a watch after this; the client's own limit beyond it catches a connection that died without a word. */
const WATCH_S = 300;

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: PodObject }
  | { readonly type: 'ERROR'; readonly object: { readonly code?: number; readonly message?: string } };

/** The API server answered something else than 200. */
export class ApiStatusError extends Error {
  constructor(
    readonly status: number,
    what: string,
  ) {
    const help: Readonly<Record<number, string>> = {
      401: '; the service account token was refused',
      403: '; grant the service account "list" and "watch" on pods',
    };
    super(`${what}: the API server answered ${status}${help[status] ?? ''}`);
  }
}

export interface PodList {
  readonly pods: readonly PodObject[];
  readonly resourceVersion: string;
}

/** List and watch of one node's pods, as a pod inside the cluster. */
export class PodApi {
  private constructor(
    private readonly host: string,
    private readonly port: string,
    private readonly directory: string,
    private readonly node: string,
  ) {}

  /** @throws CliError code `KUBERNETES`: not in a cluster, or without a service account */
  static async inCluster(env: NodeJS.ProcessEnv, node: string, directory = SERVICE_ACCOUNT): Promise<PodApi> {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
    if (!host || !port || !/^\d{1,5}$/.test(port)) {
      const what = 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set';
      throw new CliError('KUBERNETES', `flag -k8s-enrich: ${what}; it works only inside a cluster's pod`);
    }
    const api = new PodApi(host, port, directory, node);
    try {
      await api.credentials();
    } catch (error) {
      const why = `cannot read the service account in ${directory} (${(error as NodeJS.ErrnoException).code})`;
      const todo = 'give the pod a serviceAccountName and automountServiceAccountToken: true';
      throw new CliError('KUBERNETES', `flag -k8s-enrich: ${why}; ${todo}`);
    }
    return api;
  }

  /**
   * All pods of the node, page by page.
   * @throws ApiStatusError with 410 when the list changed too much between two pages: start again
   */
  async list(signal: AbortSignal): Promise<PodList> {
    const pods: PodObject[] = [];
    let next = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = { limit: String(PAGE), ...(next !== '' && { continue: next }) };
      const response = await this.get('list pods', query, RESPONSE_MS, signal);
      const list = parse('list pods', await bodyOf(response)) as {
        metadata?: { resourceVersion?: string; continue?: string };
        items?: PodObject[];
      };
      pods.push(...(list.items ?? []));
      next = list.metadata?.continue ?? '';
      if (next === '') return { pods, resourceVersion: list.metadata?.resourceVersion ?? '' };
    }
    throw new Error(`list pods: more than ${MAX_PAGES} pages`);
  }

  /** Changes since `resourceVersion`, until the server ends the stream. @throws ApiStatusError */
  async *watch(resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds: String(WATCH_S) };
    const response = await this.get('watch pods', query, (WATCH_S + 30) * 1_000, signal);
    for await (const line of linesOf(response)) yield parse('watch pods', line) as WatchEvent;
  }

  /** Read every time: the kubelet renews the token, which lives an hour or less. */
  private async credentials(): Promise<{ token: string; ca: Buffer }> {
    const [token, ca] = await Promise.all([
      readFile(`${this.directory}/token`, 'utf8'),
      readFile(`${this.directory}/ca.crt`),
    ]);
    return { token: token.trim(), ca };
  }

  private async get(
    what: string,
    query: Readonly<Record<string, string>>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { token, ca } = await this.credentials();
    const parameters = new URLSearchParams({ fieldSelector: `spec.nodeName=${this.node}`, ...query });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          host: this.host,
          port: this.port,
          path: `/api/v1/pods?${parameters}`,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'spectral-mesh' },
          ca,
          agent: false,
          timeout: RESPONSE_MS,
          signal: limit,
        },
        resolve,
      );
      // Until the headers are there; a watch is then allowed to be silent.
      sent.once('timeout', () => sent.destroy(new Error(`${what}: no answer in ${RESPONSE_MS / 1_000} s`)));
      sent.once('response', () => sent.setTimeout(0));
      sent.once('error', reject);
      sent.end();
    });
    // After the headers an error belongs to whoever reads the body.
    if (response.statusCode === 200) return response;
    response.resume();
    response.destroy();
    throw new ApiStatusError(response.statusCode ?? 0, what);
  }
}

/** The parser's own message quotes the text, which may hold anything that a pod was given. */
function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what}: the answer is not JSON`);
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_PAGE_BYTES) throw new Error(`list pods: a page above ${MAX_PAGE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Lines of a stream, each at most `MAX_EVENT_BYTES`. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, end)]).toString();
      parts = [];
      bytes = 0;
      from = end + 1;
      if (line.trim() !== '') yield line;
    }
    parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > MAX_EVENT_BYTES) throw new Error(`watch pods: an event above ${MAX_EVENT_BYTES} bytes`);
  }
}
