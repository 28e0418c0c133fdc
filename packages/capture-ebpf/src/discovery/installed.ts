import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LIBRARY_ROOTS = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];
const PROGRAM_ROOTS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/bin', '/sbin'];

/** A program that contains OpenSSL is never smaller. */
const SMALLEST_PROGRAM = 1 << 20;

/** OpenSSL and its forks name their library so; libssl3.so is NSS, which has no SSL_write. */
export const isSslLibrary = (path: string): boolean => /(^|\/)libssl(?!3\.so)[^/]*\.so[^/]*$/.test(path);

const entriesOf = async (directory: string) => readdir(directory, { withFileTypes: true }).catch(() => []);

/** libssl files in the library directories and one level below them (multiarch, vendor directories). */
export async function* installedLibraries(root: string): AsyncGenerator<string> {
  for (const directory of LIBRARY_ROOTS) {
    for (const entry of await entriesOf(root + directory)) {
      const path = join(root + directory, entry.name);
      if (isSslLibrary(entry.name)) yield path;
      if (!entry.isDirectory()) continue;
      for (const inner of await entriesOf(path)) if (isSslLibrary(inner.name)) yield join(path, inner.name);
    }
  }
}

/** Programs large enough to contain OpenSSL themselves, such as Node. `path`: further directories, as in $PATH. */
export async function* installedPrograms(root: string, path: string): AsyncGenerator<string> {
  const directories = new Set([...PROGRAM_ROOTS, ...path.split(':').filter((part) => part.startsWith('/'))]);
  for (const directory of directories) {
    for (const entry of await entriesOf(root + directory)) {
      const program = join(root + directory, entry.name);
      const facts = await stat(program).catch(() => undefined);
      if (facts?.isFile() && facts.size >= SMALLEST_PROGRAM && (facts.mode & 0o111) !== 0) yield program;
    }
  }
}
