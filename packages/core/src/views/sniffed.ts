import { Carry } from './carry.js';
import { Http1 } from './http1.js';
import { openProtocol } from './open.js';
import { BODY_KINDS, FLOW_KINDS, SNIFF_BYTES, sniff } from './sniff.js';
import type { Protocol, StreamKind, ViewHost } from './types.js';

/**
 * The protocol of a stream, whichever it is: keeps the first bytes until `sniff` can tell, then hands all to the decoder for it.
 * A gap in the offsets begins a new stream.
 *
 *   sniffing ──told──▶ decoding ──gap──▶ sniffing …
 */
export class Sniffed implements Protocol {
  readonly #host: ViewHost;
  readonly #where: 'flow' | 'body';
  readonly #known: StreamKind | undefined;
  /** Offset behind what was pushed. */
  #next = 0;
  /** First bytes, of which it cannot be told yet what they are; the offset of the first of them. */
  readonly #carry: Carry;
  #begin = 0;
  #kind: StreamKind | 'more' = 'more';
  #protocols: readonly Protocol[] = [];

  /**
   * @param where a flow begins with anything; a body with what bodies are
   * @param known what the stream is, if something said so
   */
  constructor(host: ViewHost, where: 'flow' | 'body', known?: StreamKind) {
    this.#host = host;
    this.#where = where;
    this.#known = known;
    this.#carry = new Carry(host.memory, SNIFF_BYTES);
    if (known !== undefined) this.#decide(known);
  }

  /** What the stream is, as far as it is known. */
  get kind(): StreamKind | 'more' {
    return this.#kind;
  }

  get waiting(): number {
    if (this.#kind === 'more') return this.#next - this.#carry.length;
    return this.#protocols.reduce((first, { waiting }) => Math.min(first, waiting), this.#next);
  }

  push(pointer: number, length: number, offset: number): void {
    if (offset !== this.#next) this.#restart();
    this.#next = offset + length;
    if (this.#kind === 'more') this.#sniff(pointer, length, offset);
    else this.#decode(pointer, length, offset);
  }

  end(): void {
    if (this.#kind === 'more') this.#sniffCarried(true);
    for (const protocol of this.#protocols) protocol.end();
  }

  free(): void {
    this.#carry.free();
    for (const protocol of this.#protocols) protocol.free();
    this.#protocols = [];
  }

  #restart(): void {
    this.end();
    this.free();
    this.#kind = 'more';
    if (this.#known !== undefined) this.#decide(this.#known);
  }

  #tell(pointer: number, length: number, final: boolean): StreamKind | 'more' {
    const kinds = this.#where === 'flow' ? FLOW_KINDS : BODY_KINDS;
    return sniff(this.#host.memory.bytes, pointer, length, final, kinds);
  }

  #sniff(pointer: number, length: number, offset: number): void {
    if (this.#carry.length === 0) {
      this.#begin = offset;
      const kind = this.#tell(pointer, length, false);
      if (kind !== 'more') {
        this.#decide(kind);
        this.#decode(pointer, length, offset);
        return;
      }
    }
    const taken = Math.min(length, SNIFF_BYTES - this.#carry.length);
    // Without memory the stream is searched as it is.
    if (!this.#carry.append(pointer, taken)) this.#decide('none');
    else if (this.#sniffCarried(false) && taken < length) {
      this.#decode(pointer + taken, length - taken, offset + taken);
    }
  }

  /** True if it could be told what the carried bytes are; they are decoded then. */
  #sniffCarried(final: boolean): boolean {
    const { pointer, length } = this.#carry;
    const kind = this.#tell(pointer, length, final);
    if (kind === 'more') return false;
    this.#decide(kind);
    if (length > 0) this.#decode(pointer, length, this.#begin);
    this.#carry.free();
    return true;
  }

  #decode(pointer: number, length: number, offset: number): void {
    for (const protocol of this.#protocols) protocol.push(pointer, length, offset);
  }

  #decide(kind: StreamKind): void {
    this.#kind = kind;
    // A flow may begin in the middle of a body, and a message follow it.
    const isBody = this.#where === 'flow' && ['none', 'json', 'form'].includes(kind);
    const protocols = [openProtocol(kind, this.#host), isBody ? new Http1(this.#host, 'anywhere') : undefined];
    this.#protocols = protocols.filter((protocol) => protocol !== undefined);
  }
}
