import { literalsOf, type Rule } from '@spectral/core';
import type { CommandRequest } from '../arguments.js';
import { EXIT } from '../exit-codes.js';
import { FlagReader } from '../flag-reader.js';
import { type CommandStreams, Output } from '../output.js';
import { loadPolicy } from './load.js';
import { packList } from './pack-list.js';

/** `spectral-mesh policy list`. @throws CliError, PolicyError */
export async function listPolicy({ command, values }: CommandRequest, streams: CommandStreams): Promise<number> {
  const read = new FlagReader<'policy' | 'rules' | 'json'>(
    command.flags,
    values as ReadonlyMap<'policy' | 'rules' | 'json', string>,
    streams.env,
  );
  const policyFile = read.policyFile();
  const packs = policyFile === undefined ? packList(read.text('rules')) : undefined;
  const { rules } = await loadPolicy({ policyFile, packs });
  const output = new Output(streams.stdout);
  if (read.boolean('json')) await output.write(`${JSON.stringify(rules.map(toDocument), null, 2)}\n`);
  else await output.write(table(rules));
  await output.end();
  return EXIT.OK;
}

const toDocument = (rule: Rule) => {
  const { id, severity, action, family, tags = [], description, source } = rule;
  const literals = rule.pattern === undefined && rule.literals === undefined ? [] : literalsOf(rule);
  return { id, severity, action, family, tags, description, source, literals, regex: rule.regex };
};

function table(rules: readonly Rule[]): string {
  const rows = rules.map(({ id, severity, action, family = '', description = '' }) => [
    id,
    severity,
    action,
    family,
    description,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
