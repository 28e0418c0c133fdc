import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { readDocument } from '../document.js';
import { CliError } from '../errors.js';

/** Keyed hash of a rule's id and a value, in hex. */
export type ValueHash = (ruleId: string, value: Uint8Array) => string;

const KEY_BYTES = 32;
const HASH_BYTES = 16;
/** Key of baselines that is not to stand in them: whoever has it can try guesses. */
const KEY_VARIABLE = 'SPECTRAL_BASELINE_KEY';

export const KEY_HELP = [
  KEY_VARIABLE,
  'secret that keys the hashes of a baseline; without it the key stands in the file',
] as const;

/** HMAC-SHA256 (RFC 2104), cut to 128 bits. */
function hashWith(key: Uint8Array | string): ValueHash {
  return (ruleId, value) =>
    createHmac('sha256', key).update(`${ruleId}\0`).update(value).digest().subarray(0, HASH_BYTES).toString('hex');
}

/**
 * Findings that are known and accepted, as hashes.
 *
 *   {"version": 1, "key": HEX | null, "findings": [{"rule_id", "file", "hash"}, …]}
 *
 * Rule and hash identify a finding; `file` is for readers. `key` is null where the environment has it.
 */
export class Baseline {
  readonly hash: ValueHash;
  readonly #known = new Set<string>();
  readonly #added = new Map<string, { rule_id: string; file: string; hash: string }>();

  private constructor(
    readonly key: string | null,
    env: NodeJS.ProcessEnv,
  ) {
    this.hash = hashWith(key === null ? env[KEY_VARIABLE]! : Buffer.from(key, 'hex'));
  }

  static create(env: NodeJS.ProcessEnv): Baseline {
    return new Baseline(env[KEY_VARIABLE] ? null : randomBytes(KEY_BYTES).toString('hex'), env);
  }

  /** @throws CliError `CONFIG_FILE` */
  static async read(path: string, env: NodeJS.ProcessEnv): Promise<Baseline> {
    const refuse = (why: string) => new CliError('CONFIG_FILE', `flag -baseline: ${path}: ${why}`);
    const bytes = await readDocument('flag -baseline', path);
    let document: { version?: unknown; key?: unknown; findings?: unknown } | null;
    try {
      document = JSON.parse(Buffer.from(bytes).toString());
    } catch {
      throw refuse('not valid JSON; write it again with -write-baseline');
    }
    const { version, key, findings } = document ?? {};
    if (version !== 1 || !Array.isArray(findings)) throw refuse('not a baseline of version 1');
    if (key === null && !env[KEY_VARIABLE]) throw refuse(`its key is not in the file; set ${KEY_VARIABLE}`);
    if (key !== null && !(typeof key === 'string' && /^[0-9a-f]{64}$/.test(key))) throw refuse('its key is damaged');
    const baseline = new Baseline(key, env);
    for (const entry of findings as readonly ({ rule_id?: unknown; hash?: unknown } | null)[]) {
      if (typeof entry?.rule_id !== 'string' || typeof entry.hash !== 'string') throw refuse('an entry is damaged');
      baseline.#known.add(`${entry.rule_id}\0${entry.hash}`);
    }
    return baseline;
  }

  has({ ruleId, hash }: { readonly ruleId: string; readonly hash: string }): boolean {
    return this.#known.has(`${ruleId}\0${hash}`);
  }

  add({ ruleId, file, hash }: { readonly ruleId: string; readonly file: string; readonly hash: string }): void {
    const id = `${ruleId}\0${hash}`;
    if (!this.#added.has(id)) this.#added.set(id, { rule_id: ruleId, file, hash });
  }

  /** Writes what was added, in an order that does not depend on that of the scan. @throws CliError `CONFIG_FILE` */
  async write(path: string): Promise<number> {
    const idOf = (entry: { rule_id: string; file: string; hash: string }) =>
      `${entry.file}\0${entry.rule_id}\0${entry.hash}`;
    const findings = [...this.#added.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    try {
      await writeFile(path, `${JSON.stringify({ version: 1, key: this.key, findings }, null, 2)}\n`, { mode: 0o600 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CliError('CONFIG_FILE', `flag -write-baseline: cannot write ${path}: ${code}`);
    }
    return findings.length;
  }
}
