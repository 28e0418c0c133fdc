/** Sets of bytes: eight words of 32 bits, byte b is bit b & 31 of word b >> 5. Never changed once they are in a syntax tree. */

export type ByteSet = Uint32Array;

export function emptySet(): ByteSet {
  return new Uint32Array(8);
}

export function addRange(set: ByteSet, low: number, high: number): void {
  for (let byte = low; byte <= high; byte++) set[byte >> 5]! |= 1 << (byte & 31);
}

export function addSet(set: ByteSet, other: ByteSet): void {
  for (let word = 0; word < 8; word++) set[word]! |= other[word]!;
}

export function has(set: ByteSet, byte: number): boolean {
  return ((set[byte >> 5]! >>> (byte & 31)) & 1) === 1;
}

/* @__NO_SIDE_EFFECTS__ */
export function complement(set: ByteSet): ByteSet {
  return set.map((word) => ~word);
}

/** Adds the other case of every ASCII letter in the set. A to Z are bits 1 to 26 of word 2, a to z the same bits of word 3. */
export function foldCase(set: ByteSet): void {
  const letters = (set[2]! | set[3]!) & 0x07fffffe;
  set[2]! |= letters;
  set[3]! |= letters;
}

/* @__NO_SIDE_EFFECTS__ */
function setOf(...ranges: readonly (readonly [low: number, high: number])[]): ByteSet {
  const set = emptySet();
  for (const [low, high] of ranges) addRange(set, low, high);
  return set;
}

const singles: (ByteSet | undefined)[] = new Array(256).fill(undefined);
const folded: (ByteSet | undefined)[] = new Array(256).fill(undefined);

/** The set of one byte, and its other case if it is an ASCII letter and `ignoreCase`; the same object each time. */
export function single(byte: number, ignoreCase = false): ByteSet {
  const known = ignoreCase ? folded : singles;
  let set = known[byte];
  if (set === undefined) {
    set = setOf([byte, byte]);
    if (ignoreCase) foldCase(set);
    known[byte] = set;
  }
  return set;
}

/** Number of bytes in the set. */
export function sizeOf(set: ByteSet): number {
  let size = 0;
  for (let word = 0; word < 8; word++) for (let rest = set[word]!; rest !== 0; rest &= rest - 1) size++;
  return size;
}

/** Calls `visit` with each byte of the set, in order. */
export function forEach(set: ByteSet, visit: (byte: number) => void): void {
  for (let word = 0; word < 8; word++) {
    for (let rest = set[word]!; rest !== 0; rest &= rest - 1) visit((word << 5) + 31 - Math.clz32(rest & -rest));
  }
}

export const ANY = setOf([0, 255]);
export const NOT_NEWLINE = complement(setOf([10, 10]));
export const WORD = setOf([48, 57], [65, 90], [95, 95], [97, 122]);

const DIGIT = setOf([48, 57]);
const SPACE = setOf([9, 10], [12, 13], [32, 32]);

/** \d and the like, by their letter. As in RE2, \s has no vertical tab. */
export const ESCAPED_CLASSES: Readonly<Record<string, ByteSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  s: SPACE,
  S: complement(SPACE),
  w: WORD,
  W: complement(WORD),
};

/** [:alpha:] and the like, by their name. */
export const POSIX_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ['alnum', setOf([48, 57], [65, 90], [97, 122])],
  ['alpha', setOf([65, 90], [97, 122])],
  ['ascii', setOf([0, 127])],
  ['blank', setOf([9, 9], [32, 32])],
  ['cntrl', setOf([0, 31], [127, 127])],
  ['digit', DIGIT],
  ['graph', setOf([33, 126])],
  ['lower', setOf([97, 122])],
  ['print', setOf([32, 126])],
  ['punct', setOf([33, 47], [58, 64], [91, 96], [123, 126])],
  ['space', setOf([9, 13], [32, 32])],
  ['upper', setOf([65, 90])],
  ['word', WORD],
  ['xdigit', setOf([48, 57], [65, 70], [97, 102])],
]);
