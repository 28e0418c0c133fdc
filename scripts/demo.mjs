/**
 * Shows the sensor at work: starts `spectral-mesh`, lets real programs send a made-up secret over TLS to a server on
 * loopback, and prints the alerts as they come. Exits 0 only when every program's alert was seen and the secret was in
 * none of the sensor's output. Where BPF cannot be used it says so, and shows the same alert through the library.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const mesh = join(root, 'packages/cli/dist/spectral-mesh.js');
const policy = join(root, 'policy.example.json');
/** Made up; it opens nothing. */
const SECRET = 'sk-live-DEMO00MADE00UP00SAMPLE00';
const BODY = JSON.stringify({ prompt: `why does this fail? key=${SECRET} host=db1` });
const START_MS = 30_000;
const ALERT_MS = 15_000;

/** Exit codes of spectral-mesh that mean: this host or user cannot run BPF programs. */
const CANNOT_RUN_HERE = new Map([
  [4, 'this user may not load BPF programs (try: sudo npm run demo)'],
  [5, 'this kernel cannot run the sensor'],
]);

const say = (text = '') => process.stdout.write(`${text}\n`);

async function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function makeCertificate(directory) {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-days', '2', ...subject, '-keyout', key, '-out', cert], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { key, cert };
}

async function startServer({ key, cert }) {
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert), allowHTTP1: true });
  server.on('request', (request, response) => {
    request.resume();
    request.on('end', () => response.end('received\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** What each program runs; the body comes to all of them on standard input. */
function clients(url, cert) {
  const node = `
    const { readFileSync } = require('node:fs');
    fetch(process.argv[1], { method: 'POST', body: readFileSync(0) }).then((answer) => answer.text());`;
  const python = `
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
urllib.request.urlopen(urllib.request.Request(sys.argv[1], data=sys.stdin.buffer.read()), context=context).read()`;
  return [
    {
      name: 'curl',
      command: ['curl', '-sS', '--http1.1', '--cacert', cert, '--data-binary', '@-', '-o', '/dev/null', url],
    },
    { name: 'Node fetch', command: [process.execPath, '-e', node, url], env: { NODE_EXTRA_CA_CERTS: cert } },
    { name: 'Python urllib', command: ['python3', '-c', python, url, cert] },
  ];
}

/** The sensor as a process: its log lines one by one, and all that it ever wrote. */
function startSensor() {
  const child = spawn(process.execPath, [mesh, '--policy', policy, '--log-format', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const sensor = { child, written: '', alerts: [], listeners: new Set() };
  sensor.ended = once(child, 'close').then(([code]) => code);
  child.stderr.on('data', (data) => {
    sensor.written += data;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    sensor.written += `${line}\n`;
    let record;
    try {
      record = JSON.parse(line);
    } catch {
      return;
    }
    if (record.msg === 'policy_alert') sensor.alerts.push({ record, line });
    for (const listener of sensor.listeners) listener(record);
  });
  return sensor;
}

/** Resolves with the first log line, past or to come, for which `wanted` gives a value. */
function firstLine(sensor, wanted) {
  return new Promise((resolve) => {
    const listener = (record) => {
      const value = wanted(record);
      if (value === undefined) return;
      sensor.listeners.delete(listener);
      resolve(value);
    };
    sensor.listeners.add(listener);
  });
}

async function runClient({ name, command: [program, ...args], env }, sensor) {
  const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  const alertOf = () => sensor.alerts.find(({ record }) => record.pid === child.pid);
  const seen = firstLine(sensor, alertOf);
  child.stdin.on('error', () => {}).end(BODY);
  const [status] = await within(ALERT_MS, name, Promise.race([once(child, 'close'), failed]));
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return alertOf() ?? (await within(ALERT_MS, `the alert of ${name} (pid ${child.pid})`, seen));
}

async function showSensor(directory) {
  const sensor = startSensor();
  let server;
  try {
    const ready = firstLine(sensor, (record) => (record.msg === 'sensor_active' ? record : undefined));
    const outcome = await within(START_MS, 'the start of spectral-mesh', Promise.race([ready, sensor.ended]));
    if (typeof outcome === 'number' || outcome === null) {
      const reason = CANNOT_RUN_HERE.get(outcome);
      if (reason !== undefined) return showLibrary(`${reason}\n${sensor.written.trim()}`);
      throw new Error(`spectral-mesh ended with ${outcome}`);
    }
    const certificate = makeCertificate(directory);
    server = await startServer(certificate);
    const url = `https://localhost:${server.address().port}/v1/chat`;
    say(`spectral-mesh runs (pid ${sensor.child.pid}), policy.example.json in force.`);
    say(`A TLS server listens on ${url}. Each program now posts, encrypted:`);
    say(`  ${BODY}`);
    for (const client of clients(url, certificate.cert)) {
      const { record, line } = await runClient(client, sensor);
      say();
      say(`${client.name}: rule ${record.rule_id}, process ${record.comm}, pid ${record.pid}`);
      say(`  ${line}`);
    }
    sensor.child.kill('SIGTERM');
    await within(ALERT_MS, 'the end of spectral-mesh', sensor.ended);
    if (sensor.written.includes(SECRET)) throw new Error('the secret stands in clear in the output of the sensor');
    say();
    say('All three were seen in clear before encryption; the sensor wrote the secret nowhere.');
  } catch (error) {
    throw new Error(`${error.message}\n\nThe last lines of spectral-mesh:\n${sensor.written.slice(-4_000).trim()}`);
  } finally {
    sensor.child.kill('SIGKILL');
    server?.closeAllConnections?.();
    server?.close();
  }
}

/** Not a demonstration of the sensor, and it says so: the library given the bytes that a program would have sent. */
async function showLibrary(reason) {
  const { parsePolicy, Sensor } = await import('@spectral/core');
  say(`The sensor cannot be shown here: ${reason}`);
  say();
  say('LIBRARY ONLY: no program was watched. The same bytes, handed to @spectral/core, give this alert:');
  const alerts = [];
  const rules = parsePolicy(readFileSync(policy), 'policy.example.json');
  const sensor = await Sensor.create({ policy: rules, sinks: [{ alert: (alert) => alerts.push(alert) }] });
  sensor.handleChunk({ flow: 'demo', pid: process.pid, comm: 'demo', data: new TextEncoder().encode(BODY) });
  sensor.close();
  if (alerts.length === 0) throw new Error('the library reported nothing');
  for (const alert of alerts) say(`  ${JSON.stringify({ msg: 'policy_alert', ...alert })}`);
  if (JSON.stringify(alerts).includes(SECRET)) throw new Error('the secret stands in clear in the alert');
}

const directory = mkdtempSync(join(tmpdir(), 'spectral-demo-'));
const cleanUp = () => rmSync(directory, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
process.once('exit', cleanUp);
try {
  await (process.platform === 'linux' ? showSensor(directory) : showLibrary('it needs Linux'));
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
}
