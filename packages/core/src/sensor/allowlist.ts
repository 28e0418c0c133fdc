import { readJson } from '../document/json.js';
import { isRecord, Problems, rejectUnknownFields } from '../document/problems.js';
import { AllowlistError } from '../errors.js';

/** Whose alerts are not reported. */
export interface Allowlist {
  /** A process whose name begins with one of these is skipped by the host sensor. */
  readonly commPrefixes: readonly string[];
  /** The same by HTTP User-Agent, for the gateway. */
  readonly userAgentPrefixes: readonly string[];
}

const MAX_DOCUMENT_BYTES = 1024 * 1024;
const MAX_PREFIXES = 1024;
const MAX_PREFIX_BYTES = 256;
/** Linux cuts process names: a longer prefix would never match. */
const MAX_COMM_BYTES = 15;

/**
 * Reads an allowlist document (JSON): `{"comm_prefixes": ["…"], "user_agent_prefixes": ["…"]}`, both optional.
 * @param label name of the file, for messages
 * @throws AllowlistError lists everything that is wrong
 */
export function parseAllowlist(text: string | Uint8Array, label: string): Allowlist {
  const problems = new Problems();
  const json = readJson(text, MAX_DOCUMENT_BYTES);
  if ('problem' in json) throw new AllowlistError(label, [json.problem]);
  const document = json.value;
  let allowlist: Allowlist | undefined;
  if (isRecord(document)) {
    rejectUnknownFields(problems, '', document, ['comm_prefixes', 'user_agent_prefixes', '$schema', 'description']);
    allowlist = {
      commPrefixes: readPrefixes(document, 'comm_prefixes', MAX_COMM_BYTES, problems),
      userAgentPrefixes: readPrefixes(document, 'user_agent_prefixes', MAX_PREFIX_BYTES, problems),
    };
  } else {
    problems.add('', 'must be a JSON object with "comm_prefixes" or "user_agent_prefixes"');
  }
  if (allowlist === undefined || problems.any) throw new AllowlistError(label, problems.list, problems.more);
  return allowlist;
}

function readPrefixes(
  document: Record<string, unknown>,
  field: string,
  maxBytes: number,
  problems: Problems,
): readonly string[] {
  const prefixes = document[field];
  if (prefixes === undefined) return [];
  if (!Array.isArray(prefixes)) {
    problems.add(field, 'must be an array of strings');
    return [];
  }
  if (prefixes.length > MAX_PREFIXES) {
    problems.add(field, `has ${prefixes.length} entries, at most ${MAX_PREFIXES} are allowed`);
    return [];
  }
  prefixes.forEach((prefix, index) => {
    const path = `${field}[${index}]`;
    if (typeof prefix !== 'string') problems.add(path, 'must be a string');
    else if (prefix === '') problems.add(path, 'is empty; it would silence every process');
    else if (new TextEncoder().encode(prefix).length > maxBytes) problems.add(path, `is longer than ${maxBytes} bytes`);
  });
  return Object.freeze([...prefixes]);
}

/** Whether alerts of the process named `comm` are to be skipped. */
export function allowsComm(allowlist: Allowlist, comm: string): boolean {
  return allowlist.commPrefixes.some((prefix) => comm.startsWith(prefix));
}
