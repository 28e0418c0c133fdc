import { PACK_NAMES } from '@spectral/rules';
import { KEY_HELP } from './scan/baseline.js';

/** Every flag of the sensor in one table: parsing, `--help` and shell completion all come from here. */

export type FlagKind = 'text' | 'file' | 'boolean' | 'count' | 'duration' | 'choice' | 'list';

export interface Flag {
  readonly name: string;
  readonly kind: FlagKind;
  readonly topic: string;
  /** Shown after the name in `--help`. */
  readonly placeholder: string;
  readonly help: string;
  /** As the user would write it. Empty: none. */
  readonly fallback: string;
  readonly choices?: readonly string[];
  /** What the flag means when no value follows. Default: it needs one. */
  readonly bare?: string;
  /** Environment variable that is read when the flag is absent. */
  readonly env?: string;
}

const POLICY = 'Policy';
const ALERTS = 'Alerts';
const BLOCKING = 'Blocking';
const CAPTURE = 'Capture';
const FEEDS = 'Feeds';
const OUTPUT = 'Logs and metrics';

export const POLICY_FLAG = {
  name: 'policy',
  kind: 'file',
  topic: POLICY,
  placeholder: 'FILE',
  help: 'policy, JSON or YAML; reread on SIGHUP. Built-in literals when absent',
  fallback: '',
} as const satisfies Flag;

export const RULES_FLAG = {
  name: 'rules',
  kind: 'list',
  topic: POLICY,
  placeholder: 'LIST',
  help: `rule packs in place of -policy: some of ${PACK_NAMES.join(',')}`,
  fallback: '',
  choices: PACK_NAMES,
  env: 'SPECTRAL_RULES',
} as const satisfies Flag;

export const FLAGS = [
  POLICY_FLAG,
  RULES_FLAG,
  {
    name: 'allowlist',
    kind: 'file',
    topic: POLICY,
    placeholder: 'FILE',
    help: 'JSON with comm_prefixes: processes that are not reported; reread on SIGHUP',
    fallback: '',
  },
  {
    name: 'alert-dedupe-window',
    kind: 'duration',
    topic: ALERTS,
    placeholder: 'DURATION',
    help: 'report the same rule of the same process once in this time (0: always)',
    fallback: '0',
  },
  {
    name: 'alert-max-per-window',
    kind: 'count',
    topic: ALERTS,
    placeholder: 'N',
    help: 'most alerts per -alert-window, over all processes (0: no cap)',
    fallback: '0',
  },
  {
    name: 'alert-max-per-pid-per-window',
    kind: 'count',
    topic: ALERTS,
    placeholder: 'N',
    help: 'most alerts per -alert-window of one process (0: no cap)',
    fallback: '0',
  },
  {
    name: 'alert-window',
    kind: 'duration',
    topic: ALERTS,
    placeholder: 'DURATION',
    help: 'window of the alert caps',
    fallback: '1m',
  },
  {
    name: 'log-redacted-preview',
    kind: 'boolean',
    topic: ALERTS,
    placeholder: 'BOOL',
    help: 'add redacted_preview to alerts',
    fallback: 'true',
  },
  {
    name: 'log-payload-sha256',
    kind: 'boolean',
    topic: ALERTS,
    placeholder: 'BOOL',
    help: "add payload_sha256, a hash of the flow's last 4 KiB, to alerts",
    fallback: 'false',
  },
  {
    name: 'k8s-enrich',
    kind: 'boolean',
    topic: ALERTS,
    placeholder: 'BOOL',
    help: 'add k8s_namespace, k8s_pod and k8s_pod_uid to alerts; needs NODE_NAME and a service account that may list and watch pods',
    fallback: 'false',
  },
  {
    name: 'enable-bpf-blocking',
    kind: 'boolean',
    topic: BLOCKING,
    placeholder: 'BOOL',
    help: 'carry out rules with action block in the kernel: their literals do not leave',
    fallback: 'false',
  },
  {
    name: 'block-mode',
    kind: 'choice',
    topic: BLOCKING,
    placeholder: 'MODE',
    help: 'redact: mask the bytes in the program’s buffer. deny: let the write fail. kill: end the process before it writes. auto: the first of these that the kernel permits',
    fallback: 'auto',
    choices: ['auto', 'redact', 'deny', 'kill'],
  },
  {
    name: 'block-dry-run',
    kind: 'boolean',
    topic: BLOCKING,
    placeholder: 'BOOL',
    help: 'say what would be done, and do nothing',
    fallback: 'false',
  },
  {
    name: 'block-fail-closed',
    kind: 'boolean',
    topic: BLOCKING,
    placeholder: 'BOOL',
    help: 'stop what cannot be looked through or masked as well: writes longer than the cap, from memory that cannot be read, and SSL_sendfile; by denial in mode deny, else by kill',
    fallback: 'false',
  },
  {
    name: 'block-kill-limit',
    kind: 'count',
    topic: BLOCKING,
    placeholder: 'N',
    help: 'most processes killed at a time, and earned again within a minute; beyond that, writes are only reported (0: no limit)',
    fallback: '10',
  },
  {
    name: 'block-allow-comm',
    kind: 'text',
    topic: BLOCKING,
    placeholder: 'LIST',
    help: 'processes never touched, by the beginning of their names, such as nginx,postgres; beside those of -allowlist, and sshd, systemd, dbus',
    fallback: '',
  },
  {
    name: 'ringbuf-bytes',
    kind: 'count',
    topic: CAPTURE,
    placeholder: 'BYTES',
    help: 'size of the kernel ring buffer: a power of two, 64 KiB to 1 GiB (0: 16 MiB)',
    fallback: '0',
  },
  {
    name: 'write-cap-bytes',
    kind: 'count',
    topic: CAPTURE,
    placeholder: 'BYTES',
    help: 'most bytes scanned of one write; the rest is reported as not scanned (0: 4 MiB, the most)',
    fallback: '0',
  },
  {
    name: 'feeds',
    kind: 'text',
    topic: FEEDS,
    placeholder: 'LIST',
    help: "which feeds are on: some of ebpf,ingest,stdin,hookwire. Without it: ebpf, and those whose flag is given. Alone or 'list': print what would be on",
    fallback: '',
    bare: 'list',
  },
  {
    name: 'capture-ingest-addr',
    kind: 'text',
    topic: FEEDS,
    placeholder: '[HOST]:PORT',
    help: 'take chunks posted to /v1/ingest/chunk; without HOST on 127.0.0.1 only',
    fallback: '',
  },
  {
    name: 'capture-ingest-token',
    kind: 'text',
    topic: FEEDS,
    placeholder: 'TOKEN',
    help: 'what posts must carry as Authorization: Bearer TOKEN; needed where other machines reach the address',
    fallback: '',
    env: 'CAPTURE_INGEST_TOKEN',
  },
  {
    name: 'capture-stdin',
    kind: 'boolean',
    topic: FEEDS,
    placeholder: 'BOOL',
    help: 'take chunks from standard input, as JSON Lines',
    fallback: 'false',
  },
  {
    name: 'capture-hook-socket',
    kind: 'text',
    topic: FEEDS,
    placeholder: 'ADDRESS',
    help: 'take binary frames on unix:PATH or tcp:HOST:PORT',
    fallback: '',
  },
  {
    name: 'capture-hook-allow-remote',
    kind: 'boolean',
    topic: FEEDS,
    placeholder: 'BOOL',
    help: 'let -capture-hook-socket tcp: listen where other machines reach it, without authentication',
    fallback: 'false',
  },
  {
    name: 'metrics-addr',
    kind: 'text',
    topic: OUTPUT,
    placeholder: '[HOST]:PORT',
    help: 'serve /metrics, /healthz, /readyz and /version; without HOST on 127.0.0.1 only',
    fallback: '',
  },
  {
    name: 'log-level',
    kind: 'choice',
    topic: OUTPUT,
    placeholder: 'LEVEL',
    help: 'least level that is logged',
    fallback: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    env: 'LOG_LEVEL',
  },
  {
    name: 'log-format',
    kind: 'choice',
    topic: OUTPUT,
    placeholder: 'FORMAT',
    help: 'auto: text on a terminal, else JSON lines',
    fallback: 'auto',
    choices: ['auto', 'json', 'text'],
  },
  {
    name: 'version',
    kind: 'boolean',
    topic: 'Other',
    placeholder: 'BOOL',
    help: 'print version, git_commit and build_time',
    fallback: 'false',
  },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]['name'];

/** Environment variables that no flag stands for. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['LOG_LEVEL', 'default of -log-level'],
  ['SPECTRAL_RULES', 'default of -rules'],
  ['CAPTURE_INGEST_TOKEN', 'default of -capture-ingest-token; keeps it out of the list of processes'],
  KEY_HELP,
  ['HOST_PROC', 'used instead of /proc to find processes, e.g. the host’s /proc mounted into a container'],
  ['NODE_NAME', 'Kubernetes node whose pods -k8s-enrich looks at (downward API spec.nodeName)'],
];

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];
