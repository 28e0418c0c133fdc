import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { walk } from '../../src/scan/walk.js';
import { Folder } from './support.js';

const folder = new Folder();
afterAll(() => folder.remove());
const root = join(folder.path, 'repository');
mkdirSync(root);
const PATHS = [
  '.env',
  '.gitignore',
  'a.log',
  'keep.log',
  'build/out.txt',
  'docs/build/out.txt',
  'sub/.gitignore',
  'sub/a.log',
  'sub/b.txt',
  'sub/deep/b.txt',
  'sub/deep/only.txt',
];
for (const path of PATHS) folder.file(`repository/${path}`, 'x');
folder.file('repository/.gitignore', '*.log\n!keep.log\n/build/\n');
folder.file('repository/sub/.gitignore', '!a.log\nb.txt\n');

async function files(start: string, ignoreFiles = true): Promise<string[]> {
  const found: string[] = [];
  const onError = (_: string, error: Error) => {
    throw error;
  };
  for await (const path of walk(start, { ignoreFiles, onError })) found.push(relative(root, path));
  return found.sort();
}

describe('walk', () => {
  it('lists every file, hidden ones too', async () => {
    expect(await files(root, false)).toEqual([...PATHS].sort());
  });

  it.skipIf(spawnSync('git', ['--version']).status !== 0)('leaves out what git does, and .git', async () => {
    execFileSync('git', ['init', '-q'], { cwd: root });
    const list = ['ls-files', '--others', '--exclude-standard', '-z'];
    const wanted = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean).sort();
    expect(wanted).toContain('sub/a.log');
    expect(await files(root)).toEqual(wanted);
    // Patterns of the repository hold where only a part of it is scanned.
    expect(await files(join(root, 'sub'))).toEqual(wanted.filter((path) => path.startsWith('sub/')));
  });

  it('heeds .spectralignore', async () => {
    folder.file('other/.spectralignore', 'fixtures/\n');
    folder.file('other/fixtures/a.txt', 'x');
    expect(await files(join(folder.path, 'other'))).toEqual(['../other/.spectralignore']);
  });
});
