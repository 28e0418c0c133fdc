import { createScanner, type Examples, type Policy, type Scanner } from '@spectral/core';
import { examplesOf, loadPacks, validators } from '@spectral/rules';
import type { CommandRequest } from '../arguments.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { type CommandStreams, Output } from '../output.js';
import { counted } from '../scan/report.js';
import { readPolicy } from './load.js';
import { packList } from './pack-list.js';

/** An example that is not what the rule says. Its text is not repeated: it may look like a secret. */
interface Failure {
  readonly rule_id: string;
  readonly kind: 'hit' | 'miss';
  /** Its place among the examples of its kind, from 0. */
  readonly index: number;
  readonly message: string;
}

/** `spectral-mesh policy test`. @returns 0, or 1 if an example fails @throws CliError, PolicyError */
export async function testPolicy({ values, args }: CommandRequest, streams: CommandStreams): Promise<number> {
  const { policy, examples } = await whatToTest(args[0], values.get('rules'));
  const scanner = await createScanner(policy, { validators });
  const failures: Failure[] = [];
  let tried = 0;
  try {
    for (const [id, { hit = [], miss = [] }] of examples) {
      tried += hit.length + miss.length;
      hit.forEach((text, index) => {
        const found = rulesIn(scanner, text);
        if (found.includes(id)) return;
        const instead = found.length === 0 ? 'nothing' : [...new Set(found)].join(', ');
        failures.push({ rule_id: id, kind: 'hit', index, message: `is not found; found is ${instead}` });
      });
      miss.forEach((text, index) => {
        if (rulesIn(scanner, text).includes(id))
          failures.push({ rule_id: id, kind: 'miss', index, message: 'is found' });
      });
    }
  } finally {
    scanner.close();
  }
  const output = new Output(streams.stdout);
  const bare = policy.rules.filter(({ id }) => !examples.has(id)).length;
  if (values.get('json') === 'true') {
    const document = { rules: policy.rules.length, rules_without_examples: bare, examples: tried, failures };
    await output.write(`${JSON.stringify(document)}\n`);
  } else {
    for (const { rule_id, kind, index, message } of failures) {
      await output.write(`${rule_id}: examples.${kind}[${index}] ${message}\n`);
    }
    const without = bare === 0 ? '' : `, ${bare} without examples`;
    const rules = `${counted(policy.rules.length, 'rule')}${without}`;
    await output.write(`${rules}; ${counted(tried, 'example')}, ${failures.length} failed\n`);
  }
  await output.end();
  return failures.length > 0 ? EXIT.FOUND : EXIT.OK;
}

async function whatToTest(
  file: string | undefined,
  rules: string | undefined,
): Promise<{ policy: Policy; examples: ReadonlyMap<string, Examples> }> {
  if ((file === undefined) === (rules === undefined)) {
    throw new CliError('USAGE', 'policy test: needs either a file or -rules');
  }
  if (file === undefined) {
    const packs = packList(rules!) ?? [];
    return { policy: loadPacks(packs), examples: new Map(packs.flatMap((name) => [...examplesOf(name)])) };
  }
  const policy = await readPolicy(file, 'policy test');
  const own = policy.rules.flatMap(({ id, examples }) => (examples === undefined ? [] : [[id, examples] as const]));
  return { policy, examples: new Map(own) };
}

function rulesIn(scanner: Scanner, text: string): string[] {
  return scanner.scan(text).findings.map(({ ruleId }) => ruleId);
}
