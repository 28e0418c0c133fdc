/**
 * What the checks say while they run, one JSON object per line:
 *
 *   {"check":"…","ok":true,"value":"…","ms":12}        a row of the table; `detail` says what went wrong
 *   {"object":"…","program":"…","insns":1234,…}        what the verifier walked (guest/verifier_record.c)
 *   {"done":true}                                      nothing follows: a machine that falls silent before has crashed
 */
export interface CheckResult {
  readonly check: string;
  readonly ok: boolean;
  /** Shown in the table. */
  readonly value: string;
  readonly ms: number;
  readonly detail?: string;
}

export interface ProgramRecord {
  /** File name of the BPF object. */
  readonly object: string;
  readonly program: string;
  readonly loaded: boolean;
  /** Instructions walked, over all paths, and the kernel's limit for that. */
  readonly insns?: number;
  readonly limit?: number;
  /** Verifier states kept, over all paths. */
  readonly states?: number;
  /** Size of the log of the whole search, where that was asked for. */
  readonly logBytes?: number;
  readonly error?: string;
  readonly log?: string;
}

/** All that one kernel said. */
export interface Report {
  readonly kernel: string;
  readonly checks: CheckResult[];
  readonly programs: ProgramRecord[];
  done: boolean;
  seconds: number;
}

export const emptyReport = (kernel: string): Report => ({ kernel, checks: [], programs: [], done: false, seconds: 0 });

/** Adds a line to the report. Returns the result of a check if it was one; lines of any other kind are passed over. */
export function takeLine(report: Report, line: string): CheckResult | undefined {
  if (!line.startsWith('{')) return undefined;
  let said: Partial<CheckResult> & Partial<ProgramRecord> & { done?: boolean };
  try {
    said = JSON.parse(line) as typeof said;
  } catch {
    return undefined;
  }
  if (said.done === true) report.done = true;
  else if (said.object !== undefined) report.programs.push(said as ProgramRecord);
  else if (said.check !== undefined) {
    report.checks.push(said as CheckResult);
    return said as CheckResult;
  }
  return undefined;
}
