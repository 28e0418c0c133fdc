import type { CompiledPolicy } from '../policy/compiled.js';
import type { Action, ChunkMeta, Direction, Finding, Verdict } from '../types.js';

/** Most findings listed in one verdict; the rest is counted. */
export const MAX_FINDINGS = 1024;

/** Where a chunk came from. */
export interface Origin {
  readonly pid: number;
  readonly comm: string;
  readonly direction: Direction;
  readonly meta: readonly (ChunkMeta | undefined)[];
}

/** What was found in one chunk, gathered piece by piece. */
export class Report {
  readonly findings: Finding[] = [];
  count = 0;
  action: Action = 'observe';
  /** Least start of a match, in bytes since the flow began. */
  firstStart = Number.POSITIVE_INFINITY;
  /** Rules that matched, each once. */
  readonly rules: number[] = [];
  preview: string | undefined;
  /** Whether anything of the chunk's copy is masked. */
  masked = false;
  #copy: Uint8Array | undefined;
  readonly #seen = new Set<number>();

  constructor(
    readonly origin: Origin,
    readonly policy: CompiledPolicy,
  ) {}

  add(rule: number, start: number, end: number, view?: string): void {
    this.count += 1;
    if (start < this.firstStart) this.firstStart = start;
    if (!this.#seen.has(rule)) {
      this.#seen.add(rule);
      this.rules.push(rule);
      if (this.policy.isStronger(rule, this.action)) this.action = this.policy.rules[rule]!.action;
    }
    if (this.findings.length < MAX_FINDINGS) {
      const { id, severity, action } = this.policy.rules[rule]!;
      this.findings.push({ ruleId: id, severity, action, start, end, ...(view !== undefined && { view }) });
    }
  }

  /** Findings that are not listed. */
  get omitted(): number {
    return this.count - this.findings.length;
  }

  /** The copy of the chunk that is to be masked; `data` is the whole chunk. */
  copy(data: Uint8Array): Uint8Array {
    this.#copy ??= new Uint8Array(data);
    return this.#copy;
  }

  /** `undefined`: nothing was found and nothing masked. */
  verdict(): Verdict | undefined {
    const { findings, action, omitted } = this;
    if (this.count === 0 && !this.masked) return undefined;
    findings.sort((a, b) => a.start - b.start || a.end - b.end || (a.ruleId < b.ruleId ? -1 : 1));
    return {
      findings,
      action,
      ...(this.masked && this.#copy ? { redacted: this.#copy } : {}),
      ...(omitted > 0 ? { omitted } : {}),
    };
  }
}
