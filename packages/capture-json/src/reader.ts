import type { ChunkHandler, Verdict } from '@spectral/core';
import { Decoder } from './decode.js';
import { ChunkMaker } from './fields.js';

/** Hands chunks that come as JSON to the sensor. */
export class ChunkReader {
  readonly #handler: ChunkHandler;
  readonly #maker: ChunkMaker;
  readonly #decoder: Decoder;

  /**
   * @param feed name of the feed, for alerts and flow keys
   * @param maxBytes longest document that will be given
   */
  constructor(feed: string, handler: ChunkHandler, maxBytes: number) {
    this.#handler = handler;
    this.#maker = new ChunkMaker(feed);
    this.#decoder = new Decoder(maxBytes);
  }

  /**
   * Scans the chunk of one document.
   * @throws ChunkError nothing was scanned. `field` says what is wrong; empty: the document itself
   */
  read(document: Buffer): Verdict {
    const { fields, data } = this.#decoder.decode(document);
    const { chunk, end } = this.#maker.make(fields, data);
    const verdict = this.#handler.handleChunk(chunk);
    if (end) this.#handler.endFlow(chunk.flow);
    return verdict;
  }

  /**
   * Scans bytes that came in pieces, all in one call, as one chunk or, where they are cut, several of one flow.
   * @throws ChunkError nothing was scanned
   */
  readPieces(fields: Parameters<ChunkMaker['make']>[0], pieces: readonly Uint8Array[]): readonly Verdict[] {
    const [first = new Uint8Array(0), ...rest] = pieces;
    const { chunk, end } = this.#maker.make(fields, first);
    const { flow, pid, comm, meta, direction } = chunk;
    const place = { flow, pid, comm, ...(meta && { meta }), ...(direction && { direction }) };
    // A malformed field is one of every piece, so the first one's verdict stands for all.
    const verdicts = this.#handler.handleChunks([chunk, ...rest.map((data) => ({ ...place, data }))]);
    const { error } = verdicts[0]!;
    if (error !== undefined) throw error;
    if (end) this.#handler.endFlow(flow);
    return verdicts;
  }
}
