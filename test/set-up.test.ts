import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SETUP = fileURLToPath(new URL('../scripts/setup.sh', import.meta.url));
const COMMON =
  'bash node npm cat sed sort paste tr uname mktemp tail rm dirname cc as ld g++ make python3 openssl curl';

describe.runIf(process.platform === 'linux')('set-up on a machine that lacks clang', () => {
  let directory: string;
  let bin: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spectral-set-up-'));
    bin = join(directory, 'bin');
    mkdirSync(bin);
    for (const name of COMMON.split(' ')) {
      const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
      symlinkSync(path, join(bin, name));
    }
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const provide = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const setUp = () =>
    spawnSync('bash', [SETUP], { env: { ...process.env, PATH: bin }, encoding: 'utf8', timeout: 20_000 });

  it.each([
    ['dnf', /sudo dnf install -y (.* )?clang/],
    ['pacman', /sudo pacman -S --needed (.* )?clang/],
    ['apk', /sudo apk add (.* )?clang/],
  ])('prints the line to run for %s', (manager, line) => {
    provide(manager, 'exit 99');
    const { status, stderr } = setUp();
    expect(stderr).toMatch(line);
    expect(status).toBe(3);
  });

  it('does not take the word of a package manager that failed', () => {
    provide('apt-get', 'echo "E: no such package"; exit 100');
    const { status, stderr } = setUp();
    if (process.geteuid?.() === 0) expect(stderr).toContain('E: no such package');
    expect(stderr).toMatch(/sudo apt-get update && sudo apt-get install -y (.* )?clang/);
    expect(status).toBe(3);
  });

  it('asks for a Node that is new enough', () => {
    rmSync(join(bin, 'node'));
    provide('node', 'case "$1" in --version) echo v18.19.0;; *) exit 1;; esac');
    const { status, stderr } = setUp();
    expect(stderr).toMatch(/Node\.js >= 20\.19.*v18\.19\.0/);
    expect(status).toBe(3);
  });
});
