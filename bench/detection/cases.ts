import { CARRIERS } from './carriers.js';
import { CLEAN } from './clean.js';
import { Random } from './random.js';
import { AI } from './shapes/ai.js';
import { CLOUD } from './shapes/cloud.js';
import { INFRASTRUCTURE } from './shapes/infrastructure.js';
import { PERSONAL } from './shapes/personal.js';
import { SERVICES } from './shapes/services.js';
import type { Shape } from './shapes/shape.js';
import { VCS_CI } from './shapes/vcs-ci.js';

/** One text in one carrier, as a line of the set. */
export interface Case {
  readonly id: string;
  /** Of rules that should find it; of a clean case: what it looks like. */
  readonly family: string;
  readonly kind: 'secret' | 'pii' | 'clean';
  readonly by?: 'shape' | 'context';
  readonly carrier: string;
  /** The bytes: as UTF-8, or where they are none, as base64. */
  readonly text?: string;
  readonly base64?: string;
  readonly cuts?: readonly number[] | 'every byte';
  /** The value in clear. */
  readonly secret?: string;
  /** Where it is in the bytes, in its coded form. */
  readonly span?: readonly [number, number];
}

export const SHAPES: readonly Shape[] = [...AI, ...CLOUD, ...VCS_CI, ...SERVICES, ...INFRASTRUCTURE, ...PERSONAL];

const camel = (name: string) => name.toLowerCase().replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

/** How a value is written down, `@` for it. */
const WRITTEN: Readonly<Record<'shape' | 'context' | 'pii', readonly ((name: string) => string)[]>> = {
  shape: [
    (name) => `export ${name}=@`,
    (name) => `  ${name.toLowerCase()}: "@"`,
    (name) => `const ${camel(name)} = '@';`,
    () => `curl https://api.madeup.dev/v1/items -H "Authorization: Bearer @"`,
    () => 'I use @ for this, why do I get a 401?',
    (name) => `{"${name.toLowerCase()}":"@","retries":3}`,
  ],
  context: [
    (name) => `${name}=@`,
    (name) => `${name}: '@'\nREGION: eu`,
    (name) => `const ${camel(name)} = "@";`,
    (name) => `{"${name.toLowerCase()}": "@", "retries": 3}`,
    (name) => `os.environ["${name}"] = "@"`,
  ],
  pii: [
    (name) => `${name.toLowerCase()}: @`,
    (name) => `{"${name.toLowerCase()}":"@","id":7}`,
    () => 'Please update the record: @, thank you.',
    () => 'name;value;note\r\nmade up;@;none',
  ],
};

const writingsOf = (shape: Shape): readonly string[] =>
  shape.around ?? WRITTEN[shape.kind === 'pii' ? 'pii' : shape.by].map((write) => write(shape.name));

/** The value takes the place of the first `@` or, where an `@` belongs to the text, of the one before another. */
function written(writing: string, value: string): { text: Buffer; from: number; to: number } {
  const at = writing.indexOf('@');
  const [before, after] = [writing.slice(0, at), writing.slice(at + 1)];
  const from = Buffer.byteLength(before);
  return { text: Buffer.from(before + value + after), from, to: from + Buffer.byteLength(value) };
}

type Bytes = Pick<Case, 'text' | 'base64'>;
const stored = (bytes: Buffer): Bytes => {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') };
};

const NAMES = Object.keys(CARRIERS);
const CODED = NAMES.filter((name) => name !== 'raw');
/** Carriers beside the raw text for each shape; they take turns. */
const CARRIED = 5;
const RAW = 2;
const CLEAN_RAW = 16;
const CLEAN_CARRIED = 14;

function positives(): Case[] {
  let turn = 0;
  return SHAPES.flatMap((shape) => {
    const random = new Random(`${shape.family}/${shape.id}`);
    const writings = writingsOf(shape);
    const carriers = [
      ...Array(RAW).fill('raw'),
      ...Array.from({ length: CARRIED }, () => CODED[turn++ % CODED.length]!),
    ];
    return carriers.map((carrier: string, n): Case => {
      const secret = shape.make(random);
      const { text, from, to } = written(writings[(n + random.below(2)) % writings.length]!, secret);
      const { bytes, span, cuts } = CARRIERS[carrier]!(text, from, to, random);
      const { family, kind, by } = shape;
      return {
        id: `${family}/${shape.id}/${n}`,
        family,
        kind,
        by,
        carrier,
        ...stored(bytes),
        ...(cuts && { cuts }),
        secret,
        span,
      };
    });
  });
}

function negatives(): Case[] {
  let turn = 0;
  return Object.entries(CLEAN).flatMap(([family, make]) => {
    const random = new Random(`clean/${family}`);
    const carriers = [
      ...Array(CLEAN_RAW).fill('raw'),
      ...Array.from({ length: CLEAN_CARRIED }, () => CODED[turn++ % CODED.length]!),
    ];
    return carriers.map((carrier: string, n): Case => {
      const text = Buffer.from(make(random));
      const { bytes, cuts } = CARRIERS[carrier]!(text, 0, text.length, random);
      return { id: `clean/${family}/${n}`, family, kind: 'clean', carrier, ...stored(bytes), ...(cuts && { cuts }) };
    });
  });
}

/** The set by file. */
export function makeCases(): Readonly<Record<string, readonly Case[]>> {
  const found = positives();
  return {
    secrets: found.filter(({ kind }) => kind === 'secret'),
    pii: found.filter(({ kind }) => kind === 'pii'),
    clean: negatives(),
  };
}
