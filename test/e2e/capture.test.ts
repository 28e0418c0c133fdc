import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEbpfFeed, type EbpfFeedOptions } from '@spectral/capture-ebpf';
import { type Feed, LOST_RING_FULL, LOST_TRUNCATED } from '@spectral/core';
import { afterAll, afterEach, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { type Captured, Collector } from './support/collector.js';
import { privateLibssl } from './support/private-libssl.js';
import { run } from './support/programs.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, type Sent, startWriter, write } from './support/tls-writer.js';
import { within } from './support/within.js';

const SIZES = [1, 2, 511, 512, 513, 4095, 4096, 4097, 8192, 16383, 16384, 16385, 23 * 1024, 2 ** 20];
const KIB = 1024;
const MIB = 2 ** 20;

describeBpf('the kernel feed', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);
  const libssl = privateLibssl(program, directory.path);
  const options = { env: libssl.env };
  let feed: Feed;
  let collector: Collector;

  async function startFeed(more: EbpfFeedOptions = {}): Promise<void> {
    collector = new Collector();
    feed = createEbpfFeed({ targets: [libssl.path], ...more });
    await feed.start(collector, new AbortController().signal);
  }

  /** The flow of a connection, once all that was sent on it is accounted for: flows in the order of their first write. */
  async function accounted(sent: Sent, index = 0): Promise<Captured> {
    const flow = () => collector.ofProcess(sent.pid)[index];
    const complete = collector.until(() => (flow()?.length ?? 0) >= sent.bytes);
    await within(10_000, 'the records', complete, () => JSON.stringify([sent, flow()]));
    return flow()!;
  }

  function expectExact(captured: Captured, sent: Sent): void {
    expect(captured.missing).toEqual([]);
    expect(captured.bytes).toBe(sent.bytes);
    expect(captured.hash.copy().digest('hex')).toBe(sent.sha256);
    expect(captured.comm).toBe('tls_writer');
  }

  afterEach(async () => {
    await feed?.stop();
    expect(collector.violations).toEqual([]);
  });
  afterAll(() => directory.remove());

  it.each(['write', 'ex'])('delivers one %s of each size byte for byte', async (call) => {
    await startFeed();
    for (const size of SIZES) {
      const [sent] = await write(program, [`${call}:0:${size}`], options);
      expect(sent!.bytes).toBe(size);
      expectExact(await accounted(sent!), sent!);
    }
  });

  it('delivers writes of mixed sizes on one connection in order', async () => {
    await startFeed();
    const actions = SIZES.flatMap((size) => [`write:0:${size}`, `ex:0:${size + 1}`]);
    const [sent] = await write(program, actions, options);
    const captured = await accounted(sent!);
    expectExact(captured, sent!);
    expect(collector.ofProcess(sent!.pid)).toHaveLength(1);
    expect(captured.records).toBeGreaterThan(actions.length);
  });

  it('delivers SSL_write_ex2 once, called directly or by SSL_write_ex', async () => {
    const nested = join(directory.path, 'nested_ex2');
    const source = fileURLToPath(new URL('../clients/nested_ex2.c', import.meta.url));
    execFileSync('cc', ['-O1', '-rdynamic', '-o', nested, source], { stdio: 'pipe' });
    await startFeed({ targets: [nested] });
    const { pid } = await run(nested, []);
    const flow = () => collector.ofProcess(pid)[0];
    await within(
      10_000,
      'six writes',
      collector.until(() => (flow()?.length ?? 0) >= 36),
    );
    await feed.stop();
    expect(flow()).toMatchObject({ length: 36, records: 6, missing: [] });
  });

  it('delivers early data once', async () => {
    await startFeed();
    const [sent] = await write(program, ['early:0:700', 'ex:0:300'], options);
    const captured = await accounted(sent!);
    expectExact(captured, sent!);
  });

  it('keeps interleaved connections of a process apart', async () => {
    await startFeed();
    const actions = Array.from({ length: 40 }, (_, i) => `${i % 2 ? 'ex' : 'write'}:${i % 3}:${1 + i * 97}`);
    const sent = await write(program, actions, options);
    expect(sent).toHaveLength(3);
    for (const [index, one] of sent.entries()) expectExact(await accounted(one, index), one);
    expect(new Set(collector.ofProcess(sent[0]!.pid).map(({ flow }) => flow)).size).toBe(3);
  });

  it('gives a new connection at an old address a flow of its own', async () => {
    await startFeed();
    const writer = startWriter(program, ['write:0:100', 'close:0', 'wait', 'write:0:200', 'close:0'], options);
    await writer.waiting();
    writer.resume();
    const [sent] = await writer.sent;
    const flows = () => collector.ofProcess(sent!.pid);
    await within(
      10_000,
      'the second flow',
      collector.until(() => flows()[1]?.closed === true),
    );
    expect(flows().map(({ length, closed }) => ({ length, closed }))).toEqual([
      { length: 100, closed: true },
      { length: 200, closed: true },
    ]);
  });

  it('tells parent, child and a new image apart and says when each is gone', async () => {
    await startFeed();
    const actions = ['write:0:100', 'fork', 'write:0:200', 'exec', 'write:0:300'];
    const sent = await write(program, actions, options);
    expect(sent.map(({ bytes }) => bytes)).toEqual([100, 200, 300]);
    const [parent, child] = [sent[0]!.pid, sent[1]!.pid];
    expectExact(await accounted(sent[0]!), sent[0]!);
    expectExact(await accounted(sent[1]!), sent[1]!);
    expectExact(await accounted(sent[2]!, 1), sent[2]!);
    const gone = () => collector.exits.includes(parent) && collector.exits.filter((pid) => pid === child).length >= 2;
    await within(10_000, 'the exit records', collector.until(gone));
  });

  it('reports what is longer than the cap, to the byte', async () => {
    const cap = 100_000;
    await startFeed({ writeCapBytes: cap });
    const [sent] = await write(program, [`write:0:${cap}`, `write:0:${cap + 1}`, 'write:0:10', `ex:0:${MIB}`], options);
    const captured = await accounted(sent!);
    expect(captured.missing).toEqual([
      { offset: 2 * cap, bytes: 1, reason: LOST_TRUNCATED },
      { offset: 3 * cap + 11, bytes: MIB - cap, reason: LOST_TRUNCATED },
    ]);
    expect(captured.bytes).toBe(3 * cap + 10);
    expect(feed.counters().bytes_not_scanned_truncated).toBe(1 + MIB - cap);
  });

  it('takes 2 MiB in one write without a configured cap', async () => {
    await startFeed();
    const [sent] = await write(program, [`ex:0:${2 * MIB}`], options);
    expectExact(await accounted(sent!), sent!);
  });

  it('captures what lies in pages that are not resident, or reports it where programs may not wait', async () => {
    await startFeed();
    const [sent] = await write(program, ['write:0:100', 'absent:0:40000', 'write:0:200'], options);
    const captured = await accounted(sent!);
    const missing = captured.missing.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(captured.bytes + missing).toBe(sent!.bytes);
    expect(captured.bytes).toBeGreaterThanOrEqual(300);
    // Programs at functions may wait for pages from Linux 6.0 on.
    if (Number(release().split('.')[0]) >= 6) expect(missing).toBe(0);
    expect(feed.counters().bytes_not_scanned_fault).toBe(missing);
  });

  it('accounts for every byte when the ring starves', async () => {
    await startFeed({ ringBytes: 64 * KIB });
    const mark = join(directory.path, 'starved');
    const actions = [
      'repeat:1',
      'write:0:300',
      ...Array(40).fill('write:0:5000'),
      `mark:${mark}`,
      'wait',
      'write:0:77',
    ];
    const writer = startWriter(program, actions, options);
    // The ring is drained by this thread: while it sleeps here, nobody reads.
    const sleep = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 2_000 && !existsSync(mark); i++) Atomics.wait(sleep, 0, 0, 5);
    expect(existsSync(mark)).toBe(true);

    await writer.waiting();
    const first = () => collector.ofProcess(writer.pid)[0];
    await within(
      10_000,
      'what the ring held',
      collector.until(() => (first()?.bytes ?? 0) > 0),
    );
    writer.resume();
    const [sent] = await writer.sent;
    const captured = await accounted(sent!);
    const missing = captured.missing.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(sent!.bytes).toBe(300 + 40 * 5000 + 77);
    expect(missing).toBeGreaterThan(100_000);
    expect(captured.bytes + missing).toBe(sent!.bytes);
    expect(feed.counters().bytes_not_scanned_ring_full).toBe(missing);
    expect(captured.missing.every(({ reason }) => reason === 0 || reason === LOST_RING_FULL)).toBe(true);
  });

  it('counts a loss that nothing follows', async () => {
    await startFeed({ ringBytes: 64 * KIB });
    const mark = join(directory.path, 'silent');
    const writer = startWriter(program, [...Array(30).fill('write:0:16384'), `mark:${mark}`], options);
    const sleep = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 2_000 && !existsSync(mark); i++) Atomics.wait(sleep, 0, 0, 5);
    const [sent] = await writer.sent;
    const held = () => collector.ofProcess(sent!.pid)[0]?.bytes ?? 0;
    await within(
      10_000,
      'what the ring held',
      collector.until(() => held() > 0),
    );
    await feed.stop();
    expect(held() + feed.counters().bytes_not_scanned_ring_full!).toBe(sent!.bytes);
  });

  it('survives being started and stopped again and again', async () => {
    for (let round = 0; round < 10; round++) {
      await startFeed();
      const [sent] = await write(program, [`write:0:${1000 + round}`], options);
      expectExact(await accounted(sent!), sent!);
      await feed.stop();
      await feed.stop();
    }
  }, 60_000);
});
