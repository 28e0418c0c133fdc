import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

const IGNORE_FILES = ['.gitignore', '.spectralignore'];

/** Patterns of one folder, for what is below it. */
interface Patterns {
  readonly folder: string;
  readonly ignores: Ignore;
}

export interface WalkOptions {
  /** Whether ignore files count. */
  readonly ignoreFiles: boolean;
  /** A folder cannot be read. */
  readonly onError: (path: string, error: Error) => void;
}

/**
 * The regular files below a folder, by name. Symbolic links are not followed, so there are no loops; `.git` is left out.
 * Patterns of `.gitignore` and `.spectralignore` hold for their folder and what is below it, as in git; so do those of the
 * folders above, up to the one with `.git`.
 */
export async function* walk(root: string, options: WalkOptions): AsyncGenerator<string> {
  const above = options.ignoreFiles ? await patternsAbove(resolve(root)) : [];
  yield* below(root, above, options);
}

async function* below(folder: string, above: readonly Patterns[], options: WalkOptions): AsyncGenerator<string> {
  // Folders that wait, the next one last: no recursion, however deep they are.
  const waiting: { path: string; patterns: readonly Patterns[] }[] = [{ path: folder, patterns: above }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    let entries: Dirent[];
    try {
      entries = await readdir(next.path, { withFileTypes: true });
    } catch (error) {
      options.onError(next.path, error as Error);
      continue;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const patterns = options.ignoreFiles ? await withPatternsOf(next.path, next.patterns) : next.patterns;
    const folders: typeof waiting = [];
    for (const entry of entries) {
      const path = join(next.path, entry.name);
      const isFolder = entry.isDirectory();
      if (isFolder ? entry.name === '.git' : !entry.isFile()) continue;
      if (isIgnored(path, isFolder, patterns)) continue;
      if (isFolder) folders.push({ path, patterns });
      else yield path;
    }
    waiting.push(...folders.reverse());
  }
}

function isIgnored(path: string, isFolder: boolean, patterns: readonly Patterns[]): boolean {
  const full = resolve(path);
  // Those of inner folders overrule those of outer ones.
  for (const { folder, ignores } of [...patterns].reverse()) {
    const name = relative(folder, full).split(sep).join('/');
    const { ignored, unignored } = ignores.test(isFolder ? `${name}/` : name);
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

async function withPatternsOf(folder: string, patterns: readonly Patterns[]): Promise<readonly Patterns[]> {
  const texts = await Promise.all(
    IGNORE_FILES.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  );
  const found = texts.filter((text) => text !== undefined);
  if (found.length === 0) return patterns;
  const ignores = ignore();
  for (const text of found) ignores.add(text);
  return [...patterns, { folder: resolve(folder), ignores }];
}

/** Patterns of the folders above, if they are of one repository. */
async function patternsAbove(folder: string): Promise<readonly Patterns[]> {
  const folders: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const isRoot = await stat(join(at, '.git')).then(
      () => true,
      () => false,
    );
    if (at !== folder) folders.unshift(at);
    if (isRoot) break;
    if (dirname(at) === at) return [];
  }
  let patterns: readonly Patterns[] = [];
  for (const at of folders) patterns = await withPatternsOf(at, patterns);
  return patterns;
}
