import type { ValidatorSet } from '@spectral/core';
import { isPhone } from './phone.js';

/** What the packs test beside what core can: hand it to `createScanner` with them. */
export const validators: ValidatorSet = new Map([['phone', isPhone]]);
