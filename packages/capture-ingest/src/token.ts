import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Says whether a request's `Authorization` carries the token, in a time that depends on neither's content. */
export class TokenCheck {
  readonly #expected: Buffer;

  constructor(token: string) {
    this.#expected = digest(token);
  }

  allows(authorization: string | undefined): boolean {
    const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
    // Digests have one length, and tell nothing of how far the texts agree.
    return timingSafeEqual(digest(given), this.#expected);
  }
}
