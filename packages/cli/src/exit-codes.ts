import { CliError } from './errors.js';

/** What the process answers to its caller. Stable: service managers and scripts rely on it. */
export const EXIT = {
  OK: 0,
  FAILURE: 1,
  /** Of commands that look for something: it is there. */
  FOUND: 1,
  USAGE: 2,
  CONFIG: 3,
  PRIVILEGE: 4,
  KERNEL: 5,
  BIND: 6,
  STDOUT_CLOSED: 7,
  INCOMPLETE: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line per exit code, for `--help`. */
export const EXIT_CODE_HELP: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [
    EXIT.OK,
    'nothing was found, or stopped by SIGTERM or SIGINT or at the end of standard input, or printed what was asked for',
  ],
  [EXIT.FOUND, 'a command found something, or an example failed; from the sensor: anything not listed here'],
  [EXIT.USAGE, 'unknown flag, or a bad value of a flag or environment variable'],
  [
    EXIT.CONFIG,
    'policy or allowlist file missing or refused, a block mode that the kernel refuses, or no Kubernetes service account',
  ],
  [EXIT.PRIVILEGE, 'not allowed to load BPF programs'],
  [EXIT.KERNEL, 'this kernel cannot run the sensor (BTF, lockdown, missing features)'],
  [EXIT.BIND, 'cannot listen on the address of -metrics-addr or of a feed'],
  [EXIT.STDOUT_CLOSED, 'the reader of standard output went away'],
  [EXIT.INCOMPLETE, 'a command could not read some of its input, or did not come to its end'],
];

const BY_ERROR_CODE: Readonly<Record<string, ExitCode>> = {
  POLICY_INVALID: EXIT.CONFIG,
  ALLOWLIST_INVALID: EXIT.CONFIG,
  ENGINE_COMPILE: EXIT.CONFIG,
  ENGINE_MEMORY: EXIT.CONFIG,
  EBLOCKMODE: EXIT.CONFIG,
  EBLOCKSET: EXIT.CONFIG,
  EPRIVILEGE: EXIT.PRIVILEGE,
  ENOBTF: EXIT.KERNEL,
  ELOCKDOWN: EXIT.KERNEL,
  EUNSUPPORTED: EXIT.KERNEL,
  EADDON: EXIT.KERNEL,
  ERINGSIZE: EXIT.USAGE,
  EOPTION: EXIT.USAGE,
  EBIND: EXIT.BIND,
};

/** The exit code of an error that ends the process. Goes by the error's own code, so that it holds across package copies. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  const code = (error as { code?: unknown } | null)?.code;
  return (typeof code === 'string' ? BY_ERROR_CODE[code] : undefined) ?? EXIT.FAILURE;
}
