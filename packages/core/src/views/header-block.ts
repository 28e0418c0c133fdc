import { Carry } from './carry.js';
import { Hpack, lineRoom } from './hpack.js';
import type { ViewHost, ViewSink } from './types.js';

/** Longer header blocks are passed over. */
const MOST_BLOCK = 64 * 1024;

/** Names that say something about a body: content-type, content-encoding. */
const NAME_LENGTHS = new Set([12, 16]);
const MOST_VALUE = 256;

/**
 * Header blocks of one connection, one behind the other, each put together from the frames that it came in. Their fields go to
 * the stream 'http2/headers' as lines `name: value`. A value stands there for its bytes in the block, and if it is in Huffman
 * code or in a table, for all of them together.
 */
export class HeaderBlocks {
  /** Offset of the block under way, if there is one. */
  begin: number | undefined;
  readonly #host: ViewHost;
  readonly #hpack: Hpack;
  readonly #block: Carry;
  /** Where pieces of the block begin in it, and the offsets of these places: ascending pairs. */
  #pieces: number[] = [];
  #isLost = false;
  #sink: ViewSink | undefined;

  constructor(host: ViewHost) {
    this.#host = host;
    this.#hpack = new Hpack(host.memory);
    this.#block = new Carry(host.memory, MOST_BLOCK);
  }

  append(pointer: number, length: number, offset: number): void {
    this.begin ??= offset;
    const at = this.#block.length;
    if (this.#isLost || !this.#block.append(pointer, length)) {
      this.#isLost = true;
      return;
    }
    const last = this.#pieces.length - 2;
    const continues = last >= 0 && offset - this.#pieces[last + 1]! === at - this.#pieces[last]!;
    if (!continues) this.#pieces.push(at, offset);
  }

  /**
   * The block is complete.
   *
   * @param tell is given the fields that say what the body is
   */
  complete(tell: (name: string, value: string) => void): void {
    const { memory } = this.#host;
    const { length } = this.#block;
    const line = this.#isLost || length === 0 ? 0 : memory.engine.alloc(lineRoom(length));
    if (line !== 0) {
      this.#read(line, tell);
      memory.engine.release(line);
    } else if (this.#isLost || length > 0) this.#hpack.lost();
    this.free();
  }

  end(): void {
    this.#sink?.end();
    this.#sink = undefined;
  }

  /** Forgets the block under way. */
  free(): void {
    this.#block.free();
    this.#pieces = [];
    this.#isLost = false;
    this.begin = undefined;
  }

  #read(line: number, tell: (name: string, value: string) => void): void {
    const hpack = this.#hpack;
    const { pointer, length } = this.#block;
    this.#sink ??= this.#host.open('http2/headers', 'none');
    hpack.begin(pointer, pointer + length, line);
    while (hpack.next()) {
      if (NAME_LENGTHS.has(hpack.nameLength) && hpack.valueLength <= MOST_VALUE) {
        tell(this.#text(line, hpack.nameLength), this.#text(line + hpack.nameLength + 2, hpack.valueLength));
      }
      this.#pass(this.#sink, line);
    }
    this.#sink.cut();
  }

  #pass(sink: ViewSink, line: number): void {
    const { nameLength, valueLength, isIndexed, isPlain } = this.#hpack;
    const base = this.#block.pointer;
    const start = this.#offsetOf(this.#hpack.start - base);
    const last = this.#offsetOf(this.#hpack.end - 1 - base);
    const valueAt = line + nameLength + 2;
    if (isIndexed || valueLength === 0) {
      sink.unit(line, nameLength + valueLength + 3, start, last + 1);
      return;
    }
    const value = this.#offsetOf(this.#hpack.valueStart - base);
    sink.unit(line, nameLength + 2, start, value);
    if (isPlain && last - value === valueLength - 1) sink.copy(valueAt, valueLength, value);
    else sink.unit(valueAt, valueLength, value, last + 1);
    sink.unit(valueAt + valueLength, 1, last, last + 1);
  }

  /** Offset of the block's byte number `at`. */
  #offsetOf(at: number): number {
    let piece = this.#pieces.length - 2;
    while (piece > 0 && this.#pieces[piece]! > at) piece -= 2;
    return this.#pieces[piece + 1]! + at - this.#pieces[piece]!;
  }

  #text(pointer: number, length: number): string {
    return String.fromCharCode(...this.#host.memory.bytes.subarray(pointer, pointer + length));
  }
}
