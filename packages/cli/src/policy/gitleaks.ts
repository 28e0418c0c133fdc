import { type Policy, PolicyError, policyOf } from '@spectral/core';

/** A rule of a policy document of format v3. */
export interface RuleDocument {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface Imported {
  readonly rules: readonly RuleDocument[];
  readonly policy: Policy | undefined;
  /** Rules in the source. */
  readonly total: number;
  /** What could not be taken over, and why: with `lost`, the whole rule. */
  readonly notes: readonly { readonly rule: string; readonly message: string; readonly lost: boolean }[];
}

/** What gitleaks' keywords do: https://github.com/gitleaks/gitleaks#configuration */
interface Allowlist {
  readonly regexes: readonly string[];
  readonly stopwords: readonly string[];
}

const MAX_LITERALS = 128;
const MAX_ALLOWED = 256;

/**
 * Makes rules of a gitleaks configuration that has been read from its TOML.
 *
 *   keywords    ─▶ literals, in any case. Here the match must contain one; there it is enough that the text does
 *   regex       ─▶ regex         both are of RE2's syntax
 *   secretGroup ─▶ group         entropy ─▶ entropy        tags ─▶ tags
 *   allowlists  ─▶ allow         regexes of the secret and stop words; of a rule and global ones
 */
export function rulesOfGitleaks(config: Readonly<Record<string, unknown>>): Imported {
  const notes: { rule: string; message: string; lost: boolean }[] = [];
  const note = (rule: string, message: string, lost = false) => notes.push({ rule, message, lost });
  for (const field of ['extend', 'disabledRules']) {
    if (config[field] !== undefined) note('', `"${field}" names rules elsewhere, which were not looked at`);
  }
  const everywhere = allowlistOf(config, (message) => note('', message));
  const given = arrayOf(config.rules).filter(isTable);
  const rules: RuleDocument[] = [];
  for (const [index, table] of given.entries()) {
    const name = typeof table.id === 'string' ? table.id : `rules[${index}]`;
    const rule = ruleOf(table, everywhere, (message, lost) => note(name, message, lost));
    if (rule === undefined) continue;
    const problem = problemOf(rule);
    if (problem !== undefined) note(name, problem, true);
    else if (rules.some(({ id }) => id === rule.id)) note(name, 'its id is that of an earlier rule', true);
    else rules.push(rule);
  }
  const policy = rules.length === 0 ? undefined : policyOf({ schema_version: 3, rules }, 'gitleaks');
  return { rules, policy, total: given.length, notes };
}

type Note = (message: string, lost?: boolean) => void;
type Table = Readonly<Record<string, unknown>>;

function ruleOf(table: Table, everywhere: Allowlist, note: Note): RuleDocument | undefined {
  const { id, description, regex, path, secretGroup, entropy, keywords, tags, required } = table;
  if (typeof id !== 'string') return void note('has no id', true);
  if (typeof regex !== 'string') return void note('looks at paths only, and here are none', true);
  if (required !== undefined) return void note('needs findings of other rules around it, which no rule here can', true);
  const literals = [...new Set(texts(keywords).map((word) => word.toLowerCase()))];
  if (literals.length === 0) return void note('has no keywords to begin with; add "literals" by hand', true);
  if (literals.length > MAX_LITERALS) return void note(`has more than ${MAX_LITERALS} keywords`, true);
  if (path !== undefined) note('its "path" was left out: it holds for all text');
  const own = allowlistOf(table, note);
  const values = [...new Set([...own.stopwords, ...everywhere.stopwords])];
  const regexes = [...new Set([...own.regexes, ...everywhere.regexes])];
  if (values.length > MAX_ALLOWED) note(`only ${MAX_ALLOWED} of ${values.length} stop words were taken over`);
  if (regexes.length > MAX_ALLOWED) note(`only ${MAX_ALLOWED} of ${regexes.length} allowed regexes were taken over`);
  const allow = {
    ...(values.length > 0 && { values: values.slice(0, MAX_ALLOWED) }),
    ...(regexes.length > 0 && { regexes: regexes.slice(0, MAX_ALLOWED) }),
  };
  const labels = [
    ...new Set(
      texts(tags)
        .map(toLabel)
        .filter((label) => label !== ''),
    ),
  ];
  return {
    id,
    ...(typeof description === 'string' && description !== '' && { description: description.slice(0, 1024) }),
    severity: 'high',
    literals,
    ignore_case: true,
    regex,
    ...(typeof secretGroup === 'number' && secretGroup > 0 && { group: secretGroup }),
    ...(typeof entropy === 'number' && entropy > 0 && { entropy }),
    ...(Object.keys(allow).length > 0 && { allow }),
    ...(labels.length > 0 && { tags: labels }),
    ...(id.startsWith('generic-') && { generic: true }),
  };
}

/** `[allowlist]`, `[[allowlists]]`: what of them looks at the secret itself. */
function allowlistOf(table: Table, note: Note): Allowlist {
  const regexes: string[] = [];
  const stopwords: string[] = [];
  for (const list of [...arrayOf(table.allowlists), table.allowlist].filter(isTable)) {
    const places = ['paths', 'commits', 'targetRules'].filter((field) => arrayOf(list[field]).length > 0);
    if (places.length > 0) note(`"${places.join('", "')}" of an allowlist mean nothing here and were left out`);
    const isAnd = typeof list.condition === 'string' && /^(and|&&)$/i.test(list.condition);
    // What also needs something that was left out would allow too much.
    if (isAnd || arrayOf(list.targetRules).length > 0) {
      note('an allowlist that needs several conditions at once was left out');
      continue;
    }
    const target = list.regexTarget ?? 'secret';
    if (target === 'secret') regexes.push(...texts(list.regexes));
    else if (texts(list.regexes).length > 0) note('allowed regexes of the match or the line were left out');
    stopwords.push(...texts(list.stopwords));
  }
  return { regexes, stopwords };
}

/** What the checker has against a rule. */
function problemOf(rule: RuleDocument): string | undefined {
  try {
    policyOf({ schema_version: 3, rules: [rule] }, 'gitleaks');
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(({ path, message }) => `${path.replace('rules[0].', '')}: ${message}`).join('; ');
  }
}

const toLabel = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] =>
  arrayOf(value).filter((item): item is string => typeof item === 'string' && item !== '');
