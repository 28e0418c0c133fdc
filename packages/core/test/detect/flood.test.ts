/** Text that is made to take time is given up on, counted, and left behind. */
import { definePolicy } from '@spectral/core';
import { expect, test } from 'vitest';
import { chunk, record } from '../sensor/support.js';
import { KEY, RULES, scannerOf, told } from './support.js';

/** Every `run:` makes the expression walk on for thousands of bytes, to no end. */
const SLOW = { id: 'slow', severity: 'low', action: 'observe', literals: ['run:'], regex: 'run:[a-z:]*!' } as const;
const FLOOD = 'run:'.repeat(100_000);

test('what lies before and behind is found, what was not judged is counted', async () => {
  using scanner = await scannerOf([...RULES, SLOW]);
  const text = `${KEY} ${FLOOD} ${'.'.repeat(500)} ${KEY}`;
  const { findings, omitted } = scanner.scan(text);
  const last = text.length - KEY.length;
  expect(told(findings)).toEqual([`key 0-${KEY.length} raw`, `key ${last}-${text.length} raw`]);
  expect(omitted).toBeGreaterThan(0);
  expect(omitted).toBeLessThan(100_000);
});

test('ordinary text is judged to the last hit', async () => {
  using scanner = await scannerOf([...RULES, SLOW]);
  expect(scanner.scan('password = hunter22 or run:fast! and 4111 1111 1111 1111; '.repeat(5000)).omitted).toBe(0);
});

test('the sensor reports it as a gap', async () => {
  const { sensor, gaps } = await record({ policy: definePolicy([...RULES, SLOW], 'test', 3) });
  sensor.handleChunk(chunk(FLOOD));
  sensor.endFlow('f');
  expect(gaps.map(({ reason }) => reason)).toContain('flood');
  sensor.close();
});
