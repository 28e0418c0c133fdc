/**
 * Fields of a header block (RFC 7541, 5 and 6). Numbers fill the low bits of their first byte; if those are all ones, groups of
 * seven bits follow, the lowest first, and the high bit says that there are more.
 *
 *     0   1   2   3   4   5   6   7
 *   +---+---+---+---+---+---+---+---+
 *   | 1 |        Index (7+)         |    both name and value from the tables
 *   +---+---+-----------------------+
 *   | 0 | 1 |      Index (6+)       |    name from the tables, or if 0 as a string; a value; added to the table
 *   +---+---+-------+---------------+
 *   | 0 | 0 | 0 | x |   Index (4+)  |    the same, not added (x: nor by anybody else)
 *   +---+---+---+---+---------------+
 *   | 0 | 0 | 1 |   Size (5+)       |    the table's size from now on
 *   +---+---+---+-------------------+
 *   | H |     Length (7+)           |    a string; H: in Huffman code
 *   +---+---------------------------+
 */
import type { EngineMemory } from '../sensor/memory.js';
import { huffmanDecode } from './hpack-huffman.js';
import { type Entry, HpackTable, MOST_TABLE_BYTES } from './hpack-table.js';

/** Numbers have at most this many further bytes. */
const MOST_GROUPS = 4;
/** A block refers to at most so many bytes of the tables: one byte may stand for a whole entry. */
const MOST_REFERRED = 256 * 1024;

/** Stands for a name that was added to the table before we saw it. */
const UNKNOWN_NAME = Uint8Array.of(0x3f);

/** Room that a line needs for a block of so many bytes. */
export function lineRoom(block: number): number {
  return 2 * block + MOST_TABLE_BYTES + 16;
}

/**
 * Reads blocks field by field. Each becomes a line at the address that `begin` was given:
 *
 *   name ": " value LF
 */
export class Hpack {
  /** Places in the block: of the field, of its value's first byte, behind the field. */
  start = 0;
  valueStart = 0;
  end = 0;
  nameLength = 0;
  valueLength = 0;
  /** The value stands in the block as it is; else in code, or not at all. */
  isPlain = false;
  /** Name and value are both in the tables, so the field is but a number. */
  isIndexed = false;
  /** The block could not be read to its end. */
  isBroken = false;

  readonly #memory: EngineMemory;
  readonly #table = new HpackTable();
  #at = 0;
  #to = 0;
  #line = 0;
  #referred = 0;

  constructor(memory: EngineMemory) {
    this.#memory = memory;
  }

  /** Begins with the block of Wasm memory `[from, to)`; there are `lineRoom` bytes at `line`. */
  begin(from: number, to: number, line: number): void {
    this.#at = from;
    this.#to = to;
    this.#line = line;
    this.#referred = 0;
    this.isBroken = false;
  }

  /** A block was lost, so it is not known any more what the table holds. */
  lost(): void {
    this.#table.clear();
  }

  /** Reads the next field. False if there is none any more, or the block is broken. */
  next(): boolean {
    const { bytes } = this.#memory;
    while (this.#at < this.#to && !this.isBroken) {
      this.start = this.#at;
      const first = bytes[this.#at]!;
      if (first & 0x80) {
        if (this.#readIndexed(bytes)) return true;
      } else if (first & 0x40) {
        if (this.#readLiteral(bytes, 6, true)) return true;
      } else if (first & 0x20) this.#table.resize(this.#readNumber(bytes, 5));
      else if (this.#readLiteral(bytes, 4, false)) return true;
    }
    if (this.isBroken) this.lost();
    return false;
  }

  #readIndexed(bytes: Uint8Array): boolean {
    const entry = this.#table.at(this.#readNumber(bytes, 7));
    if (entry === undefined || this.isBroken || !this.#mayRefer(entry)) return false;
    this.isIndexed = true;
    this.isPlain = false;
    this.end = this.valueStart = this.#at;
    this.#setName(bytes, entry.name);
    this.valueLength = entry.value.length;
    bytes.set(entry.value, this.#valueAt);
    this.#endLine(bytes);
    return true;
  }

  #readLiteral(bytes: Uint8Array, bits: number, isAdded: boolean): boolean {
    const index = this.#readNumber(bytes, bits);
    this.isIndexed = false;
    if (index > 0) this.#setName(bytes, this.#table.at(index)?.name ?? UNKNOWN_NAME);
    else {
      this.nameLength = this.#readString(bytes, this.#line);
      bytes.set(SEPARATOR, this.#line + this.nameLength);
    }
    this.valueLength = this.#readString(bytes, this.#valueAt);
    this.end = this.#at;
    if (this.isBroken) return false;
    this.#endLine(bytes);
    if (isAdded) {
      const name = bytes.slice(this.#line, this.#line + this.nameLength);
      this.#table.add({ name, value: bytes.slice(this.#valueAt, this.#valueAt + this.valueLength) });
    }
    return true;
  }

  get #valueAt(): number {
    return this.#line + this.nameLength + SEPARATOR.length;
  }

  #setName(bytes: Uint8Array, name: Uint8Array): void {
    bytes.set(name, this.#line);
    bytes.set(SEPARATOR, this.#line + name.length);
    this.nameLength = name.length;
  }

  #endLine(bytes: Uint8Array): void {
    bytes[this.#valueAt + this.valueLength] = LF;
  }

  #mayRefer({ name, value }: Entry): boolean {
    this.#referred += name.length + value.length;
    return this.#referred <= MOST_REFERRED;
  }

  /** A number of which the first byte holds `bits` bits. */
  #readNumber(bytes: Uint8Array, bits: number): number {
    const most = (1 << bits) - 1;
    let number = this.#byte(bytes) & most;
    if (number < most) return number;
    for (let group = 0; group < MOST_GROUPS && !this.isBroken; group++) {
      const byte = this.#byte(bytes);
      number += (byte & 0x7f) * 2 ** (7 * group);
      if (byte < 0x80) return number;
    }
    this.isBroken = true;
    return 0;
  }

  #byte(bytes: Uint8Array): number {
    if (this.#at < this.#to) return bytes[this.#at++]!;
    this.isBroken = true;
    return 0;
  }

  /** Decodes a string to `bytes[to, …)`. Returns its length. */
  #readString(bytes: Uint8Array, to: number): number {
    const isCoded = this.#at < this.#to && bytes[this.#at]! >= 0x80;
    const length = this.#readNumber(bytes, 7);
    const from = this.#at;
    const end = from + length;
    if (this.isBroken || end > this.#to) {
      this.isBroken = true;
      return 0;
    }
    this.valueStart = from;
    this.isPlain = !isCoded;
    this.#at = end;
    if (!isCoded) {
      bytes.copyWithin(to, from, end);
      return length;
    }
    const behind = huffmanDecode(bytes, from, end, to);
    if (behind < 0) this.isBroken = true;
    return Math.max(behind - to, 0);
  }
}

const SEPARATOR = Uint8Array.of(0x3a, 0x20);
const LF = 10;
