/**
 * Streamed answers of AI services: events or lines, each a JSON document that holds the next piece of a text. This finds the
 * pieces; those with the same key belong together.
 *
 *   line = [ "data:" [ SP ] ] document LF
 *
 *   {"choices":[{"index":1,"delta":{"content":"Hel"}}]}
 *   {"choices":[{"index":1,"delta":{"content":"lo"}}]}      one key: choices, 0, index 1, delta, content
 *   {"type":"content_block_delta","index":0,"delta":{"partial_json":"{\"a"}}
 *
 * A key is a hash of the way down to the string: names of members, places in arrays, and what members like "index" say in each
 * object on the way, wherever they stand in it. A place or an index of 0 counts as none: some services leave it away.
 *
 *   values    count u32 │ … │ from 16 on: { address u32, length u32, key u64 } per value
 *   stack     per object or array: { first value u32, place i32 (-1: object), own u64, member u64, index u64 }
 */
import { find } from './find';

const MOST_DEPTH: i32 = 32;
/** Values of one line; more are not looked at. */
const MOST_VALUES: u32 = 64;
const ROOM: u32 = 1024;

const VALUE: usize = 16;
const values = memory.data(16 + 1024 * 16, 16);
let count: u32 = 0;

const FRAME: usize = 32;
const stack = memory.data(32 * 32, 16);
const OBJECT: i32 = -1;

/** Members whose strings are pieces of a text, and those that tell which text. */
const PIECES =
  'content text delta arguments partial_json thinking response reasoning reasoning_content refusal completion output_text transcript';
const INDEXES = 'index output_index content_index summary_index item_id';
const names = memory.data(32 * 8, 8);
let pieces: u32 = 0;
let known: u32 = 0;

const FNV_OFFSET: u64 = 0xcbf29ce484222325;
const FNV_PRIME: u64 = 0x100000001b3;

function hash(p: usize, end: usize): u64 {
  let h = FNV_OFFSET;
  for (; p < end; p++) h = (h ^ <u64>load<u8>(p)) * FNV_PRIME;
  return h;
}

function learn(list: string): void {
  let h = FNV_OFFSET;
  for (let i = 0; i <= list.length; i++) {
    const character = i < list.length ? list.charCodeAt(i) : 32;
    if (character != 32) h = (h ^ <u64>character) * FNV_PRIME;
    else {
      store<u64>(names + ((<usize>known) << 3), h);
      known++;
      h = FNV_OFFSET;
    }
  }
}

function prepare(): void {
  if (known) return;
  learn(PIECES);
  pieces = known;
  learn(INDEXES);
}

function isAmong(name: u64, from: u32, to: u32): bool {
  for (let i = from; i < to; i++) if (load<u64>(names + ((<usize>i) << 3)) == name) return true;
  return false;
}

/** Address of the quote that ends the string which begins at `p`, or `end`. */
function endOfString(p: usize, end: usize): usize {
  const begin = p;
  let quote = find(0x22, p, end);
  for (; quote < end; quote = find(0x22, quote + 1, end)) {
    let before = quote;
    while (before > begin && load<u8>(before - 1) == 0x5c) before--;
    if (((quote - before) & 1) == 0) break;
  }
  return quote;
}

function skipSpace(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) <= 32) p++;
  return p;
}

/** The hash of what the frame's object or array holds next. */
function placeIn(frame: usize): u64 {
  const place = load<i32>(frame, 4);
  return place == OBJECT ? load<u64>(frame, 16) : <u64>place * FNV_PRIME;
}

function open(frame: usize, parent: usize, isObject: bool): void {
  store<u32>(frame, count);
  store<i32>(frame, isObject ? OBJECT : 0, 4);
  store<u64>(frame, parent ? placeIn(parent) : 0, 8);
  store<u64>(frame, 0, 16);
  store<u64>(frame, 0, 24);
}

/** All values in the object or array now have its place in their keys. */
function close(frame: usize): void {
  const way = load<u64>(frame, 8) + load<u64>(frame, 24);
  for (let i = load<u32>(frame); i < count; i++) {
    const value = values + 16 + <usize>i * VALUE;
    store<u64>(value, rotl(load<u64>(value, 8) ^ way, 23) * FNV_PRIME, 8);
  }
}

function addIndex(frame: usize, from: usize, to: usize): void {
  const isZero = to - from == 1 && load<u8>(from) == 0x30;
  if (!isZero) store<u64>(frame, load<u64>(frame, 24) + hash(from, to) * (load<u64>(frame, 16) | 1), 24);
}

function addString(frame: usize, from: usize, to: usize, most: u32): void {
  if (load<i32>(frame, 4) != OBJECT) return;
  const member = load<u64>(frame, 16);
  if (isAmong(member, pieces, known)) addIndex(frame, from, to);
  else if (count < most && from < to && isAmong(member, 0, pieces)) {
    const value = values + 16 + <usize>count * VALUE;
    count++;
    store<u32>(value, <u32>from);
    store<u32>(value, <u32>(to - from), 4);
    store<u64>(value, member, 8);
  }
}

function readDocument(p: usize, end: usize): void {
  const most = count + MOST_VALUES;
  let depth: i32 = 0;
  let frame = stack - FRAME;
  while (p < end) {
    const byte = <u32>load<u8>(p);
    if (byte == 0x22) {
      const from = p + 1;
      const to = endOfString(from, end);
      if (to == end) break;
      p = skipSpace(to + 1, end);
      const isName = p < end && load<u8>(p) == 0x3a;
      if (isName) p++;
      if (depth == 0) continue;
      if (isName) store<u64>(frame, hash(from, to), 16);
      else addString(frame, from, to, most);
      continue;
    }
    const isObject = byte == 0x7b;
    if (isObject || byte == 0x5b) {
      if (depth == MOST_DEPTH) break;
      frame += FRAME;
      open(frame, depth ? frame - FRAME : 0, isObject);
      depth++;
    } else if (byte == 0x7d || byte == 0x5d) {
      if (depth == 0) break;
      close(frame);
      frame -= FRAME;
      depth--;
    } else if (depth != 0) {
      const place = load<i32>(frame, 4);
      if (byte == 0x2c && place != OBJECT) store<i32>(frame, place + 1, 4);
      else if (byte - 0x30 < 10) {
        const from = p;
        while (p < end && <u32>load<u8>(p) - 0x30 < 10) p++;
        if (place == OBJECT && isAmong(load<u64>(frame, 16), pieces, known)) addIndex(frame, from, p);
        continue;
      }
    }
    p++;
  }
  for (; depth > 0; depth--, frame -= FRAME) close(frame);
}

function readLine(p: usize, end: usize): void {
  // A stream may begin with a byte order mark.
  if (p + 3 <= end && load<u16>(p) == 0xbbef && load<u8>(p, 2) == 0xbf) p += 3;
  if (p + 5 <= end && load<u32>(p) == 0x61746164 && load<u8>(p, 4) == 0x3a) p += 5;
  p = skipSpace(p, end);
  if (p < end && (load<u8>(p) == 0x7b || load<u8>(p) == 0x5b)) readDocument(p, end);
}

/** Fixed address of the values that the last `eventValues` found. */
export function eventValuesPointer(): usize {
  return values;
}

/**
 * Finds values in the whole lines of `[p, p + length)`, with `final` also in the last one. Lines of more than `limit` bytes are
 * passed over. Returns how many bytes were read: less than the lines have when there is no room for more values; call again.
 */
export function eventValues(p: usize, length: usize, limit: usize, final: u32): usize {
  prepare();
  const begin = p;
  const end = p + length;
  count = 0;
  while (p < end && count + MOST_VALUES <= ROOM) {
    const line = find(0x0a, p, end);
    if (line == end && !final) break;
    if (line - p <= limit) readLine(p, line);
    p = min(line + 1, end);
  }
  store<u32>(values, count);
  return p - begin;
}
