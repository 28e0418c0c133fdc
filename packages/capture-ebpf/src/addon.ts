import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CaptureError } from './errors.js';
import type { FeedLog } from './events.js';

/** Sums over all CPUs since the capture was opened. Bytes unless said otherwise. */
export interface KernelCounters {
  /** Records submitted to the ring (a count). */
  records: number;
  bytes: number;
  /** Failed ring reservations (a count). */
  reserveDrops: number;
  ringFullBytes: number;
  faultBytes: number;
  truncatedBytes: number;
  sendfileBytes: number;
  untrackedBytes: number;
  /** Writes with a literal that blocks, by what was done (counts): masked, refused, process killed, nothing on purpose, nothing as the kernel refused. */
  redactedWrites: number;
  deniedWrites: number;
  killedWrites: number;
  restrainedWrites: number;
  failedWrites: number;
  /** Writes that could not be read to their end (a count). */
  unreadWrites: number;
  /** Verdicts that the ring had no room for (a count). */
  verdictsLost: number;
  /** Connections that made room for others and then wrote on (a count; at least so many). */
  forgottenConnections: number;
}

export interface CaptureOptions {
  /** Whether the programs may wait for pages (6.0). */
  maySleep: number;
  /** Path of the BPF object. */
  object: string;
  /** Whether the object tells attachments apart (not the unrolled one). */
  cookies: boolean;
  /** Power of two, multiple of the page size. */
  ringBytes: number;
  /** Bytes captured of one write. */
  writeCap: number;
  /** 0: the reader is woken whenever it had caught up; else only once so many bytes wait. */
  wakeBytes: number;
  /** Thread group never captured, in the initial PID namespace; 0: none. */
  ownPid: number;
  /** Of `enum spectral_mode` in bpf/spectral.h; 0: nothing is blocked, and none of the fields below matters. */
  mode: number;
  dryRun: number;
  /** Whether to kill where a mask cannot be written. */
  orKill: number;
  /** Whether to stop what cannot be looked through to its end. */
  failClosed: number;
  /** One kill is earned in this time; 0: no limit. */
  killIntervalNs: number;
  /** So much earned time may be saved up. */
  killBurstNs: number;
}

/** One loaded BPF object with its probes and its ring (native/capture.h). Errors carry `code`, an errno name. */
export interface Capture {
  attach(path: string, offset: number, program: Program, cookie: number): number;
  detach(id: number): void;
  /** Moves records into rows (drawn in core's sensor/batch.ts) until a row or 16 KiB of payload might not fit. */
  drain(memory: Uint8Array, table: number, rows: number, data: number, dataBytes: number): number;
  /** Lets `onReady` be called again. */
  rearm(): void;
  counters(): KernelCounters;
  /** Literals to block by, in the engine's serial form, or none. Throws with code `E2BIG` if they do not fit. */
  setAutomaton(serial: Uint8Array | undefined, epoch: number): void;
  /** Prefixes of names of processes that are never touched. */
  setExemptNames(names: readonly string[]): void;
  /** Never to be touched until it ends. */
  exemptProcess(pid: number): void;
  close(): void;
}

export interface Mapping {
  readonly pid: number;
  readonly inode: number;
  readonly path: string;
}

/** Executable mappings of files, each inode once (native/map_watch.h). */
export interface MapWatch {
  /** Takes what is queued and lets `onReady` be called again. */
  read(): Mapping[];
  /** Mappings that went unreported for want of room. */
  lost(): number;
  forget(): void;
  close(): void;
}

export type Program = 'ssl_write' | 'ssl_write_ex' | 'ssl_write_ex2' | 'ssl_sendfile' | 'ssl_end';

export interface Symbols {
  readonly status: 'ok' | 'not_elf' | 'other_machine' | 'unreadable';
  /** File offset per name, -1 where the file does not define it. */
  readonly offsets: readonly number[];
  /** File offset per name of the instruction where a probe costs least (native/probe_point.h), -1 likewise. */
  readonly points: readonly number[];
}

export interface Addon {
  Capture: new (options: CaptureOptions, onReady: () => void) => Capture;
  MapWatch: new (onReady: () => void) => MapWatch;
  findSymbols(path: string, names: readonly string[]): Symbols;
  /** The same for bare code: offset into a function that begins with these bytes. */
  probePoint(code: Uint8Array): number;
  /** Memory of this process, which holds other programs’ plaintext from now on, never reaches a core file. */
  forbidCoreDumps(): void;
  /** Whether the kernel has bpf_loop (5.17). */
  hasLoopHelper(): boolean;
}

const inPackage = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

let loaded: Addon | undefined;

/** Loads the prebuilt addon for this machine. Throws CaptureError. */
export function loadAddon(): Addon {
  if (loaded) return loaded;
  const path = inPackage(`prebuilds/${process.platform}-${process.arch}/spectral.node`);
  if (!existsSync(path))
    throw new CaptureError(
      'EADDON',
      `no prebuilt addon for ${process.platform}-${process.arch}; in a source checkout run: npm run build`,
    );
  try {
    loaded = createRequire(import.meta.url)(path) as Addon;
  } catch (cause) {
    throw new CaptureError('EADDON', `the addon cannot be loaded: ${(cause as Error).message}`, '', { cause });
  }
  return loaded;
}

/**
 * Loads a capture whose programs wait for pages that are not in memory, or, on kernels that refuse that, do not.
 * @throws what the addon throws, with `detail`
 */
export function openCapture(
  addon: Addon,
  options: Omit<CaptureOptions, 'maySleep'>,
  onReady: () => void,
  log: FeedLog,
): Capture {
  // The object for kernels before 5.17 never asks.
  let refused: unknown;
  if (options.cookies) {
    try {
      return new addon.Capture({ ...options, maySleep: 1 }, onReady);
    } catch (error) {
      refused = error;
    }
  }
  // If more is wrong than that, this says what.
  const capture = new addon.Capture({ ...options, maySleep: 0 }, onReady);
  const fields = refused === undefined ? {} : { error: (refused as Error).message };
  log({ event: 'pages_not_awaited', level: 'info', fields });
  return capture;
}

/** Path of the BPF object that fits this machine and a kernel with or without bpf_loop. Throws CaptureError. */
export function objectPath(variant: 'loop' | 'unrolled'): string {
  const path = inPackage(`bpf/capture.${variant}.${process.arch}.bpf.o`);
  if (!existsSync(path))
    throw new CaptureError('EADDON', `${path} is missing; in a source checkout run: npm run build`);
  return path;
}
