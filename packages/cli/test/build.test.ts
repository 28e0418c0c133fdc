import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const program = at('../dist/spectral-mesh.js');
const manifest = JSON.parse(readFileSync(at('../package.json'), 'utf8')) as { version: string };

beforeAll(() => {
  if (!existsSync(program)) throw new Error(`${program} is missing; run: npm run build`);
});

describe('the built program', () => {
  it('says which build it is', () => {
    const out = execFileSync(process.execPath, [program, '-version'], { encoding: 'utf8' });
    const [version, commit, time] = out.split('\n');
    expect(version).toBe(`version: ${manifest.version}`);
    expect(commit).toMatch(/^git_commit: ([0-9a-f]{40}(-dirty)?|unknown)$/);
    expect(time).toMatch(/^build_time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('starts as a command of its own', () => {
    expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
