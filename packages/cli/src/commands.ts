import { PACK_NAMES } from '@spectral/rules';
import { type Flag, POLICY_FLAG, RULES_FLAG, SHELLS } from './flags.js';

/** Every command beside the sensor itself, with its flags and arguments; help and completion come from here, too. */

export interface CommandSpec {
  /** One word or two: `policy check`. */
  readonly name: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  readonly argument?: {
    readonly placeholder: string;
    readonly least: number;
    readonly most: number;
    readonly kind: 'file' | 'choice';
    readonly choices?: readonly string[];
  };
  readonly examples?: readonly string[];
}

const RULES = 'Rules';
const INPUT = 'Input';
const OUTPUT = 'Output';

/** The packs that judge what they find; plain literals are for those who ask. */
const EXACT_PACKS = PACK_NAMES.filter((name) => name !== 'default');

const scanPolicy: Flag = { ...POLICY_FLAG, topic: RULES, help: 'policy, JSON or YAML; default: -rules' };
const scanRules: Flag = { ...RULES_FLAG, topic: RULES, fallback: EXACT_PACKS.join(',') };

const SCAN_FLAGS = [
  scanPolicy,
  scanRules,
  {
    name: 'views',
    kind: 'boolean',
    topic: RULES,
    placeholder: 'BOOL',
    help: 'look into encodings too: JSON, base64, gzip, HTTP …',
    fallback: 'true',
  },
  {
    name: 'jsonl',
    kind: 'boolean',
    topic: INPUT,
    placeholder: 'BOOL',
    help: 'read lines {"id":…,"text":…} or {"id":…,"chunks":[BASE64…]}, answer each with one line',
    fallback: 'false',
  },
  {
    name: 'ignore-files',
    kind: 'boolean',
    topic: INPUT,
    placeholder: 'BOOL',
    help: 'in folders, leave out what .gitignore and .spectralignore say',
    fallback: 'true',
  },
  {
    name: 'format',
    kind: 'choice',
    topic: OUTPUT,
    placeholder: 'FORMAT',
    help: 'form of the report',
    fallback: 'text',
    choices: ['text', 'json', 'sarif'],
  },
  {
    name: 'redact',
    kind: 'choice',
    topic: OUTPUT,
    placeholder: 'STYLE',
    help: 'with -jsonl: what stands in the place of a secret',
    fallback: 'mask',
    choices: ['mask', 'label', 'hash', 'pseudonym'],
  },
  {
    name: 'explain',
    kind: 'boolean',
    topic: OUTPUT,
    placeholder: 'BOOL',
    help: 'also say what looked like a finding, and why it is none',
    fallback: 'false',
  },
  {
    name: 'baseline',
    kind: 'file',
    topic: OUTPUT,
    placeholder: 'FILE',
    help: 'leave out the findings that this file lists',
    fallback: '',
  },
  {
    name: 'write-baseline',
    kind: 'file',
    topic: OUTPUT,
    placeholder: 'FILE',
    help: 'write all findings into a baseline, as keyed hashes, and exit with 0',
    fallback: '',
  },
  {
    name: 'progress',
    kind: 'choice',
    topic: OUTPUT,
    placeholder: 'WHEN',
    help: 'show on standard error how far it is; auto: on a terminal',
    fallback: 'auto',
    choices: ['auto', 'always', 'never'],
  },
] as const satisfies readonly Flag[];

export type ScanFlag = (typeof SCAN_FLAGS)[number]['name'] | 'policy' | 'rules';

const INPUTS = { placeholder: 'FILE|DIR', least: 0, most: Number.POSITIVE_INFINITY, kind: 'file' } as const;
const POLICY_FILE = { placeholder: 'FILE', least: 1, most: 1, kind: 'file' } as const;

const JSON_FLAG: Flag = {
  name: 'json',
  kind: 'boolean',
  topic: OUTPUT,
  placeholder: 'BOOL',
  help: 'one JSON document',
  fallback: 'false',
};

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'scan',
    help: 'find secrets and personal data in files, folders or standard input; exit code 1 if there are any',
    flags: SCAN_FLAGS,
    argument: INPUTS,
    examples: [
      'spectral-mesh scan src/',
      'git diff | spectral-mesh scan -rules secrets',
      'spectral-mesh scan -format sarif . > findings.sarif',
    ],
  },
  {
    name: 'explain',
    help: 'scan -explain: why something is a finding, and something else is none',
    flags: SCAN_FLAGS,
    argument: INPUTS,
    examples: ["echo 'key = AKIA…' | spectral-mesh explain"],
  },
  {
    name: 'policy check',
    help: 'read a policy and say what is wrong with it',
    flags: [JSON_FLAG],
    argument: POLICY_FILE,
    examples: ['spectral-mesh policy check policy.yaml'],
  },
  {
    name: 'policy test',
    help: "try every rule of a policy on the rule's own examples; exit code 1 if one fails",
    flags: [JSON_FLAG, { ...RULES_FLAG, topic: RULES, help: 'packs to test in place of a file' }],
    argument: { ...POLICY_FILE, least: 0 },
    examples: ['spectral-mesh policy test policy.yaml'],
  },
  {
    name: 'policy list',
    help: 'list the rules of packs or of a policy',
    flags: [scanPolicy, scanRules, JSON_FLAG],
  },
  {
    name: 'policy import',
    help: "make a policy of another tool's rules; says on standard error what it could not take over",
    flags: [
      { name: 'gitleaks', kind: 'file', topic: INPUT, placeholder: 'FILE', help: 'gitleaks TOML', fallback: '' },
      {
        name: 'o',
        kind: 'file',
        topic: OUTPUT,
        placeholder: 'FILE',
        help: 'write the policy there, as YAML if the name ends in .yaml or .yml; default: JSON on standard output',
        fallback: '',
      },
    ],
    examples: ['spectral-mesh policy import -gitleaks gitleaks.toml -o policy.yaml'],
  },
  {
    name: 'completion',
    help: `print the completion script of a shell: ${SHELLS.join(', ')}`,
    flags: [],
    argument: { placeholder: 'shell', least: 1, most: 1, kind: 'choice', choices: SHELLS },
  },
];
