import type { Located, LocatedDrop } from './located.js';

/** What a scan came to. */
export interface Summary {
  files: number;
  bytes: number;
  findings: number;
  filesWithFindings: number;
  /** Findings that the baseline lists. */
  known: number;
  /** Inputs that could not be read. */
  errors: number;
}

/** One way to write a report on standard output, piece by piece. */
export interface Report {
  begin(): Promise<void>;
  finding(finding: Located): Promise<void>;
  /** Something that looked like a finding; only where explanations are wanted. */
  dropped(dropped: LocatedDrop): Promise<void>;
  error(file: string, message: string): Promise<void>;
  end(summary: Summary): Promise<void>;
}

/** The fields of a finding in JSON. */
export function toJson(finding: Located) {
  const { file, ruleId, severity, action, start, end, view = 'raw', line, column, preview, hash } = finding;
  return {
    file,
    rule_id: ruleId,
    severity,
    action,
    start,
    end,
    view,
    ...(line !== undefined && { line, column }),
    preview,
    hash,
  };
}

/** `3 files`, `1 file` */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${(bytes / 1000 ** power).toFixed(1)} ${['', 'kB', 'MB', 'GB', 'TB'][power]}`;
}
