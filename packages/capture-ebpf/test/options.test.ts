import { describe, expect, it } from 'vitest';
import { CaptureError, createEbpfFeed } from '../src/index.js';

const codeOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    if (error instanceof CaptureError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
};

describe('options of the feed', () => {
  it.each([1, 4096, 65_537, 3 << 20, -1, 1.5, Number.NaN, 2 ** 31])('refuses a ring of %d bytes', (ringBytes) => {
    expect(codeOf(() => createEbpfFeed({ ringBytes }))).toMatch(/^ERINGSIZE: .*power of two/);
  });

  it('takes 0 for the default and any power of two from 64 KiB', () => {
    for (const ringBytes of [0, 1 << 16, 1 << 24, 1 << 30])
      expect(codeOf(() => createEbpfFeed({ ringBytes }))).toBe('no error');
  });

  it('names the option that is out of range', () => {
    expect(codeOf(() => createEbpfFeed({ writeCapBytes: 0 }))).toMatch(/^EOPTION: writeCapBytes/);
    expect(codeOf(() => createEbpfFeed({ writeCapBytes: 5 << 20 }))).toMatch(/^EOPTION: writeCapBytes/);
    expect(codeOf(() => createEbpfFeed({ rescanMs: 5 }))).toMatch(/^EOPTION: rescanMs/);
  });

  it('counts nothing before it starts, and stopping then is no error', async () => {
    const feed = createEbpfFeed();
    await feed.stop();
    expect(Object.values(feed.counters()).every((count) => count === 0)).toBe(true);
  });
});
