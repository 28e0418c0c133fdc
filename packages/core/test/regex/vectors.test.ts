import { expect, test } from 'vitest';
import { Regex } from '../../src/regex/index.js';
import vectors from '../vectors/regex.json' with { type: 'json' };
import { search } from './support.js';

interface Vector {
  readonly pattern: string;
  /** `i`: ignoreCase. */
  readonly flags?: string;
  /** Characters are bytes. */
  readonly haystack: string;
  /** Of all groups of the leftmost-first match; null if there is none. */
  readonly spans: readonly number[] | null;
}

test.each(vectors as readonly Vector[])('$pattern $flags in $haystack', ({ pattern, flags, haystack, spans }) => {
  const regex = Regex.parse(pattern, { ignoreCase: flags === 'i' });
  expect(search(regex, haystack)).toEqual(spans);
  // Once more, with the states that the first search made.
  expect(search(regex, haystack)).toEqual(spans);
});
