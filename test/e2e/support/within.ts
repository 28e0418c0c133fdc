/** How many times slower than usual this machine is; an emulated one says so. */
const SLOWNESS = Number(process.env.SPECTRAL_TEST_SLOWNESS ?? 1);

/** `promise`, or an error that names `what` once `ms` have passed. `state` adds what is known by then. */
export async function within<T>(ms: number, what: string, promise: Promise<T>, state?: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: not within ${ms * SLOWNESS} ms\n${state?.() ?? ''}`)),
      ms * SLOWNESS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
