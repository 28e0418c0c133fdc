import { readFileSync } from 'node:fs';
import type { BlockSet, EnforcementMode } from '@spectral/core';
import { type Addon, type Capture, type CaptureOptions, openCapture } from './addon.js';
import { CaptureError } from './errors.js';
import type { FeedLog } from './events.js';

/** Gentlest first: the order in which `auto` tries them. */
export const BLOCK_MODES = ['redact', 'deny', 'kill'] as const;
/** A way of blocking. */
export type BlockMode = (typeof BLOCK_MODES)[number];

/** How block rules are carried out. See docs/BLOCKING.md for what each mode does to a program. */
export interface BlockOptions {
  /** `auto`: the gentlest that this kernel permits, and kill where a mask cannot be written. */
  readonly mode: 'auto' | BlockMode;
  /** Literals that block. */
  readonly set: BlockSet;
  /** Says what would be done, and does nothing. Default false. */
  readonly dryRun?: boolean;
  /** Kills that may be saved up, and are earned in a minute; beyond them writes are only reported. 0: no limit. Default 10. */
  readonly killsPerMinute?: number;
  /** Stops writes that cannot be looked through to their end, too: by denial in mode deny, else by ending the process. Default false. */
  readonly failClosed?: boolean;
  /** Processes whose names begin so are never touched, beside those of `NEVER_TOUCHED`. */
  readonly exemptNames?: readonly string[];
}

/** Names, by prefix, of processes without which nobody gets into a host any more. PID 1 is never touched either. */
export const NEVER_TOUCHED: readonly string[] = ['sshd', 'systemd', '(sd-', 'dbus', 'spectral-mesh'];

/** Numbers of `enum spectral_mode` in bpf/spectral.h. */
export const MODE_NUMBERS: Readonly<Record<EnforcementMode, number>> = { observe: 0, redact: 1, deny: 2, kill: 3 };

const MINUTE_NS = 60e9;
const MOST_ANCESTORS = 64;
/** Block sets remembered, so that records on their way find the rules' names. */
const SETS_REMEMBERED = 8;

/** What blocking adds to the options of a capture. */
type Added = 'mode' | 'dryRun' | 'orKill' | 'failClosed' | 'killIntervalNs' | 'killBurstNs';
type Settings = Omit<CaptureOptions, Added | 'maySleep'>;

/** Of a capture that only watches. */
export const WATCHING: Pick<CaptureOptions, Added> = {
  mode: 0,
  dryRun: 0,
  orKill: 0,
  failClosed: 0,
  killIntervalNs: 0,
  killBurstNs: 0,
};

/** Parent, grandparent and so on: killing one of them might end the sensor. */
function ancestorsOf(pid: number, procRoot: string): number[] {
  const found: number[] = [];
  for (let at = pid; at > 1 && found.length < MOST_ANCESTORS; ) {
    let status: string;
    try {
      status = readFileSync(`${procRoot}/${at}/status`, 'utf8');
    } catch {
      break;
    }
    at = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    if (at > 1) found.push(at);
  }
  return found;
}

/** The last thing that the verifier said, which names what it refuses. */
function refusalOf(error: unknown): string {
  const { message, detail = '' } = error as Error & { detail?: string };
  const said = detail.split('\n').map((line) => line.trim());
  const reason = /not allowed|cannot use|unknown func|invalid bpf_context|program of this type/;
  return said.filter((line) => reason.test(line)).at(-1) ?? message;
}

/** Loads a capture that blocks, and hands it what it blocks by. */
export class Blocking {
  /** Valid once `open` has returned. */
  mode: EnforcementMode = 'observe';
  #capture: Capture | undefined;
  #epoch = 0;
  #rules = 0;
  readonly #sets = new Map<number, BlockSet>();

  constructor(
    readonly options: BlockOptions,
    readonly log: FeedLog,
  ) {}

  get active(): boolean {
    return this.#capture !== undefined;
  }

  /** Rules that the kernel carries out. */
  get rules(): number {
    return this.#rules;
  }

  /**
   * Loads every mode that may be used, and keeps the gentlest that the kernel takes.
   * @throws CaptureError `EBLOCKMODE`: none; `EBLOCKSET`: the literals do not fit
   */
  open(addon: Addon, settings: Settings, onReady: () => void, procRoot: string): Capture {
    const { mode, dryRun = false, exemptNames = [] } = this.options;
    const refused: Partial<Record<BlockMode, string>> = {};
    const possible: BlockMode[] = [];
    let chosen: Capture | undefined;
    for (const candidate of mode === 'auto' ? BLOCK_MODES : [mode]) {
      const capture = this.#load(addon, settings, onReady, candidate, refused);
      if (capture === undefined) continue;
      possible.push(candidate);
      if (chosen === undefined) chosen = capture;
      else capture.close();
    }
    this.log({ event: 'block_modes', level: 'info', fields: { wanted: mode, possible, refused } });
    if (chosen === undefined) {
      const why = Object.entries(refused).map(([name, reason]) => `${name}: ${reason}`);
      throw new CaptureError(
        'EBLOCKMODE',
        `this kernel does not permit ${mode === 'auto' ? 'any way of blocking' : `the block mode ${mode}`} (${why.join('; ')}); ` +
          'choose another -block-mode, or auto, or leave out -enable-bpf-blocking',
      );
    }
    this.mode = possible[0]!;
    this.#capture = chosen;
    try {
      chosen.setExemptNames([...NEVER_TOUCHED, ...exemptNames]);
      for (const pid of ancestorsOf(settings.ownPid, procRoot)) chosen.exemptProcess(pid);
      this.setBlockSet(this.options.set);
    } catch (error) {
      this.#capture = undefined;
      chosen.close();
      throw error;
    }
    const { failClosed = false, set } = this.options;
    const held = { dry_run: dryRun, fail_closed: failClosed };
    const fields = { mode: this.mode, ...held, rules: this.#rules, observe_only: set.observeOnly };
    this.log({ event: 'blocking_active', level: 'info', fields });
    return chosen;
  }

  #load(
    addon: Addon,
    settings: Settings,
    onReady: () => void,
    mode: BlockMode,
    refused: Partial<Record<BlockMode, string>>,
  ): Capture | undefined {
    const { dryRun = false, failClosed = false, killsPerMinute = 10 } = this.options;
    const interval = killsPerMinute === 0 ? 0 : Math.ceil(MINUTE_NS / killsPerMinute);
    const options = {
      ...settings,
      mode: MODE_NUMBERS[mode],
      dryRun: dryRun ? 1 : 0,
      orKill: this.options.mode === 'auto' ? 1 : 0,
      failClosed: failClosed ? 1 : 0,
      killIntervalNs: interval,
      killBurstNs: interval * Math.max(killsPerMinute - 1, 0),
    };
    try {
      return openCapture(addon, options, onReady, this.log);
    } catch (error) {
      refused[mode] = refusalOf(error);
      return undefined;
    }
  }

  /**
   * Blocks by other literals from the next write on. Writes under way end with the ones they began with.
   * @throws CaptureError `EBLOCKSET`: they do not fit; those before stay in force
   */
  setBlockSet(set: BlockSet): void {
    const epoch = this.#epoch + 1;
    try {
      this.#capture?.setAutomaton(set.automaton, epoch);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const what = `the literals of ${new Set(set.ruleIds).size} block rules cannot be handed to the kernel: ${message}`;
      const remedy = code === 'E2BIG' ? '; let fewer rules block, or shorten their literals' : '';
      throw new CaptureError('EBLOCKSET', `${what}${remedy}`, '', { cause: error });
    }
    this.#epoch = epoch;
    this.#sets.set(epoch, set);
    for (const old of this.#sets.keys()) if (old <= epoch - SETS_REMEMBERED) this.#sets.delete(old);
    this.#rules = new Set(set.ruleIds).size;
  }

  /** Replaces `exemptNames`. */
  setExemptNames(names: readonly string[]): void {
    this.#capture?.setExemptNames([...NEVER_TOUCHED, ...names]);
  }

  /** Id of the rule of a literal of a set. */
  ruleOf(set: number, literal: number): string | undefined {
    return this.#sets.get(set)?.ruleIds[literal];
  }

  close(): void {
    this.#capture = undefined;
  }
}
