import type { IncomingMessage } from 'node:http';
import { type ChunkReader, LineSplitter } from '@spectral/capture-json';
import { ChunkError, type Verdict } from '@spectral/core';
import { Refusal } from './errors.js';
import { fieldsOf, headerOf } from './headers.js';

/** What came of the chunks of one request. */
export interface Result {
  chunks: number;
  bytes: number;
  findings: number;
  action: Verdict['action'];
}

export interface BadLine {
  readonly line: number;
  readonly field?: string;
  readonly error: string;
}

/** Bad lines that an answer lists; the others are only counted. */
const MAX_LISTED = 20;

/** Takes the body of a request as it comes. */
export interface Body {
  /** Most bytes of the whole body. */
  readonly limit: number;
  /** Most bytes of it that are kept at a time. */
  readonly kept: number;
  push(bytes: Buffer): void;
  /** Scans what is left. @throws Refusal, ChunkError */
  end(): Result;
}

abstract class Counted {
  readonly result: Result = { chunks: 0, bytes: 0, findings: 0, action: 'observe' };

  protected count({ findings, omitted = 0, action }: Verdict): void {
    this.result.findings += findings.length + omitted;
    if (action === 'block') this.result.action = action;
  }
}

/** One chunk as JSON. */
export class JsonBody extends Counted implements Body {
  readonly kept: number;
  readonly #pieces: Buffer[] = [];

  constructor(
    private readonly reader: ChunkReader,
    readonly limit: number,
  ) {
    super();
    this.kept = limit;
  }

  push(bytes: Buffer): void {
    this.#pieces.push(bytes);
  }

  end(): Result {
    this.count(this.reader.read(this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)));
    this.result.chunks = 1;
    return this.result;
  }
}

/** The bare bytes of one chunk; its other fields are header fields. All of it is scanned in one call, in pieces as it came. */
export class RawBody extends Counted implements Body {
  readonly kept: number;
  readonly #fields: ReturnType<typeof fieldsOf>;
  readonly #pieces: Buffer[] = [];

  /** @throws Refusal a header field is wrong */
  constructor(
    private readonly reader: ChunkReader,
    readonly limit: number,
    headers: IncomingMessage['headers'],
  ) {
    super();
    this.kept = limit;
    this.#fields = fieldsOf(headers);
  }

  push(bytes: Buffer): void {
    this.#pieces.push(bytes);
  }

  end(): Result {
    try {
      for (const verdict of this.reader.readPieces(this.#fields, this.#pieces)) this.count(verdict);
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error;
      throw new Refusal(400, textOf(error), headerOf(error.field));
    }
    this.result.chunks = 1;
    return this.result;
  }
}

/** Chunks as JSON Lines, each scanned when its line is complete. */
export class LinesBody extends Counted implements Body {
  readonly kept: number;
  readonly #bad: BadLine[] = [];
  #badLines = 0;
  readonly #splitter: LineSplitter;

  constructor(
    private readonly reader: ChunkReader,
    readonly limit: number,
    maxLineBytes: number,
  ) {
    super();
    this.kept = maxLineBytes;
    this.#splitter = new LineSplitter(maxLineBytes, {
      line: (bytes, number) => this.#line(bytes, number),
      tooLong: (line) => this.#refuse({ line, error: `is longer than ${maxLineBytes} bytes` }),
    });
  }

  push(bytes: Buffer): void {
    this.#splitter.push(bytes);
  }

  end(): Result {
    this.#splitter.end();
    if (this.#badLines > 0) throw new BadLines(this.result, this.#badLines, this.#bad);
    return this.result;
  }

  #line(bytes: Buffer, line: number): void {
    try {
      this.count(this.reader.read(bytes));
      this.result.chunks += 1;
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error;
      const { field } = error;
      this.#refuse({ line, ...(field !== '' && { field }), error: textOf(error) });
    }
  }

  #refuse(bad: BadLine): void {
    this.#badLines += 1;
    if (this.#bad.length < MAX_LISTED) this.#bad.push(bad);
  }
}

/** Some lines were bad; the others were scanned. */
export class BadLines extends Refusal {
  constructor(
    readonly result: Result,
    readonly count: number,
    readonly lines: readonly BadLine[],
  ) {
    const first = lines[0]!;
    super(400, `line ${first.line}: ${first.error}`, first.field);
  }
}

/** The message without the field, which the answer names apart. */
export function textOf(error: ChunkError): string {
  return error.message.replace(/^chunk[^:]*: /, '');
}
