import type { IncomingMessage, ServerResponse } from 'node:http';
import { ChunkReader } from '@spectral/capture-json';
import { ChunkError, type ChunkHandler } from '@spectral/core';
import { BadLines, type Body, JsonBody, LinesBody, RawBody, textOf } from './body.js';
import { Budget } from './budget.js';
import { Refusal } from './errors.js';
import { OPENAPI } from './openapi.js';
import { TokenCheck } from './token.js';

export interface RequestLimits {
  /** Most bytes of one chunk's plaintext. */
  readonly maxChunkBytes: number;
  /** Most bytes of a body of JSON Lines. */
  readonly maxBatchBytes: number;
  /** Most bytes of unfinished bodies, over all requests. */
  readonly maxBufferedBytes: number;
}

const PATH = '/v1/ingest/chunk';
const OPENAPI_TEXT = JSON.stringify(OPENAPI, null, 2);

/** Answers requests.
 *
 *     path, method ─▶ token ─▶ media type, length ─▶ place in the budget ─▶ body, as it comes ─▶ scan ─▶ answer
 *       404, 405       401         400, 413, 415        (waits, unread)         400, 413
 */
export class Requests {
  readonly counters = { requests: 0, chunks: 0, bytes: 0, findings: 0, bad_lines: 0, handler_errors: 0 };
  readonly refused: Record<Refusal['status'], number> = {
    400: 0,
    401: 0,
    404: 0,
    405: 0,
    413: 0,
    415: 0,
    500: 0,
    503: 0,
  };
  readonly budget: Budget;
  /** No more requests: answered with 503. */
  stopping = false;
  readonly #reader: ChunkReader;
  readonly #token: TokenCheck | undefined;
  /** Most bytes of one chunk as JSON: its base64, and generous room for the other fields. */
  readonly #maxJsonBytes: number;

  constructor(
    handler: ChunkHandler,
    token: string | undefined,
    readonly limits: RequestLimits,
  ) {
    this.#maxJsonBytes = Math.ceil(limits.maxChunkBytes / 3) * 4 + 4096;
    this.#reader = new ChunkReader('ingest', handler, this.#maxJsonBytes);
    this.#token = token === undefined ? undefined : new TokenCheck(token);
    this.budget = new Budget(Math.max(limits.maxBufferedBytes, this.#maxJsonBytes));
  }

  /** @param proceed lets a sender begin that waits for leave (`Expect: 100-continue`) */
  handle(request: IncomingMessage, response: ServerResponse, proceed?: () => void): void {
    this.counters.requests += 1;
    try {
      const body = this.#open(request, response);
      if (body !== undefined) this.#receive(request, response, body, proceed);
    } catch (error) {
      this.#refuse(request, response, error);
    }
  }

  /** Returns what takes the body; `undefined`: the request has been answered. @throws Refusal */
  #open(request: IncomingMessage, response: ServerResponse): Body | undefined {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    if (path === '/openapi.json' || path === '/openapi.yaml') {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod('GET, HEAD');
      // Every JSON document is one of YAML, too.
      send(response, 200, OPENAPI_TEXT, path.endsWith('json') ? 'application/json' : 'application/yaml');
      return undefined;
    }
    if (path !== PATH) throw new Refusal(404, `not here; try POST ${PATH} or GET /openapi.json`);
    if (request.method !== 'POST') throw wrongMethod('POST');
    if (this.#token !== undefined && !this.#token.allows(request.headers.authorization)) {
      const headers = { 'www-authenticate': 'Bearer realm="spectral"' };
      throw new Refusal(
        401,
        'needs the header field Authorization: Bearer TOKEN, with the right token',
        undefined,
        headers,
      );
    }
    if (this.stopping) throw new Refusal(503, 'the sensor is stopping', undefined, { 'retry-after': '1' });
    const body = this.#bodyOf(request);
    if (Number(request.headers['content-length'] ?? 0) > body.limit) throw tooLarge(body);
    return body;
  }

  #bodyOf({ headers }: IncomingMessage): Body {
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') throw new Refusal(415, 'compressed bodies are not taken', 'content-encoding');
    const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
    switch (type) {
      case 'application/json':
        return new JsonBody(this.#reader, this.#maxJsonBytes);
      case 'application/octet-stream':
        return new RawBody(this.#reader, this.limits.maxChunkBytes, headers);
      case 'application/x-ndjson':
      case 'application/jsonl':
        return new LinesBody(this.#reader, this.limits.maxBatchBytes, this.#maxJsonBytes);
      default: {
        const known = 'application/json, application/x-ndjson or application/octet-stream';
        throw new Refusal(415, `must be ${known}`, 'content-type', { accept: known.replace(' or', ',') });
      }
    }
  }

  #receive(request: IncomingMessage, response: ServerResponse, body: Body, proceed: (() => void) | undefined): void {
    let received = 0;
    const onData = (bytes: Buffer) => {
      received += bytes.length;
      try {
        if (received > body.limit) throw tooLarge(body);
        body.push(bytes);
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = () => {
      try {
        const result = body.end();
        result.bytes = received;
        this.#count(result);
        if (this.stopping) response.shouldKeepAlive = false;
        send(response, 200, JSON.stringify(result));
      } catch (error) {
        fail(error);
        return;
      }
      this.budget.leave(place);
    };
    const fail = (error: unknown) => {
      request.off('data', onData);
      request.off('end', onEnd);
      this.budget.leave(place);
      this.#refuse(request, response, error);
    };
    const length = Number(request.headers['content-length'] ?? body.kept);
    request.once('close', () => this.budget.leave(place));
    // Its "close" is all that matters.
    request.on('error', () => {});
    const place = this.budget.take(Math.min(length, body.kept), () => {
      proceed?.();
      request.on('data', onData);
      request.on('end', onEnd);
    });
  }

  #count(result: { chunks: number; bytes: number; findings: number }): void {
    this.counters.chunks += result.chunks;
    this.counters.bytes += result.bytes;
    this.counters.findings += result.findings;
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const refusal = refusalOf(error);
    this.refused[refusal.status] += 1;
    if (refusal.status === 500) this.counters.handler_errors += 1;
    const { message, field } = refusal;
    let answer: object = { error: message, ...(field && { field }) };
    if (refusal instanceof BadLines) {
      const { chunks, findings } = refusal.result;
      this.#count(refusal.result);
      this.counters.bad_lines += refusal.count;
      answer = { ...answer, lines: refusal.lines, bad_lines: refusal.count, chunks, findings };
    }
    // The rest of the body is read and thrown away, so that the sender gets to read the answer; the time-out bounds it.
    request.resume();
    if (this.stopping) response.shouldKeepAlive = false;
    send(response, refusal.status, JSON.stringify(answer), 'application/json', refusal.headers);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ChunkError) return new Refusal(400, textOf(error), error.field);
  return new Refusal(500, 'the sensor could not scan this');
}

function wrongMethod(allow: string): Refusal {
  return new Refusal(405, `only ${allow}`, undefined, { allow });
}

function tooLarge({ limit }: Body): Refusal {
  return new Refusal(413, `is larger than ${limit} bytes; send it in several chunks of one flow`);
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'application/json',
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
