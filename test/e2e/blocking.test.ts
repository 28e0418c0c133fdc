import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { ByteServer } from './support/byte-server.js';
import { sampleSecret, writePolicy } from './support/secrets.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsSender, type Sender, sendAll } from './support/tls-sender.js';

const BLOCK = ['--enable-bpf-blocking', '--block-mode', 'kill', '--block-kill-limit', '0'];

describeBpf('spectral-mesh -block-mode kill', () => {
  const directory = temporaryDirectory();
  const program = compileTlsSender(directory.path);
  const secret = sampleSecret();
  let server: ByteServer;
  let sensor: SensorProcess;
  let connections = 0;

  beforeAll(async () => {
    server = await ByteServer.start();
    const policy = writePolicy(join(directory.path, 'policy.json'), [
      { id: 'sample-key', pattern: secret, severity: 'critical', action: 'block' },
    ]);
    sensor = await SensorProcess.start(['--policy', policy, ...BLOCK]);
  }, 60_000);
  afterAll(async () => {
    await sensor?.stop();
    await server?.stop();
    directory.remove();
  });

  async function send(...actions: string[]): Promise<{ sender: Sender; received: string }> {
    const sender = await sendAll(program, server.port, actions);
    const received = await server.ended(connections++);
    return { sender, received: received.toString('latin1') };
  }

  it('lets everything else pass', async () => {
    const { sender, received } = await send('pad:40000', 'send', `text:${secret.slice(0, -1)}`, 'ex');
    expect(sender).toMatchObject({ status: 0, signal: null });
    expect(received === `${'.'.repeat(40_000)}${secret.slice(0, -1)}`).toBe(true);
  });

  it.each([0, 33, 127, 128, 5_000, 60_000, 1_000_000])('stops a secret at offset %d', async (offset) => {
    for (const call of ['send', 'ex']) {
      const { sender, received } = await send('text:hello', 'send', `pad:${offset}`, `text:${secret}`, 'pad:100', call);
      expect(sender.signal).toBe('SIGKILL');
      expect(received).toBe('hello');
      expect(await sensor.alertOf(sender.pid)).toMatchObject({
        rule_id: 'sample-key',
        action: 'block',
        enforcement_mode: 'kill',
        bpf_blocking_enabled: true,
        kernel_wipe_eligible: true,
        kernel_wipe_applied: true,
        block_mode_wanted: 'kill',
        block_mode_achieved: 'kill',
        bytes_left: 0,
        match_offset: 5 + offset,
      });
      expect(sensor.output.includes(secret)).toBe(false);
    }
  });

  it('stops a secret cut across two writes, wherever the cut is', async () => {
    for (let cut = 1; cut < secret.length; cut++) {
      const [call, other] = cut % 2 ? ['send', 'ex'] : ['ex', 'send'];
      const first = `pad:${cut * 7}`;
      const { sender, received } = await send(
        first,
        `text:${secret.slice(0, cut)}`,
        call,
        `text:${secret.slice(cut)}`,
        other,
      );
      expect(sender.signal, `cut at ${cut}`).toBe('SIGKILL');
      expect(received).toBe('.'.repeat(cut * 7) + secret.slice(0, cut));
      const alert = await sensor.alertOf(sender.pid);
      expect(alert).toMatchObject({ block_mode_achieved: 'kill', kernel_wipe_applied: true, bytes_left: cut });
    }
  }, 60_000);

  it('stops a secret sent byte by byte, and a write that the program had to repeat', async () => {
    const bytes = [...secret].flatMap((letter) => [`text:${letter}`, 'send']);
    const slow = await send(...bytes);
    expect(slow.sender.signal).toBe('SIGKILL');
    expect(slow.received).toBe(secret.slice(0, -1));

    const [a, b, c] = [secret.slice(0, 9), secret.slice(9, 25), secret.slice(25)];
    const repeated = await send(`text:${a}`, 'send', `text:${b}`, 'refuse', 'send', 'again', `text:${c}`, 'send');
    expect(repeated.sender.calls.map(({ sslError }) => sslError)).toEqual([0, 3, 0]);
    expect(repeated.sender.signal).toBe('SIGKILL');
    expect(repeated.received).toBe(a + b);
  });
});
