import type { EbpfFeed } from '@spectral/capture-ebpf';
import {
  type Allowlist,
  type BlockSet,
  type BlockVerdict,
  compileBlockSet,
  type Enforcement,
  type Feed,
  type Policy,
  type Sensor,
} from '@spectral/core';
import type { BlockConfig } from './block-config.js';
import type { Log } from './log/log.js';
import type { Reloadable } from './reload.js';

/** The part of the kernel feed that carries out block rules. */
type Blocker = Pick<EbpfFeed, 'blockMode' | 'setBlockSet' | 'setExemptNames' | 'blockRule'>;

export function blockerAmong(feeds: readonly Feed[]): Blocker | undefined {
  return feeds.find((feed): feed is EbpfFeed => 'setBlockSet' in feed);
}

/** Names of processes that are never touched: those given by flag, and those that are not reported either. */
export function exemptNames({ allowComm }: BlockConfig, allowlist: Allowlist | undefined): readonly string[] {
  return [...allowComm, ...(allowlist?.commPrefixes ?? [])];
}

/** For alerts: what the feed has found this kernel to permit. Known once the feed has loaded its programs. */
export function enforcementBy(blocker: Blocker): Enforcement {
  return {
    get mode() {
      return blocker.blockMode;
    },
    get bpfBlockingEnabled() {
      return blocker.blockMode !== 'observe';
    },
  };
}

/** Fields of the log line about a write that held a literal of a block rule. */
export function verdictFields(verdict: BlockVerdict, blocker: Blocker): Record<string, unknown> {
  return {
    rule_id: verdict.matches > 0 ? blocker.blockRule(verdict.set, verdict.literal) : undefined,
    comm: verdict.comm,
    pid: verdict.pid,
    block_mode_wanted: verdict.wanted,
    block_mode_achieved: verdict.achieved,
    block_restraint: verdict.restraint === 'none' ? undefined : verdict.restraint,
    errno: verdict.error || undefined,
    match_offset: verdict.matches > 0 ? verdict.matchStart : undefined,
    matches: verdict.matches,
    write_offset: verdict.writeOffset,
    write_bytes: verdict.writeLength,
    bytes_left: verdict.matches > 0 ? verdict.bytesLeft : undefined,
    bytes_stopped: verdict.bytesStopped,
  };
}

/** Takes reloaded documents to the kernel as well: both sides, or neither. */
export class BlockingTarget implements Reloadable {
  constructor(
    private readonly sensor: Sensor,
    private readonly blocker: Blocker,
    private readonly config: BlockConfig,
    private readonly log: Log,
  ) {}

  /** @throws PolicyError, EngineError, CaptureError */
  async setPolicy(policy: Policy): Promise<void> {
    const before = this.sensor.policy;
    const set = await compileBlockSet(policy);
    this.blocker.setBlockSet(set);
    try {
      this.sensor.setPolicy(policy);
    } catch (error) {
      this.blocker.setBlockSet(await compileBlockSet(before));
      throw error;
    }
    this.describe(set);
  }

  setAllowlist(allowlist: Allowlist | undefined): void {
    this.sensor.setAllowlist(allowlist);
    this.blocker.setExemptNames(exemptNames(this.config, allowlist));
  }

  private describe({ ruleIds, observeOnly }: BlockSet): void {
    this.log.info('block_rules_reloaded', { rules: new Set(ruleIds).size, observe_only: observeOnly });
  }
}
