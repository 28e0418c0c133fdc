/**
 * Which literals go to which filter. Costs are cycles per byte of text, as measured on a server of 2019; only their ratios
 * count.
 *
 *   walk      7, where the table does not fit into the cache 12, without a table 60
 *   Teddy     1 + 20 for each alarm
 *   sampler   (4 + (20 + 4 × stride) for each alarm) / stride
 *   map       3, without vectors 6, + 20 for each alarm
 *
 * Either the map takes all literals, or those below some length go to Teddy, the others to the sampler: every length is tried as the
 * border. A sampler's grams are q = 4 … 8 bytes, its stride is what the shortest of its literals leaves: long grams cause fewer alarms,
 * short ones allow longer strides.
 */
import { A_LITERALS, A_SIZE, A_WIDTH, lengthOf, maxLength, SPARSE, textOf } from './automaton';
import { fillBuckets, MOST_TEDDY } from './buckets';
import { likelihoodOfFour, probability, rarityOf } from './grams';
import { cellBits, FOURTHS, MAP_GRAM, MARKS_OF_THREE, MARKS_OF_TWO } from './map';
import { mapBits } from './sampler';

export let usesTeddy: bool = false;
/** One filter for all literals: neither of the others is used then. */
export let usesMap: bool = false;
export let usesSampler: bool = false;
/** Length from which on literals go to the sampler. */
export let samplerFrom: u32 = 0;
export let samplerQ: u32 = 0;
export let samplerStride: u32 = 0;
/** Runs below this many bytes are walked. */
export let shortestRun: u32 = 0;

const PROBE: f32 = 4;
const MAP_PROBE: f32 = ASC_FEATURE_SIMD ? 3 : 6;
const ALARM: f32 = 20;
/** What an alarm of the sampler costs for each place where the stretch may begin. */
const STRETCH: f32 = 4;
/** What a run costs, however short: its head, each filter's beginning, and each byte that its end may be in. */
const RUN: f32 = 100;
const FILTER: f32 = 160;
const END_BYTE: f32 = 1;
/** Literals up to which Teddy looks at ends, too: beginnings of more are everywhere. */
export const MOST_AT_ENDS: u32 = 300;
/** Without Teddy. */
const SLOW_END_BYTE: f32 = 8;
/** Text is less even than byte pairs say: more alarms come than expected. */
const TEDDY_SURPRISE: f32 = 1.5;
const LONGEST_BORDER: u32 = 16;
const MOST_STRIDE: u32 = 16;
/** Literals from which the frequency of grams is estimated. */
const SAMPLE: u32 = 256;
/** Share of the alarms of 4-grams that grams of 4 … 8 bytes cause, measured with words. */
const shares = memory.data<f32>([1, 0.6, 0.35, 0.25, 0.16]);

/** A stretch is looked for among this many places of a literal. */
const MOST_PLACES: u32 = 24;

/** Where the rarest stretch of `span` bytes of a literal begins, measured by its grams of `q` bytes. */
export function rarest(a: usize, literal: u32, span: u32, q: u32): u32 {
  const text = textOf(a, literal);
  const last = min(lengthOf(a, literal) - span, MOST_PLACES);
  let best: u32 = 0;
  let least: f32 = f32.MAX_VALUE;
  for (let at: u32 = 0; at <= last; at++) {
    let sum: f32 = 0;
    for (let g: u32 = 0; g + q <= span; g++) sum += q == 4 ? likelihoodOfFour(text + at + g) : probability(rarityOf(text + at + g, q));
    if (sum < least) {
      least = sum;
      best = at;
    }
  }
  return best;
}

/** Literals of `[from, to)` bytes as pairs { literal u32, 0 u32 }, those of one byte first, then of two. Returns how many. */
export function listLiterals(a: usize, list: usize, from: u32, to: u32): u32 {
  let n: u32 = 0;
  for (let size: u32 = 1; size <= 3; size++) {
    for (let i: u32 = 0; i < load<u32>(a, A_LITERALS); i++) {
      const length = lengthOf(a, i);
      if (length < from || length >= to || min(length, 3) != size) continue;
      store<u32>(list + ((<usize>n) << 3), i);
      store<u32>(list + ((<usize>n) << 3), 0, 4);
      n++;
    }
  }
  return n;
}

/** Expected cost of Teddy for the literals below `below` bytes. */
function teddyCost(a: usize, list: usize, below: u32): f32 {
  const n = listLiterals(a, list, 1, below);
  if (n == 0) return 0;
  if (!ASC_FEATURE_SIMD || n > MOST_TEDDY) return f32.MAX_VALUE;
  return 1 + ALARM * TEDDY_SURPRISE * fillBuckets(a, list, n, false, 1);
}

let bestQ: u32 = 0;
let bestStride: u32 = 0;

/** Expected cost of the sampler for the literals of at least `from` bytes; sets `bestQ` and `bestStride`. */
function samplerCost(a: usize, from: u32): f32 {
  const literals = load<u32>(a, A_LITERALS);
  let shortest: u32 = u32.MAX_VALUE;
  let count: u32 = 0;
  for (let i: u32 = 0; i < literals; i++) {
    if (lengthOf(a, i) < from) continue;
    shortest = min(shortest, lengthOf(a, i));
    count++;
  }
  if (count == 0) return 0;
  if (shortest < 4) return f32.MAX_VALUE;
  // Mean frequency of the 4-grams of rare stretches.
  let frequency: f32 = 0;
  let seen: u32 = 0;
  const stride = max(literals / SAMPLE, 1);
  const span = min(shortest, MOST_STRIDE + 3);
  for (let i: u32 = 0; i < literals; i += stride) {
    if (lengthOf(a, i) < from) continue;
    const at = textOf(a, i) + rarest(a, i, span, 4);
    for (let g: u32 = 0; g + 4 <= span; g++) {
      frequency += probability(rarityOf(at + g, 4));
      seen++;
    }
  }
  frequency = seen ? frequency / <f32>seen : 0;
  let least: f32 = f32.MAX_VALUE;
  for (let q: u32 = 4; q <= min(shortest, 8); q++) {
    const step = min(shortest - q + 1, MOST_STRIDE);
    const grams = <f32>(count * step);
    const chance = grams / <f32>(<u32>1 << mapBits(count * step));
    const alarms = min<f32>(1, chance + grams * frequency * load<f32>(shares + ((q - 4) << 2)));
    const cost: f32 = (PROBE + (STRETCH * <f32>step + ALARM) * alarms) / <f32>step;
    if (cost < least) {
      least = cost;
      bestQ = q;
      bestStride = step;
    }
  }
  return least;
}

/** Expected cost of the map for all literals. */
function mapCost(a: usize): f32 {
  const literals = load<u32>(a, A_LITERALS);
  const stride = max(literals / SAMPLE, 1);
  let frequency: f32 = 0;
  let marks: u32 = 0;
  let longs: u32 = 0;
  for (let i: u32 = 0; i < literals; i++) {
    const length = lengthOf(a, i);
    if (length < 2) return f32.MAX_VALUE;
    if (length >= MAP_GRAM) longs++;
    else marks += length == 2 ? MARKS_OF_TWO : MARKS_OF_THREE;
    if (i % stride) continue;
    if (length < MAP_GRAM) {
      frequency += probability(rarityOf(textOf(a, i), length));
      continue;
    }
    const at = textOf(a, i) + rarest(a, i, MAP_GRAM, MAP_GRAM);
    // Other bytes have the class of the fourth.
    frequency += likelihoodOfFour(at) + probability(rarityOf(at, MAP_GRAM - 1)) / <f32>FOURTHS;
  }
  const chance = (<f32>marks + 2 * <f32>longs / <f32>FOURTHS) / <f32>(<u32>1 << cellBits(longs));
  return MAP_PROBE + ALARM * min<f32>(1, chance + <f32>stride * frequency);
}

/** Chooses the cheapest way. `list`: room for a pair of each literal. */
export function choosePlan(a: usize, list: usize): void {
  usesMap = usesTeddy = usesSampler = false;
  const walk: f32 = load<u32>(a, A_WIDTH) == SPARSE ? 60 : load<u32>(a, A_SIZE) > 1 << 19 ? 12 : 7;
  let least = walk;
  for (let border: u32 = 1; border <= LONGEST_BORDER + 1; border++) {
    // The last border is beyond all literals: Teddy alone. The first is below all: the sampler alone.
    const from = border > LONGEST_BORDER ? u32.MAX_VALUE : border;
    const sampler = samplerCost(a, from);
    if (sampler >= least) continue;
    const teddy = teddyCost(a, list, from);
    // More literals will not make it cheaper.
    if (teddy >= least) break;
    if (teddy + sampler >= least) continue;
    least = teddy + sampler;
    usesTeddy = teddy > 0;
    usesSampler = sampler > 0;
    samplerFrom = from;
    samplerQ = bestQ;
    samplerStride = bestStride;
  }
  const map = mapCost(a);
  if (map < least) {
    least = map;
    usesMap = true;
    usesTeddy = usesSampler = false;
  }
  const filters: f32 = usesTeddy && usesSampler ? 2 : 1;
  const once = RUN + FILTER * filters;
  const endByte = ASC_FEATURE_SIMD && load<u32>(a, A_LITERALS) <= MOST_AT_ENDS ? END_BYTE : SLOW_END_BYTE;
  const saved = max<f32>(walk - least, 0.1);
  // Where runs are shorter than the longest literal, all of their bytes may be in the end.
  const longest = <f32>maxLength(a);
  const short = once / max<f32>(saved - endByte, 0.1);
  shortestRun = <u32>max<f32>(short < longest ? short : (once + endByte * longest) / saved, 16);
}
