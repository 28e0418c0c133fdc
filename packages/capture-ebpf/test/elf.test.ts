import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAddon } from '../src/addon.js';

describe.runIf(process.platform === 'linux')('symbols of an ELF file', () => {
  const addon = loadAddon();
  const directory = mkdtempSync(join(tmpdir(), 'spectral-elf-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const names = ['SSL_write', 'SSL_write_ex', 'no_such_function'];

  it('finds what this very Node exports', () => {
    const { status, offsets, points } = addon.findSymbols(process.execPath, names);
    expect(status).toBe('ok');
    expect(offsets[0]).toBeGreaterThan(0);
    expect(points[0]).toBeGreaterThanOrEqual(offsets[0]!);
    expect(offsets[2]).toBe(-1);
  });

  it('says what other files are', () => {
    const text = join(directory, 'text');
    writeFileSync(text, 'not a program');
    expect(addon.findSymbols(text, names).status).toBe('not_elf');
    expect(addon.findSymbols(join(directory, 'nothing'), names).status).toBe('unreadable');
    expect(addon.findSymbols(directory, names).status).toBe('not_elf');
    const other = Buffer.alloc(64);
    other.write('\x7fELF\x01\x01', 'latin1');
    writeFileSync(text, other);
    expect(addon.findSymbols(text, names).status).toBe('other_machine');
  });

  it('survives any damage to headers and tables', () => {
    // The addon itself: a real library, small enough to write many times.
    const intact = readFileSync(`${import.meta.dirname}/../prebuilds/linux-${process.arch}/spectral.node`);
    const sectionHeaders = Number(intact.readBigUInt64LE(0x28));
    const place = fc.oneof(
      fc.nat(0x3f),
      fc.nat({ max: 0x400 }),
      fc.integer({ min: sectionHeaders, max: intact.length - 1 }),
    );
    const file = join(directory, 'damaged');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 12 }),
        fc.nat(intact.length),
        (changes, length) => {
          const damaged = Buffer.from(intact);
          for (const [at, value] of changes) damaged[at] = value;
          writeFileSync(file, damaged.subarray(0, length % 3 === 0 ? length : intact.length));
          const { status, offsets } = addon.findSymbols(file, ['napi_register_module_v1', 'nothing']);
          expect(['ok', 'not_elf', 'other_machine']).toContain(status);
          expect(offsets[0]).toBeLessThan(intact.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
