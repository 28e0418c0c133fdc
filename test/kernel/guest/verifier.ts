import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProgramRecord } from '../protocol.js';
import { check, Failure, say } from './runner.js';

/** Every object of this architecture, with what the verifier made of each of its programs. */
export async function checkVerifier(recorder: string, directory: string, hasLoop: boolean): Promise<void> {
  const objects = readdirSync(directory).filter((file) => file.endsWith(`.${process.arch}.bpf.o`));
  for (const file of objects.sort()) {
    const name = basename(file, `.${process.arch}.bpf.o`);
    // Programs that call bpf_loop are refused before 5.17, and must be: or the probe for it would be wrong.
    const refusedHere = name.endsWith('.loop') && !hasLoop;
    await check(`verifier: ${name}`, () => {
      const child = spawnSync(recorder, [join(directory, file)], { encoding: 'utf8', maxBuffer: 2 ** 24 });
      if (child.error) throw child.error;
      const records = child.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ ...(JSON.parse(line) as ProgramRecord), object: name }));
      const refused = records.find(({ loaded }) => !loaded);
      if (refusedHere) {
        if (!refused) throw new Failure('loaded, although the probe for bpf_loop says no');
        return 'refused, as expected';
      }
      for (const record of records) say(record);
      if (refused) throw new Failure(`${refused.program}: ${refused.error}\n${refused.log}`);
      if (records.length === 0) throw new Failure(`no program: ${child.stderr}`);
      if (records.some(({ insns }) => !insns)) throw new Failure('the verifier left no count');
      return `${records.reduce((sum, { insns }) => sum + insns!, 0)} insns`;
    });
  }
}
