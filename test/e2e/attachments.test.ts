import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createEbpfFeed } from '@spectral/capture-ebpf';
import { afterAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { Collector } from './support/collector.js';
import { libsslOf, privateLibssl } from './support/private-libssl.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, startWriter, write } from './support/tls-writer.js';
import { within } from './support/within.js';

/** Starts a feed on these files, runs `use`, stops the feed. */
async function withFeed(targets: readonly string[], use: (collector: Collector) => Promise<void>): Promise<void> {
  const collector = new Collector();
  const feed = createEbpfFeed({ targets });
  const { signal } = new AbortController();
  await feed.start(collector, signal);
  try {
    await use(collector);
  } finally {
    await feed.stop();
  }
  expect(collector.violations).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
}

describeBpf('attachments', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);
  afterAll(() => directory.remove());

  it('captures a write once where SSL_write_ex calls SSL_write_ex2', async () => {
    const source = fileURLToPath(new URL('../clients/nested_ex.c', import.meta.url));
    const library = join(directory.path, 'libssl.so.99');
    const nested = join(directory.path, 'nested_ex');
    execFileSync('cc', ['-O1', '-fPIC', '-shared', '-DLIBRARY', '-o', library, source]);
    execFileSync('cc', ['-O1', '-o', nested, source, library, `-Wl,-rpath,${directory.path}`]);
    await withFeed([library], async (collector) => {
      const pid = Number(execFileSync(nested, ['ex', 'ex2', 'twice', 'ex'], { encoding: 'utf8' }));
      await within(
        10_000,
        'the exit of the program',
        collector.until(() => collector.exits.includes(pid)),
      );
      const [flow] = collector.ofProcess(pid);
      const expected = '1:ex;2:ex2;3:twice;3:twice;4:ex;';
      expect(flow).toMatchObject({ bytes: expected.length, missing: [] });
      expect(flow!.hash.copy().digest('hex')).toBe(createHash('sha256').update(expected).digest('hex'));
    });
  });

  it('captures a write once where two overlay mounts lead to one library', async () => {
    const lower = join(directory.path, 'lower');
    mkdirSync(lower);
    const name = basename(libsslOf(program));
    copyFileSync(libsslOf(program), join(lower, name));
    const mounts = ['a', 'b'].map((mount) => join(directory.path, mount));
    for (const mount of mounts) {
      const [upper, work] = [`${mount}-upper`, `${mount}-work`];
      for (const path of [mount, upper, work]) mkdirSync(path);
      const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, mount]);
    }
    try {
      const libraries = mounts.map((mount) => join(mount, name));
      await withFeed(libraries, async (collector) => {
        for (const mount of mounts) {
          const [sent] = await write(program, ['write:0:700', 'ex:0:5000', 'write:0:700'], {
            env: { LD_LIBRARY_PATH: mount },
          });
          await within(
            10_000,
            'the exit of the program',
            collector.until(() => collector.exits.includes(sent!.pid)),
          );
          const flows = collector.ofProcess(sent!.pid);
          expect(flows).toHaveLength(1);
          expect(flows[0]).toMatchObject({ bytes: sent!.bytes, missing: [] });
          expect(flows[0]!.hash.copy().digest('hex')).toBe(sent!.sha256);
        }
      });
    } finally {
      for (const mount of mounts) execFileSync('umount', [mount]);
    }
  });

  it('opens and closes again and again, and lets go of every descriptor', async () => {
    const { path, env } = privateLibssl(program, directory.path);
    const descriptors = () =>
      Number(execFileSync('sh', ['-c', `ls /proc/${process.pid}/fd | wc -l`], { encoding: 'utf8' }));
    const round = () =>
      withFeed([path], async (collector) => {
        const [sent] = await write(program, ['write:0:100', 'close:0'], { env });
        await within(
          10_000,
          'the exit of the program',
          collector.until(() => collector.exits.includes(sent!.pid)),
        );
        expect(collector.ofProcess(sent!.pid)[0]).toMatchObject({ bytes: 100, closed: true });
      });
    await round();
    const before = descriptors();
    for (let i = 0; i < 4; i++) await round();
    expect(descriptors()).toBe(before);
  }, 60_000);

  it('works in worker threads, side by side and when one is terminated', async () => {
    const { path, env } = privateLibssl(program, directory.path);
    // The built package, as a worker of an application would load it.
    const source = `
      const { workerData, parentPort } = require('node:worker_threads');
      const { createEbpfFeed } = require(workerData.feed);
      const memory = new Uint8Array(1 << 20);
      const handler = {
        batch: { memory, table: 0, rows: 256, data: 16384, dataBytes: (1 << 20) - 16384 },
        handleBatch(count) {
          const view = new DataView(memory.buffer);
          for (let row = 0; row < count; row++) {
            const kind = view.getUint32(row * 64 + 12, true);
            if (kind === 0) parentPort.postMessage({ pid: view.getUint32(row * 64 + 40, true) });
          }
        },
      };
      const feed = createEbpfFeed({ targets: [workerData.path] });
      feed.start(handler, new AbortController().signal).then(() => parentPort.postMessage('ready'));
      parentPort.on('message', async () => { await feed.stop(); parentPort.close(); });`;
    const feed = fileURLToPath(new URL('../../packages/capture-ebpf/dist/index.cjs', import.meta.url));
    const start = async () => {
      const worker = new Worker(source, { eval: true, workerData: { feed, path } });
      const seen: number[] = [];
      let wake = () => {};
      worker.on('message', (message: 'ready' | { pid: number }) => {
        if (message !== 'ready') seen.push(message.pid);
        wake();
      });
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        worker.once('error', reject);
      });
      const until = async (pid: number) => {
        while (!seen.includes(pid)) await new Promise<void>((resolve) => (wake = resolve));
      };
      return { worker, until };
    };
    // Terminated in the middle of its work: records keep coming from a program that goes on writing until it is killed.
    const actions = ['wait', 'write:0:512', 'repeat:100000000', 'write:0:512', 'sleep:100'];
    const busy = startWriter(program, actions, { env, ms: 60_000 });
    await busy.waiting();
    busy.resume();
    for (let round = 0; round < 8; round++) {
      const { worker, until } = await start();
      await within(10_000, 'a record', until(busy.pid));
      await worker.terminate();
    }
    busy.kill();
    await expect(busy.sent).rejects.toThrow();
    const [one, two] = [await start(), await start()];
    const [first] = await write(program, ['write:0:10'], { env });
    await within(10_000, 'both workers', Promise.all([one.until(first!.pid), two.until(first!.pid)]));
    await one.worker.terminate();
    const [second] = await write(program, ['write:0:10'], { env });
    await within(10_000, 'the worker that is left', two.until(second!.pid));
    two.worker.postMessage('stop');
    const [code] = await new Promise<[number]>((resolve) => two.worker.once('exit', (status) => resolve([status])));
    expect(code).toBe(0);
  }, 60_000);
});
