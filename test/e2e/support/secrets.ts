import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

let made = 0;

/** A secret that was never one: unlike every other of this run, and marked as a sample. */
export function sampleSecret(): string {
  made += 1;
  const noise = createHash('sha256').update(`${process.pid} ${made} ${Date.now()}`).digest('hex').slice(0, 24);
  return `SPECTRALSAMPLE${noise}`;
}

export interface SampleRule {
  readonly id: string;
  readonly pattern: string;
  readonly severity?: string;
  readonly action?: string;
}

/** Writes a policy file of these rules. */
export function writePolicy(path: string, rules: readonly SampleRule[]): string {
  const complete = rules.map((rule) => ({ severity: 'high', action: 'observe', ...rule }));
  writeFileSync(path, JSON.stringify({ schema_version: 2, rules: complete }));
  return path;
}

/** Forms in which a secret might get out: as it is, in hexadecimal, in base64 at each of its three phases. */
export function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const phases = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends depend on their neighbours.
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return [secret, bytes.toString('hex'), [...secret].reverse().join(''), encodeURIComponent(secret), ...phases];
}
