import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

/** The commit that is built; an archive without git says it in the environment, or not at all. */
function gitCommit(): string {
  if (process.env.SPECTRAL_GIT_COMMIT) return process.env.SPECTRAL_GIT_COMMIT;
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
    return `${git('rev-parse', 'HEAD').trim()}${git('status', '--porcelain', '-uno') === '' ? '' : '-dirty'}`;
  } catch {
    return 'unknown';
  }
}

/** `SOURCE_DATE_EPOCH` makes builds reproducible: https://reproducible-builds.org/specs/source-date-epoch/ */
function buildTime(): string {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return (epoch ? new Date(Number(epoch) * 1_000) : new Date()).toISOString();
}

export default defineConfig({
  entry: ['src/spectral-mesh.ts', 'src/spectral-capture-demo.ts'],
  format: ['esm'],
  dts: false,
  target: 'node20',
  sourcemap: true,
  clean: true,
  banner: { js: '#!/usr/bin/env node' },
  define: {
    SPECTRAL_VERSION: JSON.stringify(version),
    SPECTRAL_GIT_COMMIT: JSON.stringify(gitCommit()),
    SPECTRAL_BUILD_TIME: JSON.stringify(buildTime()),
  },
});
