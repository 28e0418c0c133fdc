import { runMesh } from './main.js';

const FAILURE = 1;

// Without a listener a closed stderr or stdout would end the process with a stack trace.
process.stderr.on('error', () => {});
process.stdout.on('error', () => {});

const crash = (error: unknown): void => {
  const text =
    error instanceof Error ? (process.env.LOG_LEVEL === 'debug' ? error.stack : error.message) : String(error);
  process.stderr.write(`spectral-mesh: internal error: ${text}\n`, () => process.exit(FAILURE));
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const { stdout, stderr, env } = process;
process.exit(await runMesh(process.argv.slice(2), { stdout, stderr, env }));
