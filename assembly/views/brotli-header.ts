/**
 * What a compressed meta-block of Brotli begins with (RFC 7932, section 9.2), step by step. What a cut divides is read again.
 *
 *   ┌─▶ TYPE_COUNT ─┬─ 2 or more ─▶ TYPE_CODE ─▶ COUNT_CODE ─▶ FIRST_COUNT ─┬─▶ PARAMETERS ─▶ CONTEXT_MODES ──┐
 *   │               └─ 1 ───────────────────────────────────────────────────┤                                │
 *   └────────────────────── literals, commands, distances ──────────────────┘                                │
 *   ┌────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *   └─▶ MAP_COUNT ─┬─ 2 or more ─▶ MAP_RUNS ─▶ MAP_CODE ─▶ MAP_ITEMS ─▶ MAP_END ─┬─▶ TREES_BEGIN ─▶ TREE … ─▶ over
 *       ▲          └─ 1 ─────────────────────────────────────────────────────────┤
 *       └──────────────────────── literals, distances ───────────────────────────┘
 */
import { alloc, release } from '../heap';
import { bitsCount, drop, need, peek, take } from './bits';
import { categoryAt, countTable, readCount, typeTable } from './brotli-blocks';
import { readCode } from './brotli-code';
import {
  CATEGORY, COUNT, DIRECT, DISTANCE_MAP, INDEX, LITERAL_MAP, LOST, MAP_TABLE, MODES, NUMBER, POSTFIX, RUNS, SHORT_BITS, STEP,
  TABLES, TREES, TREES_ROOM, TYPE, TYPE_BEFORE, TYPES,
} from './brotli-state';
import { decodeSymbol, symbolOf } from './huffman';
import { BAD, DONE, MORE_INPUT } from './symbols';

/** Steps, after those of brotli.ts. */
export const TYPE_COUNT: u32 = 16;
const TYPE_CODE: u32 = 17;
const COUNT_CODE: u32 = 18;
const FIRST_COUNT: u32 = 19;
const PARAMETERS: u32 = 20;
const CONTEXT_MODES: u32 = 21;
const MAP_COUNT: u32 = 22;
const MAP_RUNS: u32 = 23;
const MAP_CODE: u32 = 24;
const MAP_ITEMS: u32 = 25;
const MAP_END: u32 = 26;
const TREES_BEGIN: u32 = 27;
const TREE: u32 = 28;
/** The header is over. */
export const CONTENT: u32 = 29;

const CATEGORIES: u32 = 3;
const OF_LITERALS: u32 = 0;
const OF_COMMANDS: u32 = 1;
const OF_DISTANCES: u32 = 2;
/** A block that never ends: there are no more symbols in a meta-block. */
const ENDLESS: u32 = 1 << 28;

export const LITERAL_SHORT: u32 = 8;
export const COMMAND_SHORT: u32 = 9;
export const DISTANCE_SHORT: u32 = 8;
export const LITERAL_TABLE_BYTES: usize = 32 + (2 << 8) + 256 * 2;
export const COMMAND_TABLE_BYTES: usize = 32 + (2 << 9) + 704 * 2;
export const DISTANCE_TABLE_BYTES: usize = 32 + (2 << 8) + 520 * 2;
const COUNT_ALPHABET: u32 = 26;
const COMMAND_ALPHABET: u32 = 704;

/** A number from 1 to 256 (section 9.2); 0 while bits are missing. */
function readNumber(): u32 {
  need(11);
  if (!bitsCount()) return 0;
  if (!(<u32>peek() & 1)) {
    drop(1);
    return 1;
  }
  const extra = (<u32>peek() >> 1) & 7;
  if (<u32>4 + extra > bitsCount()) return 0;
  drop(4);
  return <u32>1 + (<u32>1 << extra) + take(extra);
}

function readTypes(c: usize): u32 {
  const types = readNumber();
  if (!types) return MORE_INPUT;
  store<u32>(c, types, TYPES);
  store<u32>(c, 0, TYPE);
  store<u32>(c, 1, TYPE_BEFORE);
  store<u32>(c, ENDLESS, COUNT);
  return DONE;
}

// @ts-ignore: decorator
@inline function mapOf(d: usize, category: u32): usize {
  return d + (category == OF_LITERALS ? LITERAL_MAP : DISTANCE_MAP);
}

// @ts-ignore: decorator
@inline function mapSize(d: usize, category: u32): u32 {
  return load<u32>(categoryAt(d, category), TYPES) << (category == OF_LITERALS ? 6 : 2);
}

function readMap(d: usize, category: u32): u32 {
  const map = mapOf(d, category);
  const size = mapSize(d, category);
  const runs = load<u32>(d, RUNS);
  for (let index = load<u32>(d, INDEX); index < size; ) {
    store<u32>(d, index, INDEX);
    need(31);
    const code = decodeSymbol(d + MAP_TABLE, SHORT_BITS, peek());
    const symbol = symbolOf(code);
    const extra = symbol <= runs ? symbol : 0;
    if ((code & 15) + extra > bitsCount()) return MORE_INPUT;
    drop(code & 15);
    if (extra == 0) store<u8>(map + index++, <u8>(symbol ? symbol - runs : 0));
    else {
      const zeros = (<u32>1 << extra) + take(extra);
      if (zeros > size - index) return BAD;
      memory.fill(map + index, 0, zeros);
      index += zeros;
    }
  }
  return DONE;
}

/** Numbers were written as places in a list, of which each that is used moves to the front (section 7.3). */
function undoMoves(map: usize, size: u32): void {
  const list = memory.data(256);
  for (let i: u32 = 0; i < 256; i++) store<u8>(list + i, <u8>i);
  for (let i: u32 = 0; i < size; i++) {
    const place = <usize>load<u8>(map + i);
    const value = load<u8>(list + place);
    store<u8>(map + i, value);
    memory.copy(list + 1, list, place);
    store<u8>(list, value);
  }
}

function tableBytes(category: u32): usize {
  if (category == OF_LITERALS) return LITERAL_TABLE_BYTES;
  return category == OF_COMMANDS ? COMMAND_TABLE_BYTES : DISTANCE_TABLE_BYTES;
}

/** Makes room for the tables of all prefix codes. */
function beginTrees(d: usize): u32 {
  let bytes: usize = 0;
  for (let category: u32 = 0; category < CATEGORIES; category++) {
    bytes += <usize>load<u32>(categoryAt(d, category), NUMBER) * tableBytes(category);
  }
  if (bytes > load<u32>(d, TREES_ROOM)) {
    release(load<u32>(d, TREES));
    const trees = alloc(bytes);
    store<u32>(d, <u32>trees, TREES);
    store<u32>(d, trees ? <u32>bytes : 0, TREES_ROOM);
    if (!trees) return LOST;
  }
  let at = load<u32>(d, TREES);
  for (let category: u32 = 0; category < CATEGORIES; category++) {
    const c = categoryAt(d, category);
    store<u32>(c, at, TABLES);
    at += load<u32>(c, NUMBER) * <u32>tableBytes(category);
  }
  return DONE;
}

function readTree(d: usize, category: u32): u32 {
  const table = <usize>load<u32>(categoryAt(d, category), TABLES) + <usize>load<u32>(d, INDEX) * tableBytes(category);
  if (category == OF_LITERALS) return readCode(d, 256, table, LITERAL_SHORT);
  if (category == OF_COMMANDS) return readCode(d, COMMAND_ALPHABET, table, COMMAND_SHORT);
  return readCode(d, 16 + load<u32>(d, DIRECT) + (48 << load<u32>(d, POSTFIX)), table, DISTANCE_SHORT);
}

function go(d: usize, step: u32, category: u32): u32 {
  store<u32>(d, step, STEP);
  store<u32>(d, category, CATEGORY);
  store<u32>(d, 0, INDEX);
  return DONE;
}

/** Behind the map of a category. */
function mapped(d: usize, category: u32): u32 {
  return category == OF_LITERALS ? go(d, MAP_COUNT, OF_DISTANCES) : go(d, TREES_BEGIN, OF_LITERALS);
}

/** One step; DONE if the next one can be taken. */
export function readHeader(d: usize): u32 {
  const step = load<u32>(d, STEP);
  const category = load<u32>(d, CATEGORY);
  const c = categoryAt(d, category);
  let result = DONE;
  if (step == TYPE_COUNT) {
    result = readTypes(c);
    if (result != DONE) return result;
    if (load<u32>(c, TYPES) > 1) return go(d, TYPE_CODE, category);
    return category + 1 < CATEGORIES ? go(d, TYPE_COUNT, category + 1) : go(d, PARAMETERS, 0);
  }
  if (step == TYPE_CODE) {
    result = readCode(d, load<u32>(c, TYPES) + 2, typeTable(d, category), SHORT_BITS);
    return result == DONE ? go(d, COUNT_CODE, category) : result;
  }
  if (step == COUNT_CODE) {
    result = readCode(d, COUNT_ALPHABET, countTable(d, category), SHORT_BITS);
    return result == DONE ? go(d, FIRST_COUNT, category) : result;
  }
  if (step == FIRST_COUNT) {
    result = readCount(d, category);
    if (result != DONE) return result;
    return category + 1 < CATEGORIES ? go(d, TYPE_COUNT, category + 1) : go(d, PARAMETERS, 0);
  }
  if (step == PARAMETERS) {
    if (!need(6)) return MORE_INPUT;
    const postfix = take(2);
    store<u32>(d, postfix, POSTFIX);
    store<u32>(d, take(4) << postfix, DIRECT);
    store<u32>(categoryAt(d, OF_COMMANDS), load<u32>(categoryAt(d, OF_COMMANDS), TYPES), NUMBER);
    return go(d, CONTEXT_MODES, OF_LITERALS);
  }
  if (step == CONTEXT_MODES) {
    for (let index = load<u32>(d, INDEX); index < load<u32>(c, TYPES); index++) {
      store<u32>(d, index, INDEX);
      if (!need(2)) return MORE_INPUT;
      store<u8>(d + MODES + index, <u8>take(2));
    }
    return go(d, MAP_COUNT, OF_LITERALS);
  }
  if (step == MAP_COUNT) {
    const number = readNumber();
    if (!number) return MORE_INPUT;
    store<u32>(c, number, NUMBER);
    if (number > 1) return go(d, MAP_RUNS, category);
    memory.fill(mapOf(d, category), 0, mapSize(d, category));
    return mapped(d, category);
  }
  if (step == MAP_RUNS) {
    need(5);
    if (!bitsCount() || (<u32>peek() & 1 && bitsCount() < 5)) return MORE_INPUT;
    store<u32>(d, take(1) ? 1 + take(4) : 0, RUNS);
    return go(d, MAP_CODE, category);
  }
  if (step == MAP_CODE) {
    result = readCode(d, load<u32>(c, NUMBER) + load<u32>(d, RUNS), d + MAP_TABLE, SHORT_BITS);
    return result == DONE ? go(d, MAP_ITEMS, category) : result;
  }
  if (step == MAP_ITEMS) {
    result = readMap(d, category);
    return result == DONE ? go(d, MAP_END, category) : result;
  }
  if (step == MAP_END) {
    if (!need(1)) return MORE_INPUT;
    if (take(1)) undoMoves(mapOf(d, category), mapSize(d, category));
    return mapped(d, category);
  }
  if (step == TREES_BEGIN) {
    result = beginTrees(d);
    return result == DONE ? go(d, TREE, OF_LITERALS) : result;
  }
  for (let index = load<u32>(d, INDEX); index < load<u32>(c, NUMBER); index++) {
    store<u32>(d, index, INDEX);
    result = readTree(d, category);
    if (result != DONE) return result;
  }
  return category + 1 < CATEGORIES ? go(d, TREE, category + 1) : go(d, CONTENT, 0);
}
