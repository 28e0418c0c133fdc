import type { CommandRequest } from './arguments.js';
import type { CommandStreams } from './output.js';
import { checkPolicy } from './policy/check.js';
import { importPolicy } from './policy/import.js';
import { listPolicy } from './policy/list.js';
import { testPolicy } from './policy/test.js';
import { scan } from './scan/scan.js';

type Run = (request: CommandRequest, streams: CommandStreams) => Promise<number>;

const RUN: Readonly<Record<string, Run>> = {
  scan,
  explain: (request, streams) =>
    scan({ ...request, values: new Map([['explain', 'true'], ...request.values]) }, streams),
  'policy check': checkPolicy,
  'policy test': testPolicy,
  'policy list': listPolicy,
  'policy import': importPolicy,
};

/** Runs a command to its end. @returns the exit code @throws SpectralError */
export function runCommand(request: CommandRequest, streams: CommandStreams): Promise<number> {
  return RUN[request.command.name]!(request, streams);
}
