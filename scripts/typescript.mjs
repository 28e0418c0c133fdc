/** `node --import ./scripts/typescript.mjs FILE.ts` runs TypeScript without a build; types are not checked. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
