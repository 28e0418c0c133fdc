// Written into the bundle at build time; absent when run from source.
declare const SPECTRAL_VERSION: string | undefined;
declare const SPECTRAL_GIT_COMMIT: string | undefined;
declare const SPECTRAL_BUILD_TIME: string | undefined;

/** Which build this is. `unknown` where the build did not say. */
export const BUILD = {
  version: typeof SPECTRAL_VERSION === 'string' ? SPECTRAL_VERSION : 'unknown',
  git_commit: typeof SPECTRAL_GIT_COMMIT === 'string' ? SPECTRAL_GIT_COMMIT : 'unknown',
  build_time: typeof SPECTRAL_BUILD_TIME === 'string' ? SPECTRAL_BUILD_TIME : 'unknown',
} as const;
