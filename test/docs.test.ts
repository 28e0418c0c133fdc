import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));

/** As the usual viewers make anchors of headings. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

describe('the documentation', () => {
  it.each(pages)('%s links to what exists', (page) => {
    const broken = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
      ([link, path, anchor]) => {
        const target = path === '' ? page : join(dirname(page), path!);
        if (!existsSync(join(root, target))) return [link];
        return anchor === undefined || anchorsOf(read(target)).includes(anchor) ? [] : [link];
      },
    );
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names npm scripts that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/\bnpm run ([\w:]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('has benchmark tables that are those of the recorded results', () => {
    execFileSync(process.execPath, [join(root, 'scripts/bench-docs.mjs'), '--check'], { stdio: 'pipe' });
  });

  it('shows examples of policy and allowlist that are accepted', async () => {
    const { parseAllowlist, parsePolicy } = await import('@spectral/core');
    expect(parsePolicy(read('policy.example.json'), 'policy.example.json').rules.length).toBeGreaterThan(0);
    expect(parseAllowlist(read('allowlist.example.json'), 'allowlist.example.json').commPrefixes).toContain('apt');
  });
});
