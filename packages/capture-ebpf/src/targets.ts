import { type BigIntStats, statSync } from 'node:fs';
import type { Addon, Capture, Program } from './addon.js';
import type { FeedLog } from './events.js';

/** Which program sits at which function. A file without SSL_write is no target. */
const PROBES: readonly (readonly [symbol: string, program: Program])[] = [
  ['SSL_write', 'ssl_write'],
  ['SSL_write_ex', 'ssl_write_ex'],
  ['SSL_write_ex2', 'ssl_write_ex2'],
  ['SSL_sendfile', 'ssl_sendfile'],
  ['SSL_free', 'ssl_end'],
  ['SSL_clear', 'ssl_end'],
];
const SYMBOLS = PROBES.map(([symbol]) => symbol);

/** Files with probes at once, and files remembered as having none. */
const MAX_TARGETS = 1024;
const MAX_OTHERS = 65_536;

interface Target {
  readonly path: string;
  readonly links: readonly number[];
}

/**
 * The files that carry probes. A probe sits on an inode, for every process that maps it now or later; the kernel keeps the
 * inode alive, so its number is not reused while the probe is there.
 */
export class Targets {
  readonly counters = { attached: 0, openErrors: 0, probeErrors: 0 };
  /** Whether the kernel has refused a probe to this user, not to this file. */
  denied = false;
  readonly #addon: Addon;
  readonly #capture: Capture;
  readonly #log: FeedLog;
  readonly #atEntry: boolean;
  /** By device and inode. */
  readonly #targets = new Map<string, Target>();
  /** Files looked at and found without the functions; by device, inode, size and change time, as numbers are reused. */
  readonly #others = new Set<string>();
  #nextCookie = 1;

  /** @param atEntry probes sit on the first instruction, at whatever cost: from there a function can be left at once */
  constructor(addon: Addon, capture: Capture, log: FeedLog, atEntry = false) {
    this.#addon = addon;
    this.#capture = capture;
    this.#log = log;
    this.#atEntry = atEntry;
  }

  get size(): number {
    return this.#targets.size;
  }

  /**
   * Attaches to the file if it defines SSL_write and has no probes yet. Never throws; failures are logged and counted.
   * @param path where to open the file, e.g. below /proc/PID/root
   * @param name what to call it in the log
   * @param expected a file that stands out if it is no target (a libssl)
   */
  consider(path: string, name = path, expected = false): void {
    const stat = this.#look(path, name, expected);
    if (!stat?.isFile()) return;
    const identity = `${stat.dev}:${stat.ino}`;
    const version = `${identity}:${stat.size}:${stat.ctimeNs}`;
    if (this.#targets.has(identity) || this.#others.has(version)) return;
    const { status, offsets, points } = this.#addon.findSymbols(path, SYMBOLS);
    if (status === 'unreadable') {
      this.counters.openErrors++;
      this.#log({ event: 'uprobe_attach_failed', level: 'warn', fields: { path: name, error: 'cannot be read' } });
    } else if (status === 'ok' && points[0]! >= 0) {
      this.#attach(identity, path, name, this.#atEntry ? offsets : points);
      return;
    } else if (expected) {
      const why = {
        other_machine: 'built for another kind of machine',
        not_elf: 'not an ELF file',
        ok: 'lacks SSL_write',
      };
      this.#log({ event: 'uprobe_symbol_missing', level: 'warn', fields: { path: name, reason: why[status] } });
    }
    if (this.#others.size >= MAX_OTHERS) this.#others.clear();
    this.#others.add(version);
  }

  /** What the path leads to; nothing if it leads nowhere or this user may not follow it. */
  #look(path: string, name: string, expected: boolean): BigIntStats | undefined {
    try {
      return statSync(path, { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      // Told once per file: the rescan meets it again and again.
      if (expected && !this.#others.has(name)) {
        this.counters.openErrors++;
        this.#others.add(name);
        const fields = { path: name, error: (error as NodeJS.ErrnoException).code };
        this.#log({ event: 'uprobe_attach_failed', level: 'warn', fields });
      }
      return undefined;
    }
  }

  #attach(identity: string, path: string, name: string, points: readonly number[]): void {
    if (this.#targets.size >= MAX_TARGETS) {
      this.counters.probeErrors++;
      const error = `more than ${MAX_TARGETS} files with TLS functions`;
      this.#log({ event: 'uprobe_attach_failed', level: 'error', fields: { path: name, error } });
      return;
    }
    const links: number[] = [];
    const symbols: string[] = [];
    const cookie = this.#nextCookie++;
    for (const [index, [symbol, program]] of PROBES.entries()) {
      const offset = points[index]!;
      if (offset < 0) continue;
      try {
        links.push(this.#capture.attach(path, offset, program, cookie));
        symbols.push(symbol);
      } catch (error) {
        this.counters.probeErrors++;
        const fields = { path: name, symbol, error: (error as Error).message };
        this.#log({ event: 'uprobe_attach_failed', level: 'warn', fields });
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EACCES' && code !== 'EPERM') continue;
        this.denied = true;
        break;
      }
    }
    if (links.length === 0) return;
    this.#targets.set(identity, { path, links });
    this.counters.attached++;
    this.#log({ event: 'uprobe_attached', level: 'info', fields: { path: name, symbols } });
  }

  /** Takes the probes off files that are neither there any more nor among the mapped inodes. */
  prune(isMapped: (inode: string) => boolean): void {
    for (const [identity, target] of this.#targets) {
      const stat = this.#look(target.path, target.path, false);
      if (stat && `${stat.dev}:${stat.ino}` === identity) continue;
      if (isMapped(identity.slice(identity.indexOf(':') + 1))) continue;
      for (const link of target.links) this.#capture.detach(link);
      this.#targets.delete(identity);
      this.#log({ event: 'uprobe_detached', level: 'debug', fields: { path: target.path } });
    }
  }

  detachAll(): void {
    for (const { links } of this.#targets.values()) for (const link of links) this.#capture.detach(link);
    this.#targets.clear();
  }
}
