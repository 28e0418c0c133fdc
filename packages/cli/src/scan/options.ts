import type { RedactStyle } from '@spectral/core';
import type { CommandRequest } from '../arguments.js';
import type { ScanFlag } from '../commands.js';
import { CliError } from '../errors.js';
import { FlagReader } from '../flag-reader.js';
import type { PolicySource } from '../policy/load.js';
import { packList } from '../policy/pack-list.js';

/** What the flags of `scan` say, checked. */
export interface ScanOptions extends PolicySource {
  readonly paths: readonly string[];
  readonly views: boolean;
  readonly jsonl: boolean;
  readonly ignoreFiles: boolean;
  readonly format: 'text' | 'json' | 'sarif';
  readonly redact: RedactStyle;
  readonly explain: boolean;
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  readonly progress: 'auto' | 'always' | 'never';
}

/** Flags that shape a report, which `-jsonl` does not write. */
const REPORT_FLAGS = ['format', 'explain', 'baseline', 'write-baseline', 'ignore-files'] as const;

/** @throws CliError `USAGE` */
export function scanOptions({ command, values, args }: CommandRequest, env: NodeJS.ProcessEnv): ScanOptions {
  const read = new FlagReader<ScanFlag>(command.flags, values as ReadonlyMap<ScanFlag, string>, env);
  const policyFile = read.policyFile();
  const jsonl = read.boolean('jsonl');
  const useless = REPORT_FLAGS.find((name) => jsonl && values.has(name) && values.get(name) !== 'false');
  if (useless !== undefined) throw new CliError('USAGE', `flag -${useless}: has no meaning with -jsonl; leave it out`);
  if (!jsonl && values.has('redact')) throw new CliError('USAGE', 'flag -redact: has a meaning only with -jsonl');
  return {
    policyFile,
    packs: policyFile === undefined ? packList(read.text('rules')) : undefined,
    paths: args,
    views: read.boolean('views'),
    jsonl,
    ignoreFiles: read.boolean('ignore-files'),
    format: read.choice('format') as ScanOptions['format'],
    redact: read.choice('redact') as ScanOptions['redact'],
    explain: read.boolean('explain'),
    baseline: read.file('baseline'),
    writeBaseline: read.file('write-baseline'),
    progress: read.choice('progress') as ScanOptions['progress'],
  };
}
