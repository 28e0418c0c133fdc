import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ByteServer } from '../../e2e/support/byte-server.js';
import { HTTPS_PROGRAMS, type Ran } from '../../e2e/support/programs.js';
import { disguises, sampleSecret, writePolicy } from '../../e2e/support/secrets.js';
import { type LogLine, SensorProcess } from '../../e2e/support/sensor.js';
import { temporaryDirectory } from '../../e2e/support/temp.js';
import { type Sender, sendAll } from '../../e2e/support/tls-sender.js';
import { TlsServer } from '../../e2e/support/tls-server.js';
import { check, holds, same, waitsForPages } from './runner.js';

export const BLOCK_MODES = ['redact', 'deny', 'kill'] as const;
type Mode = (typeof BLOCK_MODES)[number];

const OFFSETS = [0, 33, 127, 5_000, 60_000];
const EXIT_CONFIG = 3;
const HELLO = 'hello ';
const SIGKILL = 9;

const installed = (program: string) =>
  (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, program)));

/** What is in every policy beside the secret: literals that nobody sends. */
function policyOf(path: string, secret: string, literals: number): string {
  const others = Array.from({ length: literals - 1 }, (_, i) => ({
    id: `other-${i}`,
    pattern: `SPECTRALOTHER${i.toString(36)}x${(i * 7919).toString(36)}`,
    action: 'block',
  }));
  return writePolicy(path, [{ id: 'sample-key', pattern: secret, severity: 'critical', action: 'block' }, ...others]);
}

/** Each way of blocking, with real TLS connections: what the other side got, what the program saw, what the alert says. */
class ModeChecks {
  private readonly directory = temporaryDirectory();
  private readonly policy = join(this.directory.path, 'policy.json');
  private readonly secret = sampleSecret();
  private server!: ByteServer;
  private sensor!: SensorProcess;
  private connections = 0;

  constructor(
    private readonly mode: Mode,
    private readonly sender: string,
  ) {}

  async run(): Promise<void> {
    const { mode } = this;
    const up = await check(`${mode}: spectral-mesh starts`, () => this.start());
    if (!up) return this.directory.remove();
    await check(`${mode}: other text passes`, () => this.passes());
    for (const offset of OFFSETS) await check(`${mode}: secret at ${offset}`, () => this.at(offset));
    await check(`${mode}: cut across two writes, everywhere`, () => this.cuts());
    await check(`${mode}: write repeated by the program`, () => this.repeated());
    await check(`${mode}: pages not resident`, () => this.absent());
    if (mode === 'redact') await check(`${mode}: pages that cannot be written`, () => this.constant());
    for (const literals of [100, 500]) await check(`${mode}: ${literals} literals`, () => this.literals(literals));
    for (const program of HTTPS_PROGRAMS.filter(({ comm }) => installed(comm)))
      await check(`${mode}: ${program.name}`, () => this.program(program));
    await check(`${mode}: spectral-mesh stops`, () => this.stop());
  }

  private async start(): Promise<string> {
    this.server = await ByteServer.start();
    policyOf(this.policy, this.secret, 8);
    const flags = ['--enable-bpf-blocking', '--block-mode', this.mode, '--block-kill-limit', '0'];
    this.sensor = await SensorProcess.start(['--policy', this.policy, ...flags]);
    const active = this.sensor.lines.find(({ msg }) => msg === 'blocking_active');
    same('mode', active?.mode, this.mode);
    return 'ok';
  }

  private async send(...actions: string[]): Promise<{ sender: Sender; received: string }> {
    const sender = await sendAll(this.sender, this.server.port, actions);
    return { sender, received: (await this.server.ended(this.connections++)).toString('latin1') };
  }

  /** What the server gets of a write that begins with `kept` bytes and has the secret's last `stopped` bytes in it. */
  private rest(before: string, stopped: string, behind: string): string {
    return this.mode === 'redact' ? before + '*'.repeat(stopped.length) + behind : '';
  }

  private outcome(sender: Sender, calls: number): string {
    const last = sender.calls.at(-1);
    if (this.mode === 'kill') {
      same('signal', [sender.signal, sender.calls.length], ['SIGKILL', calls - 1]);
      return 'killed, nothing left';
    }
    same('exit', [sender.status, sender.calls.length], [0, calls]);
    if (this.mode === 'redact') return 'masked, rest intact';
    holds('the call failed', last!.result <= 0, last);
    return `failed (${last!.result}, SSL error ${last!.sslError}), nothing left`;
  }

  private async alert(pid: number, left: number): Promise<LogLine> {
    const alert = await this.sensor.alertOf(pid);
    const { mode } = this;
    same(
      'alert',
      [alert.rule_id, alert.block_mode_wanted, alert.block_mode_achieved, alert.kernel_wipe_applied, alert.bytes_left],
      ['sample-key', mode, mode, true, left],
    );
    return alert;
  }

  private async passes(): Promise<string> {
    const almost = this.secret.slice(0, -1);
    const { sender, received } = await this.send('pad:40000', 'send', `text:${almost}`, 'ex', `text:${almost}`, 'send');
    same('exit', [sender.status, sender.calls.length], [0, 3]);
    holds('all of it came', received === '.'.repeat(40_000) + almost + almost, received.length);
    return 'intact';
  }

  private async at(offset: number): Promise<string> {
    let said = '';
    for (const call of ['send', 'ex']) {
      const actions = [`text:${HELLO}`, 'send', `pad:${offset}`, `text:${this.secret}`, 'pad:100', call];
      const { sender, received } = await this.send(...actions);
      const rest = this.rest('.'.repeat(offset), this.secret, '.'.repeat(100));
      holds('the server got what it should', received === HELLO + rest, received.replace(/\.{9,}/g, '…'));
      said = this.outcome(sender, 2);
      same('offset', (await this.alert(sender.pid, 0)).match_offset, HELLO.length + offset);
    }
    return said;
  }

  private async cuts(): Promise<string> {
    const actions: string[] = [];
    for (let cut = 1; cut < this.secret.length; cut++) {
      const [first, second] = cut % 2 ? ['send', 'ex'] : ['ex', 'send'];
      const [head, tail] = [this.secret.slice(0, cut), this.secret.slice(cut)];
      actions.push('apart', 'connect', `pad:${cut}`, `text:${head}`, first!, `text:${tail}`, second!);
    }
    const whole = this.connections++;
    const { children } = await sendAll(this.sender, this.server.port, actions);
    await this.server.ended(whole);
    same('children', children.length, this.secret.length - 1);
    for (const [i, { pid, signal }] of children.entries()) {
      const cut = i + 1;
      same(`signal, cut at ${cut}`, signal, this.mode === 'kill' ? SIGKILL : 0);
      const received = (await this.server.ended(this.connections++)).toString('latin1');
      const rest = this.rest('', this.secret.slice(cut), '');
      same(`received, cut at ${cut}`, received, '.'.repeat(cut) + this.secret.slice(0, cut) + rest);
      await this.alert(pid, cut);
    }
    return `${children.length} cuts`;
  }

  private async repeated(): Promise<string> {
    const [a, b, c] = [this.secret.slice(0, 9), this.secret.slice(9, 25), this.secret.slice(25)];
    const actions = [`text:${a}`, 'send', `text:${b}`, 'refuse', 'send', 'again', `text:${c}`, 'send'];
    const { sender, received } = await this.send(...actions);
    same('received', received, a + b + this.rest('', c, ''));
    return this.outcome(sender, 4);
  }

  /** Nobody has read these pages, and nobody may write them. Brought in where that is possible, else reported. */
  private async absent(): Promise<string> {
    const { sender, received } = await this.send('pad:9000', `text:${this.secret}`, 'absent');
    const left = received.includes(this.secret);
    same('left', left, this.mode === 'redact' || !waitsForPages());
    if (left) {
      const verdict = await this.sensor.waitFor(({ msg, pid }) => msg === 'block_verdict' && pid === sender.pid);
      same('verdict', [verdict.block_mode_achieved, verdict.block_restraint, verdict.errno], ['observe', 'failed', 14]);
      return 'left, and reported';
    }
    return this.outcome(sender, 1);
  }

  private async constant(): Promise<string> {
    const { sender, received } = await this.send(`text:${this.secret}`, 'constant');
    same('received', received, this.secret);
    const alert = await this.sensor.alertOf(sender.pid);
    same(
      'alert',
      [alert.block_mode_achieved, alert.block_restraint, alert.kernel_wipe_applied, alert.bytes_left],
      ['observe', 'failed', false, this.secret.length],
    );
    return 'left, and reported';
  }

  private async literals(count: number): Promise<string> {
    policyOf(this.policy, this.secret, count);
    const from = this.sensor.lines.length;
    this.sensor.child.kill('SIGHUP');
    const reloaded = await this.sensor.waitFor(({ msg }) => msg.startsWith('policy_reload'), undefined, from);
    same('reload', [reloaded.msg, reloaded.rules_block], ['policy_reloaded', count]);
    return this.at(5_000);
  }

  private async program(program: (typeof HTTPS_PROGRAMS)[number]): Promise<string> {
    const server = await TlsServer.start();
    try {
      const body = JSON.stringify({ prompt: 'why does it fail?', key: this.secret });
      let ran: Ran | undefined;
      await program.post(server, '/blocked', body).then(
        (result) => {
          ran = result;
        },
        () => {},
      );
      const got = server.received.map((request) => request.body);
      if (this.mode === 'redact') same('received', got, [body.replace(this.secret, '*'.repeat(this.secret.length))]);
      // What a program writes on its own in front of the secret may have come: HTTP/2's headers, say.
      const before = body.slice(0, body.indexOf(this.secret));
      if (this.mode !== 'redact')
        same(
          'came',
          got.filter((came) => !before.startsWith(came)),
          [],
        );
      if (ran === undefined) return 'nothing left; the program waits';
      if (this.mode === 'redact') return `masked, exit ${ran.status}`;
      return ran.status === null ? 'killed, nothing left' : `exit ${ran.status}, nothing left`;
    } finally {
      await server.stop();
    }
  }

  private async stop(): Promise<string> {
    same('exit code', await this.sensor.stop(), 0);
    const leaked = disguises(this.secret).find((form) => this.sensor.output.includes(form));
    holds('the secret stands in no output', leaked === undefined);
    await this.server.stop();
    this.directory.remove();
    return 'ok, no secret in its output';
  }
}

/** A mode that the kernel refuses ends the sensor at its start, and says so. */
async function refused(mode: Mode): Promise<string> {
  const sensor = SensorProcess.launch(['--enable-bpf-blocking', '--block-mode', mode]);
  same('exit code', await sensor.closed, EXIT_CONFIG);
  holds('the mode is named', sensor.output.includes(`the block mode ${mode}`), sensor.output.slice(-500));
  return 'refused at the start';
}

/** Told so, the sensor lets nothing pass that it cannot look through: neither pages that are not in memory nor long writes. */
async function failsClosed(program: string): Promise<string> {
  const server = await ByteServer.start();
  const directory = temporaryDirectory();
  const policy = policyOf(join(directory.path, 'policy.json'), sampleSecret(), 8);
  const flags = ['--enable-bpf-blocking', '--block-mode', 'kill', '--block-kill-limit', '0', '--block-fail-closed'];
  const sensor = await SensorProcess.start(['--policy', policy, ...flags, '--write-cap-bytes', '20000']);
  let connections = 0;
  const outcome = async (...actions: string[]) => {
    const { pid, signal } = await sendAll(program, server.port, actions);
    const left = (await server.ended(connections++)).length;
    if (signal === null) return [signal, left];
    const verdict = await sensor.waitFor((line) => line.msg === 'block_verdict' && line.pid === pid);
    return [signal, left, verdict.errno];
  };
  try {
    same('short', await outcome('pad:20000', 'send'), [null, 20_000]);
    same('too long', await outcome('pad:20001', 'send'), ['SIGKILL', 0, 27]);
    const absent = await outcome('pad:9000', 'absent');
    same('not resident', absent, waitsForPages() ? [null, 9_000] : ['SIGKILL', 0, 14]);
    same('waits', !sensor.lines.some(({ msg }) => msg === 'pages_not_awaited'), waitsForPages());
    same('file', await outcome('pad:9000', 'sendfile'), ['SIGKILL', 0, 27]);
    same('exit code', await sensor.stop(), 0);
    return waitsForPages() ? 'what is too long' : 'what is too long or not resident';
  } finally {
    await server.stop();
    directory.remove();
  }
}

/** Left to itself, the sensor takes the gentlest mode that the kernel permits, and names all that it does. */
export async function checkChoice(permits: (mode: Mode) => boolean | undefined): Promise<void> {
  await check('auto: the gentlest mode', async () => {
    const sensor = await SensorProcess.start(['--enable-bpf-blocking']);
    const said = (event: string) => sensor.lines.find(({ msg }) => msg === event);
    const possible = said('block_modes')?.possible as readonly Mode[];
    same('exit code', await sensor.stop(), 0);
    for (const mode of BLOCK_MODES)
      holds(`${mode} is possible or not`, permits(mode) !== !possible.includes(mode), [possible, said('block_modes')]);
    same('mode', said('blocking_active')?.mode, possible[0]);
    return possible.join(', ');
  });
}

/** @param permitted whether this kernel has to permit the mode; `undefined` where nobody knows: then it is not tried */
export async function checkBlocking(mode: Mode, sender: string, permitted: boolean | undefined): Promise<void> {
  if (permitted === true) await new ModeChecks(mode, sender).run();
  if (mode === 'kill') await check('kill: fails closed where told so', () => failsClosed(sender));
  else if (permitted === false) await check(`${mode}: not permitted`, () => refused(mode));
}
