import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The shared libraries that a program is linked with, as the loader would find them. */
export function librariesOf(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...listed.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!);
}

/** The libssl that a program is linked with. */
export function libsslOf(program: string): string {
  const path = librariesOf(program).find((library) => basename(library).startsWith('libssl.so'));
  if (path === undefined) throw new Error(`${program} is not linked with libssl`);
  return path;
}

/**
 * Puts a copy of a program's libssl into `directory`: an inode that no other process maps, so that what its probes see is
 * this test's traffic and no one else's. Run the program with the environment that comes back.
 */
export function privateLibssl(program: string, directory: string): { path: string; env: NodeJS.ProcessEnv } {
  const original = libsslOf(program);
  const path = join(directory, basename(original));
  copyFileSync(original, path);
  return { path, env: { LD_LIBRARY_PATH: directory } };
}
