import { pathToFileURL } from 'node:url';
import type { Policy, Severity } from '@spectral/core';
import { BUILD } from '../build-info.js';
import type { Output } from '../output.js';
import { STANDARD_INPUT } from './inputs.js';
import type { Located } from './located.js';
import { type Report, toJson } from './report.js';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

const LEVELS: Readonly<Record<Severity, string>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };
/** What code scanning sorts by: 9 to 10 critical, 7 to 8.9 high, 4 to 6.9 medium. */
const SCORES: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

/** SARIF 2.1.0 (OASIS), one run, its results written as they come. */
export class SarifReport implements Report {
  readonly #index: ReadonlyMap<string, number>;
  readonly #notifications: unknown[] = [];
  #count = 0;

  constructor(
    readonly output: Output,
    readonly policy: Policy,
  ) {
    this.#index = new Map(policy.rules.map(({ id }, index) => [id, index]));
  }

  begin(): Promise<void> {
    const rules = this.policy.rules.map(({ id, description, source, severity, tags = [] }) => ({
      id,
      shortDescription: { text: description ?? id },
      ...(source !== undefined && { helpUri: source }),
      defaultConfiguration: { level: LEVELS[severity] },
      properties: { 'security-severity': SCORES[severity], tags: ['security', ...tags] },
    }));
    const driver = { name: 'spectral-mesh', ...(BUILD.version && { version: BUILD.version }), rules };
    const head = `{"$schema":"${SCHEMA}","version":"2.1.0","runs":[{"tool":${JSON.stringify({ driver })},"results":[`;
    return this.output.write(head);
  }

  async finding(finding: Located): Promise<void> {
    const { file, ruleId, severity, start, end, line, hash } = finding;
    const { description = ruleId } = this.policy.rules[this.#index.get(ruleId)!]!;
    const region = { ...(line !== undefined && { startLine: line }), byteOffset: start, byteLength: end - start };
    const result = {
      ruleId,
      ruleIndex: this.#index.get(ruleId),
      level: LEVELS[severity],
      message: { text: description },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } }],
      partialFingerprints: { 'spectralValueHash/v1': hash },
      properties: { view: toJson(finding).view, preview: finding.preview },
    };
    await this.output.write(`${this.#count++ === 0 ? '\n' : ',\n'}${JSON.stringify(result)}`);
  }

  /** SARIF has no place for what is no result. */
  async dropped(): Promise<void> {}

  async error(file: string, message: string): Promise<void> {
    const location = { physicalLocation: { artifactLocation: { uri: uriOf(file) } } };
    this.#notifications.push({ level: 'error', message: { text: message }, locations: [location] });
  }

  async end(): Promise<void> {
    const invocations = [
      {
        executionSuccessful: this.#notifications.length === 0,
        ...(this.#notifications.length > 0 && { toolExecutionNotifications: this.#notifications }),
      },
    ];
    await this.output.write(`\n],"invocations":${JSON.stringify(invocations)}}]}\n`);
  }
}

/** A relative reference for a relative path (RFC 3986). */
function uriOf(file: string): string {
  if (file === STANDARD_INPUT) return 'stdin';
  if (file.startsWith('/')) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}
