import type { IncomingHttpHeaders } from 'node:http';
import type { ChunkFields } from '@spectral/capture-json';
import { Refusal } from './errors.js';

/** What the header fields of a raw request say. They have the names of the JSON form's fields. */
export const FIELD_HEADERS = {
  pid: 'x-spectral-pid',
  comm: 'x-spectral-comm',
  flow: 'x-spectral-flow',
  direction: 'x-spectral-direction',
  seq: 'x-spectral-seq',
  lost: 'x-spectral-lost',
  time: 'x-spectral-time',
  end: 'x-spectral-end',
} as const;

const NUMBERS = ['pid', 'seq', 'lost', 'time'] as const;
const TEXTS = ['comm', 'flow', 'direction'] as const;

/** @throws Refusal 400, with the name of the header field */
export function fieldsOf(headers: IncomingHttpHeaders): ChunkFields {
  const fields: Record<string, unknown> = {};
  for (const name of NUMBERS) {
    const text = headers[FIELD_HEADERS[name]] as string | undefined;
    if (text === undefined) continue;
    if (!/^\d{1,16}(\.\d{1,9})?$/.test(text)) throw new Refusal(400, 'must be a number', FIELD_HEADERS[name]);
    fields[name] = Number(text);
  }
  for (const name of TEXTS) {
    const text = headers[FIELD_HEADERS[name]] as string | undefined;
    // Node reads header fields as Latin-1; they are sent as UTF-8.
    if (text !== undefined) fields[name] = Buffer.from(text, 'latin1').toString('utf8');
  }
  const end = headers[FIELD_HEADERS.end] as string | undefined;
  if (end !== undefined) {
    if (end !== 'true' && end !== 'false') throw new Refusal(400, 'must be true or false', FIELD_HEADERS.end);
    fields.end = end === 'true';
  }
  return fields;
}

/** The header field for a chunk's field, as a refusal names it. */
export function headerOf(field: string): string {
  return Object.hasOwn(FIELD_HEADERS, field) ? FIELD_HEADERS[field as keyof typeof FIELD_HEADERS] : field;
}
