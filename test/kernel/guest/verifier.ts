import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProgramRecord } from '../protocol.js';
import { check, Failure, say, waitsForPages } from './runner.js';

/** As `enum spectral_mode` in bpf/spectral.h numbers them. */
const MODES = ['watch', 'redact', 'deny', 'kill'] as const;
type Mode = (typeof MODES)[number];

interface Loaded {
  readonly records: readonly ProgramRecord[];
  readonly refused: ProgramRecord | undefined;
}

function load(recorder: string, object: string, mode: Mode, sleep: boolean): Loaded {
  const args = [String(MODES.indexOf(mode)), sleep ? '1' : '0', object];
  const child = spawnSync(recorder, args, { encoding: 'utf8', maxBuffer: 2 ** 24 });
  if (child.error) throw child.error;
  const lines = child.stdout.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => JSON.parse(line) as ProgramRecord);
  if (records.length === 0) throw new Failure(`no program: ${child.stderr}`);
  return { records, refused: records.find(({ loaded }) => !loaded) };
}

/**
 * Every object of this architecture in every mode, with what the verifier made of each of its programs. Refusals that are
 * expected must happen.
 * @param may whether this kernel has to take a block mode; `undefined` where nobody knows
 */
export async function checkVerifier(
  recorder: string,
  directory: string,
  hasLoop: boolean,
  may: (mode: string) => boolean | undefined,
): Promise<void> {
  const objects = readdirSync(directory).filter((file) => file.endsWith(`.${process.arch}.bpf.o`));
  for (const file of objects.sort()) {
    for (const mode of MODES) {
      const name = `${basename(file, `.${process.arch}.bpf.o`)}${mode === 'watch' ? '' : ` ${mode}`}`;
      // Programs that call bpf_loop are refused before 5.17, and must be: or the probe for it would be wrong.
      const lacksLoop = file.includes('.loop.') && !hasLoop;
      const permitted = mode === 'watch' || may(mode);
      const expected = lacksLoop || permitted === false;
      await check(`verifier: ${name}`, () => {
        const object = join(directory, file);
        const { records, refused } = load(recorder, object, mode, file.includes('.loop.') && waitsForPages());
        if (expected) {
          if (!refused) throw new Failure('loaded, although this kernel should refuse it');
          return 'refused, as expected';
        }
        if (refused && permitted === undefined) return 'refused here';
        for (const record of records) say({ ...record, object: name });
        if (refused) throw new Failure(`${refused.program}: ${refused.error}\n${refused.log}`);
        if (records.some(({ insns }) => !insns)) throw new Failure('the verifier left no count');
        return `${records.reduce((sum, { insns }) => sum + insns!, 0)} insns`;
      });
    }
  }
}
