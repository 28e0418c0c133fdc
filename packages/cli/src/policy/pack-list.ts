import { PACK_NAMES } from '@spectral/rules';
import { CliError } from '../errors.js';

/**
 * The names of a list such as `secrets,pii`; `undefined` for an empty one.
 * @throws CliError `USAGE` a name is not that of a pack
 */
export function packList(text: string): readonly string[] | undefined {
  if (text === '') return undefined;
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => PACK_NAMES.includes(name))) return [...new Set(names)];
  const known = PACK_NAMES.join(', ');
  throw new CliError(
    'USAGE',
    `flag -rules: ${JSON.stringify(text)} names a pack that is not there; there are ${known}`,
  );
}
