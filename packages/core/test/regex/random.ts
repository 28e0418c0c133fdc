import fc from 'fast-check';

/** A random expression, and whether it can match nothing. */
export interface RandomPattern {
  readonly source: string;
  readonly nullable: boolean;
}

export interface Dialect {
  /** What stands for one byte. */
  readonly atoms: readonly string[];
  readonly assertions: readonly string[];
  /** Repeat also what can match nothing; dialects differ about when such a loop ends. */
  readonly emptyLoops: boolean;
}

const QUANTIFIERS: readonly (readonly [text: string, nullable: boolean])[] = [
  ['*', true],
  ['+', false],
  ['?', true],
  ['{2}', false],
  ['{0,2}', true],
  ['{1,3}', false],
  ['{2,}', false],
  ['{0,5}', true],
  ['{1,7}', false],
];

export function patterns({ atoms, assertions, emptyLoops }: Dialect): fc.Arbitrary<RandomPattern> {
  const leaf = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...atoms).map((source) => ({ source, nullable: false })) },
    { weight: 1, arbitrary: fc.constantFrom('', ...assertions).map((source) => ({ source, nullable: true })) },
  );
  const { pattern } = fc.letrec<{ pattern: RandomPattern }>((tie) => {
    const inner = tie('pattern');
    const group = fc
      .tuple(inner, fc.boolean())
      .map(([body, captures]) => ({ ...body, source: `(${captures ? '' : '?:'}${body.source})` }));
    return {
      pattern: fc.oneof(
        { depthSize: 'medium', maxDepth: 5 },
        leaf,
        fc.array(inner, { minLength: 2, maxLength: 4 }).map((parts) => ({
          source: parts.map(({ source }) => (source.includes('|') ? `(?:${source})` : source)).join(''),
          nullable: parts.every(({ nullable }) => nullable),
        })),
        fc.array(inner, { minLength: 2, maxLength: 3 }).map((parts) => ({
          source: parts.map(({ source }) => source).join('|'),
          nullable: parts.some(({ nullable }) => nullable),
        })),
        group,
        fc
          .tuple(group, fc.constantFrom(...QUANTIFIERS), fc.boolean())
          .map(([body, [text, nullable], lazy]) =>
            body.nullable && !emptyLoops
              ? body
              : { source: `${body.source}${text}${lazy ? '?' : ''}`, nullable: nullable || body.nullable },
          ),
      ),
    };
  });
  return pattern;
}

/** Short texts of few characters, so that they often match. */
export function haystacks(alphabet: string, maxLength = 24): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...alphabet), { maxLength }).map((chars) => chars.join(''));
}
