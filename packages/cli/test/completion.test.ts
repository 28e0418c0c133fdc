import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACK_NAMES } from '@spectral/rules';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/commands.js';
import { completionScript } from '../src/completion.js';
import { FLAGS } from '../src/flags.js';

const scratch = mkdtempSync(join(tmpdir(), 'spectral-completion-'));
afterAll(() => rmSync(scratch, { recursive: true }));
writeFileSync(join(scratch, 'policy.json'), '{}');

/** What a real bash offers for these words. */
function bash(...words: string[]): string[] {
  const script = `${completionScript('bash')}
COMP_WORDS=(spectral-mesh ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_spectral_mesh; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', script], { cwd: scratch, encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

describe('completion of bash', () => {
  it('offers every flag, with as many dashes as were typed', () => {
    expect(bash('-')).toEqual([...FLAGS.map(({ name }) => `-${name}`), '-help']);
    expect(bash('--')).toEqual([...FLAGS.map(({ name }) => `--${name}`), '--help']);
    expect(bash('-alert-max')).toEqual(['-alert-max-per-window', '-alert-max-per-pid-per-window']);
  });

  it('offers values', () => {
    expect(bash('-log-level', 'd')).toEqual(['debug']);
    expect(bash('--log-level', '=', 'w')).toEqual(['warn']);
    expect(bash('-k8s-enrich', '=')).toEqual(['true', 'false']);
    expect(bash('-policy', 'pol')).toEqual(['policy.json']);
    expect(bash('-rules', '')).toEqual([...PACK_NAMES]);
    expect(bash('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers commands, and the flags and arguments of each', () => {
    expect(bash('')).toEqual(['scan', 'explain', 'policy', 'completion']);
    expect(bash('policy', '')).toEqual(['check', 'test', 'list', 'import']);
    expect(bash('scan', '--red')).toEqual(['--redact']);
    expect(bash('scan', '-format', '')).toEqual(['text', 'json', 'sarif']);
    expect(bash('scan', '-jsonl', 'pol')).toEqual(['policy.json']);
    expect(bash('policy', 'check', '-')).toEqual(['-json', '-help']);
    expect(bash('policy', 'check', 'pol')).toEqual(['policy.json']);
    expect(bash('policy', 'list', 'pol')).toEqual([]);
    expect(bash('scan', '-alert')).toEqual([]);
  });

  it('offers no value after a switch, since it takes none', () => {
    expect(bash('-k8s-enrich', '-log-f')).toEqual(['-log-format']);
  });
});

describe.each(['zsh', 'fish'] as const)('completion of %s', (shell) => {
  it('knows every flag and choice', () => {
    const script = completionScript(shell);
    for (const flag of [...FLAGS, ...COMMANDS.flatMap(({ flags }) => flags)]) {
      expect(script).toContain(flag.name);
      if ('choices' in flag) expect(script).toContain(flag.choices!.join(' '));
    }
  });
});

describe('quoting', () => {
  it('of zsh gives one word per spelling of a flag, with its help', () => {
    // The array of words is written the same way in bash.
    const words = completionScript('zsh').replace(/^[\s\S]*local -a (specs=\([\s\S]*?\n {2}\))[\s\S]*$/, '$1');
    const out = execFileSync('bash', ['--norc', '-c', `${words}; printf '%s\\0' "\${specs[@]}"`], { encoding: 'utf8' });
    const specs = out.split('\0').slice(0, -1);
    expect(specs).toHaveLength(2 * FLAGS.length + 3);
    for (const { name, help } of FLAGS) {
      const plain = specs.filter((spec) => spec.startsWith(`--${name}=`)).map((spec) => spec.replaceAll('\\', ''));
      expect(plain).toEqual([expect.stringContaining(`[${help}]`)]);
    }
  });

  it.each(['bash', 'zsh', 'fish'] as const)('is good %s', (shell) => {
    const installed = spawnSync(shell, ['-c', 'true']).status === 0;
    if (!installed) return;
    const path = join(scratch, shell);
    writeFileSync(path, completionScript(shell));
    const check = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
    expect([check.status, check.stderr]).toEqual([0, '']);
  });
});
