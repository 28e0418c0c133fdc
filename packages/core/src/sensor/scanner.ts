import { sha256 } from '@noble/hashes/sha2.js';
import type { Candidate } from '../detect/candidate.js';
import type { Detector } from '../detect/detector.js';
import type { EngineExports } from '../engine/wasm.js';
import { EngineError } from '../errors.js';
import type { CompiledPolicy } from '../policy/compiled.js';
import type { BlockVerdict, GapReason, Verdict } from '../types.js';
import { RECORD_BYTES } from './batch.js';
import type { SensorCounters } from './counters.js';
import { Detection, type FlowSession } from './detection.js';
import type { FlowTable } from './flows.js';
import { Masker } from './masker.js';
import type { EngineMemory } from './memory.js';
import { maskFrom, PREVIEW_BEFORE, PREVIEW_BYTES, previewText } from './preview.js';
import { type Origin, Report } from './report.js';
import type { Reporter } from './reporter.js';

/** `status.reason` of `scanBatch`. */
const HITS = 1;
const GAP = 2;
const ATTENTION = 4;
const OUT_OF_MEMORY = 5;

const STAR = 0x2a;
const NOTHING = new Uint8Array(0);
const ROW_WORDS = RECORD_BYTES / 4;
const ROW_DOUBLES = RECORD_BYTES / 8;
const ROW_OFFSET_DOUBLE = 3;
/** The engine keeps this much of a flow. */
const TAIL_BYTES = 4096;
/** Occurrences looked at per byte of a row, and in the shortest row: time must be bounded by the number of bytes. */
const MAX_HITS_PER_BYTE = 16;
const MAX_HITS_AT_LEAST = 65_536;

function mostHits(length: number): number {
  return Math.max(length * MAX_HITS_PER_BYTE, MAX_HITS_AT_LEAST);
}

/** A row's origin, and its place in the chunk that it is a piece of. Only asked of rows that need attention. */
export interface RowFacts {
  readonly origin: Origin;
  readonly time: number;
  /** The whole chunk; absent for rows of a feed's batch, which nobody wants a verdict for. */
  readonly chunk?: { readonly data: Uint8Array; readonly pieceStart: number; readonly index: number };
  /** Whether the chunk ends with this row. */
  readonly last: boolean;
}

export interface RowSource {
  facts(row: number): RowFacts;
  verdict(index: number, verdict: Verdict): void;
}

/** Scans rows, and deals with those that need more than the engine's own commit. */
export class Scanner {
  /** Which policy the engine's flow states belong to. */
  epoch = 1;
  now = 0;
  readonly #masker: Masker;
  readonly #status: number;
  readonly #hits: number;
  /** Room for a flow's tail. */
  readonly #scratch: number;
  #source!: RowSource;
  /** The chunk in work, if anything was found in it. */
  #report: Report | undefined;
  /** For a policy that needs more than a search. */
  #detection: Detection | undefined;

  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
    readonly flows: FlowTable,
    readonly table: number,
    readonly reporter: Reporter,
    readonly counters: SensorCounters,
    public policy: CompiledPolicy,
    readonly detectorOf: (policy: CompiledPolicy) => Detector | undefined,
  ) {
    this.#masker = new Masker(engine, memory);
    this.#status = engine.statusPointer() >>> 2;
    this.#hits = engine.hitsPointer() >>> 2;
    this.#scratch = engine.alloc(TAIL_BYTES);
    if (this.#scratch === 0) throw new EngineError('ENGINE_MEMORY', 'the engine has no memory for a scratch area');
    this.#detection = this.#detectionOf(policy);
    flows.leaving = (slot) => this.#leave(slot);
  }

  #detectionOf(policy: CompiledPolicy): Detection | undefined {
    const detector = this.detectorOf(policy);
    return detector && new Detection(detector);
  }

  /** Scans rows `[from, to)`, all of them data with their slots filled in; `source` knows more about them. */
  scan(from: number, to: number, source: RowSource): void {
    this.#source = source;
    if (this.#detection !== undefined) {
      for (let row = from; row < to; row++) this.#detect(this.#detection, row);
      return;
    }
    const { handle } = this.policy;
    for (let row = from; row < to; ) {
      row = this.engine.scanBatch(handle, this.epoch, this.flows.handle, this.table, row, to);
      if (row < to) row = this.#attend(row);
    }
  }

  /** Scans with `policy` from the next row on. Flows learn of it by the epoch, when their next row comes. */
  setPolicy(policy: CompiledPolicy): void {
    const detection = this.#detectionOf(policy);
    this.decideAll();
    this.#freePolicy();
    this.policy = policy;
    this.#detection = detection;
    this.epoch = (this.epoch + 1) >>> 0;
  }

  /** Notes bytes of a flow that nobody looked at; the flow goes on behind them. `undefined`: nobody knows how many. */
  lose(slot: number, bytes: number | undefined, reason: GapReason, origin: Origin, time: number): void {
    const { flows } = this;
    this.#leave(slot);
    const offset = flows.offset(slot);
    this.#count(slot, { offset, bytes, reason, origin, time });
    this.engine.flowReset(flows.handle, slot, offset + (bytes ?? 0));
  }

  #count(
    slot: number,
    gap: { offset: number; bytes: number | undefined; reason: GapReason; origin: Origin; time: number },
  ) {
    const { offset, bytes, reason, origin, time } = gap;
    this.counters.gaps += 1;
    if (bytes === undefined) {
      this.counters.gaps_unknown_size += 1;
    } else {
      this.counters.bytes_not_scanned += bytes;
      this.flows.lost[slot]! += bytes;
    }
    this.reporter.gap({ pid: origin.pid, comm: origin.comm, offset, bytes, reason, time });
  }

  /** Deals with the row at which `scanBatch` stopped. Returns the row to go on with. */
  #attend(row: number): number {
    const { words } = this.memory;
    const reason = words[this.#status]!;
    const r = (this.table >>> 2) + row * ROW_WORDS;
    const pointer = words[r]!;
    const length = words[r + 1]!;
    const slot = words[r + 2]!;
    switch (reason) {
      case HITS:
      case ATTENTION:
        if (this.flows.epoch[slot] !== this.epoch) {
          this.#reopenMasks(slot);
          return row;
        }
        this.#examine(row, slot, pointer, length);
        return row + 1;
      case GAP:
        this.#jump(row, slot);
        return row;
      case OUT_OF_MEMORY:
        this.counters.out_of_memory += 1;
        this.engine.flowCommit(this.flows.handle, slot, this.policy.handle, pointer, length);
        return row + 1;
      default:
        this.counters.chunk_errors += 1;
        return row + 1;
    }
  }

  /** The row does not begin where the flow ended. */
  #jump(row: number, slot: number): void {
    const wanted = this.memory.doubles[(this.table >>> 3) + row * ROW_DOUBLES + ROW_OFFSET_DOUBLE]!;
    const { origin, time } = this.#source.facts(row);
    const bytes = wanted - this.flows.offset(slot);
    if (bytes > 0) this.lose(slot, bytes, 'ring_full', origin, time);
    else {
      this.lose(slot, undefined, 'sequence', origin, time);
      this.engine.flowReset(this.flows.handle, slot, wanted);
    }
  }

  /** A row with hits, or one that may continue a mask. */
  #examine(row: number, slot: number, pointer: number, length: number): void {
    const { engine, flows, memory, policy } = this;
    const { origin, time, chunk, last } = this.#source.facts(row);
    this.#report ??= new Report(origin, policy);
    const report = this.#report;
    const offset = flows.offset(slot);
    const copy = chunk ? report.copy(chunk.data) : memory.bytes.slice(pointer, pointer + length);
    const pieceStart = chunk?.pieceStart ?? 0;

    this.#masker.begin(pointer, length, copy, pieceStart, flows.masks[slot]);
    const before = report.count;
    const scan = this.#collect(row, report, offset, length);
    // Hits come in no order, so those left unread may lie anywhere in the row.
    if (scan.flood) this.#masker.addRest(0);
    const masks = this.#masker.finish();
    if (before === 0 && report.count > 0 && this.reporter.wantsPreview(report, this.now)) {
      const masked = copy.subarray(pieceStart, pieceStart + length);
      report.preview = this.#preview(slot, offset, masked, report.firstStart, scan.state);
    }
    if (this.#masker.maskedTo > 0) {
      report.masked = true;
      flows.hidden[slot] = offset + this.#masker.maskedTo;
    }
    flows.setMasks(slot, masks, !last);
    if (!engine.flowCommit(flows.handle, slot, policy.handle, pointer, length)) this.counters.out_of_memory += 1;
    if (scan.flood) {
      this.#count(slot, { offset, bytes: length, reason: 'flood', origin, time });
      // The scan did not come to the row's end, so there is no state to go on with.
      engine.flowReset(flows.handle, slot, offset + length);
    }
    if (last) this.#finish(slot, offset, chunk?.index);
  }

  /** Adds the row's hits to report and masks. Returns the state at its end, and whether too many hits made it stop. */
  #collect(row: number, report: Report, offset: number, length: number): { state: number; flood: boolean } {
    const { engine, memory, policy } = this;
    const { lengths, literalOwner, maskKinds } = policy;
    const { words } = memory;
    const most = mostHits(length);
    for (let seen = 0; ; ) {
      const count = words[this.#status + 1]!;
      const more = words[this.#status + 2]!;
      const state = words[this.#status + 3]!;
      for (let i = 0; i < count; i++) {
        const literal = words[this.#hits + 2 * i]!;
        const end = words[this.#hits + 2 * i + 1]!;
        const start = end - lengths[literal]!;
        report.add(literalOwner[literal]!, offset + start, offset + end);
        this.#masker.add(start, end, maskKinds[literal]!);
      }
      if (more === 0) return { state, flood: false };
      seen += count;
      if (seen >= most) return { state, flood: true };
      engine.scanMore(policy.handle, this.epoch, this.flows.handle, this.table, row);
    }
  }

  #preview(slot: number, offset: number, masked: Uint8Array, firstStart: number, state: number): string {
    const { engine, flows, memory } = this;
    const end = offset + masked.length;
    let begin = Math.max(firstStart - PREVIEW_BEFORE, flows.hidden[slot]!);
    let head = new Uint8Array(0);
    if (begin < offset) {
      const wanted = Math.min(offset - begin, PREVIEW_BYTES);
      const have = engine.tailCopy(flows.handle, slot, begin, wanted, this.#scratch);
      begin += wanted - have;
      head = memory.bytes.slice(this.#scratch, this.#scratch + have);
      maskFrom(head, firstStart - begin);
    }
    const room = Math.min(PREVIEW_BYTES, end - begin);
    const text = new Uint8Array(room);
    text.set(head);
    const from = begin + head.length - offset;
    text.set(masked.subarray(from, from + room - head.length), head.length);
    maskFrom(text, end - engine.depth(this.policy.handle, state) - begin);
    return previewText(text);
  }

  /** Under a new policy: finds the masks that it would have left open, and hides the text that it has not judged. */
  #reopenMasks(slot: number): void {
    const { engine, flows, memory, policy } = this;
    const offset = flows.offset(slot);
    const n = engine.tailCopy(flows.handle, slot, offset - TAIL_BYTES, TAIL_BYTES, this.#scratch);
    this.#masker.begin(this.#scratch, n, new Uint8Array(n), 0, undefined);
    const { words } = memory;
    engine.scanBegin(policy.handle, 0, this.#scratch, n);
    for (let seen = 0; seen < mostHits(n); ) {
      const count = words[this.#status + 1]!;
      const more = words[this.#status + 2]!;
      seen += count;
      for (let i = 0; i < count; i++) {
        const literal = words[this.#hits + 2 * i]!;
        const end = words[this.#hits + 2 * i + 1]!;
        this.#masker.add(end - policy.lengths[literal]!, end, policy.maskKinds[literal]!);
      }
      if (more === 0) break;
      engine.scanOn();
    }
    const open = [...(this.#masker.finish() ?? []), ...(flows.masks[slot] ?? [])];
    flows.setMasks(slot, open.length === 0 ? undefined : open, false);
    flows.hidden[slot] = offset;
    flows.epoch[slot] = this.epoch;
  }

  #finish(slot: number, offset: number, index: number | undefined): void {
    const report = this.#report!;
    this.#report = undefined;
    const { counters, flows, reporter } = this;
    if (report.count > 0) {
      counters.findings += report.count;
      counters.findings_omitted += report.omitted;
      const verdict = this.#verdictOn(slot, offset);
      const facts = { bytesNotScanned: flows.lost[slot]!, verdict, payloadSha256: () => this.#hashTail(slot) };
      reporter.report(report, facts, this.now);
    }
    const verdict = report.verdict();
    if (index !== undefined && verdict !== undefined) this.#source.verdict(index, verdict);
  }

  /** What was done about the write that the byte at `offset` is of. */
  #verdictOn(slot: number, offset: number): BlockVerdict | undefined {
    const verdict = this.flows.verdicts[slot];
    if (verdict === undefined || offset < verdict.writeOffset) return undefined;
    return offset < verdict.writeOffset + verdict.writeLength ? verdict : undefined;
  }

  #hashTail(slot: number): string {
    const { engine, flows, memory } = this;
    const from = flows.offset(slot) - TAIL_BYTES;
    const n = engine.tailCopy(flows.handle, slot, from, TAIL_BYTES, this.#scratch);
    const digest = sha256(memory.bytes.slice(this.#scratch, this.#scratch + n));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  /** Decides what waits anywhere. */
  decideAll(): void {
    for (const slot of this.#detection?.slots ?? []) this.#leave(slot);
  }

  /** Decides what waits in flows without a byte since `before`, a time in milliseconds since the epoch. */
  settle(before: number): void {
    this.#detection?.decide(before, (slot, open) => this.#tell(slot, open));
  }

  /** A row of a flow whose bytes are decoded and judged. */
  #detect(detection: Detection, row: number): void {
    const { engine, flows, memory, policy } = this;
    const { words } = memory;
    const r = (this.table >>> 2) + row * ROW_WORDS;
    const pointer = words[r]!;
    const length = words[r + 1]!;
    const slot = words[r + 2]!;
    const wanted = memory.doubles[(this.table >>> 3) + row * ROW_DOUBLES + ROW_OFFSET_DOUBLE]!;
    if (wanted >= 0 && wanted !== flows.offset(slot)) this.#jump(row, slot);
    const open = detection.find(slot) ?? this.#openSession(detection, slot);
    const offset = flows.offset(slot);
    const verdict = flows.verdicts[slot];
    if (verdict?.writeOffset === offset) {
      // What came before the write that the kernel judged is not to be told together with it.
      open.session.decide();
      this.#tell(slot, open);
    }
    const { omitted, missed } = open.session;
    open.session.pushAt(pointer, length);
    if (open.session.omitted > omitted || open.session.missed > missed) {
      const { origin, time } = this.#source.facts(row);
      const undecoded = Math.min(open.session.missed - missed, length);
      if (undecoded > 0) this.#count(slot, { offset, bytes: undecoded, reason: 'undecoded', origin, time });
      else this.#count(slot, { offset, bytes: length, reason: 'flood', origin, time });
    }
    // A write that was stopped may have been the last one.
    const end = offset + length;
    if (verdict !== undefined && end === verdict.writeOffset + verdict.writeLength) open.session.decide();
    const { waits } = open.session;
    if (waits || open.hasNews || this.#report !== undefined) {
      const facts = this.#source.facts(row);
      open.origin = facts.origin;
      open.time = this.now;
      if (waits) detection.wait(slot);
      if (open.hasNews || this.#report !== undefined) this.#add(slot, open, facts, pointer, length);
    }
    if (!engine.flowCommit(flows.handle, slot, policy.handle, pointer, length)) this.counters.out_of_memory += 1;
    if (this.#report !== undefined && this.#source.facts(row).last) {
      this.#finish(slot, offset, this.#source.facts(row).chunk?.index);
    }
  }

  /** What the engine still has of the flow is looked at again: it may hold the beginning of something. */
  #openSession(detection: Detection, slot: number): FlowSession {
    const { engine, flows } = this;
    const offset = flows.offset(slot);
    const n = engine.tailCopy(flows.handle, slot, offset - TAIL_BYTES, TAIL_BYTES, this.#scratch);
    const open = detection.open(slot, offset - n, offset);
    if (n > 0) open.session.pushAt(this.#scratch, n);
    flows.epoch[slot] = this.epoch;
    return open;
  }

  /** Adds what has become certain to the report of the chunk that the row belongs to. */
  #add(slot: number, open: FlowSession, facts: RowFacts, pointer: number, length: number): void {
    const { flows, memory } = this;
    const offset = flows.offset(slot);
    this.#report ??= new Report(facts.origin, this.policy);
    const report = this.#report;
    const findings = open.take(offset - TAIL_BYTES);
    const { masks } = open;
    const before = report.count;
    for (const { rule, start, end, view } of findings) report.add(rule, start, end, view);
    const { chunk } = facts;
    if (chunk !== undefined && masks.length > 0) {
      const chunkStart = offset - chunk.pieceStart;
      if (fill(report.copy(chunk.data), chunkStart, masks)) report.masked = true;
    }
    if (before === 0 && report.count > 0 && this.reporter.wantsPreview(report, this.now)) {
      const row = memory.bytes.subarray(pointer, pointer + length);
      report.preview = this.#sessionPreview(slot, open, offset, row, report.firstStart);
    }
  }

  /** Text around a match: of the row, and of what the engine has kept of the flow before it. */
  #sessionPreview(slot: number, open: FlowSession, offset: number, row: Uint8Array, firstStart: number): string {
    const { engine, flows, memory } = this;
    const end = offset + row.length;
    let begin = Math.max(firstStart - PREVIEW_BEFORE, Math.min(flows.hidden[slot]!, firstStart), 0);
    let head = new Uint8Array(0);
    if (begin < offset) {
      const wanted = Math.min(offset - begin, PREVIEW_BYTES);
      const have = engine.tailCopy(flows.handle, slot, begin, wanted, this.#scratch);
      begin += wanted - have;
      head = memory.bytes.slice(this.#scratch, this.#scratch + have);
    }
    const text = new Uint8Array(Math.min(PREVIEW_BYTES, end - begin));
    text.set(head);
    const from = begin + head.length - offset;
    text.set(row.subarray(from, from + text.length - head.length), head.length);
    fill(text, begin, open.masks);
    maskFrom(text, open.base + open.session.undecided - begin);
    return previewText(text);
  }

  /** The flow goes: what waits in it is decided and reported. */
  #leave(slot: number): void {
    const open = this.#detection?.end(slot);
    if (open === undefined) return;
    this.#tell(slot, open);
    open.session.free();
  }

  /** Reports what has become certain without a row. */
  #tell(slot: number, open: FlowSession): void {
    if (!open.hasNews || open.origin === undefined) return;
    const offset = this.flows.offset(slot);
    const findings = open.take(offset - TAIL_BYTES);
    if (findings.length === 0) return;
    const report = new Report(open.origin, this.policy);
    for (const { rule, start, end, view } of findings) report.add(rule, start, end, view);
    if (this.reporter.wantsPreview(report, this.now)) {
      report.preview = this.#sessionPreview(slot, open, offset, NOTHING, report.firstStart);
    }
    const inWork = this.#report;
    this.#report = report;
    this.#finish(slot, offset - 1, undefined);
    this.#report = inWork;
  }

  #freePolicy(): void {
    if (this.#detection === undefined) this.policy.free();
    else this.#detection.free();
  }

  free(): void {
    this.#freePolicy();
    this.engine.release(this.#scratch);
  }
}

/** Masks what lies in `bytes`, the first of which is at `base`. Returns whether anything does. */
function fill(bytes: Uint8Array, base: number, masks: readonly Candidate[]): boolean {
  let any = false;
  for (const { masks: spans } of masks) {
    for (let i = 0; i < spans.length; i += 2) {
      const from = Math.max(spans[i]! - base, 0);
      const to = Math.min(spans[i + 1]! - base, bytes.length);
      if (from >= to) continue;
      bytes.fill(STAR, from, to);
      any = true;
    }
  }
  return any;
}
