import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../src/arguments.js';
import { type MeshConfig, readConfig } from '../src/config.js';
import { CliError } from '../src/errors.js';

const scratch = mkdtempSync(join(tmpdir(), 'spectral-config-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function config(argv: readonly string[], env: NodeJS.ProcessEnv = {}): MeshConfig {
  const request = parseArguments(argv);
  if (request.kind !== 'run') throw new Error(`it is a request for ${request.kind}`);
  return readConfig(request.values, env);
}

describe('readConfig', () => {
  it('has the documented defaults', () => {
    expect(config([])).toEqual({
      policyFile: undefined,
      packs: undefined,
      allowlistFile: undefined,
      alertDedupeWindowMs: 0,
      alertMaxPerWindow: 0,
      alertMaxPerPidPerWindow: 0,
      alertWindowMs: 60_000,
      redactedPreview: true,
      payloadSha256: false,
      k8sNode: undefined,
      ringBytes: 0,
      writeCapBytes: 0,
      feeds: {
        listOnly: false,
        on: new Set(['ebpf']),
        ebpfOptional: false,
        ingestAddress: '127.0.0.1:9092',
        ingestToken: undefined,
        hookSocket: '',
        hookAllowRemote: false,
      },
      metricsAddress: undefined,
      logLevel: 'info',
      logFormat: 'auto',
      procRoot: '/proc',
    });
  });

  it('reads every flag', () => {
    const flags =
      '-policy p.json -allowlist a.json -alert-dedupe-window 30s -alert-max-per-window 7 -alert-max-per-pid-per-window 3 ' +
      '-alert-window 1h30m -log-redacted-preview=false -log-payload-sha256 -k8s-enrich -ringbuf-bytes 65536 ' +
      '-write-cap-bytes 4096 -feeds hookwire,stdin,hookwire -capture-ingest-addr :1 -capture-ingest-token T0ken ' +
      '-capture-stdin -capture-hook-socket unix:s -capture-hook-allow-remote -metrics-addr [::1]:0 -log-level error -log-format text';
    expect(config(flags.split(' '), { NODE_NAME: 'node-1.example' })).toEqual({
      policyFile: 'p.json',
      packs: undefined,
      allowlistFile: 'a.json',
      alertDedupeWindowMs: 30_000,
      alertMaxPerWindow: 7,
      alertMaxPerPidPerWindow: 3,
      alertWindowMs: 5_400_000,
      redactedPreview: false,
      payloadSha256: true,
      k8sNode: 'node-1.example',
      ringBytes: 65_536,
      writeCapBytes: 4_096,
      feeds: {
        listOnly: false,
        on: new Set(['hookwire', 'stdin']),
        ebpfOptional: false,
        ingestAddress: ':1',
        ingestToken: 'T0ken',
        hookSocket: 'unix:s',
        hookAllowRemote: true,
      },
      metricsAddress: { host: '::1', port: 0 },
      logLevel: 'error',
      logFormat: 'text',
      procRoot: '/proc',
    });
  });

  it('takes CAPTURE_INGEST_TOKEN as it is written', () => {
    expect(config([], { CAPTURE_INGEST_TOKEN: 'MiXed' }).feeds.ingestToken).toBe('MiXed');
    expect(config(['-capture-ingest-token', 'flag'], { CAPTURE_INGEST_TOKEN: 'x' }).feeds.ingestToken).toBe('flag');
  });

  it('takes LOG_LEVEL when no flag says otherwise, in any case', () => {
    expect(config([], { LOG_LEVEL: 'DEBUG' }).logLevel).toBe('debug');
    expect(config(['-log-level', 'warn'], { LOG_LEVEL: 'debug' }).logLevel).toBe('warn');
    expect(config([], { LOG_LEVEL: '' }).logLevel).toBe('info');
  });

  it('takes HOST_PROC, with or without a slash at its end', () => {
    expect(config([], { HOST_PROC: '/proc/' }).procRoot).toBe('/proc');
    const proc = join(scratch, 'proc');
    mkdirSync(proc);
    symlinkSync('1', join(proc, 'self'));
    expect(config([], { HOST_PROC: proc }).procRoot).toBe(proc);
  });

  it('listens on this machine only unless a host is named', () => {
    expect(config(['-metrics-addr', ':9090']).metricsAddress).toEqual({ host: '127.0.0.1', port: 9090 });
    expect(config(['-metrics-addr', '0.0.0.0:9090']).metricsAddress).toEqual({ host: '0.0.0.0', port: 9090 });
    expect(config(['-metrics-addr', 'localhost:1']).metricsAddress).toEqual({ host: 'localhost', port: 1 });
    expect(config(['-metrics-addr', '']).metricsAddress).toBeUndefined();
  });

  it('rounds a tiny window up, since 0 would switch it off', () => {
    expect(config(['-alert-dedupe-window', '1us']).alertDedupeWindowMs).toBe(1);
  });

  it('reads how to block, only where that is switched on', () => {
    expect(config(['-block-mode', 'kill', '-block-dry-run']).block).toBeUndefined();
    expect(config(['-enable-bpf-blocking']).block).toEqual({
      mode: 'auto',
      dryRun: false,
      failClosed: false,
      killsPerMinute: 10,
      allowComm: [],
    });
    const all =
      '-enable-bpf-blocking -block-mode deny -block-dry-run -block-fail-closed -block-kill-limit 0 -block-allow-comm nginx,pg';
    expect(config(all.split(' ')).block).toEqual({
      mode: 'deny',
      dryRun: true,
      failClosed: true,
      killsPerMinute: 0,
      allowComm: ['nginx', 'pg'],
    });
  });

  it.each<[flag: string, value: string, says: string]>([
    ['policy', '', 'the path of a file'],
    ['allowlist', '', 'the path of a file'],
    ['alert-dedupe-window', '10', 'a duration such as'],
    ['alert-dedupe-window', '99999h', 'at most 366 days'],
    ['alert-max-per-window', '-1', 'a whole number'],
    ['alert-max-per-pid-per-window', '1.5', 'a whole number'],
    ['alert-window', '0', 'above 0'],
    ['alert-window', 'soon', 'a duration such as'],
    ['log-redacted-preview', 'maybe', 'true or false'],
    ['log-payload-sha256', '', 'true or false'],
    ['k8s-enrich', 'yes', 'true or false'],
    ['ringbuf-bytes', '1000', 'a power of two'],
    ['ringbuf-bytes', '4096', 'a power of two from 65536 to 1073741824'],
    ['ringbuf-bytes', '2147483648', 'a whole number from 0 to 2147483647'],
    ['ringbuf-bytes', '4294967296', 'a whole number from 0 to 2147483647'],
    ['write-cap-bytes', '5', 'from 512 to 4194304'],
    ['write-cap-bytes', '4194305', 'from 512 to 4194304'],
    ['block-mode', 'observe', 'one of auto, redact, deny, kill'],
    ['block-kill-limit', '1000001', 'from 0 to 1000000'],
    ['block-allow-comm', 'a-name-of-16-byt', 'the beginning of a process name'],
    ['metrics-addr', '9090', 'an address [HOST]:PORT'],
    ['metrics-addr', ':65536', 'an address [HOST]:PORT'],
    ['metrics-addr', 'http://x:1', 'an address [HOST]:PORT'],
    ['metrics-addr', '::1:9090', 'an address [HOST]:PORT'],
    ['log-level', 'loud', 'one of debug, info, warn, error'],
    ['log-format', 'xml', 'one of auto, json, text'],
  ])('-%s=%s is refused, naming the flag', (flag, value, says) => {
    const refused = () => config([`-${flag}=${value}`], { NODE_NAME: 'node-1' });
    expect(refused).toThrow(CliError);
    expect(refused).toThrow(`flag -${flag}: ${JSON.stringify(value)} is not `);
    expect(refused).toThrow(says);
  });

  it.each<[env: NodeJS.ProcessEnv, argv: string[], says: string]>([
    [{ LOG_LEVEL: 'chatty' }, [], 'environment variable LOG_LEVEL: "chatty" is not one of debug, info, warn, error'],
    [{ HOST_PROC: '/nowhere' }, [], 'environment variable HOST_PROC: "/nowhere" is not the absolute path'],
    [{ HOST_PROC: 'proc' }, [], 'environment variable HOST_PROC: "proc" is not the absolute path'],
    [{}, ['-enable-bpf-blocking', '-feeds', 'stdin'], 'flag -enable-bpf-blocking: needs the feed ebpf'],
    [{}, ['-k8s-enrich'], 'flag -k8s-enrich: needs the environment variable NODE_NAME'],
    [{ NODE_NAME: 'a,b' }, ['-k8s-enrich'], 'environment variable NODE_NAME: "a,b" is not a Kubernetes node name'],
  ])('%j %j is refused', (env, argv, says) => {
    expect(() => config(argv, env)).toThrow(says);
  });
});
