import { TRIGGERS } from '../engine/decoder.js';
import type { EngineMemory } from '../sensor/memory.js';
import { Sniffed } from '../views/sniffed.js';
import type { StreamKind, ViewHost, ViewSink, Whole } from '../views/types.js';
import { type Area, PIECE_BYTES } from './area.js';
import { Branch, UNESCAPERS } from './branch.js';
import type { Detector } from './detector.js';
import { COPIED } from './map.js';
import { originOf } from './origin.js';
import { Stream, type StreamReport } from './stream.js';
import { Transcoder } from './transcoder.js';
import { BEFORE } from './verifier.js';

/** What unescapers put out begins so many bytes before an escape: text around it counts, too. As in `assembly/views/island.ts`. */
const ISLAND_BEFORE = 256;
/** Decoders one in another. */
const MOST_DEPTH = 6;
/** Streams in whose own bytes there are no escapes to undo. */
const OPAQUE: ReadonlySet<string> = new Set(['http2', 'gzip', 'zlib', 'raw', 'br', 'utf16le', 'utf16be', 'json']);
/** Streams below one node, those that protocols split off. */
const MOST_SINKS = 256;

/**
 * A stream and what is decoded from it: a tree, whose root is the flow.
 *
 *   raw ─┬─ json ─┬─ json
 *        │        └─ base64
 *        └─ http2 ┬─ gzip ─── json            a protocol's streams come and go,
 *                 └─ json                     unescapers stay once they are needed
 */
export class Node implements ViewHost, ViewSink {
  readonly memory: EngineMemory;
  readonly stream: Stream;
  readonly #branches: (Branch | undefined)[] = [];
  readonly #sinks = new Set<Node>();
  #protocol: Sniffed | undefined;
  #over = false;
  /** What decodes into this node as a whole. */
  source: Branch | undefined;
  /** Parts of the piece in work that moved to sinks, as pairs of offsets. */
  readonly #moved: number[] = [];

  /** @param kind what the stream is; `undefined`: its first bytes tell */
  constructor(
    readonly detector: Detector,
    readonly report: StreamReport,
    readonly view: string,
    readonly depth: number,
    readonly parent: Node | undefined,
    kind: StreamKind | undefined,
  ) {
    this.memory = detector.memory;
    this.stream = new Stream(detector, report, view, depth, parent?.stream);
    // What an unescaper puts out is text.
    if (detector.options.views && kind !== 'none') this.#protocol = new Sniffed(this, parent ? 'body' : 'flow', kind);
  }

  /** The next bytes, PIECE_BYTES at most, have been put into `area`, behind what `stream.place()` put there. */
  take(area: Area, length: number, final: boolean): void {
    const { stream } = this;
    const { offset } = stream;
    if (length > 0) this.#protocol?.push(area.pointer, length, offset);
    let at = 0;
    for (let i = 0; i < this.#moved.length; i += 2) {
      const from = this.#moved[i]! - offset;
      if (from > at) this.#search(area, at, from, false);
      this.#leave(this.#moved[i + 1]!);
      at = this.#moved[i + 1]! - offset;
    }
    this.#moved.length = 0;
    if (at < length || at === 0) this.#search(area, at, length, final);
  }

  /** Searches bytes `[from, to)` of the piece in `area`. What lies before them is not needed there any more. */
  #search(area: Area, from: number, to: number, final: boolean): void {
    const { stream } = this;
    const length = to - from;
    if (from > 0) this.memory.bytes.copyWithin(area.pointer, area.pointer + from, area.pointer + to);
    if (!this.#isReplaced) stream.scan(area, length, final);
    if (this.detector.options.views && (length > 0 || final)) this.#unescape(area, length, final);
    if (!final) stream.remember(area, length, this.#asked);
  }

  /** What comes up to `offset` is none of this stream, and what comes then does not continue what was before. */
  #leave(offset: number): void {
    const { stream } = this;
    for (const [i, branch] of this.#branches.entries()) {
      branch?.feed(stream.place().pointer, 0, stream.offset, true);
      this.#branches[i] = undefined;
    }
    stream.cut();
    stream.skip(offset);
  }

  /** Nothing follows. */
  finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.take(this.stream.place(), 0, true);
    this.#protocol?.end();
    for (const sink of [...this.#sinks]) sink.end();
    this.free();
  }

  /** Decides all that waits with what is there; the stream may go on. */
  decide(): void {
    this.stream.decide();
    for (const branch of this.#branches) branch?.node.decide();
    for (const sink of this.#sinks) sink.decide();
  }

  /** Whether anything in the tree waits for more bytes. */
  get waits(): boolean {
    if (this.stream.waits) return true;
    for (const branch of this.#branches) if (branch?.node.waits) return true;
    for (const sink of this.#sinks) if (sink.waits) return true;
    return false;
  }

  /**
   * No finding that is still to come begins before this offset of the flow.
   * @param goesOn whether what comes next continues what was before: not so between two stretches of escapes
   */
  frontier(goesOn: boolean): number {
    const { stream } = this;
    if (stream.offset === 0 && this.parent !== undefined) return Number.POSITIVE_INFINITY;
    if (!goesOn && !this.waits) return Number.POSITIVE_INFINITY;
    const lookback = this.detector.options.views && !this.#opaque ? ISLAND_BEFORE : BEFORE;
    let first = this.#isReplaced ? Number.POSITIVE_INFINITY : originOf(stream, stream.frontier(goesOn ? lookback : 0));
    first = Math.min(first, this.#heldFrom);
    for (const branch of this.#branches) {
      if (branch === undefined) continue;
      const { idle, held, node } = branch;
      first = Math.min(first, originOf(stream, stream.offset - held), node.frontier(!idle));
    }
    if (this.#protocol !== undefined) first = Math.min(first, originOf(stream, this.#protocol.waiting));
    for (const sink of this.#sinks) first = Math.min(first, sink.frontier(true));
    return first;
  }

  /** Text of the flow from this offset on may be the beginning of something. */
  get undecided(): number {
    const { stream } = this;
    if (stream.offset === 0 && this.parent !== undefined) return Number.POSITIVE_INFINITY;
    let first = Math.min(originOf(stream, stream.undecided), this.#heldFrom);
    for (const branch of this.#branches) {
      if (branch === undefined) continue;
      first = Math.min(first, originOf(stream, stream.offset - branch.held));
      if (!branch.idle || branch.node.waits) first = Math.min(first, branch.node.undecided);
    }
    for (const sink of this.#sinks) first = Math.min(first, sink.undecided);
    return first;
  }

  free(): void {
    this.stream.free();
    this.source?.close();
    this.#protocol?.free();
    this.#protocol = undefined;
    for (const branch of this.#branches) branch?.free();
    this.#branches.length = 0;
    for (const sink of this.#sinks) sink.free();
    this.#sinks.clear();
  }

  /** Escapes and runs are decoded once the first of their kind is seen. */
  #unescape(area: Area, length: number, final: boolean): void {
    const { detector, stream } = this;
    let seen = this.#opaque ? 0 : detector.engine.triggers(area.pointer, length);
    // All of a form is decoded already.
    if (this.#protocol?.kind === 'form') seen &= ~TRIGGERS.percent;
    for (let i = 0; i < UNESCAPERS.length; i++) {
      const { trigger, kind, name, most } = UNESCAPERS[i]!;
      let branch = this.#branches[i];
      if (branch === undefined) {
        if ((seen & trigger) === 0 || !this.#mayDecode(name, most)) continue;
        const node = new Node(detector, this.report, this.#below(name), this.depth + 1, this, 'none');
        branch = Branch.open(node, kind, stream.keptLength);
        if (branch === undefined) continue;
        this.#branches[i] = branch;
      } else if ((seen & trigger) === 0 && !final && branch.skip(length)) continue;
      branch.feed(area.pointer, length, stream.offset, final);
    }
  }

  /** Bytes of frames, or compressed ones: what stands in them is found once they are decoded. */
  get #opaque(): boolean {
    const kind = this.#protocol?.kind;
    return kind !== undefined && OPAQUE.has(kind);
  }

  /** All that is said here is said in what is decoded from it, and better: nothing is looked for in the bytes themselves. */
  get #isReplaced(): boolean {
    return this.#protocol?.kind === 'json';
  }

  /** What waits in streams decoded from this one may still ask where bytes from this offset on come from. */
  get #asked(): number {
    let first = Number.POSITIVE_INFINITY;
    if (this.stream.parent === undefined) return first;
    for (const branch of this.#branches)
      if (branch?.node.waits) first = Math.min(first, branch.node.stream.askedOfParent);
    for (const { waits, source, stream } of this.#sinks) {
      // A link lies between what was decoded as a whole and this.
      if (waits) first = Math.min(first, (source === undefined ? stream : stream.parent!).askedOfParent);
    }
    return first;
  }

  /** Bytes of the flow from this offset on wait to be decoded into this node. */
  get #heldFrom(): number {
    const link = this.stream.parent;
    if (this.source === undefined || link === undefined) return Number.POSITIVE_INFINITY;
    return originOf(link, link.offset - this.source.held);
  }

  #mayDecode(name: string, most: number): boolean {
    if (this.depth >= MOST_DEPTH) return false;
    return this.view.split('/').filter((part) => part === name).length < most;
  }

  #below(name: string): string {
    return this.view === 'raw' ? name : `${this.view}/${name}`;
  }

  // As a host of protocols:

  open(name: string, kind?: StreamKind, moves = false): ViewSink {
    // A protocol that keeps more streams than it may is to lose the oldest.
    if (this.#sinks.size >= MOST_SINKS)
      for (const oldest of this.#sinks) {
        oldest.end();
        break;
      }
    const last = this.depth + 1 >= MOST_DEPTH;
    const sink = new Node(this.detector, this.report, this.#below(name), this.depth + 1, this, last ? 'none' : kind);
    sink.stream.isCopy = moves;
    this.#sinks.add(sink);
    return sink;
  }

  decode(encoding: Whole, sink: ViewSink): ViewSink {
    return new Transcoder(this, encoding, sink as Node);
  }

  forget(sink: Node): void {
    this.#sinks.delete(sink);
  }

  // As a stream that a protocol splits off:

  copy(pointer: number, length: number, from: number): void {
    if (this.stream.isCopy) this.parent!.#moved.push(from, from + length);
    this.#append(pointer, length, from, COPIED);
  }

  unit(pointer: number, length: number, from: number, to: number): void {
    this.#append(pointer, length, from, 0);
    this.stream.map.add(this.stream.offset, to, COPIED);
  }

  #append(pointer: number, length: number, from: number, ratio: number): void {
    for (let done = 0; done < length; done += PIECE_BYTES) {
      const n = Math.min(PIECE_BYTES, length - done);
      const area = this.stream.place();
      this.memory.bytes.copyWithin(area.pointer, pointer + done, pointer + done + n);
      this.stream.map.add(this.stream.offset, ratio === 0 ? from : from + done, ratio);
      this.take(area, n, false);
    }
  }

  cut(): void {
    this.stream.cut();
  }

  end(): void {
    this.finish();
    this.parent?.forget(this);
  }
}
