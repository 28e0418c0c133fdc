import type { ViewSink, Whole } from '../views/types.js';
import { Branch, decompresses } from './branch.js';
import { COPIED } from './map.js';
import type { Node } from './node.js';
import { Stream } from './stream.js';

const NOTHING = new Uint8Array(0);

/** Bytes between a stream and what is decoded from it as a whole: they are only remembered by where they come from. */
export class Transcoder implements ViewSink {
  readonly #link: Stream;
  readonly #branch: Branch | undefined;
  readonly #target: Node;
  /** Bytes that the decoder has taken but not dealt with: at the end they must lie in front of nothing. */
  #held = NOTHING;

  constructor(host: Node, encoding: Whole, target: Node) {
    const { detector, report, view, depth } = host;
    this.#link = new Stream(detector, report, view, depth, host.stream);
    this.#target = target;
    this.#link.isText = !decompresses(encoding);
    target.stream.parent = this.#link;
    this.#branch = Branch.open(target, encoding, 0);
    target.source = this.#branch;
  }

  copy(pointer: number, length: number, from: number): void {
    const link = this.#link;
    link.map.add(link.offset, from, COPIED);
    this.#feed(pointer, length);
  }

  unit(pointer: number, length: number, from: number, to: number): void {
    const link = this.#link;
    link.map.add(link.offset, from, 0);
    link.map.add(link.offset + length, to, COPIED);
    this.#feed(pointer, length);
  }

  #feed(pointer: number, length: number): void {
    const link = this.#link;
    // Without memory for a decoder, text is searched as it is.
    if (this.#branch === undefined && link.isText) this.#target.copy(pointer, length, link.offset);
    else if (this.#branch === undefined) link.report.undecoded(length);
    else {
      this.#branch.feed(pointer, length, link.offset, false);
      const { held } = this.#branch;
      const end = pointer + length;
      this.#held = held === 0 ? NOTHING : this.#target.memory.bytes.slice(end - held, end);
    }
    link.pass(length, this.#target.waits ? this.#target.stream.askedOfParent : Number.POSITIVE_INFINITY);
  }

  cut(): void {
    this.#branch?.node.cut();
  }

  end(): void {
    this.#branch?.feed(this.#target.detector.lay(this.#held), 0, this.#link.offset, true);
    this.#target.end();
  }
}
