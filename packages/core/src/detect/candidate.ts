/** An occurrence of a rule that passed all its tests, in bytes since the flow began. */
export interface Candidate {
  readonly rule: number;
  readonly start: number;
  readonly end: number;
  /** What is to be masked: pairs of begin and end. */
  readonly masks: readonly number[];
  /** How it was decoded: `raw`, or the decoders joined by `/`. */
  readonly view: string;
  /** Number of decoders. */
  readonly depth: number;
  /**
   * Where it lies in the stream that it belongs to, escapes and encodings of text not undone: the flow, or what a protocol or a
   * decompressor made of it. Of compressed text, the flow's bytes say much less.
   */
  readonly place: Place;
}

export interface Place {
  /** Only its identity counts. */
  readonly stream: object;
  readonly from: number;
  readonly to: number;
}

/** Something that looked like an occurrence, and why it is none. For explanations. */
export interface Dropped {
  readonly rule: number;
  readonly start: number;
  readonly end: number;
  readonly view: string;
  /** The test that it failed: `entropy 2.1 < 3`, `validator luhn`, `gives way to …`. Never holds text of the match. */
  readonly reason: string;
}
