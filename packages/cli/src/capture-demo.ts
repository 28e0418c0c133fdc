import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { IngestClient } from '@spectral/capture-ingest';
import { messageOf } from './errors.js';
import { EXIT } from './exit-codes.js';

export interface DemoOptions {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: NodeJS.ProcessEnv;
}

/** A sample of the built-in policy. Cut in two, neither half of which is anything. */
const HALVES = ['{"prompt":"Details on Project Eth', 'os"}'] as const;
const DEFAULT_URL = 'http://127.0.0.1:9092/v1/ingest/chunk';

const HELP = `Usage: spectral-capture-demo [flags]

Posts a harmless sample that the built-in policy looks for, cut in two, to a running sensor:

  spectral-mesh -feeds ingest
  spectral-capture-demo

Flags:
  -ingest-url URL        where the sensor listens (default ${DEFAULT_URL})
  -ingest-token TOKEN    its -capture-ingest-token; default: environment variable CAPTURE_INGEST_TOKEN
  -h, --help             print this text

Exit codes: 0 the sensor found the sample, 1 it did not or was not there, 2 bad flag
`;

/** Runs `spectral-capture-demo`. @returns the exit code. Never rejects */
export async function runDemo(argv: readonly string[], { stdout, stderr, env }: DemoOptions): Promise<number> {
  let values: { 'ingest-url': string; 'ingest-token'?: string | undefined; help: boolean };
  try {
    values = parseArgs({
      // Go's spelling: -ingest-url URL.
      args: argv.map((token) => token.replace(/^-(?=[a-z][a-z-])/, '--')),
      options: {
        'ingest-url': { type: 'string', default: DEFAULT_URL },
        'ingest-token': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
    const url = values['ingest-url'];
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new Error(`flag -ingest-url: ${JSON.stringify(url)} is not an http or https URL`);
    }
  } catch (error) {
    stderr.write(`spectral-capture-demo: ${messageOf(error)}\n`);
    return EXIT.USAGE;
  }
  if (values.help) {
    stdout.write(HELP);
    return EXIT.OK;
  }
  const client = new IngestClient({
    url: values['ingest-url'],
    token: values['ingest-token'] ?? (env.CAPTURE_INGEST_TOKEN || undefined),
    timeoutMs: 10_000,
  });
  try {
    let findings = 0;
    for (const [index, data] of HALVES.entries()) {
      const end = index === HALVES.length - 1;
      const place = { pid: process.pid, comm: 'capture-demo', flow: `capture-demo-${process.pid}`, end };
      const result = await client.sendJson({ ...place, data });
      findings += result.findings;
      stdout.write(`post ${index + 1} of ${HALVES.length}: ${data.length} bytes, findings: ${result.findings}\n`);
    }
    if (findings > 0) stdout.write('the sensor found what neither half holds; see its policy_alert\n');
    else stdout.write('the sensor found nothing; does its -policy look for the sample "Project Ethos"?\n');
    return findings > 0 ? EXIT.OK : EXIT.FAILURE;
  } catch (error) {
    stderr.write(`spectral-capture-demo: ${messageOf(error)}\n`);
    return EXIT.FAILURE;
  }
}
