import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { sampleSecret, writePolicy } from './support/secrets.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, startWriter, write } from './support/tls-writer.js';
import { within } from './support/within.js';

describeBpf('spectral-mesh', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);
  const secret = sampleSecret();
  const half = secret.length >> 1;
  const policy = writePolicy(join(directory.path, 'policy.json'), [{ id: 'sample-key', pattern: secret }]);
  let sensor: SensorProcess;

  afterAll(() => directory.remove());

  const alertsOf = (pid: number) => sensor.alerts.filter((alert) => alert.pid === pid);
  const sum = (numbers: readonly unknown[]) => numbers.reduce<number>((total, n) => total + Number(n), 0);

  /** Makes a process send the whole secret, and waits for its alert: whatever was sent before has been scanned by then. */
  async function settle(): Promise<void> {
    const [sent] = await write(program, [`text:0:${secret}`]);
    await sensor.alertOf(sent!.pid);
  }

  describeBpf('with built-in limits', () => {
    beforeAll(async () => {
      sensor = await SensorProcess.start(['--policy', policy]);
    }, 60_000);
    afterAll(() => sensor.stop());

    it.each(['text', 'ex-text'])('finds a secret cut across two %s writes', async (call) => {
      const [sent] = await write(program, [
        'write:0:5000',
        `${call}:0:key=${secret.slice(0, half)}`,
        `${call}:0:${secret.slice(half)}.`,
      ]);
      expect(await sensor.alertOf(sent!.pid)).toMatchObject({
        rule_id: 'sample-key',
        match_offset: 5004,
        match_count: 1,
      });
    });

    it('finds a secret sent byte by byte', async () => {
      const [sent] = await write(
        program,
        [...secret].map((letter) => `text:0:${letter}`),
      );
      expect(await sensor.alertOf(sent!.pid)).toMatchObject({ match_offset: 0, match_count: 1 });
    });

    it('does not splice two connections of a process', async () => {
      const halves = [`text:0:${secret.slice(0, half)}`, `text:1:${secret.slice(half)}`];
      const [sent] = await write(program, halves);
      await settle();
      expect(alertsOf(sent!.pid)).toEqual([]);
    });

    it('does not splice a closed connection and the next at its address', async () => {
      const [sent] = await write(program, [
        `text:0:${secret.slice(0, half)}`,
        'close:0',
        `text:0:${secret.slice(half)}`,
      ]);
      await settle();
      expect(alertsOf(sent!.pid)).toEqual([]);
    });

    it('finds a secret at the end of a long write', async () => {
      const [sent] = await write(program, [`ex-text:0:${'x '.repeat(50_000)}${secret}`]);
      expect(await sensor.alertOf(sent!.pid)).toMatchObject({ match_offset: 100_000, bytes_not_scanned: 0 });
    });

    it('reports parent and child under their own process ids', async () => {
      const sent = await write(program, [`text:0:${secret}`, 'fork', `text:0:${secret}`]);
      expect(new Set(sent.map(({ pid }) => pid)).size).toBe(2);
      for (const { pid } of sent)
        expect(await sensor.alertOf(pid)).toMatchObject({ comm: 'tls_writer', match_count: 1 });
    });

    it('sees processes that live a few milliseconds', async () => {
      const pids = [];
      for (let i = 0; i < 20; i++) pids.push((await write(program, [`text:0:${secret}`]))[0]!.pid);
      for (const pid of pids) await sensor.alertOf(pid);
    });
  });

  describeBpf('under stress', () => {
    afterEach(() => sensor.stop());

    it('loses nothing when its policy is reloaded under traffic', async () => {
      const path = join(directory.path, 'changing.json');
      const variant = (n: number) =>
        writePolicy(path, [
          { id: 'sample-key', pattern: secret },
          ...Array.from({ length: 1 + (n % 5) * 50 }, (_, i) => ({
            id: `other-${n}-${i}`,
            pattern: `other ${n} ${i}`,
          })),
        ]);
      variant(0);
      sensor = await SensorProcess.start(['--policy', path]);
      const writes = 1_000;
      const actions = ['repeat:1000', 'write:0:700', `text:0:${secret.slice(0, 20)}`, `text:0:${secret.slice(20)}`];
      const writer = startWriter(program, [...actions, 'sleep:1000']);
      let over = false;
      const sent = writer.sent.finally(() => {
        over = true;
      });
      let reloads = 0;
      while (!over) {
        variant(++reloads);
        const from = sensor.lines.length;
        sensor.child.kill('SIGHUP');
        await sensor.waitFor(({ msg }) => msg === 'policy_reloaded', 10_000, from);
      }
      const { pid } = (await sent)[0]!;
      await settle();
      expect(reloads).toBeGreaterThan(5);
      expect(sum(alertsOf(pid).map((alert) => alert.match_count))).toBe(writes);
      expect(sum(alertsOf(pid).map((alert) => alert.bytes_not_scanned))).toBe(0);
      expect(sensor.lines.filter(({ msg }) => msg === 'policy_reload_failed')).toEqual([]);
    });

    it('says how many bytes it missed while it was held up', async () => {
      sensor = await SensorProcess.start(['--policy', policy, '--ringbuf-bytes', String(64 * 1024)]);
      sensor.child.kill('SIGSTOP');
      const stopped = async () => {
        while (!/^State:\s+T/m.test(readFileSync(`/proc/${sensor.pid}/status`, 'utf8'))) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await within(5_000, 'the sensor to stand still', stopped());

      const writes = Array<string>(40).fill('write:0:5000');
      const writer = startWriter(program, ['write:0:300', ...writes, 'wait', `text:0:${secret}`]);
      await writer.waiting();
      sensor.child.kill('SIGCONT');
      // Alive again once it has reported someone else; there is room in the ring then.
      await settle();
      writer.resume();
      const [sent] = await writer.sent;

      const alert = await sensor.alertOf(sent!.pid);
      const isGap = (line: { msg: string; pid?: unknown }) =>
        line.msg === 'bytes_not_scanned' && line.pid === sent!.pid;
      await sensor.waitFor(isGap);
      await sensor.stop();
      const lost = sum(sensor.lines.filter(isGap).map(({ bytes }) => bytes));
      expect(alert).toMatchObject({ match_offset: 200_300, bytes_not_scanned: lost });
      // The ring holds at most 64 KiB of it.
      expect(lost).toBeGreaterThan(200_300 - 65_536);
      expect(lost % 5_000 === 0 || (lost - 300) % 5_000 === 0).toBe(true);
    });

    it('leaves programs alone when it is killed', async () => {
      sensor = await SensorProcess.start(['--policy', policy]);
      const writer = startWriter(program, [`text:0:${secret}`, 'wait', 'write:0:70000', 'ex:1:3']);
      await writer.waiting();
      await sensor.alertOf(writer.pid);
      sensor.child.kill('SIGKILL');
      await sensor.closed;
      writer.resume();
      expect((await writer.sent).map(({ bytes }) => bytes)).toEqual([70_000 + secret.length, 3]);

      sensor = await SensorProcess.start(['--policy', policy]);
      await settle();
    });
  });
});
