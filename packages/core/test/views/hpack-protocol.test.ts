import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineMemory } from '../../src/sensor/memory.js';
import { HeaderBlocks } from '../../src/views/header-block.js';
import { Hpack, lineRoom } from '../../src/views/hpack.js';
import { bytesOf, engine, RecordingHost, withBytes } from './protocol-support.js';

const memory = new EngineMemory(engine);

/** Lines of the blocks that `hex` gives, or `undefined` for a broken one. */
function lines(...blocks: readonly (string | Uint8Array)[]): (string[] | undefined)[] {
  const hpack = new Hpack(memory);
  return blocks.map((block) => {
    const bytes = typeof block === 'string' ? Buffer.from(block.replaceAll(' ', ''), 'hex') : block;
    const line = engine.alloc(lineRoom(bytes.length));
    const found = withBytes(bytes, (pointer) => {
      const fields: string[] = [];
      hpack.begin(pointer, pointer + bytes.length, line);
      while (hpack.next()) {
        const length = hpack.nameLength + hpack.valueLength + 3;
        fields.push(Buffer.from(memory.bytes.slice(line, line + length)).toString());
      }
      return fields;
    });
    engine.release(line);
    return hpack.isBroken ? undefined : found;
  });
}

const FIRST = [':method: GET\n', ':scheme: http\n', ':path: /\n', ':authority: www.example.com\n'];
const SECOND = [...FIRST, 'cache-control: no-cache\n'];
const THIRD = [
  ...[':method: GET\n', ':scheme: https\n', ':path: /index.html\n', ':authority: www.example.com\n'],
  'custom-key: custom-value\n',
];

describe('HPACK', () => {
  it('reads the examples of RFC 7541, appendix C', () => {
    expect(lines('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572')).toEqual([
      ['custom-key: custom-header\n'],
    ]);
    expect(lines('1008 7061 7373 776f 7264 0673 6563 7265 74')).toEqual([['password: secret\n']]);
    expect(
      lines(
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ),
    ).toEqual([FIRST, SECOND, THIRD]);
    expect(
      lines(
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ),
    ).toEqual([FIRST, SECOND, THIRD]);
  });

  it('passes over what was added to the table before, and names it by a question mark', () => {
    expect(lines('be 82', '7e 01 61', 'be bf 82')).toEqual([
      [':method: GET\n'],
      ['?: a\n'],
      ['?: a\n', ':method: GET\n'],
    ]);
  });

  it('lets entries go as the encoder does', () => {
    const add = '40 01 61 01 62';
    expect(lines(`${add} be 20 be`, `${add} be`, `3f e1 1f ${add} be`, 'be bf')).toEqual([
      ['a: b\n', 'a: b\n'],
      ['a: b\n'],
      ['a: b\n', 'a: b\n'],
      ['a: b\n'],
    ]);
  });

  it.each([
    ['a string that is too long', '40 01 61 05 62'],
    ['a number without end', '7f ff ff ff ff ff 01'],
    ['a number that breaks off', '7f ff'],
    ['padding with zeros', '40 01 61 82 00 00'],
    ['padding of a byte', '40 01 61 82 1f ff'],
    ['the end of string', '40 01 61 84 ff ff ff ff'],
  ])('stops at %s, and forgets the table', (_, hex) => {
    expect(lines('40 01 61 01 62', hex, 'be 82')).toEqual([['a: b\n'], undefined, [':method: GET\n']]);
  });

  it('does not follow a block that refers to the same bytes again and again', () => {
    const value = 'v'.repeat(4000);
    const entry = Buffer.concat([Buffer.of(0x40, 1, 0x61, 0x7f, 0xa1, 0x1e), Buffer.from(value)]);
    const [, bomb] = lines(entry, Buffer.alloc(60_000, 0xbe));
    expect(bomb!.length).toBe(Math.floor((256 * 1024) / 4001));
  });

  it('takes anything', () => {
    const block = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), (blocks) => {
        for (const fields of lines(...blocks)) {
          for (const field of fields ?? []) expect(field.endsWith('\n')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('header blocks', () => {
  it('passes over one that is too long, and reads the next', () => {
    const host = new RecordingHost();
    const blocks = new HeaderBlocks(host);
    const put = (bytes: Uint8Array, at: number) => withBytes(bytes, (p) => blocks.append(p, bytes.length, at));
    put(bytesOf('\x40\x01a\x01b'), 0);
    blocks.complete(() => {});
    put(new Uint8Array(60_000).fill(0x82), 10);
    put(new Uint8Array(60_000).fill(0x82), 60_010);
    expect(blocks.begin).toBe(10);
    blocks.complete(() => {});
    put(bytesOf('\xbe\x83'), 130_000);
    blocks.complete(() => {});
    expect(host.streams[0]!.text).toBe('a: b\n:method: POST\n');
    blocks.end();
    blocks.free();
  });
});
