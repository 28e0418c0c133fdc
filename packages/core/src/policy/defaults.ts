import type { Policy } from './types.js';

/** What is looked for when no policy is given. */
export const DEFAULT_POLICY: Policy = {
  schemaVersion: 2,
  rules: [{ id: 'project-ethos', pattern: 'Project Ethos', severity: 'medium', action: 'observe' }],
};
