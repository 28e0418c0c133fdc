import { PolicyError } from '@spectral/core';
import { LineCounter, parseDocument } from 'yaml';

/**
 * The value of a YAML 1.2 document. The parser's own messages may quote the text, so only its codes are passed on.
 * @param label name of the file, for messages
 * @throws PolicyError
 */
export function readYaml(bytes: Uint8Array, label: string): unknown {
  const refuse = (path: string, message: string) => new PolicyError(label, [{ path, message }]);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('', 'not valid UTF-8; save it with that encoding');
  }
  const lineCounter = new LineCounter();
  let problem: { readonly pos: readonly [number, number]; readonly code: string } | undefined;
  try {
    const document = parseDocument(text, { prettyErrors: false, lineCounter, logLevel: 'silent' });
    problem = document.errors[0];
    if (problem === undefined) return document.toJS();
  } catch {
    throw refuse('', 'YAML that is nested too deeply, or whose aliases are too many or name nothing');
  }
  const { line, col } = lineCounter.linePos(problem.pos[0]);
  const code = problem.code.toLowerCase().replaceAll('_', ' ');
  throw refuse(`line ${line}, column ${col}`, `not valid YAML (${code})`);
}
