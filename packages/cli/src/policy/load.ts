import { DEFAULT_POLICY, type Policy, parsePolicy, policyOf } from '@spectral/core';
import { loadPacks, PACK_OPTIONS } from '@spectral/rules';
import { readDocument } from '../document.js';

/** Where the rules come from: a file, or packs, or neither. */
export interface PolicySource {
  readonly policyFile: string | undefined;
  readonly packs: readonly string[] | undefined;
}

/**
 * The rules of a file, of packs, or `fallback`. A file that ends in `.yaml` or `.yml` is YAML, any other JSON.
 * @throws CliError `CONFIG_FILE`
 * @throws PolicyError
 */
export async function loadPolicy({ policyFile, packs }: PolicySource, fallback = DEFAULT_POLICY): Promise<Policy> {
  if (policyFile !== undefined) return readPolicy(policyFile, 'flag -policy');
  return packs === undefined ? fallback : loadPacks(packs);
}

/**
 * Reads a policy file.
 * @param origin who named it, for messages: `flag -policy`
 */
export async function readPolicy(path: string, origin: string): Promise<Policy> {
  const bytes = await readDocument(origin, path);
  const label = `${origin}: ${path}`;
  if (!/\.ya?ml$/i.test(path)) return parsePolicy(bytes, label, PACK_OPTIONS);
  const { readYaml } = await import('./yaml.js');
  return policyOf(readYaml(bytes, label), label, PACK_OPTIONS);
}
