import * as core from '@spectral/core';
import { check } from './check.mjs';

console.log(JSON.stringify(await check(core)));
