import { type Allowlist, type Policy, parseAllowlist } from '@spectral/core';
import type { MeshConfig } from './config.js';
import { readDocument } from './document.js';
import { messageOf } from './errors.js';
import type { Log } from './log/log.js';
import { loadPolicy } from './policy/load.js';

/** The documents that a reload rereads. */
export interface Documents {
  readonly policy: Policy;
  readonly allowlist: Allowlist | undefined;
}

type Files = Pick<MeshConfig, 'policyFile' | 'packs' | 'allowlistFile'>;

/** @throws CliError, PolicyError, AllowlistError */
export async function readDocuments({ policyFile, packs, allowlistFile }: Files): Promise<Documents> {
  return {
    policy: await loadPolicy({ policyFile, packs }),
    allowlist:
      allowlistFile === undefined
        ? undefined
        : parseAllowlist(await readDocument('flag -allowlist', allowlistFile), `flag -allowlist: ${allowlistFile}`),
  };
}

/** What a running sensor takes anew. */
export interface Reloadable {
  setPolicy(policy: Policy): void | Promise<void>;
  setAllowlist(allowlist: Allowlist | undefined): void;
}

/**
 * Rereads policy and allowlist on request, both or none: any error leaves both as they were. One reload runs at a time;
 * requests that come meanwhile are answered by one more.
 */
export class Reloader {
  reloads = 0;
  errors = 0;
  private running: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly files: Files,
    private readonly target: Reloadable,
    private readonly log: Log,
  ) {}

  /** Resolves when the files as they are now have been tried. Never rejects. */
  request(): Promise<void> {
    if (this.running === undefined) {
      this.running = this.run();
    } else {
      this.again = true;
    }
    return this.running;
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      await this.once();
    } while (this.again);
    this.running = undefined;
  }

  private async once(): Promise<void> {
    const { policyFile, allowlistFile } = this.files;
    if (policyFile === undefined && allowlistFile === undefined) {
      this.log.info('policy_reload_skipped', { reason: 'neither -policy nor -allowlist names a file' });
      return;
    }
    try {
      const { policy, allowlist } = await readDocuments(this.files);
      await this.target.setPolicy(policy);
      this.target.setAllowlist(allowlist);
      this.reloads++;
      this.log.info('policy_reloaded', { ...describe(policy), policy_file: policyFile, allowlist_file: allowlistFile });
    } catch (error) {
      this.errors++;
      this.log.error('policy_reload_failed', { error: messageOf(error), kept: 'the documents read before' });
    }
  }
}

/** Facts about a policy for log lines: how many rules, never what they look for. */
export function describe(policy: Policy): { rules: number; rules_block: number; policy_schema_version: number } {
  return {
    rules: policy.rules.length,
    rules_block: policy.rules.filter(({ action }) => action === 'block').length,
    policy_schema_version: policy.schemaVersion,
  };
}
