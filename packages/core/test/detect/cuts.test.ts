/** What is found and masked does not depend on where the text is cut. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CARD, encode, inPieces, KEY, pieces, scannerOf, told } from './support.js';

const scanner = await scannerOf();
afterAll(() => scanner.close());

const escaped = (text: string) => [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const percent = (text: string) => [...encode(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');

const BODY = JSON.stringify({
  messages: [
    { role: 'user', content: `my "password": "hunter22xx", and ${KEY}\nnext line ${CARD}; passport\nid-123456.` },
    { role: 'tool', content: JSON.stringify({ key: KEY, mail: 'who.ever@example-test.org' }) },
  ],
});

const TEXTS: Record<string, string> = {
  body: BODY,
  'a body in a body': JSON.stringify({ body: BODY }),
  'escapes only': `{"key":"${escaped(KEY)}"}`,
  'percent only': `a=1&key=${percent(KEY)}&card=${percent(CARD)}`,
  'a form': `grant_type=password&note=id-123456.+my+passport&key=${KEY}&password=hunter+2xx&card=${CARD.replaceAll(' ', '+')}`,
  entities: `<p>${[...KEY].map((c) => `&#${c.charCodeAt(0)};`).join('')}</p>`,
  'a body that ends too early': `${BODY.slice(0, -9)}\\`,
  'groups of digits': `   0${CARD} ${CARD}&#65; 1111 ${CARD}      2024-05-31 and who@`,
  'what only begins like JSON': `["${KEY}", "\\ud83d\\x", password = "hunter2xx", '${KEY}\\n', id-123456 passport]`,
  'heads, chunks and trailers': `POST /?password=hunter2xx%21 HTTP/1.1\r\nX-Key: ${KEY}\r\nTransfer-Encoding: chunked\r\n\r\n6;x="${KEY}"\r\n{"a":"\r\n${(
    KEY.length + 2
  ).toString(
    16,
  )}\r\n${KEY}"}\r\n0\r\nX-Key: ${KEY}\r\n\r\nGET /?a=${percent(KEY)} HTTP/1.1\r\nContent-Length: ${KEY.length}\r\n\r\n${KEY}`,
  'a message and noise': `POST / HTTP/1.1\r\nContent-Length: 40\r\n\r\n${KEY}:${CARD}\r\n${KEY} POST / HTTP/1.1\r\n`,
  'a message behind a body': `${BODY}POST / HTTP/1.1\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  'an open block': `-----BEGIN TEST KEY-----\n${'QUJDREVG'.repeat(40)}\n-----END TEST KEY-----\nrest ${KEY}`,
  'nothing but beginnings': 'sk-test-sk-test-password password=passw id-12345 4111 1111 1111 who@',
  'a chunked body': `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${BODY.match(/.{1,40}/gs)!
    .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    .join('')}0\r\n\r\n`,
};

describe.each(Object.entries(TEXTS))('%s', (_, text) => {
  const bytes = encode(text);
  const whole = scanner.scan(bytes).findings;
  const redacted = scanner.redact(bytes);

  test('gives the same byte by byte', () => {
    const single = inPieces(
      scanner,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    );
    expect(told(single.findings)).toEqual(told(whole));
    expect(Buffer.from(single.redacted).toString('latin1')).toBe(Buffer.from(redacted).toString('latin1'));
  });

  test('gives the same in any cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const cut = inPieces(scanner, pieces(bytes, cuts));
        expect(told(cut.findings)).toEqual(told(whole));
        expect(Buffer.from(cut.redacted).equals(Buffer.from(redacted))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

test('random mixtures of what the rules look for', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'sk-test-',
      'password',
      'id-123456',
      'passport ',
      'who@',
      'example.org',
      '4111',
      ' ',
      '1111',
      '=',
      '"',
      '\\',
    ),
    fc.constantFrom(
      '-----BEGIN TEST KEY-----',
      '\n',
      '\\u0041',
      '%41',
      '&#65;',
      'Abc012345678901234567890',
      ';',
      KEY,
      CARD,
    ),
    fc.string({ maxLength: 8 }),
  );
  const cuts = fc.array(fc.nat(2000), { maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom('', '{"', '["'), fc.array(part, { maxLength: 60 }), cuts, (begin, parts, at) => {
      const bytes = encode(begin + parts.join(''));
      const cut = inPieces(scanner, pieces(bytes, at));
      expect(told(cut.findings)).toEqual(told(scanner.scan(bytes).findings));
      expect(Buffer.from(cut.redacted).equals(Buffer.from(scanner.redact(bytes)))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
