import { PolicyError } from '@spectral/core';
import type { CommandRequest } from '../arguments.js';
import { EXIT } from '../exit-codes.js';
import { type CommandStreams, Output } from '../output.js';
import { describe } from '../reload.js';
import { readPolicy } from './load.js';

/** `spectral-mesh policy check FILE`. @returns 0, or 3 for a policy that is refused @throws CliError */
export async function checkPolicy({ values, args }: CommandRequest, streams: CommandStreams): Promise<number> {
  const [file] = args as [string];
  const output = new Output(streams.stdout);
  const json = values.get('json') === 'true';
  try {
    const facts = describe(await readPolicy(file, 'policy check'));
    const text = `${file}: format ${facts.policy_schema_version}, ${facts.rules} rules, ${facts.rules_block} of them block`;
    await output.write(json ? `${JSON.stringify({ file, valid: true, ...facts, problems: [] })}\n` : `${text}\n`);
  } catch (error) {
    if (!(error instanceof PolicyError) || !json) throw error;
    const { problems, more } = error;
    await output.write(`${JSON.stringify({ file, valid: false, problems, more })}\n`);
    return EXIT.CONFIG;
  }
  await output.end();
  return EXIT.OK;
}
