import { DECODER_KINDS, DECODER_STATUS, type DecoderKind, ENTRY_BYTES, LOOKBACK, TRIGGERS } from '../engine/decoder.js';
import type { ViewSink } from '../views/types.js';
import { PIECE_BYTES } from './area.js';
import type { Node } from './node.js';

/** Entries of a map that one call may give. */
const MAP_ENTRIES = 4096;
export const MAP_BYTES = ENTRY_BYTES * MAP_ENTRIES;

/** A field of a decoder's state, drawn in `assembly/views/state.ts`. */
const HELD_WORD = 1;
const UNCOUNTED = 16;

/** Compressed text may become so many times longer, and this many bytes in any case; what goes beyond is not looked at. */
export const MOST_RATIO = 256;
const ANY_RATIO = 1 << 20;

/** Runs that are no text are decoded if there are no more of them than this, and one for so many bytes of output. */
const ANY_PACKS = 64;
const BYTES_PER_PACK = 512;
const OTHER_RUN = DECODER_STATUS.gzipRun | DECODER_STATUS.zlibRun | DECODER_STATUS.utf16Run;

/** What undoes one kind of escapes: the trigger that asks for it, and how often it may be applied on the way to one view. */
export const UNESCAPERS: readonly { trigger: number; kind: DecoderKind; name: string; most: number }[] = [
  { trigger: TRIGGERS.json, kind: 'json', name: 'json', most: 3 },
  { trigger: TRIGGERS.percent, kind: 'percent', name: 'percent', most: 2 },
  { trigger: TRIGGERS.entity, kind: 'entity', name: 'entity', most: 1 },
  { trigger: TRIGGERS.quoted, kind: 'quoted', name: 'quoted', most: 1 },
  { trigger: TRIGGERS.runs, kind: 'runs', name: 'base64', most: 2 },
];

/** What comes out of the others is the text that went in, escapes undone. */
export const decompresses = (kind: DecoderKind) => DECODER_KINDS[kind] >= DECODER_KINDS.gzip;

/** A decoder in the module, and the node that takes what it puts out. */
export class Branch {
  readonly node: Node;
  readonly #kind: DecoderKind;
  readonly #limited: boolean;
  /** Nothing more is decoded of what may still come. */
  #stopped = false;
  #handle: number;
  /** Takes the run that is under way, if it is no text. */
  #packed: ViewSink | undefined;
  #begun = false;
  #packs = 0;
  #idle = true;
  #in = 0;
  #out = 0;

  private constructor(node: Node, kind: DecoderKind, handle: number) {
    this.node = node;
    this.#kind = kind;
    this.#limited = decompresses(kind);
    this.#handle = handle;
  }

  /**
   * `undefined` if there is no memory for it.
   * @param before how many bytes of its input lie in front of the first that it gets
   */
  static open(node: Node, kind: DecoderKind, before: number): Branch | undefined {
    const { engine } = node.detector;
    const handle = engine.decoderOpen(DECODER_KINDS[kind]);
    if (handle === 0) return undefined;
    engine.decoderSkip(handle, Math.min(before, LOOKBACK));
    node.stream.isText = !decompresses(kind);
    node.stream.isJsonText = kind === 'jsonText';
    return new Branch(node, kind, handle);
  }

  /** Nothing is under way: what comes next does not continue what was put out before. */
  get idle(): boolean {
    return this.#idle;
  }

  /** Bytes of the input that were taken but may still become output. */
  get held(): number {
    if (this.#handle === 0) return 0;
    const held = this.node.memory.words[(this.#handle >>> 2) + HELD_WORD]!;
    // Not counted yet: so few that they are no run so far.
    return held > LOOKBACK ? UNCOUNTED : held;
  }

  /** Bytes in which nothing is to be decoded. */
  skip(length: number): boolean {
    if (!this.#idle || this.#handle === 0) return false;
    this.node.detector.engine.decoderSkip(this.#handle, length);
    return true;
  }

  /** Decodes `length` bytes at `pointer`, the first of which is at `offset` of the input. With `final`, nothing follows. */
  feed(pointer: number, length: number, offset: number, final: boolean): void {
    const { node } = this;
    if (this.#stopped) node.report.undecoded(length);
    if (this.#handle === 0) return;
    const { detector, stream } = node;
    const { engine, memory } = detector;
    const last = final ? 1 : 0;
    for (let done = 0; ; ) {
      const area = detector.area(node.depth);
      const map = detector.map(node.depth);
      const at = pointer + done;
      const taken = engine.decode(this.#handle, at, length - done, area.pointer, PIECE_BYTES, map, MAP_ENTRIES, last);
      const { words } = memory;
      const produced = words[detector.decoded]!;
      const entries = words[detector.decoded + 1]!;
      const status = words[detector.decoded + 2]!;
      this.#idle = (status & DECODER_STATUS.idle) !== 0;
      if (produced > 0) {
        stream.map.lend(memory, map, entries, stream.offset, offset + done);
        stream.place();
        if ((status & OTHER_RUN) !== 0) this.#unpack(status, area.pointer, produced);
        node.take(area, produced, false);
      }
      done += taken;
      this.#in += taken;
      this.#out += produced;
      const exceeds = this.#limited && (!node.report.expand(produced) || this.#out > this.#in * MOST_RATIO + ANY_RATIO);
      if (exceeds || (status & DECODER_STATUS.stopped) !== 0) {
        // The two bytes that tell zlib are those of much else.
        this.#stopped = this.#kind !== 'zlib' || this.#out > 0;
        if (this.#stopped) node.report.undecoded(length);
        this.close();
        break;
      }
      if (taken === 0 && produced === 0) break;
      if (done === length && !final) break;
    }
    if (!final) return;
    this.#packed?.end();
    this.#packed = undefined;
    this.close();
    node.finish();
  }

  /** A run in the midst of text that is no text itself: its bytes are a stream of their own. */
  #unpack(status: number, pointer: number, length: number): void {
    const { node } = this;
    const ends = (status & DECODER_STATUS.runEnd) !== 0;
    if (!this.#begun) {
      const isGzip = (status & DECODER_STATUS.gzipRun) !== 0;
      const kind = isGzip ? 'gzip' : (status & DECODER_STATUS.zlibRun) !== 0 ? 'zlib' : 'utf16le';
      this.#packed = this.#mayUnpack() ? node.decode(kind, node.open(kind)) : undefined;
    }
    // The last byte is what separates runs.
    const bytes = ends ? length - 1 : length;
    if (this.#packed === undefined) node.report.undecoded(bytes);
    else if (bytes > 0) this.#packed.copy(pointer, bytes, node.stream.offset);
    this.#begun = !ends;
    if (!ends) return;
    this.#packed?.end();
    this.#packed = undefined;
  }

  /** Each takes some time to begin with, so there may not be one in every few bytes. */
  #mayUnpack(): boolean {
    this.#packs += 1;
    return this.#packs <= ANY_PACKS + this.node.stream.offset / BYTES_PER_PACK;
  }

  close(): void {
    if (this.#handle === 0) return;
    this.node.detector.engine.decoderClose(this.#handle);
    this.#handle = 0;
  }

  free(): void {
    this.close();
    this.node.free();
  }
}
