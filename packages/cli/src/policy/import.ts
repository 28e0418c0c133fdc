import { writeFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import { stringify } from 'yaml';
import type { CommandRequest } from '../arguments.js';
import { readDocument } from '../document.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { type CommandStreams, Output } from '../output.js';
import { shown } from '../scan/report-text.js';
import { type Imported, rulesOfGitleaks } from './gitleaks.js';

/** `spectral-mesh policy import -gitleaks FILE`. @throws CliError */
export async function importPolicy({ values }: CommandRequest, streams: CommandStreams): Promise<number> {
  const source = values.get('gitleaks');
  if (!source) throw new CliError('USAGE', 'policy import: needs -gitleaks FILE, the rules to take over');
  const target = values.get('o');
  if (target === '') throw new CliError('USAGE', 'flag -o: "" is not the path of a file');
  const imported = rulesOfGitleaks(readToml(await readDocument('flag -gitleaks', source), source));
  streams.stderr.write(reportOf(imported));
  if (imported.policy === undefined) {
    throw new CliError('CONFIG_FILE', `flag -gitleaks: ${source}: no rule of it could be taken over`);
  }
  const document = { schema_version: 3, family: 'gitleaks', tags: ['secret'], rules: imported.rules };
  const isYaml = target !== undefined && /\.ya?ml$/i.test(target);
  const text = isYaml ? stringify(document, { lineWidth: 0 }) : `${JSON.stringify(document, null, 2)}\n`;
  if (target === undefined) {
    const output = new Output(streams.stdout);
    await output.write(text);
    await output.end();
    return EXIT.OK;
  }
  try {
    await writeFile(target, text);
  } catch (error) {
    throw new CliError('CONFIG_FILE', `flag -o: cannot write ${target}: ${(error as NodeJS.ErrnoException).code}`);
  }
  return EXIT.OK;
}

function readToml(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // The parser's message quotes the text.
    const place =
      error instanceof TomlError ? `line ${error.line}, column ${error.column}: not valid TOML` : 'not UTF-8';
    throw new CliError('CONFIG_FILE', `flag -gitleaks: ${path}: ${place}`);
  }
}

function reportOf({ notes, rules, total }: Imported): string {
  const lines = notes.map(({ rule, message, lost }) => {
    const name = rule === '' ? 'whole file' : shown(rule);
    return `${name}: ${lost ? 'not taken over: ' : ''}${message}`;
  });
  return `${[...lines, `${rules.length} of ${total} rules taken over`].join('\n')}\n`;
}
