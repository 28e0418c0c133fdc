/** Values that only stand for a secret, and values that are one. All of them made up. */
import { VALIDATORS } from '@spectral/core';
import { expect, test } from 'vitest';
import { placeholders, real } from '../vectors/placeholders.json';

const encode = (text: string) => new TextEncoder().encode(text);
const isReal = (text: string) => VALIDATORS.get('not-placeholder')!(encode(text), encode(text));

test.each(placeholders)('%j is a placeholder', (text) => expect(isReal(text)).toBe(false));

test.each(real)('%j is not', (text) => expect(isReal(text)).toBe(true));
