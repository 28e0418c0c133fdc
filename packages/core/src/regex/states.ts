/**
 * The states of a lazy DFA: each is an ordered list of instructions, made when first reached and found again by its content.
 * States are numbered from 1 on. What a search looks at for each byte lies apart from what it needs when it makes a state, so that as
 * much of it as possible stays in the processor's cache.
 *
 *   table   by state, then by lane, then by class of byte: what the automaton says of the transition; 0 if not made yet
 *   fields  by state: ITEMS where its instructions begin in `items`   COUNT how many   CONTEXT   HASH   END, for the automaton
 */
const ITEMS = 0;
const COUNT = 1;
const CONTEXT = 2;
const HASH = 3;
const END = 4;
const FIELDS = 5;

/** Words of memory that the states of one expression may take before all are forgotten: 1 MiB each for rows and instructions. */
const MAX_WORDS = 262_144;
/** What they begin with. */
const FIRST_ROWS = 8;
const FIRST_ITEMS = 256;

/** Words of memory that the states of many expressions may take together. */
export class StateMemory {
  #left: number;

  constructor(words: number) {
    this.#left = words;
  }

  /** False if there are not so many left. @param must whether to take them all the same */
  take(words: number, must: boolean): boolean {
    if (words > this.#left && !must) return false;
    this.#left -= words;
    return true;
  }

  give(words: number): void {
    this.#left += words;
  }
}

type Table = Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

export class States<T extends Table = Int32Array<ArrayBuffer>> {
  table: T;
  items = new Int32Array(FIRST_ITEMS);
  /** Transitions of a state. */
  readonly stride: number;
  readonly #make: new (
    length: number,
  ) => T;
  readonly #maxRows: number;
  readonly #maxItems: number;
  #fields = new Int32Array(FIRST_ROWS * FIELDS);
  #slots = new Int32Array(32);
  #rows = 1;
  #itemsUsed = 0;
  readonly #memory: StateMemory | undefined;

  /**
   * @param make of what transitions are: there are not more states than it holds numbers
   * @param stride transitions of a state: classes of bytes, once for each lane
   * @param memory what growing takes from; if not given, there is no limit but that of one expression
   */
  constructor(make: new (length: number) => T, stride: number, instructions: number, memory?: StateMemory) {
    this.#memory = memory;
    this.#make = make;
    this.stride = stride;
    this.table = new make(FIRST_ROWS * stride);
    const { BYTES_PER_ELEMENT } = this.table;
    const most = Math.floor((MAX_WORDS * 4) / (stride * BYTES_PER_ELEMENT));
    this.#maxRows = Math.max(Math.min(most, 2 ** (8 * BYTES_PER_ELEMENT - 1)), 2);
    this.#maxItems = Math.max(MAX_WORDS, 2 * instructions);
  }

  itemsOf(state: number): number {
    return this.#fields[state * FIELDS + ITEMS]!;
  }

  countOf(state: number): number {
    return this.#fields[state * FIELDS + COUNT]!;
  }

  contextOf(state: number): number {
    return this.#fields[state * FIELDS + CONTEXT]!;
  }

  endOf(state: number): number {
    return this.#fields[state * FIELDS + END]!;
  }

  setEnd(state: number, end: number): void {
    this.#fields[state * FIELDS + END] = end;
  }

  /** The state with these instructions and this context; 0 if it is new and there is no room: `clear`, and ask again. */
  find(items: Int32Array, length: number, context: number): number {
    let hash = context;
    for (let index = 0; index < length; index++) hash = Math.imul(hash ^ items[index]!, 0x01000193) ^ (hash >>> 15);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let state = this.#slots[slot]!; state !== 0; state = this.#slots[slot]!) {
      if (this.#equals(state, hash, items, length, context)) return state;
      slot = (slot + 1) & mask;
    }
    return this.#add(items, length, context, hash);
  }

  #equals(state: number, hash: number, items: Int32Array, length: number, context: number): boolean {
    const at = state * FIELDS;
    const fields = this.#fields;
    if (fields[at + HASH] !== hash || fields[at + COUNT] !== length || fields[at + CONTEXT] !== context) return false;
    const from = fields[at + ITEMS]!;
    for (let index = 0; index < length; index++) if (this.items[from + index] !== items[index]) return false;
    return true;
  }

  #add(items: Int32Array, length: number, context: number, hash: number): number {
    const state = this.#rows;
    const wanted = this.#itemsUsed + length;
    if (state >= this.#maxRows || wanted > this.#maxItems || !this.#makeRoom(state, wanted)) return 0;
    for (let index = 0; index < length; index++) this.items[this.#itemsUsed + index] = items[index]!;
    const at = state * FIELDS;
    this.#fields[at + ITEMS] = this.#itemsUsed;
    this.#fields[at + COUNT] = length;
    this.#fields[at + CONTEXT] = context;
    this.#fields[at + HASH] = hash;
    this.#fields[at + END] = 0;
    this.#itemsUsed = wanted;
    this.#rows++;
    if (this.#rows * 2 > this.#slots.length) this.#rehash();
    else this.#place(state);
    return state;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let state = 1; state < this.#rows; state++) this.#place(state);
  }

  #place(state: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#fields[state * FIELDS + HASH]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = state;
  }

  /** Forgets all states, and gives their memory back. */
  clear(): void {
    const rows = this.#fields.length / FIELDS;
    this.#memory?.give(this.#wordsOf(rows - FIRST_ROWS) + this.items.length - FIRST_ITEMS);
    this.table = new this.#make(FIRST_ROWS * this.stride);
    this.#fields = new Int32Array(FIRST_ROWS * FIELDS);
    this.items = new Int32Array(FIRST_ITEMS);
    this.#slots = new Int32Array(32);
    this.#rows = 1;
    this.#itemsUsed = 0;
  }

  /** Makes room for a state of this number, and for so many instructions; false if there is none. For a first state there always is. */
  #makeRoom(state: number, items: number): boolean {
    const rows = this.#fields.length / FIELDS;
    if (state >= rows) {
      if (!this.#take(this.#wordsOf(rows))) return false;
      const table = new this.#make(2 * rows * this.stride);
      table.set(this.table);
      this.table = table;
      this.#fields = grown(this.#fields, 2 * this.#fields.length);
    }
    if (items > this.items.length) {
      const length = Math.max(this.items.length * 2, items);
      if (!this.#take(length - this.items.length)) return false;
      this.items = grown(this.items, length);
    }
    return true;
  }

  #take(words: number): boolean {
    return this.#memory?.take(words, this.#rows === 1) ?? true;
  }

  #wordsOf(rows: number): number {
    return rows * ((this.stride * this.table.BYTES_PER_ELEMENT) / 4 + FIELDS);
  }
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
