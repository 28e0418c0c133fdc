import type { CommandRequest } from './arguments.js';
import type { CommandStreams } from './output.js';

type Run = (request: CommandRequest, streams: CommandStreams) => Promise<number>;

/** Each loads what it needs, for a scan in a hook is over in the time that the rest would take. */
const RUN: Readonly<Record<string, () => Promise<Run>>> = {
  scan: async () => (await import('./scan/scan.js')).scan,
  explain: async () => {
    const { scan } = await import('./scan/scan.js');
    return (request, streams) =>
      scan({ ...request, values: new Map([['explain', 'true'], ...request.values]) }, streams);
  },
  'policy check': async () => (await import('./policy/check.js')).checkPolicy,
  'policy test': async () => (await import('./policy/test.js')).testPolicy,
  'policy list': async () => (await import('./policy/list.js')).listPolicy,
  'policy import': async () => (await import('./policy/import.js')).importPolicy,
};

/** Runs a command to its end. @returns the exit code @throws SpectralError */
export async function runCommand(request: CommandRequest, streams: CommandStreams): Promise<number> {
  const run = await RUN[request.command.name]!();
  return run(request, streams);
}
