const core = require('@spectral/core');

import('./check.mjs').then(async ({ check }) => console.log(JSON.stringify(await check(core))));
