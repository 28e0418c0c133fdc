import type { Output } from '../output.js';
import type { Located } from './located.js';
import { type Report, type Summary, toJson } from './report.js';

/**
 * One JSON document, written as it comes:
 *
 *   {"version": 1, "findings": [{…}, …], "errors": [{"file", "message"}, …], "summary": {…}}
 */
export class JsonReport implements Report {
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

  async error(file: string, message: string): Promise<void> {
    this.#errors.push({ file, message });
  }

  async end(summary: Summary): Promise<void> {
    const { files, bytes, findings, known, errors } = summary;
    const rest = { errors: this.#errors, summary: { files, bytes, findings, known, errors } };
    await this.output.write(`\n],${JSON.stringify(rest).slice(1)}\n`);
  }
}
