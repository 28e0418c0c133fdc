import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedLibraries, installedPrograms, isSslLibrary } from '../src/discovery/installed.js';
import { mappedFiles } from '../src/discovery/processes.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spectral-root-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, bytes = 10, mode = 0o755) => {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, Buffer.alloc(bytes), { mode });
};

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

describe('installed files', () => {
  it('knows OpenSSL’s library by its name', () => {
    for (const name of ['libssl.so.3', 'libssl.so.1.1', '/usr/lib/libssl.so', 'libssl-2b1c.so.3', 'libssl_conda.so'])
      expect(isSslLibrary(name)).toBe(true);
    for (const name of ['libssl3.so', 'libcrypto.so.3', 'libopenssl.so', 'libssl.a', 'mylibssl.so'])
      expect(isSslLibrary(name)).toBe(false);
  });

  it('finds libraries in library directories and one level below', async () => {
    put('usr/lib/libssl.so.3');
    put('usr/lib/x86_64-linux-gnu/libssl.so.1.1');
    put('usr/lib/a/b/libssl.so.3');
    put('usr/lib/libcrypto.so.3');
    const found = (await all(installedLibraries(root))).map((path) => path.slice(root.length)).sort();
    expect(found).toEqual(['/usr/lib/libssl.so.3', '/usr/lib/x86_64-linux-gnu/libssl.so.1.1']);
  });

  it('finds large programs, also through links and in further directories', async () => {
    put('usr/bin/large', 2 << 20);
    put('usr/bin/small', 1000);
    put('usr/bin/data', 2 << 20, 0o644);
    put('opt/tool/bin/node', 2 << 20);
    symlinkSync('large', join(root, 'usr/bin/link'));
    symlinkSync('gone', join(root, 'usr/bin/dangling'));
    const found = (await all(installedPrograms(root, 'relative:/opt/tool/bin'))).map((path) => path.slice(root.length));
    expect(found.sort()).toEqual(['/opt/tool/bin/node', '/usr/bin/large', '/usr/bin/link']);
  });
});

describe('mapped files', () => {
  it('reads the maps of all processes, each file once', async () => {
    put('1/maps');
    writeFileSync(
      join(root, '1/maps'),
      [
        '55d0c0000000-55d0c0001000 r--p 00000000 fe:00 11                         /usr/bin/a',
        '55d0c0001000-55d0c0002000 r-xp 00001000 fe:00 11                         /usr/bin/a',
        '7f00a0000000-7f00a0001000 r-xp 00000000 fe:00 12                         /usr/lib/with space.so',
        '7f00b0000000-7f00b0001000 r-xp 00000000 fe:00 13                         /tmp/gone.so (deleted)',
        '7f00c0000000-7f00c0001000 rwxp 00000000 00:00 0 ',
        '7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]',
        'garbage',
        '',
      ].join('\n'),
    );
    put('20/maps');
    writeFileSync(
      join(root, '20/maps'),
      '7f00a0000000-7f00a0001000 r-xp 00000000 fe:00 12    /usr/lib/with space.so\n',
    );
    mkdirSync(join(root, '30'));
    put('version');
    const found = await all(mappedFiles(root));
    expect(found.map(({ path, name, inode }) => [path.slice(root.length), name, inode])).toEqual([
      ['/1/root/usr/bin/a', '/usr/bin/a', '11'],
      ['/1/root/usr/lib/with space.so', '/usr/lib/with space.so', '12'],
      ['/1/map_files/7f00b0000000-7f00b0001000', '/tmp/gone.so', '13'],
    ]);
  });

  it('finds nothing where there is no /proc', async () => {
    expect(await all(mappedFiles(join(root, 'nowhere')))).toEqual([]);
  });
});
