/** Decoders, by handle. What a call does and what it needs is said in README.md. */
import { alloc, allocZero, release } from '../heap';
import { prepareValues } from './alphabet';
import { prepareFixed } from './blocks';
import { brotli, brotliClose, brotliOpen } from './brotli';
import { prepareChecksums } from './checksum';
import { prepareNames } from './entity';
import { inflate, INFLATE_HEADER, INFLATE_STATE } from './inflate';
import { prepareLetters } from './json';
import { decodeJsonText, JSON_TEXT_STATE } from './json-text';
import { islandIsIdle, islandSkip, ISLAND_STATE, unescape } from './island';
import { closeOutput, openOutput, produced } from './output';
import { prepareGlance } from './run-reject';
import { decodeRuns, runsAreIdle, runsSkip, RUNS_STATE } from './runs';
import { BROTLI, FORM, GZIP, IDLE, JSON_ESCAPES, JSON_TEXT, KIND, LOOKBACK, QUOTED, RUNS, SEEN, STATUS, UTF16_BE, UTF16_LE } from './state';
import { decodeUtf16, UTF16_STATE } from './utf16';

/** What the last call did: bytes produced u32 │ entries of the map u32 │ status u32. */
const decoded = memory.data(12, 4);

export function decodedPointer(): usize {
  return decoded;
}

/** 0 if there is no such kind, or no memory. */
export function decoderOpen(kind: u32): usize {
  const isText = (kind >= JSON_ESCAPES && kind <= QUOTED) || kind == FORM;
  if (!isText && kind != JSON_TEXT && (kind < GZIP || kind > UTF16_BE)) return 0;
  prepareNames();
  prepareLetters();
  prepareValues();
  prepareChecksums();
  prepareGlance();
  prepareFixed();
  let d: usize = 0;
  if (kind == BROTLI) d = brotliOpen();
  else if (kind >= UTF16_LE) d = allocZero(UTF16_STATE);
  else if (kind == JSON_TEXT) d = allocZero(JSON_TEXT_STATE);
  else if (isText) d = allocZero(kind == RUNS ? RUNS_STATE : ISLAND_STATE);
  else {
    d = alloc(INFLATE_STATE);
    if (d) memory.fill(d, 0, INFLATE_HEADER);
  }
  if (!d) return 0;
  store<u32>(d, kind, KIND);
  return d;
}

export function decoderClose(d: usize): void {
  if (load<u32>(d, KIND) == BROTLI) brotliClose(d);
  release(d);
}

function noteSeen(d: usize, bytes: usize): void {
  store<u32>(d, <u32>min<usize>(<usize>load<u32>(d, SEEN) + bytes, LOOKBACK), SEEN);
}

/** Returns how many bytes of the input were taken. */
export function decode(
  d: usize, input: usize, length: usize, out: usize, room: usize, map: usize, entries: usize, final: u32,
): usize {
  openOutput(input, out, room, map, entries);
  store<u32>(d, 0, STATUS);
  const kind = load<u32>(d, KIND);
  let taken: usize = 0;
  let isIdle = false;
  if (kind >= UTF16_LE) {
    taken = decodeUtf16(d, input, length, final != 0);
  } else if (kind == BROTLI) {
    taken = brotli(d, input, length, final != 0);
  } else if (kind >= GZIP) {
    taken = inflate(d, input, length, final != 0);
  } else if (kind == JSON_TEXT) {
    taken = decodeJsonText(d, input, length, final != 0);
  } else if (kind == RUNS) {
    taken = decodeRuns(d, input, length, final != 0);
    isIdle = runsAreIdle(d);
  } else {
    taken = unescape(d, input, length, final != 0);
    isIdle = islandIsIdle(d);
  }
  if (isIdle) store<u32>(d, load<u32>(d, STATUS) | IDLE, STATUS);
  noteSeen(d, taken);
  store<u32>(decoded, <u32>produced());
  store<u32>(decoded, <u32>closeOutput(), 4);
  store<u32>(decoded, load<u32>(d, STATUS), 8);
  return taken;
}

/** Passes over bytes in which `triggers` sees nothing of this kind; only while the decoder is idle. */
export function decoderSkip(d: usize, bytes: u32): void {
  if (bytes == 0) return;
  noteSeen(d, bytes);
  if (load<u32>(d, KIND) == RUNS) runsSkip(d);
  else islandSkip(d, bytes);
}
