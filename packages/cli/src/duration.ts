const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // micro sign
  μs: 1e-3, // Greek mu
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;

/**
 * Reads a duration as Go's `time.ParseDuration` writes it: `1m`, `30s`, `1h30m`, `500ms`, `1.5s`, or `0`.
 * @returns milliseconds, possibly a fraction; `undefined` when it is not a duration ≥ 0
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  let rest = text;
  let total = 0;
  while (rest !== '') {
    const part = PART.exec(rest);
    if (part === null) return undefined;
    total += Number(part[1]) * MILLISECONDS[part[2]!]!;
    rest = rest.slice(part[0].length);
  }
  return text === '' ? undefined : total;
}
