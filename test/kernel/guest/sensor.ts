import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HTTPS_PROGRAMS, type HttpsProgram } from '../../e2e/support/programs.js';
import { disguises, sampleSecret, writePolicy } from '../../e2e/support/secrets.js';
import { SensorProcess } from '../../e2e/support/sensor.js';
import { temporaryDirectory } from '../../e2e/support/temp.js';
import { TlsServer } from '../../e2e/support/tls-server.js';
import { check, holds, same } from './runner.js';

const installed = (program: string) =>
  (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, program)));

/** `spectral-mesh` as installed, and programs as installed that send a made-up secret to a real server. */
export async function checkSensor(): Promise<void> {
  const directory = temporaryDirectory();
  const marker = sampleSecret();
  let sensor: SensorProcess | undefined;
  let server: TlsServer | undefined;
  const up = await check('spectral-mesh starts', async () => {
    server = await TlsServer.start();
    const policy = writePolicy(join(directory.path, 'policy.json'), [
      { id: 'sample-key', pattern: marker, severity: 'critical' },
    ]);
    sensor = await SensorProcess.start(['--policy', policy]);
    return 'ok';
  });
  for (const program of HTTPS_PROGRAMS.filter(({ comm }) => installed(comm))) {
    if (up) await check(`alert: ${program.name}`, () => alertOf(program, marker, sensor!, server!));
  }
  if (sensor) {
    await check('spectral-mesh stops', async () => {
      same('exit code', await sensor!.stop(), 0);
      const leaked = disguises(marker).find((form) => sensor!.output.includes(form));
      holds('the secret stands in no output', leaked === undefined);
      return 'ok, no secret in its output';
    });
  }
  await server?.stop();
  directory.remove();
}

async function alertOf(
  program: HttpsProgram,
  marker: string,
  sensor: SensorProcess,
  server: TlsServer,
): Promise<string> {
  const path = `/${program.name.replaceAll(/\W/g, '-')}`;
  const body = JSON.stringify({ prompt: 'why does it fail?', key: marker });
  const ran = await program.post(server, path, body);
  // An alert is worth something only if the request did reach the server.
  const request = server.received.find((received) => received.path === path);
  same('received', [request?.body, request?.httpVersion], [body, program.httpVersion]);
  const alert = await sensor.alertOf(ran.pid);
  same('rule, comm, gaps', [alert.rule_id, alert.comm, alert.bytes_not_scanned], ['sample-key', program.comm, 0]);
  return 'policy_alert';
}
