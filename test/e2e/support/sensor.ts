import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from './within.js';

const MESH = fileURLToPath(new URL('../../../packages/cli/dist/spectral-mesh.js', import.meta.url));
const START_MS = 30_000;
const WAIT_MS = 10_000;

export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface SensorRunOptions {
  readonly format?: 'json' | 'text';
  /** A program that becomes the sensor: `['setpriv', '--no-new-privs']`. */
  readonly wrapper?: readonly string[];
}

type Wanted = (line: LogLine) => boolean;

/** `spectral-mesh` as users run it: a process of its own, known by its log lines alone. */
export class SensorProcess {
  readonly lines: LogLine[] = [];
  /** All that it wrote to standard output and standard error. */
  output = '';
  readonly closed: Promise<number | null>;
  private partial = '';
  private readers: (() => void)[] = [];

  private constructor(
    readonly child: ChildProcess,
    private readonly format: 'json' | 'text',
  ) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => this.read(text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.closed = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Starts it and waits until it captures. */
  static async start(args: readonly string[], options: SensorRunOptions = {}): Promise<SensorProcess> {
    const sensor = SensorProcess.launch(args, options);
    const ended = sensor.closed.then((code) => {
      throw new Error(`spectral-mesh ended with ${code}:\n${sensor.output}`);
    });
    try {
      await Promise.race([sensor.seen(/\bsensor_active\b/, 0, START_MS), ended]);
    } catch (error) {
      sensor.child.kill('SIGKILL');
      throw error;
    }
    ended.catch(() => {});
    return sensor;
  }

  /** Starts it and waits for nothing. */
  static launch(args: readonly string[], { format = 'json', wrapper = [] }: SensorRunOptions = {}): SensorProcess {
    const [program, ...rest] = [...wrapper, process.execPath, MESH, ...args, '--log-format', format];
    return new SensorProcess(spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] }), format);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get alerts(): LogLine[] {
    return this.lines.filter((line) => line.msg === 'policy_alert');
  }

  /** The first line that is wanted, among those from number `from` on, past or to come. JSON only. */
  async waitFor(wanted: Wanted, ms = WAIT_MS, from = 0): Promise<LogLine> {
    const find = () => this.lines.slice(from).find(wanted);
    await this.until(() => find() !== undefined, ms, String(wanted));
    return find()!;
  }

  /** Resolves once `pattern` stands in what was written behind the first `from` characters. */
  seen(pattern: RegExp, from = 0, ms = WAIT_MS): Promise<void> {
    return this.until(() => pattern.test(this.output.slice(from)), ms, String(pattern));
  }

  alertOf(pid: number): Promise<LogLine> {
    return this.waitFor((line) => line.msg === 'policy_alert' && line.pid === pid);
  }

  /** Asks it to end, and waits for that; the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return within(WAIT_MS, 'the end of spectral-mesh', this.closed).finally(() => this.child.kill('SIGKILL'));
  }

  /** Where `--metrics-addr 127.0.0.1:0` came to listen. */
  async metricsPort(): Promise<number> {
    const port = /metrics_listening.*?\bport"?[:=](\d+)/;
    await this.seen(port);
    return Number(port.exec(this.output)![1]);
  }

  private async until(condition: () => boolean, ms: number, what: string): Promise<void> {
    const reached = async () => {
      while (!condition()) await new Promise<void>((resolve) => this.readers.push(resolve));
    };
    await within(ms, `in the log: ${what}`, reached(), () => this.output.slice(-8_000));
  }

  private read(text: string): void {
    this.output += text;
    if (this.format === 'json') {
      const lines = (this.partial + text).split('\n');
      this.partial = lines.pop()!;
      for (const line of lines) this.lines.push(JSON.parse(line) as LogLine);
    }
    for (const reader of this.readers.splice(0)) reader();
  }
}
