import type { Finding, Scanner } from '@spectral/core';
import { EXIT } from '../exit-codes.js';
import type { CommandStreams, Output } from '../output.js';
import { inputsOf } from './inputs.js';
import { byteLines } from './json-lines.js';
import type { ScanOptions } from './options.js';
import { counted } from './report.js';
import { shown } from './report-text.js';

/**
 * Answers every line of its inputs with one line:
 *
 *   {"id": …, "text": "…"}                     {"id": …, "findings": [{…}, …], "redacted": BASE64}
 *   {"id": …, "chunks": [BASE64, …]}           {"id": …, "error": "…"}                              a line that is none of these
 *
 * The chunks of a line are one flow, fed in order. Blank lines have no answer.
 */
export async function scanJsonl(
  scanner: Scanner,
  { paths }: ScanOptions,
  { stdin = process.stdin, stderr }: CommandStreams,
  output: Output,
): Promise<number> {
  let found = false;
  let malformed = 0;
  let unreadable = 0;
  const onError = (path: string, error: Error): void => {
    unreadable += 1;
    stderr.write(
      `spectral-mesh: ${shown(path)}: cannot read it: ${(error as NodeJS.ErrnoException).code ?? error.message}\n`,
    );
  };
  for await (const input of inputsOf(paths, { stdin, ignoreFiles: false, onError })) {
    try {
      for await (const line of byteLines(input.pieces())) {
        const read = line instanceof Uint8Array ? readLine(line) : { id: null, error: line.error };
        if (read === undefined) continue;
        if ('error' in read) malformed += 1;
        const answer = 'error' in read ? read : answerTo(scanner, read);
        if ('findings' in answer && answer.findings.length > 0) found = true;
        await output.write(`${JSON.stringify(answer)}\n`);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      onError(input.name, error as Error);
    }
  }
  if (malformed > 0) stderr.write(`spectral-mesh: ${counted(malformed, 'line')} not scanned; their answers say why\n`);
  if (malformed + unreadable > 0) return EXIT.INCOMPLETE;
  return found ? EXIT.FOUND : EXIT.OK;
}

interface Task {
  readonly id: unknown;
  readonly pieces: readonly Uint8Array[];
}

interface Refusal {
  readonly id: unknown;
  readonly error: string;
}

/** RFC 4648, padding optional. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** `undefined` for a blank line. Messages never repeat what the line holds. */
function readLine(line: Uint8Array): Task | Refusal | undefined {
  let value: { id?: unknown; text?: unknown; chunks?: unknown } | null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line);
    if (/^\s*$/.test(text)) return undefined;
    value = JSON.parse(text);
  } catch {
    return { id: null, error: 'not JSON in UTF-8' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { id: null, error: 'not a JSON object' };
  const { id = null, text, chunks } = value;
  if (typeof id === 'object' && id !== null) return { id: null, error: 'id: must be a string or a number' };
  if ((text === undefined) === (chunks === undefined)) return { id, error: 'needs either "text" or "chunks"' };
  if (text !== undefined) {
    return typeof text === 'string' ? { id, pieces: [Buffer.from(text)] } : { id, error: 'text: must be a string' };
  }
  const bad = Array.isArray(chunks) ? chunks.findIndex((item) => typeof item !== 'string' || !BASE64.test(item)) : -1;
  if (!Array.isArray(chunks)) return { id, error: 'chunks: must be an array' };
  if (bad >= 0) return { id, error: `chunks[${bad}]: must be base64` };
  return { id, pieces: chunks.map((item: string) => Buffer.from(item, 'base64')) };
}

function answerTo(scanner: Scanner, { id, pieces }: Task) {
  const redacted: Uint8Array[] = [];
  const session = scanner.open({ onRedacted: (bytes) => redacted.push(bytes) });
  const findings: Finding[] = [];
  for (const piece of pieces) for (const finding of session.push(piece)) findings.push(finding);
  for (const finding of session.end()) findings.push(finding);
  return {
    id,
    findings: findings.map(({ ruleId, severity, action, start, end, view = 'raw' }) => {
      return { rule_id: ruleId, severity, action, start, end, view };
    }),
    redacted: Buffer.concat(redacted).toString('base64'),
  };
}
