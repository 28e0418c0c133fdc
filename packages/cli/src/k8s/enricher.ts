import { readFileSync } from 'node:fs';
import { type PodCgroup, parseCgroup } from './cgroup.js';
import type { PodFields, PodTable } from './pods.js';

const MAX_PROCESSES = 1_024;
/** Short, because a PID may be given to another process. Milliseconds. */
const KEEP_MS = 2_000;

/**
 * Names the pod of a process. `/proc/PID/cgroup` is read when an alert is made (some microseconds, no disk), and the
 * pod is looked up in a table that a watch keeps up to date: an alert never waits for the network.
 */
export class PodEnricher {
  readonly counters = { enriched: 0, unknown_pods: 0 };
  /** In order of insertion, so the first is the oldest. */
  private readonly processes = new Map<number, { cgroup: PodCgroup | undefined; until: number }>();

  constructor(
    private readonly table: PodTable,
    private readonly procRoot: string,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Fields of the pod; none for a process outside of pods, or of a pod not known yet. */
  fieldsOf(pid: number): PodFields | Record<string, never> {
    const cgroup = this.cgroupOf(pid);
    if (cgroup === undefined) return {};
    const pod =
      (cgroup.podUid === undefined ? undefined : this.table.find(cgroup.podUid)) ??
      (cgroup.containerId === undefined ? undefined : this.table.find(cgroup.containerId));
    if (pod !== undefined) this.counters.enriched++;
    else if (cgroup.podUid !== undefined) this.counters.unknown_pods++;
    return pod ?? {};
  }

  private cgroupOf(pid: number): PodCgroup | undefined {
    const now = this.clock();
    const known = this.processes.get(pid);
    if (known !== undefined && known.until > now) return known.cgroup;
    this.processes.delete(pid);
    const cgroup = this.read(pid);
    if (this.processes.size >= MAX_PROCESSES) this.processes.delete(this.processes.keys().next().value!);
    this.processes.set(pid, { cgroup, until: now + KEEP_MS });
    return cgroup;
  }

  private read(pid: number): PodCgroup | undefined {
    try {
      return parseCgroup(readFileSync(`${this.procRoot}/${pid}/cgroup`, 'utf8'));
    } catch {
      return undefined; // The process is gone.
    }
  }
}
