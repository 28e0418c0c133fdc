import type { ChunkDocument } from '@spectral/capture-json';
import type { Result } from './body.js';
import { IngestError } from './errors.js';
import { FIELD_HEADERS } from './headers.js';

/** Some consecutive bytes of one flow; fields as in the JSON form. */
export interface IngestChunk extends Omit<ChunkDocument, 'payload' | 'text'> {
  /** Text is sent as UTF-8. */
  readonly data: Uint8Array | string;
}

/** Where the sensor listens, and how to prove that one may send. */
export interface IngestClientOptions {
  /** As in `http://127.0.0.1:9092/v1/ingest/chunk`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Milliseconds until an answer must be there. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What the sensor answers to accepted chunks. */
export type IngestResult = Readonly<Result>;

/** The sensor refused a request. */
export class IngestRefused extends IngestError {
  override readonly name = 'IngestRefused';

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** The field that is wrong, if the answer names one. */
    readonly field: string | undefined,
    message: string,
  ) {
    super('EREFUSED', `the sensor refused it (${status}): ${field === undefined ? '' : `${field} `}${message}`);
  }
}

/** Posts chunks to an ingest feed. Chunks of one flow must be sent one after the other: await each. */
export class IngestClient {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #timeoutMs: number;

  constructor({ url, token, timeoutMs = 30_000 }: IngestClientOptions) {
    this.#url = url;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends a chunk as bare bytes. Resolves when it has been scanned.
   * @throws IngestRefused; IngestError `EUNREACHABLE`
   */
  send(chunk: IngestChunk): Promise<IngestResult> {
    const { data, ...fields } = chunk;
    const plain = [fields.comm, fields.flow].every((text) => /^([!-~]([ -~]*[!-~])?)?$/.test(String(text ?? '')));
    // Header fields carry no other characters unharmed.
    if (!plain) return this.sendJson(chunk);
    const headers: Record<string, string> = {};
    for (const [field, value] of Object.entries(fields)) {
      if (value !== undefined) headers[FIELD_HEADERS[field as keyof typeof FIELD_HEADERS]] = String(value);
    }
    return this.#post('application/octet-stream', data, headers);
  }

  /** The same as one JSON document. @throws IngestRefused; IngestError */
  sendJson(chunk: IngestChunk): Promise<IngestResult> {
    return this.#post('application/json', document(chunk));
  }

  /** Sends many chunks in one request. @throws IngestRefused some are bad, the others were scanned; IngestError */
  sendBatch(chunks: readonly IngestChunk[]): Promise<IngestResult> {
    return this.#post('application/x-ndjson', chunks.map((chunk) => `${document(chunk)}\n`).join(''));
  }

  async #post(type: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<IngestResult> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        body: body as string,
        headers: { 'content-type': type, ...headers, ...(this.#token && { authorization: `Bearer ${this.#token}` }) },
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      text = await response.text();
    } catch (cause) {
      const why = ((cause as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? (cause as Error).name;
      throw new IngestError('EUNREACHABLE', `no answer from ${this.#url} (${why}); does the sensor listen there?`, {
        cause,
      });
    }
    let answer: Partial<Result & { error: string; field: string }> = {};
    try {
      answer = JSON.parse(text);
    } catch {
      // Not an answer of ours; the status says enough.
    }
    if (response.ok && answer.chunks !== undefined) return answer as Result;
    throw new IngestRefused(response.status, answer.field, answer.error ?? 'without a word; is this the right URL?');
  }
}

function document({ data, ...fields }: IngestChunk): string {
  const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length);
  return JSON.stringify({ ...fields, payload: bytes.toString('base64') });
}
