import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createEbpfFeed, type FeedEvent } from '@spectral/capture-ebpf';
import type { Feed } from '@spectral/core';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { Collector } from './support/collector.js';
import { librariesOf, libsslOf, privateLibssl } from './support/private-libssl.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, type Sent, startWriter, write } from './support/tls-writer.js';
import { within } from './support/within.js';

const HOUR = 3_600_000;

describeBpf('discovery', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);
  let events: FeedEvent[];
  let collector: Collector;
  let feed: Feed;
  let wake: () => void = () => {};

  beforeEach(async () => {
    events = [];
    collector = new Collector();
    const log = (event: FeedEvent) => {
      events.push(event);
      wake();
    };
    // The rescan is out of the way: what is found, is found by events from the kernel.
    feed = createEbpfFeed({ rescanMs: HOUR, log });
    await feed.start(collector, new AbortController().signal);
  }, 60_000);

  afterEach(() => feed.stop());
  afterAll(() => directory.remove());

  const attachedTo = (path: string) =>
    events.find(({ event, fields }) => event === 'uprobe_attached' && String(fields.path).includes(path));

  async function untilAttached(path: string): Promise<void> {
    const attached = (async () => {
      while (attachedTo(path) === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    })();
    await within(5_000, `the probes on ${path}`, attached, () => JSON.stringify(events.slice(-10)));
  }

  async function expectExact(sent: Sent): Promise<void> {
    const flow = () => collector.ofProcess(sent.pid)[0];
    await within(
      10_000,
      'the records',
      collector.until(() => (flow()?.length ?? 0) >= sent.bytes),
    );
    expect(flow()).toMatchObject({ bytes: sent.bytes, missing: [] });
    expect(flow()!.hash.copy().digest('hex')).toBe(sent.sha256);
  }

  it('has probed the installed libssl and Node itself before anyone uses them', async () => {
    expect(attachedTo('/libssl.so')).toBeDefined();
    expect(attachedTo('/node')).toBeDefined();
    expect(events[0]).toMatchObject({ event: expect.stringMatching(/bpf_loaded|discover_start/) });
  });

  it('sees all of a process that lives a few milliseconds', async () => {
    for (let i = 0; i < 5; i++) {
      const [sent] = await write(program, ['write:0:1234']);
      await expectExact(sent!);
    }
  });

  it('probes a library that is first mapped while it runs', async () => {
    const own = join(directory.path, 'late');
    mkdirSync(own);
    const libssl = privateLibssl(program, own);
    const writer = startWriter(program, ['wait', 'write:0:5000'], { env: libssl.env });
    await writer.waiting();
    await untilAttached(libssl.path);
    writer.resume();
    await expectExact((await writer.sent)[0]!);
  });

  it('probes a library that only a container sees', async () => {
    const root = join(directory.path, 'root');
    for (const file of [...librariesOf(program), program]) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      cpSync(file, join(root, file), { dereference: true });
    }
    const mountPoint = join(directory.path, 'container');
    mkdirSync(mountPoint);
    // In a mount namespace of its own, with a root file system in memory that no path of the host leads to.
    const enter = `mount -t tmpfs none "$0" && cp -a ${root}/. "$0" && exec chroot "$0" "$@"`;
    const wrapper = ['unshare', '--mount', 'sh', '-c', enter, mountPoint];
    const writer = startWriter(program, ['wait', 'write:0:6000', 'ex:0:1'], { wrapper });
    await writer.waiting();
    await untilAttached(libsslOf(program));
    const attached = events.filter(
      ({ event, fields }) => event === 'uprobe_attached' && fields.path === libsslOf(program),
    );
    expect(attached.length).toBeGreaterThan(0);
    writer.resume();
    await expectExact((await writer.sent)[0]!);
    expect(execFileSync('ls', [mountPoint], { encoding: 'utf8' })).toBe('');
  });
});
