import {
  createScanner,
  definePolicy,
  type Finding,
  type Rule,
  type Scanner,
  type ScannerOptions,
} from '@spectral/core';

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Made-up secrets, of the shape that the rules below look for. */
export const KEY = 'sk-test-Abc0123456789Zyx9876543210';
export const CARD = '4111 1111 1111 1111';

const common = { severity: 'high', action: 'observe' } as const;

export const RULES: readonly Rule[] = [
  { ...common, id: 'key', literals: ['sk-test-'], regex: 'sk-test-[A-Za-z0-9_-]{20,200}' },
  { ...common, id: 'card', anchor: 'digits', regex: '\\b[0-9]{4}(?:[ -]?[0-9]{4}){3}\\b', validators: ['card'] },
  {
    ...common,
    id: 'assignment',
    literals: ['password', 'passwd'],
    ignoreCase: true,
    severity: 'low',
    generic: true,
    regex: '(?i)passw(?:or)?d["\'\\\\]*\\s*[:=]\\s*["\'\\\\]*([^\\s"\'\\\\,;&<>]{6,64})',
  },
  {
    ...common,
    id: 'context',
    literals: ['id-'],
    regex: 'id-([0-9]{6})(?:[^0-9]|$)',
    words: { any: ['passport'], within: 40, side: 'around' },
  },
  { ...common, id: 'mail', anchor: 'at', regex: '[a-z0-9.]{1,32}@[a-z0-9-]{1,32}(?:\\.[a-z]{2,10})+' },
  { ...common, id: 'block', literals: ['-----BEGIN TEST KEY-----'] },
];

export function scannerOf(rules: readonly Rule[] = RULES, options?: ScannerOptions): Promise<Scanner> {
  return createScanner(definePolicy(rules, 'test', 3), options);
}

/** The pieces of `bytes` between the cuts, each taken modulo what is left. */
export function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const borders = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return borders.slice(1).map((to, i) => bytes.slice(borders[i]!, to));
}

export function inPieces(
  scanner: Scanner,
  parts: readonly Uint8Array[],
): { findings: Finding[]; redacted: Uint8Array } {
  const out: Uint8Array[] = [];
  const session = scanner.open({ onRedacted: (bytes) => out.push(bytes) });
  const findings = parts.flatMap((part) => session.push(part));
  findings.push(...session.end());
  return { findings, redacted: Buffer.concat(out) };
}

/** Rules, spans and views, for comparison. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ ruleId, start, end, view }) => `${ruleId} ${start}-${end} ${view}`);
}
