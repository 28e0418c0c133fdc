import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LineWriter } from '../src/log/line-writer.js';
import { DescriptorOutlet, type Outlet, StreamOutlet } from '../src/log/outlet.js';

const scratch = mkdtempSync(join(tmpdir(), 'spectral-lines-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Takes as many bytes a call as the script says; an error where it says so; everything once the script is over. */
class ScriptedOutlet implements Outlet {
  private readonly taken: Uint8Array[] = [];
  onReady: (error?: NodeJS.ErrnoException) => void = () => {};

  constructor(readonly script: (number | string)[]) {}

  write(bytes: Uint8Array): number {
    const step = this.script.shift();
    if (typeof step === 'string') throw Object.assign(new Error(step), { code: step });
    const length = Math.min(bytes.length, step ?? bytes.length);
    this.taken.push(bytes.slice(0, length));
    return length;
  }

  get text(): string {
    return Buffer.concat(this.taken).toString();
  }

  async drained(): Promise<void> {}
  close(): void {}
}

/** A named pipe with both ends open, so that neither open waits for the other. */
function fifo(name: string): { read: number; write: number } {
  const path = join(scratch, name);
  execFileSync('mkfifo', [path]);
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { read, write: openSync(path, constants.O_WRONLY) };
}

function readAll(fd: number): string {
  const buffer = Buffer.alloc(1 << 20);
  let text = '';
  for (;;) {
    try {
      const bytes = readSync(fd, buffer);
      if (bytes === 0) return text;
      text += buffer.toString('utf8', 0, bytes);
    } catch {
      return text;
    }
  }
}

describe('LineWriter', () => {
  it('writes every line whole and in order, however the outlet takes it', async () => {
    const step = fc.oneof(fc.nat(5), fc.constantFrom('ENOSPC', 'EDQUOT'));
    const lines = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `${text.replaceAll('\n', '')}\n`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), lines, async (script, written) => {
        const outlet = new ScriptedOutlet(script);
        const writer = new LineWriter(outlet);
        for (const line of written) {
          writer.write(line);
          outlet.onReady();
        }
        outlet.script.length = 0;
        expect(await writer.close(1_000)).toBeUndefined();
        expect(outlet.text).toBe(written.join(''));
        expect(writer.counters.dropped).toBe(0);
      }),
    );
  });

  it('drops and counts what the backlog has no room for, minor lines first', async () => {
    const outlet = new ScriptedOutlet([0]);
    const writer = new LineWriter(outlet, 40);
    for (let i = 0; i < 4; i++) writer.write(`minor ${i}..\n`, true);
    expect(writer.counters).toEqual({ lines: 4, dropped: 2, writeErrors: 0 });
    writer.write('major 0..\n');
    writer.write('major 1..\n');
    writer.write('major 2..\n');
    expect(writer.counters).toEqual({ lines: 7, dropped: 3, writeErrors: 0 });
    await writer.close(1_000);
    expect(outlet.text).toBe('minor 0..\nminor 1..\nmajor 0..\nmajor 1..\n');
  });

  it('keeps a line that a full disk refused, and says at the end what was lost', async () => {
    const outlet = new ScriptedOutlet(['ENOSPC', 'ENOSPC']);
    const writer = new LineWriter(outlet);
    writer.write('one\n');
    writer.write('two\n');
    const error = await writer.close(1_000);
    expect(error?.code).toBe('ENOSPC');
    expect(writer.counters).toEqual({ lines: 2, dropped: 2, writeErrors: 2 });
  });

  it.each(['EPIPE', 'ECONNRESET'])('tells once that the reader is gone: %s', async (code) => {
    const writer = new LineWriter(new ScriptedOutlet([code]));
    const closed: string[] = [];
    writer.onClosed = (error) => closed.push(error.message);
    writer.write('one\n');
    writer.write('two\n');
    await writer.close(0);
    expect(closed).toEqual([code]);
    expect(writer.counters.dropped).toBe(2);
  });
});

describe('DescriptorOutlet', () => {
  it('never waits for a pipe that nobody reads, and loses nothing when somebody does', async () => {
    const { read, write } = fifo('slow');
    const writer = new LineWriter(new DescriptorOutlet(write), 2 ** 20);
    const line = `${'x'.repeat(999)}\n`;
    for (let i = 0; i < 500; i++) writer.write(line);
    expect(writer.counters.dropped).toBe(0);
    const closed = writer.close(10_000);
    let text = '';
    let open = true;
    void closed.then(() => {
      open = false;
    });
    while (open) {
      text += readAll(read);
      await new Promise((resolve) => setImmediate(resolve));
    }
    text += readAll(read);
    expect(text).toBe(line.repeat(500));
    closeSync(read);
    closeSync(write);
  });

  it('leaves the inherited descriptor as it was: it may be shared with other programs', () => {
    const { read, write } = fifo('shared');
    const flags = () => readFileSync(`/proc/self/fdinfo/${write}`, 'utf8').match(/flags:\s+(\d+)/)?.[1];
    const before = flags();
    const outlet = new DescriptorOutlet(write);
    outlet.write(Buffer.from('hello\n'));
    outlet.close();
    expect(flags()).toBe(before);
    expect(readAll(read)).toBe('hello\n');
    closeSync(read);
    closeSync(write);
  });

  it('reports a pipe whose reader went away', async () => {
    const { read, write } = fifo('gone');
    const writer = new LineWriter(new DescriptorOutlet(write));
    let code: string | undefined;
    writer.onClosed = (error) => {
      code = (error as NodeJS.ErrnoException).code;
    };
    closeSync(read);
    writer.write('hello\n');
    expect(code).toBe('EPIPE');
    await writer.close(0);
    closeSync(write);
  });

  it('counts what a full device refuses', async () => {
    const fd = openSync('/dev/full', 'w');
    const writer = new LineWriter(new DescriptorOutlet(fd));
    writer.write('hello\n');
    expect(writer.counters.writeErrors).toBe(1);
    expect((await writer.close(0))?.code).toBe('ENOSPC');
    closeSync(fd);
  });

  it('appends to a file where it stands', async () => {
    const path = join(scratch, 'file');
    const fd = openSync(path, 'w');
    const writer = new LineWriter(new DescriptorOutlet(fd));
    writer.write('one\n');
    writer.write('two\n');
    await writer.close(0);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    closeSync(fd);
  });
});

describe('StreamOutlet', () => {
  it('holds lines back while the stream is full', async () => {
    const stream = new PassThrough({ highWaterMark: 8 });
    const writer = new LineWriter(new StreamOutlet(stream), 16);
    for (const line of ['first...\n', 'second..\n', 'third...\n']) writer.write(line);
    expect(writer.counters.dropped).toBe(1);
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await writer.close(5_000);
    expect(text).toBe('first...\nsecond..\n');
  });

  it('reports a stream that closes', async () => {
    const child = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] });
    const writer = new LineWriter(new StreamOutlet(child.stdin));
    const closed = new Promise<Error>((resolve) => {
      writer.onClosed = resolve;
    });
    writer.write('hello\n');
    expect((await closed) as NodeJS.ErrnoException).toMatchObject({
      code: expect.stringMatching(/EPIPE|ECONNRESET|ECANCELED/),
    });
    await writer.close(0);
  });

  it('takes a stream that broke for closed, whatever the error is called', async () => {
    const stream = new PassThrough();
    const writer = new LineWriter(new StreamOutlet(stream));
    const closed = new Promise<Error>((resolve) => {
      writer.onClosed = resolve;
    });
    const error = Object.assign(new Error('canceled'), { code: 'ECANCELED' });
    stream.destroy(error);
    expect(await closed).toBe(error);
    writer.write('late\n');
    expect(writer.counters.dropped).toBe(1);
    await writer.close(0);
  });
});
