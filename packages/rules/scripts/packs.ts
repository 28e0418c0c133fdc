import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseDocument } from 'yaml';
import { DEFAULT_POLICY } from '../../core/src/policy/defaults.js';
import { policyOf } from '../../core/src/policy/parse.js';
import type { Rule } from '../../core/src/policy/types.js';
import { validators } from '../src/validators.js';

/** Where the packs are: a folder each, with a file for each family. */
export const PACKS = fileURLToPath(new URL('../packs', import.meta.url));

/** Every rule must be shown to find what it should, and to leave alone what looks alike. */
const MIN_EXAMPLES = 2;

export interface Pack {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/**
 * Reads all packs, and checks them more strictly than a user's policy: every rule has a description, a family, a tag and
 * examples, and no id occurs twice in all of them.
 * @throws Error lists everything that is wrong
 */
export function readPacks(folder = PACKS): Pack[] {
  const problems: string[] = [];
  const definitions = readDefinitions(folder);
  const homes = new Map(DEFAULT_POLICY.rules.map(({ id }) => [id, 'the default policy']));
  const packs = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      rules: familiesIn(join(folder, name)).flatMap((file) =>
        readFamily(join(folder, name, file), `${name}/${file}`, definitions, homes, problems),
      ),
    }))
    .filter(({ rules }) => rules.length > 0);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return packs;
}

function familiesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort();
}

/** Parts of regular expressions by name; a line's end and what is blank before the next line are left out. */
function readDefinitions(folder: string): ReadonlyMap<string, string> {
  const path = join(folder, 'definitions.yaml');
  if (!existsSync(path)) return new Map();
  const definitions = new Map<string, string>();
  for (const [name, part] of Object.entries<string>(parse(readFileSync(path, 'utf8')))) {
    definitions.set(name, expand(part.replace(/\s*\n\s*/g, ''), definitions));
  }
  return definitions;
}

/** Puts what `(?&name)` stands for in its place. @throws Error there is no such definition */
function expand(regex: string, definitions: ReadonlyMap<string, string>): string {
  return regex.replace(/\(\?&([\w-]+)\)/g, (_, name: string) => {
    const part = definitions.get(name);
    if (part === undefined) throw new Error(`there is no definition of "${name}"`);
    return `(?:${part})`;
  });
}

/** The document with its rules' expressions written out. */
function expanded(document: unknown, definitions: ReadonlyMap<string, string>): unknown {
  const { rules } = (document ?? {}) as { rules?: unknown };
  if (!Array.isArray(rules)) return document;
  return {
    ...(document as object),
    rules: rules.map((rule) =>
      typeof rule?.regex === 'string' ? { ...rule, regex: expand(rule.regex, definitions) } : rule,
    ),
  };
}

function readFamily(
  path: string,
  label: string,
  definitions: ReadonlyMap<string, string>,
  homes: Map<string, string>,
  problems: string[],
): readonly Rule[] {
  let rules: readonly Rule[];
  try {
    const document = parseDocument(readFileSync(path, 'utf8'), { prettyErrors: true });
    if (document.errors.length > 0) throw document.errors[0];
    rules = policyOf(expanded(document.toJS({ maxAliasCount: 0 }), definitions), label, {
      validators: new Set(validators.keys()),
    }).rules;
  } catch (error) {
    problems.push(`${label}: ${(error as Error).message}`.replace(`${label}: ${label}`, label));
    return [];
  }
  for (const rule of rules) {
    const { id, examples } = rule;
    const wrong = (what: string) => problems.push(`${label}: rule "${id}" ${what}`);
    const home = homes.get(id);
    if (home === undefined) homes.set(id, label);
    else wrong(`is also in ${home}; ids must differ`);
    if (rule.description === undefined) wrong('has no description');
    if (rule.family === undefined) wrong(`has no family; the file ${basename(path)} may say it for all`);
    if (rule.tags === undefined) wrong('has no tags; the file may say them for all');
    for (const kind of ['hit', 'miss'] as const) {
      const count = examples?.[kind]?.length ?? 0;
      if (count < MIN_EXAMPLES) wrong(`has ${count} examples of a ${kind}, needs ${MIN_EXAMPLES}`);
    }
  }
  return rules;
}
