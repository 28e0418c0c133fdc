/** `promise`, or an error that names `what` once `ms` have passed. `state` adds what is known by then. */
export async function within<T>(ms: number, what: string, promise: Promise<T>, state?: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms\n${state?.() ?? ''}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
