import type { Explained, Finding, Scanner } from '@spectral/core';
import type { ValueHash } from './baseline.js';
import type { Input } from './inputs.js';
import { Lines } from './lines.js';
import { Tail } from './tail.js';

/** A finding with what a reader needs to look at it. Holds no byte of what was found. */
export interface Located extends Finding {
  readonly file: string;
  /** From 1; absent for a finding that is reported long after its line. */
  readonly line?: number;
  /** From 1, in bytes. */
  readonly column?: number;
  /** The part of the line that it is on, masked. */
  readonly preview: string;
  /** Keyed hash of rule and value. */
  readonly hash: string;
}

/** The same for something that looked like a finding. */
export interface LocatedDrop extends Explained {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Bytes before and behind a finding in its preview. */
const PREVIEW_BEFORE = 40;
const PREVIEW_BEHIND = 40;
const PREVIEW_BYTES = 160;
/** Of the raw and the masked text; what is found later than that has neither preview nor a hash of all of it. */
const TAIL_BYTES = 256 * 1024;

/**
 * Scans one input. Memory is bounded, whatever its length.
 * @param onPiece told the size of every piece
 * @param onUndecoded told, at the end, how many bytes of compressed streams in it were not looked into, if any
 */
export async function* locate(
  scanner: Scanner,
  input: Input,
  hash: ValueHash,
  onPiece: (bytes: number) => void,
  onUndecoded: (bytes: number) => void,
): AsyncGenerator<Located | LocatedDrop> {
  const raw = new Tail(TAIL_BYTES);
  const masked = new Tail(TAIL_BYTES);
  const lines = new Lines();
  const session = scanner.open({ onRedacted: (bytes) => masked.push(bytes) });
  let waiting: Finding[] = [];
  const located = (finding: Finding): Located => {
    const { ruleId, start, end } = finding;
    const preview = previewOf(masked, start, end);
    return { ...finding, file: input.name, ...lines.at(start), preview, hash: hash(ruleId, raw.slice(start, end)) };
  };
  const drop = (dropped: Explained): LocatedDrop => ({ ...dropped, file: input.name, ...lines.at(dropped.start) });
  for await (const piece of input.pieces()) {
    raw.push(piece);
    lines.push(piece);
    onPiece(piece.length);
    for (const finding of session.push(piece)) waiting.push(finding);
    yield* session.dropped().map(drop);
    if (waiting.length === 0) continue;
    // A finding can be shown once the masked text behind it is there.
    const isReady = ({ end }: Finding) => end + PREVIEW_BEHIND <= masked.end;
    yield* waiting.filter(isReady).map(located);
    waiting = waiting.filter((finding) => !isReady(finding));
  }
  const rest = session.end();
  yield* session.dropped().map(drop);
  yield* [...waiting, ...rest].map(located);
  if (session.undecoded > 0) onUndecoded(session.undecoded);
}

const decoder = new TextDecoder();
const NEWLINE = 0x0a;

function previewOf(masked: Tail, start: number, end: number): string {
  const before = masked.slice(start - PREVIEW_BEFORE, start);
  const behind = masked.slice(start, Math.min(end + PREVIEW_BEHIND, start + PREVIEW_BYTES));
  const from = before.lastIndexOf(NEWLINE) + 1;
  const to = behind.indexOf(NEWLINE);
  const text = decoder.decode(before.slice(from)) + decoder.decode(behind.slice(0, to < 0 ? behind.length : to));
  // Nothing of a file may steer the terminal: control characters, also those of C1, and marks that reorder text.
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/gu, '.').trim();
}
