import { statSync } from 'node:fs';
import type { Addon, MapWatch } from '../addon.js';
import type { FeedLog } from '../events.js';
import type { Targets } from '../targets.js';
import { installedLibraries, installedPrograms, isSslLibrary } from './installed.js';
import { mappedFiles } from './processes.js';

/** Nothing where the path leads nowhere, or where this user may not follow it. */
function inodeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}

/**
 * Finds files to probe, before they are first used:
 *
 *   start ──▶ watch mappings ──▶ installed files ──▶ running processes ──▶ ready
 *                   │                                        ▲
 *                   └─ each newly mapped inode, at once      └─ again every rescanMs, as the net
 */
export class Discovery {
  readonly #addon: Addon;
  readonly #targets: Targets;
  readonly #procRoot: string;
  readonly #rescanMs: number;
  readonly #log: FeedLog;
  #watch: MapWatch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(addon: Addon, targets: Targets, procRoot: string, rescanMs: number, log: FeedLog) {
    this.#addon = addon;
    this.#targets = targets;
    this.#procRoot = procRoot;
    this.#rescanMs = rescanMs;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#log({
      event: 'discover_start',
      level: 'info',
      fields: { proc_root: this.#procRoot, rescan_ms: this.#rescanMs },
    });
    try {
      this.#watch = new this.#addon.MapWatch(() => this.#takeMappings());
    } catch (error) {
      this.#log({
        event: 'map_watch_unavailable',
        level: 'warn',
        fields: { error: (error as Error).message, consequence: `new libraries are found every ${this.#rescanMs} ms` },
      });
    }
    // The host's file system, also when its /proc is mounted elsewhere (a container that watches its host).
    const root = this.#procRoot === '/proc' ? '' : `${this.#procRoot}/1/root`;
    for await (const path of installedLibraries(root)) {
      if (this.#stopped) return;
      this.#targets.consider(path, path.slice(root.length), true);
    }
    for await (const path of installedPrograms(root, process.env.PATH ?? '')) {
      if (this.#stopped) return;
      this.#targets.consider(path, path.slice(root.length));
    }
    await this.#scanProcesses();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Mappings that the kernel could not report; the rescan finds them. */
  get lostMappings(): number {
    return this.#watch?.lost() ?? 0;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(async () => {
      this.#watch?.forget();
      await this.#scanProcesses();
      this.#schedule();
    }, this.#rescanMs);
    this.#timer.unref();
  }

  async #scanProcesses(): Promise<void> {
    const mapped = new Set<string>();
    for await (const { path, name, inode } of mappedFiles(this.#procRoot)) {
      if (this.#stopped) return;
      mapped.add(inode);
      this.#targets.consider(path, name, isSslLibrary(name));
    }
    this.#targets.prune((inode) => mapped.has(inode));
  }

  #takeMappings(): void {
    for (const { pid, inode, path } of this.#watch?.read() ?? []) {
      // A process that is gone already leaves its file; the inode tells whether it is the same in our own root.
      const inProcess = `${this.#procRoot}/${pid}/root${path}`;
      if (inodeOf(inProcess) !== undefined) this.#targets.consider(inProcess, path, isSslLibrary(path));
      else if (inodeOf(path) === inode) this.#targets.consider(path, path, isSslLibrary(path));
    }
  }
}
