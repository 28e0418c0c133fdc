import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, POLICY, TOKEN } from './support.js';

const program = fileURLToPath(new URL('../../bin/spectral-mesh.js', import.meta.url));
const folder = new Folder();
afterAll(() => folder.remove());
const policy = folder.file('policy.json', POLICY);

function run(argv: readonly string[], input = '') {
  const options = { input, encoding: 'utf8', maxBuffer: 1 << 24 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], options);
  return { status, stdout, stderr };
}

describe('the built program', () => {
  it('scans', () => {
    expect(run(['scan', '--policy', policy], `x ${TOKEN}`)).toEqual({
      status: 1,
      stdout: `(standard input):1:3: critical made-up-token\n    x ${'*'.repeat(TOKEN.length)}\n`,
      stderr: `spectral-mesh: 1 finding in 1 of 1 file, ${2 + TOKEN.length} bytes\n`,
    });
    expect(run(['scan', '-policy', policy], 'clean').status).toBe(0);
    expect(run(['scan', '-policy', folder.path]).status).toBe(3);
  });

  it('scans with packs, of which every one loads', () => {
    const { status, stdout } = run(['policy', 'list', '-json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).length).toBeGreaterThan(400);
    expect(run(['scan'], 'Nothing to see here.').status).toBe(0);
  });

  it('answers JSON Lines', () => {
    const { status, stdout, stderr } = run(['scan', '-jsonl', '-policy', policy], `{"id":"a","text":"${TOKEN}"}\n{}\n`);
    expect([status, stdout.split('\n').length]).toEqual([8, 3]);
    expect(stderr).toBe('spectral-mesh: 1 line not scanned; their answers say why\n');
  });

  it('takes a file of any size in pieces', () => {
    const big = folder.file('big.bin', `${TOKEN}\n`);
    truncateSync(big, 200 * 2 ** 20);
    const argv = ['--max-old-space-size=64', program, 'scan', '-policy', policy, '-format', 'json', big];
    const { status, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).summary).toMatchObject({ bytes: 200 * 2 ** 20, findings: 1 });
  }, 60_000);

  it('stops when nobody reads what it prints', async () => {
    const file = folder.file('many.txt', `${TOKEN}\n`.repeat(200_000));
    const child = spawn(process.execPath, [program, 'scan', '-policy', policy, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [status] = await once(child, 'close');
    expect([status, errors]).toEqual([7, expect.stringContaining('standard output was closed by its reader')]);
  });
});
