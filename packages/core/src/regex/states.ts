/**
 * The states of a lazy DFA: each is an ordered list of instructions, made when first reached and found again by its content.
 * A state's name is where its row begins in `table`. The first row is not used, so 0 is never a state.
 *
 *   row:  next state by class of byte: 0 if not made yet, a state, or, if negative, ~(state << 4 | flags of dfa.ts)
 *         the same once more, for transitions behind which another match may begin
 *         ITEMS where its instructions begin in `items`   COUNT how many   CONTEXT   HASH   END of dfa.ts
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

export class States {
  table: Int32Array<ArrayBuffer>;
  items = new Int32Array(FIRST_ITEMS);
  readonly #stride: number;
  readonly #fields: number;
  readonly #maxItems: number;
  #slots = new Int32Array(32);
  #rows = 1;
  #itemsUsed = 0;
  readonly #memory: StateMemory | undefined;

  /** @param memory what growing takes from; if not given, there is no limit but that of one expression */
  constructor(classes: number, instructions: number, memory?: StateMemory) {
    this.#memory = memory;
    this.#fields = 2 * classes;
    this.#stride = this.#fields + FIELDS;
    this.#maxItems = Math.max(MAX_WORDS, 2 * instructions);
    this.table = new Int32Array(FIRST_ROWS * this.#stride);
  }

  itemsOf(state: number): number {
    return this.table[state + this.#fields + ITEMS]!;
  }

  countOf(state: number): number {
    return this.table[state + this.#fields + COUNT]!;
  }

  contextOf(state: number): number {
    return this.table[state + this.#fields + CONTEXT]!;
  }

  endOf(state: number): number {
    return this.table[state + this.#fields + END]!;
  }

  setEnd(state: number, end: number): void {
    this.table[state + this.#fields + END] = end;
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
    const fields = state + this.#fields;
    const table = this.table;
    if (table[fields + HASH] !== hash || table[fields + COUNT] !== length || table[fields + CONTEXT] !== context) {
      return false;
    }
    const from = table[fields + ITEMS]!;
    for (let index = 0; index < length; index++) if (this.items[from + index] !== items[index]) return false;
    return true;
  }

  #add(items: Int32Array, length: number, context: number, hash: number): number {
    const state = this.#rows * this.#stride;
    const wanted = this.#itemsUsed + length;
    if (state + this.#stride > MAX_WORDS || wanted > this.#maxItems) return 0;
    const rows = state + this.#stride > this.table.length ? this.#grown(this.table, state + this.#stride) : this.table;
    if (rows === undefined) return 0;
    this.table = rows;
    const room = wanted > this.items.length ? this.#grown(this.items, wanted) : this.items;
    if (room === undefined) return 0;
    this.items = room;
    for (let index = 0; index < length; index++) this.items[this.#itemsUsed + index] = items[index]!;
    const fields = state + this.#fields;
    this.table[fields + ITEMS] = this.#itemsUsed;
    this.table[fields + COUNT] = length;
    this.table[fields + CONTEXT] = context;
    this.table[fields + HASH] = hash;
    this.#itemsUsed = wanted;
    this.#rows++;
    if (this.#rows * 2 > this.#slots.length) this.#rehash();
    else this.#place(state);
    return state;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let row = 1; row < this.#rows; row++) this.#place(row * this.#stride);
  }

  #place(state: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.table[state + this.#fields + HASH]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = state;
  }

  /** Forgets all states, and gives their memory back. */
  clear(): void {
    const rows = FIRST_ROWS * this.#stride;
    this.#memory?.give(this.table.length - rows + this.items.length - FIRST_ITEMS);
    this.table = new Int32Array(rows);
    this.items = new Int32Array(FIRST_ITEMS);
    this.#slots = new Int32Array(32);
    this.#rows = 1;
    this.#itemsUsed = 0;
  }

  /** There is always room for a first state. */
  #grown(array: Int32Array, least: number): Int32Array<ArrayBuffer> | undefined {
    const length = Math.max(array.length * 2, least);
    if (this.#memory?.take(length - array.length, this.#rows === 1) === false) return undefined;
    const larger = new Int32Array(length);
    larger.set(array);
    return larger;
  }
}
