import { readlinkSync } from 'node:fs';
import type { BlockSet, ChunkHandler, EnforcementMode, Feed } from '@spectral/core';
import { type Addon, type Capture, type KernelCounters, loadAddon, objectPath, openCapture } from './addon.js';
import { Blocking, type BlockOptions, WATCHING } from './blocking.js';
import { Discovery } from './discovery/discovery.js';
import { CaptureError } from './errors.js';
import type { FeedLog } from './events.js';
import { explainLoadFailure, preflight, requireProbes } from './preflight.js';
import { Targets } from './targets.js';

/** Options of `createEbpfFeed`. */
export interface EbpfFeedOptions {
  /** Ring buffer size in bytes: a power of two of at least 64 KiB; 0 or nothing: 16 MiB. */
  readonly ringBytes?: number;
  /** Bytes captured of one write, at most 4 MiB (128 KiB on kernels before 5.17); what is longer is reported. */
  readonly writeCapBytes?: number;
  /** Where the host's /proc is mounted. Default /proc. */
  readonly procRoot?: string;
  /** Milliseconds between scans of all processes, the net below the live watch. Default 10,000. */
  readonly rescanMs?: number;
  /** `system`: whatever is installed or mapped. Or just these files. Default `system`. */
  readonly targets?: 'system' | readonly string[];
  readonly log?: FeedLog;
  /** Block rules are carried out. Without it the feed only watches. */
  readonly block?: BlockOptions;
}

/** The kernel feed. */
export interface EbpfFeed extends Feed {
  /** How block rules are carried out; `observe` before the feed has started, and without `block`. */
  readonly blockMode: EnforcementMode;
  /**
   * Blocks by other literals from the next write on. Ignored without `block`.
   * @throws CaptureError `EBLOCKSET`: they do not fit; those before stay in force
   */
  setBlockSet(set: BlockSet): void;
  /** Replaces `block.exemptNames`. */
  setExemptNames(names: readonly string[]): void;
  /** Id of the rule of a literal, as a `BlockVerdict` names it; nothing if the set is long gone. */
  blockRule(set: number, literal: number): string | undefined;
}

const DEFAULT_RING = 16 << 20;
const SMALLEST_RING = 64 << 10;
const LARGEST_RING = 1 << 30;
const LARGEST_WRITE = 4 << 20;
const LARGEST_WRITE_UNROLLED = 128 << 10;

/** Batches handled in one turn of the event loop, so that HTTP requests and signals get theirs. */
const BATCHES_PER_TURN = 16;
/** Batches delivered at the end; nothing new arrives then, so a full ring fits many times. */
const BATCHES_AT_END = 100_000;

/** Copied into alerts. */
const META = { feed: 'ebpf' } as const;

const NO_COUNTERS: KernelCounters = {
  records: 0,
  bytes: 0,
  reserveDrops: 0,
  ringFullBytes: 0,
  faultBytes: 0,
  truncatedBytes: 0,
  sendfileBytes: 0,
  untrackedBytes: 0,
  redactedWrites: 0,
  deniedWrites: 0,
  killedWrites: 0,
  restrainedWrites: 0,
  failedWrites: 0,
  unreadWrites: 0,
  verdictsLost: 0,
  forgottenConnections: 0,
};

function checkNumber(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new CaptureError('EOPTION', `${name} must be a whole number from ${least} to ${most}, not ${value}`);
  return value;
}

function checkRing(bytes: number): number {
  const value = bytes === 0 ? DEFAULT_RING : bytes;
  if (!Number.isInteger(value) || value < SMALLEST_RING || value > LARGEST_RING || (value & (value - 1)) !== 0)
    throw new CaptureError(
      'ERINGSIZE',
      `ring buffer size must be a power of two from ${SMALLEST_RING} to ${LARGEST_RING} bytes, not ${bytes}`,
    );
  return value;
}

/** The sensor's own process as the host's kernel numbers it: what it sends itself is not captured. */
function ownPid(procRoot: string): number {
  try {
    return Number(readlinkSync(`${procRoot}/self`)) || 0;
  } catch {
    return 0;
  }
}

class KernelFeed implements EbpfFeed {
  readonly name = 'ebpf';
  readonly #options: Required<Omit<EbpfFeedOptions, 'block'>>;
  readonly #blocking: Blocking | undefined;
  #capture: Capture | undefined;
  #targets: Targets | undefined;
  #discovery: Discovery | undefined;
  #handler: ChunkHandler | undefined;
  #lastKernel = NO_COUNTERS;
  #forget = () => {};
  #readErrors = 0;
  #handlerErrors = 0;
  #lossTimer: NodeJS.Timeout | undefined;

  constructor(options: EbpfFeedOptions) {
    this.#options = {
      ringBytes: checkRing(options.ringBytes ?? 0),
      writeCapBytes: checkNumber('writeCapBytes', options.writeCapBytes ?? LARGEST_WRITE, 1, LARGEST_WRITE),
      procRoot: options.procRoot ?? '/proc',
      rescanMs: checkNumber('rescanMs', options.rescanMs ?? 10_000, 100, 86_400_000),
      targets: options.targets ?? 'system',
      log: options.log ?? (() => {}),
    };
    if (options.block) this.#blocking = new Blocking(options.block, this.#options.log);
  }

  async start(handler: ChunkHandler, signal: AbortSignal): Promise<void> {
    const { targets, procRoot, rescanMs, log } = this.#options;
    preflight();
    const addon = loadAddon();
    addon.forbidCoreDumps();
    this.#handler = handler;
    this.#capture = this.#open(addon);
    this.#targets = new Targets(addon, this.#capture, log, this.blockMode === 'deny');
    const abort = () => void this.stop();
    signal.addEventListener('abort', abort, { once: true });
    this.#forget = () => signal.removeEventListener('abort', abort);
    if (targets === 'system') {
      // This program is a target like any other, and shows whether the kernel lets this user probe at all.
      this.#targets.consider(process.execPath);
      requireProbes(this.#targets);
      this.#discovery = new Discovery(addon, this.#targets, procRoot, rescanMs, log);
      await this.#discovery.start();
    } else for (const path of targets) this.#targets.consider(path, path, true);
    requireProbes(this.#targets);
    this.#watchLosses();
    log({ event: 'capture_active', level: 'info', fields: { targets: this.#targets.size } });
  }

  #open(addon: Addon): Capture {
    const { ringBytes, writeCapBytes, procRoot, log } = this.#options;
    const loop = addon.hasLoopHelper();
    const writeCap = loop ? writeCapBytes : Math.min(writeCapBytes, LARGEST_WRITE_UNROLLED);
    try {
      const object = objectPath(loop ? 'loop' : 'unrolled');
      const settings = { object, cookies: loop, ringBytes, writeCap, wakeBytes: 0, ownPid: ownPid(procRoot) };
      const onReady = () => this.#pump();
      const capture = this.#blocking
        ? this.#blocking.open(addon, settings, onReady, procRoot)
        : openCapture(addon, { ...settings, ...WATCHING }, onReady, log);
      const fields = { variant: loop ? 'loop' : 'unrolled', ring_bytes: ringBytes, write_cap_bytes: writeCap };
      log({ event: 'bpf_loaded', level: 'info', fields });
      return capture;
    } catch (error) {
      throw error instanceof CaptureError ? error : explainLoadFailure(error);
    }
  }

  /** Moves one batch from the ring to the sensor. Returns the number of records. */
  #batch(capture: Capture, handler: ChunkHandler): number {
    let count = 0;
    try {
      const { memory, table, rows, data, dataBytes } = handler.batch;
      count = capture.drain(memory, table, rows, data, dataBytes);
    } catch (error) {
      this.#readErrors++;
      const fields = { error: (error as Error).message };
      this.#options.log({ event: 'ringbuf_read_failed', level: 'error', fields });
      return 0;
    }
    try {
      if (count > 0) handler.handleBatch(count, META);
    } catch (error) {
      this.#handlerErrors++;
      this.#options.log({ event: 'batch_failed', level: 'error', fields: { error: (error as Error).message } });
    }
    return count;
  }

  #pump(): void {
    const capture = this.#capture;
    if (!capture || !this.#handler) return;
    for (let i = 0; i < BATCHES_PER_TURN; i++) {
      if (this.#batch(capture, this.#handler) === 0) {
        capture.rearm();
        return;
      }
    }
    setImmediate(() => this.#pump());
  }

  /** Says once a second, while it goes on, that bytes pass unscanned. */
  #watchLosses(): void {
    let before = this.#notScanned();
    this.#lossTimer = setInterval(() => {
      const now = this.#notScanned();
      if (now === before) return;
      const fields = { bytes: now - before, total_bytes: now, reserve_drops: this.#kernel().reserveDrops };
      this.#options.log({ event: 'capture_lossy', level: 'warn', fields });
      before = now;
    }, 1000);
    this.#lossTimer.unref();
  }

  get blockMode(): EnforcementMode {
    return this.#blocking?.mode ?? 'observe';
  }

  setBlockSet(set: BlockSet): void {
    this.#blocking?.setBlockSet(set);
  }

  setExemptNames(names: readonly string[]): void {
    this.#blocking?.setExemptNames(names);
  }

  blockRule(set: number, literal: number): string | undefined {
    return this.#blocking?.ruleOf(set, literal);
  }

  #kernel(): KernelCounters {
    if (this.#capture) this.#lastKernel = this.#capture.counters();
    return this.#lastKernel;
  }

  #notScanned(kernel = this.#kernel()): number {
    const { ringFullBytes, faultBytes, truncatedBytes, sendfileBytes, untrackedBytes } = kernel;
    return ringFullBytes + faultBytes + truncatedBytes + sendfileBytes + untrackedBytes;
  }

  async stop(): Promise<void> {
    const capture = this.#capture;
    if (!capture) return;
    this.#forget();
    this.#discovery?.stop();
    clearInterval(this.#lossTimer);
    this.#targets?.detachAll();
    for (let i = 0; i < BATCHES_AT_END && this.#batch(capture, this.#handler!) > 0; i++);
    this.#kernel();
    this.#capture = undefined;
    this.#blocking?.close();
    capture.close();
  }

  counters(): Readonly<Record<string, number>> {
    const kernel = this.#kernel();
    const targets = this.#targets?.counters;
    return {
      ringbuf_events: kernel.records,
      ringbuf_bytes: kernel.bytes,
      ringbuf_reserve_drops: kernel.reserveDrops,
      ringbuf_read_errors: this.#readErrors + this.#handlerErrors,
      bytes_not_scanned: this.#notScanned(kernel),
      bytes_not_scanned_ring_full: kernel.ringFullBytes,
      bytes_not_scanned_fault: kernel.faultBytes,
      bytes_not_scanned_truncated: kernel.truncatedBytes,
      bytes_not_scanned_sendfile: kernel.sendfileBytes,
      bytes_not_scanned_untracked: kernel.untrackedBytes,
      tls_blocked_writes_kernel: kernel.redactedWrites + kernel.deniedWrites + kernel.killedWrites,
      blocked_writes_redacted: kernel.redactedWrites,
      blocked_writes_denied: kernel.deniedWrites,
      blocked_writes_killed: kernel.killedWrites,
      block_writes_restrained: kernel.restrainedWrites,
      block_writes_failed: kernel.failedWrites,
      block_writes_unread: kernel.unreadWrites,
      block_verdicts_lost: kernel.verdictsLost,
      connections_forgotten: kernel.forgottenConnections,
      policy_block_rules_configured: this.#blocking?.rules ?? 0,
      uprobe_attach_success: targets?.attached ?? 0,
      uprobe_attach_open_errors: targets?.openErrors ?? 0,
      uprobe_attach_probe_errors: targets?.probeErrors ?? 0,
      targets: this.#targets?.size ?? 0,
      mappings_lost: this.#discovery?.lostMappings ?? 0,
    };
  }
}

/** The feed of what processes on this host write into TLS. Throws CaptureError for options out of range. */
export function createEbpfFeed(options: EbpfFeedOptions = {}): EbpfFeed {
  return new KernelFeed(options);
}
