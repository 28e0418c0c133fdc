import type { Severity } from '@spectral/core';
import type { Output } from '../output.js';
import type { Located, LocatedDrop } from './located.js';
import type { Report } from './report.js';

/** Colours of the terminal (ECMA-48). */
const COLOURS: Readonly<Record<Severity, number>> = { critical: 31, high: 33, medium: 36, low: 2 };
const BOLD = 1;

/**
 * One finding on two lines:
 *
 *   src/app.ts:12:7: critical github-personal-token
 *       token: ****************************************
 */
export class TextReport implements Report {
  constructor(
    readonly output: Output,
    readonly colour: boolean,
    readonly explain: (finding: Located) => readonly string[],
  ) {}

  async begin(): Promise<void> {}

  async finding(finding: Located): Promise<void> {
    const { file, line, column, severity, ruleId, start, view = 'raw', preview } = finding;
    const place = placeOf(file, line, column, start);
    const decoded = view === 'raw' ? '' : ` (in ${view})`;
    const lines = [preview, ...this.explain(finding)].map((text) => `    ${text}\n`);
    const head = `${this.#paint(place, BOLD)}: ${this.#paint(severity, COLOURS[severity])} ${ruleId}${decoded}\n`;
    await this.output.write(head + lines.join(''));
  }

  async dropped({ file, line, column, ruleId, start, view, reason }: LocatedDrop): Promise<void> {
    const decoded = view === 'raw' ? '' : ` (in ${view})`;
    await this.output.write(
      `${this.#paint(placeOf(file, line, column, start), BOLD)}: no ${ruleId}${decoded}: ${reason}\n`,
    );
  }

  /** Standard error says it. */
  async error(): Promise<void> {}

  async end(): Promise<void> {}

  #paint(text: string, colour: number): string {
    return this.colour ? `\x1b[${colour}m${text}\x1b[0m` : text;
  }
}

function placeOf(file: string, line: number | undefined, column: number | undefined, start: number): string {
  return line === undefined ? `${shown(file)}: byte ${start}` : `${shown(file)}:${line}:${column}`;
}

/** A file's name without what could steer the terminal. */
export function shown(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
