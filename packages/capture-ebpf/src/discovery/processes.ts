import { readdir, readFile } from 'node:fs/promises';

/** A file that a process has mapped executable. */
export interface MappedFile {
  /** Opens the file as the process sees it, whatever its mount namespace. */
  readonly path: string;
  /** The path as the process knows it. */
  readonly name: string;
  readonly inode: string;
}

/*
 * /proc/PID/maps, proc_pid_maps(5):
 *   7f6c4a000000-7f6c4a021000 r-xp 00001000 fe:00 1234        /usr/lib/libssl.so.3 (deleted)
 *   range                     perms offset  device inode      path
 */
const LINE = /^([0-9a-f]+-[0-9a-f]+) ..x. \S+ (\S+) (\d+) +(\/.*)$/gm;
const DELETED = ' (deleted)';

/** Each executable file mapped by any process, once. Processes that end meanwhile are passed over. */
export async function* mappedFiles(procRoot: string): AsyncGenerator<MappedFile> {
  const seen = new Set<string>();
  for (const pid of await readdir(procRoot).catch(() => [] as string[])) {
    if (!/^\d+$/.test(pid)) continue;
    const maps = await readFile(`${procRoot}/${pid}/maps`, 'latin1').catch(() => '');
    for (const [, range, device, inode, name] of maps.matchAll(LINE)) {
      const identity = `${device} ${inode}`;
      if (seen.has(identity)) continue;
      seen.add(identity);
      const deleted = name!.endsWith(DELETED);
      yield {
        path: deleted ? `${procRoot}/${pid}/map_files/${range}` : `${procRoot}/${pid}/root${name}`,
        name: Buffer.from(deleted ? name!.slice(0, -DELETED.length) : name!, 'latin1').toString(),
        inode: inode!,
      };
    }
  }
}
