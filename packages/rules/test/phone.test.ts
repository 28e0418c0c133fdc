import { validators } from '@spectral/rules';
import { expect, test } from 'vitest';

const isPhone = (text: string) => validators.get('phone')!(new TextEncoder().encode(text), new Uint8Array(0));

test.each(['+1 650-253-0000', '+49 30 901820', '0044 20 7946 0018', '(212) 555-0142', '01 42 68 53 00'])(
  '%s is a telephone number',
  (text) => {
    expect(isPhone(text)).toBe(true);
  },
);

test.each(['08.03.2018', '2024-05-31', '20180626', '2011-2022', '353207.547', '1111111111', '12'])(
  '%s is none',
  (text) => {
    expect(isPhone(text)).toBe(false);
  },
);
