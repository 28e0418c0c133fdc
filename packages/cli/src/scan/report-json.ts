import type { Output } from '../output.js';
import type { Located, LocatedDrop } from './located.js';
import { type Report, type Summary, toJson } from './report.js';

/** They come behind all findings, so they wait. */
const MOST_DROPPED = 10_000;

/**
 * One JSON document, written as it comes:
 *
 *   {"version": 1, "findings": [{…}, …], "dropped": [{…}, …] (with explanations), "errors": [{"file", "message"}, …], "summary": {…}}
 */
export class JsonReport implements Report {
  readonly #dropped: object[] = [];
  #moreDropped = 0;
  readonly #errors: { file: string; message: string }[] = [];
  #count = 0;

  constructor(
    readonly output: Output,
    readonly explain: (finding: Located) => readonly string[],
  ) {}

  begin(): Promise<void> {
    return this.output.write('{"version":1,"findings":[');
  }

  async finding(finding: Located): Promise<void> {
    const why = this.explain(finding);
    const item = JSON.stringify({ ...toJson(finding), ...(why.length > 0 && { explanation: why }) });
    await this.output.write(`${this.#count++ === 0 ? '\n' : ',\n'}${item}`);
  }

  async dropped({ file, ruleId, start, end, view, line, column, reason }: LocatedDrop): Promise<void> {
    const place = line === undefined ? {} : { line, column };
    if (this.#dropped.length >= MOST_DROPPED) this.#moreDropped += 1;
    else this.#dropped.push({ file, rule_id: ruleId, start, end, view, ...place, reason });
  }

  async error(file: string, message: string): Promise<void> {
    this.#errors.push({ file, message });
  }

  async end(summary: Summary): Promise<void> {
    const { files, bytes, findings, known, errors } = summary;
    const looked = { dropped: this.#dropped, dropped_not_listed: this.#moreDropped };
    const rest = {
      ...(this.#dropped.length > 0 && looked),
      errors: this.#errors,
      summary: { files, bytes, findings, known, errors },
    };
    await this.output.write(`\n],${JSON.stringify(rest).slice(1)}\n`);
  }
}
