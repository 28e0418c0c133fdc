import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { ByteServer } from './support/byte-server.js';
import { sampleSecret, writePolicy } from './support/secrets.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsSender, type Sender, sendAll, startSender } from './support/tls-sender.js';

describeBpf('blocking', () => {
  const directory = temporaryDirectory();
  const program = compileTlsSender(directory.path);
  const secret = sampleSecret();
  const file = (name: string) => join(directory.path, name);
  const rule = { id: 'sample-key', pattern: secret, severity: 'critical', action: 'block' };
  const policy = writePolicy(file('policy.json'), [rule]);
  let server: ByteServer;
  let sensor: SensorProcess | undefined;
  let connections = 0;

  beforeAll(async () => {
    server = await ByteServer.start();
  });
  afterEach(async () => {
    await sensor?.stop();
    sensor = undefined;
  });
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  async function start(...flags: string[]): Promise<SensorProcess> {
    sensor = await SensorProcess.start(['--policy', policy, '--enable-bpf-blocking', '--block-mode', 'kill', ...flags]);
    return sensor;
  }

  async function send(...actions: string[]): Promise<{ sender: Sender; received: string }> {
    const sender = await sendAll(program, server.port, actions);
    return { sender, received: (await server.ended(connections++)).toString('latin1') };
  }

  const sendSecret = () => send(`text:${secret}`, 'send');
  const verdictsOf = (pid: number) => sensor!.lines.filter((line) => line.msg === 'block_verdict' && line.pid === pid);

  async function metric(port: number, name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`spectral_mesh_${name} `));
    return Number(line?.split(' ').at(-1));
  }

  it('does nothing in a dry run, and says what it would have done', async () => {
    await start('--block-dry-run', '--metrics-addr', '127.0.0.1:0');
    const { sender, received } = await sendSecret();
    expect([sender.status, received]).toEqual([0, secret]);
    expect(await sensor!.alertOf(sender.pid)).toMatchObject({
      block_mode_wanted: 'kill',
      block_mode_achieved: 'observe',
      block_restraint: 'dry_run',
      kernel_wipe_eligible: true,
      kernel_wipe_applied: false,
      bytes_left: secret.length,
    });
    const port = await sensor!.metricsPort();
    expect(await metric(port, 'tls_blocked_writes_kernel_total')).toBe(0);
    expect(await metric(port, 'policy_block_match_observe_only_total')).toBe(1);
    expect(await metric(port, 'bpf_blocking_enabled')).toBe(1);
    expect(await metric(port, 'policy_block_rules_configured')).toBe(1);
  });

  it('lets what it cannot look through pass, and says so, unless it is told to fail closed', async () => {
    const cap = ['--write-cap-bytes', '20000'];
    const long = ['pad:20000', `text:${secret}`, 'send'];
    await start(...cap);
    const passed = await send(...long);
    expect([passed.sender.status, passed.received.endsWith(secret)]).toEqual([0, true]);
    await sensor!.stop();

    await start(...cap, '--block-fail-closed', '--metrics-addr', '127.0.0.1:0');
    expect(sensor!.lines.find(({ msg }) => msg === 'blocking_active')).toMatchObject({ fail_closed: true });
    const short = await send('pad:20000', 'send', 'pad:9000', 'absent');
    expect([short.sender.status, short.received.length]).toEqual([0, 29_000]);
    for (const [actions, errno] of [
      [long, 27],
      [['pad:20001', 'send'], 27],
      [['pad:100', 'sendfile'], 27],
    ] as const) {
      const { sender, received } = await send(...actions);
      expect([sender.signal, received]).toEqual(['SIGKILL', '']);
      await sensor!.waitFor(({ msg, pid }) => msg === 'block_verdict' && pid === sender.pid);
      expect(verdictsOf(sender.pid)).toMatchObject([{ block_mode_achieved: 'kill', matches: 0, errno }]);
    }
    const port = await sensor!.metricsPort();
    expect(await metric(port, 'tls_blocked_writes_kernel_total')).toBe(3);
  });

  it('kills no more than it may, exactly', async () => {
    await start('--block-kill-limit', '3', '--metrics-addr', '127.0.0.1:0');
    const senders = await Promise.all(
      Array.from({ length: 8 }, () => sendAll(program, server.port, [`text:${secret}`, 'send'])),
    );
    connections += 8;
    expect(senders.filter(({ signal }) => signal === 'SIGKILL')).toHaveLength(3);
    for (const { pid, signal } of senders) {
      expect(await sensor!.alertOf(pid)).toMatchObject(
        signal === 'SIGKILL'
          ? { block_mode_achieved: 'kill', bytes_left: 0 }
          : { block_mode_achieved: 'observe', block_restraint: 'kill_limit', bytes_left: secret.length },
      );
    }
    const port = await sensor!.metricsPort();
    expect(await metric(port, 'tls_blocked_writes_kernel_total')).toBe(3);
    expect(await metric(port, 'policy_block_match_observe_only_total')).toBe(5);
  });

  it('never touches who is exempt by default, by flag or by allowlist', async () => {
    const allowlist = file('allowlist.json');
    writeFileSync(allowlist, JSON.stringify({ comm_prefixes: ['listed'] }));
    await start('--block-allow-comm', 'flagged,other', '--allowlist', allowlist);
    for (const name of ['sshd', 'systemd-resolve', 'dbus-daemon', 'flagged-process', 'listed']) {
      const { sender, received } = await send(`name:${name}`, `text:${secret}`, 'send');
      expect([name, sender.status, received]).toEqual([name, 0, secret]);
      await sensor!.waitFor(({ msg, pid }) => msg === 'block_verdict' && pid === sender.pid);
      expect(verdictsOf(sender.pid)).toMatchObject([{ block_mode_achieved: 'observe', block_restraint: 'exempt' }]);
    }
    for (const name of ['ssh', 'flag', 'xsshd']) {
      const { sender } = await send(`name:${name}`, `text:${secret}`, 'send');
      expect([name, sender.signal]).toEqual([name, 'SIGKILL']);
    }
    // A name taken off the list counts no longer.
    writeFileSync(allowlist, JSON.stringify({ comm_prefixes: [] }));
    sensor!.child.kill('SIGHUP');
    await sensor!.seen(/policy_reloaded/);
    const { sender } = await send('name:listed', `text:${secret}`, 'send');
    expect(sender.signal).toBe('SIGKILL');
  });

  it('never touches those that the sensor descends from', async () => {
    await start();
    // This very process started it.
    const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.end(secret);
    expect((await server.ended(connections++)).toString()).toBe(secret);
    await sensor!.waitFor(({ msg, pid }) => msg === 'block_verdict' && pid === process.pid);
    expect(verdictsOf(process.pid)).toMatchObject([{ block_restraint: 'exempt' }]);
  });

  it('takes hundreds of literals, and refuses more than fit', async () => {
    const literal = (i: number) => `SPECTRALOTHER${i.toString(36)}x${((i * 7919) % 46_656).toString(36)}`;
    const rules = (count: number) => [
      rule,
      ...Array.from({ length: count - 1 }, (_, i) => ({ id: `other-${i}`, pattern: literal(i), action: 'block' })),
    ];
    await start('--block-kill-limit', '0');
    for (const count of [8, 100, 500, 2_000]) {
      writePolicy(policy, rules(count));
      const from = sensor!.lines.length;
      sensor!.child.kill('SIGHUP');
      const reloaded = await sensor!.waitFor(({ msg }) => msg.startsWith('policy_reload'), undefined, from);
      expect(reloaded).toMatchObject({ msg: 'policy_reloaded', rules_block: count });
      for (const one of [secret, literal(count - 2)]) {
        const { sender, received } = await send('pad:5000', `text:${one}`, 'pad:9', 'send');
        expect([count, sender.signal, received]).toEqual([count, 'SIGKILL', '']);
      }
    }
    const noise = (i: number) =>
      Array.from({ length: 60 }, (_, k) => String.fromCharCode(33 + ((i * 31 + k * k * 7 + ((i * k) % 89)) % 90)));
    writePolicy(
      policy,
      Array.from({ length: 9_000 }, (_, i) => ({
        id: `long-${i}`,
        pattern: `${i}${noise(i).join('')}`,
        action: 'block',
      })),
    );
    const from = sensor!.lines.length;
    sensor!.child.kill('SIGHUP');
    const refused = await sensor!.waitFor(({ msg }) => msg.startsWith('policy_reload'), 30_000, from);
    expect(refused).toMatchObject({ msg: 'policy_reload_failed' });
    expect(refused.error).toMatch(/9000 block rules cannot be handed to the kernel: it has \d+ transitions/);
    // What was in force before still is.
    expect((await sendSecret()).sender.signal).toBe('SIGKILL');
    await sensor!.stop();
    const again = SensorProcess.launch(['--policy', policy, '--enable-bpf-blocking', '--block-mode', 'kill']);
    expect(await again.closed).toBe(3);
    expect(again.output).toContain('let fewer rules block');
    writePolicy(policy, [rule]);
  }, 90_000);

  it('stops what the policy says at the time, while policies change under load', async () => {
    await start('--block-kill-limit', '0');
    const other = sampleSecret();
    const quiet = ['repeat:400', 'pad:700', 'text:nothing of interest', 'send', `text:${other.slice(0, 12)}`, 'ex'];
    const load = Array.from({ length: 4 }, () => sendAll(program, server.port, quiet, { ms: 60_000 }));
    connections += 4;
    for (let round = 0; round < 12; round++) {
      writePolicy(policy, [rule, { id: 'other', pattern: round % 2 ? other : `${other}${round}`, action: 'block' }]);
      const from = sensor!.lines.length;
      sensor!.child.kill('SIGHUP');
      await sensor!.waitFor(({ msg }) => msg === 'policy_reloaded', undefined, from);
      expect((await sendSecret()).sender.signal).toBe('SIGKILL');
      const second = await send(`text:${other}`, 'send');
      expect(second.sender.signal).toBe(round % 2 ? 'SIGKILL' : null);
    }
    for (const sender of await Promise.all(load)) expect([sender.signal, sender.status]).toEqual([null, 0]);
    writePolicy(policy, [rule]);
  }, 90_000);

  it('leaves programs alone once the sensor is killed', async () => {
    await start();
    const sender = startSender(program, server.port, ['text:before', 'send', 'wait', `text:${secret}`, 'send']);
    await sender.waiting;
    sensor!.child.kill('SIGKILL');
    await sensor!.closed;
    sender.resume();
    expect(await sender.done).toMatchObject({ status: 0, signal: null });
    expect((await server.ended(connections++)).toString()).toBe(`before${secret}`);
  });

  it('tells forks and new images apart', async () => {
    await start('--block-kill-limit', '0');
    const half = secret.length >> 1;
    const [head, tail] = [secret.slice(0, half), secret.slice(half)];
    const apart = await send(`text:${head}`, 'send', 'exec', `text:${tail}`, 'send');
    expect([apart.sender.status, apart.received]).toEqual([0, head]);
    expect((await server.ended(connections++)).toString()).toBe(tail);
    const runs = Array.from({ length: 40 }, (_, i) =>
      i % 4 === 0
        ? sendAll(program, server.port, ['fork', 'exec', 'fork', `text:${secret}`, 'send'])
        : sendAll(program, server.port, [
            'text:quiet',
            'send',
            'fork',
            'connect',
            `text:${head}`,
            'send',
            'exec',
            'text:x',
            'ex',
          ]),
    );
    const ended = await Promise.all(runs);
    // A shell's view: 128 + SIGKILL, handed up by the parents.
    expect(ended.map(({ status }) => status)).toEqual(ended.map((_, i) => (i % 4 === 0 ? 137 : 0)));
  }, 60_000);

  it('keeps thousands of connections apart', async () => {
    await start('--block-kill-limit', '0');
    const half = secret.length >> 1;
    const [head, tail] = [secret.slice(0, half), secret.slice(half)];
    // Each connection ends with half of the secret, and the next begins with the other half.
    const actions = ['repeat:1000', 'connect', `text:${tail}`, 'send', `text:${head}`, 'send'];
    const senders = await Promise.all([0, 1, 2].map(() => sendAll(program, server.port, actions, { ms: 60_000 })));
    expect(senders.map(({ signal, status, calls }) => [signal, status, calls.length])).toEqual(
      senders.map(() => [null, 0, 2_000]),
    );
  }, 90_000);

  it('forgets those that were silent longest where there are too many connections, and says how many', async () => {
    await start('--block-kill-limit', '0', '--metrics-addr', '127.0.0.1:0');
    const port = await sensor!.metricsPort();
    const forgotten = () => metric(port, 'feed_count{feed="ebpf",name="connections_forgotten"}');
    const half = secret.length >> 1;
    const [head, tail] = [secret.slice(0, half), secret.slice(half)];
    const own = await ByteServer.start();
    const many = 1_000;
    const actions = [`text:${head}`, `crowd:${many}`, 'wait', `text:${tail}`, 'recrowd', 'pad:1', 'send'];
    const silent = startSender(program, own.port, actions, { ms: 60_000 });
    await silent.waiting;
    // Those whose place is given away end with half of the secret; those that get it begin with the other half. The kernel
    // gives whoever was looked up a second chance, so the map is filled three times.
    const crowd = Array.from({ length: 25 }, () => ['apart', `text:${tail} ${head}`, 'crowd:8000']);
    const { children } = await sendAll(program, own.port, crowd.flat(), { ms: 60_000 });
    expect(children.map(({ signal }) => signal)).toEqual(crowd.map(() => 0));
    expect(await forgotten()).toBe(0);

    silent.resume();
    expect((await silent.done).signal).toBe(null);
    // The count is kept in little room: it is about half of what is right after so many others.
    const counted = await forgotten();
    expect(counted).toBeGreaterThan(many / 5);
    expect(counted).toBeLessThanOrEqual(many);

    // Whoever writes while the map is full is remembered like anybody else.
    const cut = await sendAll(program, own.port, [`text:${head}`, 'send', `text:${tail}`, 'send']);
    expect([cut.signal, (await own.ended(2)).toString()]).toEqual(['SIGKILL', head]);
    expect(await forgotten()).toBe(counted);
    await own.stop();
  }, 90_000);

  it('refuses to start in a mode that the kernel does not permit', async () => {
    const run = SensorProcess.launch(['--enable-bpf-blocking', '--block-mode', 'deny']);
    const code = await Promise.race([run.closed, run.seen(/sensor_active/, 0, 30_000).then(() => 'runs')]);
    if (code === 'runs') await run.stop();
    else {
      expect(code).toBe(3);
      expect(run.output).toMatch(
        /this kernel does not permit the block mode deny \(deny: .+\); choose another -block-mode/,
      );
    }
  });
});
