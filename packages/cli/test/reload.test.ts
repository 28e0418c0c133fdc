import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDocument } from '../src/document.js';

const scratch = mkdtempSync(join(tmpdir(), 'spectral-reload-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const path = (name: string) => join(scratch, name);

describe('readDocument', () => {
  it('reads a file as it is', async () => {
    writeFileSync(path('ok.json'), '{"ä": 1}\n');
    expect(Buffer.from(await readDocument('flag -policy', path('ok.json'))).toString()).toBe('{"ä": 1}\n');
    writeFileSync(path('empty'), '');
    expect(await readDocument('flag -policy', path('empty'))).toHaveLength(0);
  });

  it('names flag, file and reason when it cannot', async () => {
    mkdirSync(path('directory'));
    execFileSync('mkfifo', [path('fifo')]);
    writeFileSync(path('big'), '');
    truncateSync(path('big'), 17 * 2 ** 20);
    for (const [file, why] of [
      ['missing', 'no such file'],
      ['ok.json/x', 'no such file'],
      ['directory', 'it is a directory'],
      ['fifo', 'it is not a regular file'],
      ['big', '17825792 bytes are more than the 16777216 allowed'],
    ]) {
      const refused = readDocument('flag -allowlist', path(file!));
      await expect(refused).rejects.toThrow(`flag -allowlist: cannot read ${path(file!)}: ${why}`);
      await expect(refused).rejects.toMatchObject({ code: 'CONFIG_FILE', exitCode: 3 });
    }
  });
});
