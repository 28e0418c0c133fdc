import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEbpfFeed, type EbpfFeedOptions, type FeedEvent } from '@spectral/capture-ebpf';
import { type Feed, LOST_TRUNCATED } from '@spectral/core';
import { type Captured, Collector } from '../../e2e/support/collector.js';
import { temporaryDirectory } from '../../e2e/support/temp.js';
import { type Sent, startWriter, write } from '../../e2e/support/tls-writer.js';
import { within } from '../../e2e/support/within.js';
import { check, holds, same, waitsForPages } from './runner.js';

const KIB = 1024;
const MIB = 2 ** 20;
const SIZES = [1, 512, 513, 16_384, 16_385, 23 * KIB, 128 * KIB, MIB];
const WAIT_MS = 10_000;

const sizeName = (bytes: number): string => {
  if (bytes % MIB === 0) return `${bytes / MIB} MiB`;
  return bytes % KIB === 0 && bytes < SIZES[3]! * 64 && bytes > 16_384 ? `${bytes / KIB} KiB` : `${bytes} B`;
};

/** Soft limit on locked memory, as /proc shows it. */
const lockedLimit = () => /^Max locked memory +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))![1]!;

/** libbpf raises it with its first call, which may come before the feed is started. */
const LOCKED_AT_START = lockedLimit();

/** `major.minor` of the running kernel against another. */
function isBefore(release: string, major: number, minor: number): boolean {
  const [a, b] = release.split('.').map(Number) as [number, number];
  return a < major || (a === major && b < minor);
}

/** Whether a probe of this process is held by a bpf_link (5.15); if not, by its perf event alone. */
function heldByLink(): boolean {
  return readdirSync('/proc/self/fdinfo').some((fd) => {
    try {
      return /^link_type:\s*perf/m.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    } catch {
      return false; // the descriptor of this very listing
    }
  });
}

/** Drives the kernel feed with the TLS client of `test/clients`. */
export class CaptureChecks {
  readonly events: FeedEvent[] = [];
  private collector = new Collector();
  private feed: Feed | undefined;
  private wake: () => void = () => {};
  private readonly directory = temporaryDirectory();
  private readonly libssl: string;
  private readonly options: { env: NodeJS.ProcessEnv };

  /** @param libssl the library of `writer`; a copy is probed, which nobody else maps */
  constructor(
    private readonly release: string,
    private readonly writer: string,
    private readonly originalLibssl: string,
  ) {
    this.libssl = join(this.directory.path, basename(originalLibssl));
    copyFileSync(originalLibssl, this.libssl);
    this.options = { env: { LD_LIBRARY_PATH: this.directory.path } };
  }

  async run(): Promise<void> {
    await check('BPF object chosen', () => this.chosen());
    if (this.feed === undefined) return;
    try {
      await check('probes held by', () => {
        same('a bpf_link', heldByLink(), !isBefore(this.release, 5, 15));
        return heldByLink() ? 'bpf_link' : 'perf event';
      });
      for (const size of SIZES) await check(`capture ${sizeName(size)}`, () => this.exact(size));
      await check('longer than the cap', () => this.longerThanCap());
      await check('interleaved connections', () => this.interleaved());
      await check('close, same address again', () => this.reopened());
      await check('fork, exec, exit', () => this.lives());
      await check('pages not resident', () => this.absent());
      await check('feed stops and starts', () => this.restart());
      await check('library mapped later', () => this.late());
      await check('no record out of place', () => {
        same('violations', this.collector.violations, []);
        return 'ok';
      });
    } finally {
      await this.feed?.stop();
      this.directory.remove();
    }
  }

  private async start(more: EbpfFeedOptions = {}): Promise<void> {
    this.collector = new Collector();
    const log = (event: FeedEvent) => {
      this.events.push(event);
      this.wake();
    };
    const feed = createEbpfFeed({ targets: [this.libssl], log, ...more });
    await feed.start(this.collector, new AbortController().signal);
    this.feed = feed;
  }

  private async chosen(): Promise<string> {
    same('limit on locked memory at the start', LOCKED_AT_START, String(64 * KIB));
    await this.start();
    const failures = this.events.filter(({ level }) => level === 'warn' || level === 'error');
    same('warnings', failures, []);
    const loaded = this.events.find(({ event }) => event === 'bpf_loaded')!.fields;
    // bpf_loop: 5.17. Chosen by asking the kernel; what it says must agree with its version.
    same('variant', loaded.variant, isBefore(this.release, 5, 17) ? 'unrolled' : 'loop');
    const raised = lockedLimit() === LOCKED_AT_START ? 'memory not locked' : 'memory lock raised';
    return `${loaded.variant} (${raised})`;
  }

  private get cap(): number {
    return this.events.find(({ event }) => event === 'bpf_loaded')!.fields.write_cap_bytes as number;
  }

  /** The flow of a connection, once all that was sent on it is accounted for. */
  private async accounted(sent: Sent, index = 0): Promise<Captured> {
    const flow = () => this.collector.ofProcess(sent.pid)[index];
    const complete = this.collector.until(() => (flow()?.length ?? 0) >= sent.bytes);
    await within(WAIT_MS, 'the records', complete, () => JSON.stringify([sent, flow()]));
    return flow()!;
  }

  private async expectExact(sent: Sent, index = 0): Promise<void> {
    const captured = await this.accounted(sent, index);
    same('missing', captured.missing, []);
    same('bytes', captured.bytes, sent.bytes);
    same('SHA-256', captured.hash.copy().digest('hex'), sent.sha256);
    same('comm', captured.comm, 'tls_writer');
  }

  private async exact(size: number): Promise<string> {
    let reported = 0;
    for (const call of ['write', 'ex']) {
      if (size > this.cap) reported = await this.truncated(call, size);
      else await this.expectExact((await write(this.writer, [`${call}:0:${size}`], this.options))[0]!);
    }
    return reported > 0 ? `${sizeName(this.cap)} + ${sizeName(reported)} reported` : 'exact';
  }

  /** The client's noise begins alike in every process, so a write of `cap` bytes is what must be left of a longer one. */
  private async truncated(call: string, size: number): Promise<number> {
    const { cap } = this;
    const [whole] = await write(this.writer, [`${call}:0:${cap}`], this.options);
    const [sent] = await write(this.writer, [`${call}:0:${size}`], this.options);
    const captured = await this.accounted(sent!);
    same('missing', captured.missing, [{ offset: cap, bytes: size - cap, reason: LOST_TRUNCATED }]);
    same('bytes', captured.bytes, cap);
    same('SHA-256', captured.hash.copy().digest('hex'), whole!.sha256);
    return size - cap;
  }

  private async longerThanCap(): Promise<string> {
    const before = this.feed!.counters().bytes_not_scanned_truncated!;
    const reported = await this.truncated('ex', this.cap + 1);
    same('counter', this.feed!.counters().bytes_not_scanned_truncated! - before, reported);
    return `${sizeName(this.cap)} + ${sizeName(reported)} reported`;
  }

  private async interleaved(): Promise<string> {
    const actions = Array.from({ length: 30 }, (_, i) => `${i % 2 ? 'ex' : 'write'}:${i % 3}:${1 + i * 97}`);
    const sent = await write(this.writer, actions, this.options);
    same('connections', sent.length, 3);
    for (const [index, one] of sent.entries()) await this.expectExact(one, index);
    const flows = new Set(this.collector.ofProcess(sent[0]!.pid).map(({ flow }) => flow));
    same('flows', flows.size, 3);
    return '3 flows, exact';
  }

  private async reopened(): Promise<string> {
    const [sent] = await write(this.writer, ['write:0:100', 'close:0', 'write:0:200', 'close:0'], this.options);
    const flows = () => this.collector.ofProcess(sent!.pid);
    await within(
      WAIT_MS,
      'the second end',
      this.collector.until(() => flows()[1]?.closed === true),
      () => JSON.stringify(flows()),
    );
    same(
      'flows',
      flows().map(({ length, closed }) => [length, closed]),
      [
        [100, true],
        [200, true],
      ],
    );
    return '2 flows, 2 ends';
  }

  private async lives(): Promise<string> {
    const actions = ['write:0:100', 'fork', 'write:0:200', 'exec', 'write:0:300'];
    const sent = await write(this.writer, actions, this.options);
    same(
      'writes',
      sent.map(({ bytes }) => bytes),
      [100, 200, 300],
    );
    const [parent, child] = [sent[0]!.pid, sent[1]!.pid];
    await this.expectExact(sent[0]!);
    await this.expectExact(sent[1]!);
    await this.expectExact(sent[2]!, 1);
    const { exits } = this.collector;
    const gone = () => exits.includes(parent) && exits.filter((pid) => pid === child).length >= 2;
    await within(WAIT_MS, 'the exit records', this.collector.until(gone), () => JSON.stringify(exits));
    return '3 flows, 3 exits';
  }

  private async absent(): Promise<string> {
    const [sent] = await write(this.writer, ['write:0:100', 'absent:0:40000', 'write:0:200'], this.options);
    const captured = await this.accounted(sent!);
    const missing = captured.missing.reduce((sum, { bytes }) => sum + bytes, 0);
    same('captured and reported', captured.bytes + missing, sent!.bytes);
    same('counter', this.feed!.counters().bytes_not_scanned_fault, missing);
    if (waitsForPages()) same('missing', missing, 0);
    return missing === 0 ? 'captured' : `${missing} B reported`;
  }

  private async restart(): Promise<string> {
    for (let round = 0; round < 3; round++) {
      same('violations', this.collector.violations, []);
      await this.feed!.stop();
      await this.start();
      await this.expectExact((await write(this.writer, [`write:0:${1000 + round}`], this.options))[0]!);
    }
    return '3 times, exact';
  }

  /** Nobody has mapped this inode before: it is found by the kernel's mmap records, not by a scan. */
  private async late(): Promise<string> {
    await this.feed!.stop();
    await this.start({ targets: 'system', rescanMs: 3_600_000 });
    const directory = join(this.directory.path, 'late');
    mkdirSync(directory);
    const library = join(directory, basename(this.libssl));
    copyFileSync(this.originalLibssl, library);
    const options = { ...this.options, env: { LD_LIBRARY_PATH: directory } };
    const writer = startWriter(this.writer, ['wait', 'write:0:5000'], options);
    await writer.waiting();
    const attached = async () => {
      const found = () =>
        this.events.some(({ event, fields }) => event === 'uprobe_attached' && String(fields.path).includes(library));
      while (!found()) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    };
    await within(WAIT_MS, `the probes on ${library}`, attached(), () => JSON.stringify(this.events.slice(-5)));
    writer.resume();
    await this.expectExact((await writer.sent)[0]!);
    holds('no mapping was lost', this.feed!.counters().mappings_lost === 0, this.feed!.counters());
    return 'found, exact';
  }
}
