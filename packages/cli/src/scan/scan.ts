import { brotliDecompressSync } from 'node:zlib';
import { brotliDictionary, createScanner, type Policy, type Scanner, type ScannerOptions } from '@spectral/core';
import { validators } from '@spectral/rules';
import type { CommandRequest } from '../arguments.js';
import { EXIT } from '../exit-codes.js';
import { type CommandStreams, Output, wantsColour } from '../output.js';
import { loadPolicy } from '../policy/load.js';
import { Baseline } from './baseline.js';
import { explainer } from './explain.js';
import { inputsOf } from './inputs.js';
import { scanJsonl } from './jsonl.js';
import { locate } from './located.js';
import { type ScanOptions, scanOptions } from './options.js';
import { Progress } from './progress.js';
import { counted, type Report, type Summary, sizeOf } from './report.js';
import { JsonReport } from './report-json.js';
import { SarifReport } from './report-sarif.js';
import { shown, TextReport } from './report-text.js';

/** Unreadable inputs that a report lists; all are counted, and said on standard error. */
const MOST_ERRORS = 10_000;

/**
 * `spectral-mesh scan`.
 * @returns 0: nothing found; 1: something; 8: some input could not be scanned
 * @throws SpectralError
 */
export async function scan(request: CommandRequest, streams: CommandStreams): Promise<number> {
  const options = scanOptions(request, streams.env);
  const policy = await loadPolicy(options);
  const baseline =
    options.baseline === undefined ? Baseline.create(streams.env) : await Baseline.read(options.baseline, streams.env);
  const scanner = await createScanner(policy, {
    ...pick(options),
    validators,
    brotliDictionary: brotliDictionary(brotliDecompressSync),
  });
  const output = new Output(streams.stdout);
  try {
    const code = options.jsonl
      ? await scanJsonl(scanner, options, streams, output)
      : await scanInputs(scanner, options, baseline, reportOf(options, policy, streams, output), streams);
    await output.end();
    return code;
  } finally {
    scanner.close();
  }
}

function pick({ views, explain, redact }: ScanOptions): ScannerOptions {
  return { views, explain, redact };
}

function reportOf(
  { format, explain }: ScanOptions,
  policy: Policy,
  { env, stdout }: CommandStreams,
  output: Output,
): Report {
  const why = explain ? explainer(policy) : () => [];
  if (format === 'sarif') return new SarifReport(output, policy);
  if (format === 'json') return new JsonReport(output, why);
  return new TextReport(output, wantsColour(stdout, env), why);
}

async function scanInputs(
  scanner: Scanner,
  options: ScanOptions,
  baseline: Baseline,
  report: Report,
  streams: CommandStreams,
): Promise<number> {
  const { writeBaseline } = options;
  const summary: Summary = { files: 0, bytes: 0, findings: 0, filesWithFindings: 0, known: 0, errors: 0 };
  const progress = new Progress(streams.stderr, options.progress, streams.env);
  const failures: { file: string; message: string }[] = [];
  const onError = (file: string, error: Error): void => {
    const message = `cannot read it: ${(error as NodeJS.ErrnoException).code ?? error.message}`;
    if (failures.length < MOST_ERRORS) failures.push({ file, message });
    summary.errors += 1;
    progress.say(`spectral-mesh: ${shown(file)}: ${message}`);
  };
  const onPiece = (bytes: number): void => {
    summary.bytes += bytes;
    progress.show(summary);
  };
  const { stdin = process.stdin } = streams;
  await report.begin();
  for await (const input of inputsOf(options.paths, { stdin, ignoreFiles: options.ignoreFiles, onError })) {
    const before = summary.findings;
    try {
      const onUndecoded = (count: number) =>
        progress.say(`spectral-mesh: ${shown(input.name)}: ${count} compressed bytes could not be decompressed`);
      for await (const finding of locate(scanner, input, baseline.hash, onPiece, onUndecoded)) {
        if ('reason' in finding) {
          progress.clear();
          await report.dropped(finding);
          continue;
        }
        if (writeBaseline !== undefined) baseline.add(finding);
        if (baseline.has(finding)) summary.known += 1;
        else {
          summary.findings += 1;
          progress.clear();
          await report.finding(finding);
        }
      }
      summary.files += 1;
    } catch (error) {
      // What the file system says; anything else is not this input's fault.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      onError(input.name, error as Error);
    }
    if (summary.findings > before) summary.filesWithFindings += 1;
  }
  for (const { file, message } of failures) await report.error(file, message);
  await report.end(summary);
  progress.say(`spectral-mesh: ${textOf(summary)}`);
  if (writeBaseline !== undefined) {
    const count = await baseline.write(writeBaseline);
    progress.say(
      `spectral-mesh: ${counted(count, 'entry').replace('entrys', 'entries')} written to ${shown(writeBaseline)}`,
    );
  }
  if (summary.errors > 0) return EXIT.INCOMPLETE;
  return summary.findings > 0 && writeBaseline === undefined ? EXIT.FOUND : EXIT.OK;
}

function textOf({ files, bytes, findings, filesWithFindings, known, errors }: Summary): string {
  const parts = [
    `${counted(findings, 'finding')} in ${filesWithFindings} of ${counted(files, 'file')}, ${sizeOf(bytes)}`,
  ];
  if (known > 0) parts.push(`${known} more in the baseline`);
  if (errors > 0) parts.push(`${errors} could not be read`);
  return parts.join('; ');
}
