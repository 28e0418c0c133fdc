/**
 * The tables that HPACK refers to (RFC 7541, 2.3 and 4).
 *
 *   index   1 … 61           62 …
 *           static table     dynamic table, the newest entry first
 */
export interface Entry {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

const STATIC: readonly Entry[] = [
  ...[':authority', ':method GET', ':method POST', ':path /', ':path /index.html', ':scheme http', ':scheme https'],
  ...[':status 200', ':status 204', ':status 206', ':status 304', ':status 400', ':status 404', ':status 500'],
  ...['accept-charset', 'accept-encoding gzip, deflate', 'accept-language', 'accept-ranges', 'accept'],
  ...['access-control-allow-origin', 'age', 'allow', 'authorization', 'cache-control', 'content-disposition'],
  ...['content-encoding', 'content-language', 'content-length', 'content-location', 'content-range', 'content-type'],
  ...['cookie', 'date', 'etag', 'expect', 'expires', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match'],
  ...['if-range', 'if-unmodified-since', 'last-modified', 'link', 'location', 'max-forwards', 'proxy-authenticate'],
  ...['proxy-authorization', 'range', 'referer', 'refresh', 'retry-after', 'server', 'set-cookie'],
  ...['strict-transport-security', 'transfer-encoding', 'user-agent', 'vary', 'via', 'www-authenticate'],
].map((field) => {
  const [name, ...value] = field.split(' ');
  const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  return { name: ascii(name!), value: ascii(value.join(' ')) };
});

/** What an entry counts beside its bytes (4.1). */
const OVERHEAD = 32;
/** Unless the encoder says otherwise. */
const DEFAULT_SIZE = 4096;
/** An encoder may keep more; what is older is not known here then. */
export const MOST_TABLE_BYTES = 64 * 1024;

export class HpackTable {
  /** Oldest first. */
  #entries: Entry[] = [];
  #size = 0;
  #limit = DEFAULT_SIZE;

  /** `undefined` if there is none, or it was added before this table was. */
  at(index: number): Entry | undefined {
    return index <= STATIC.length ? STATIC[index - 1] : this.#entries[this.#entries.length - (index - STATIC.length)];
  }

  add(entry: Entry): void {
    this.#size += entry.name.length + entry.value.length + OVERHEAD;
    this.#entries.push(entry);
    this.#evict();
  }

  resize(limit: number): void {
    this.#limit = Math.min(limit, MOST_TABLE_BYTES);
    this.#evict();
  }

  /** Forgets all entries: it is not known which there are. */
  clear(): void {
    this.#entries = [];
    this.#size = 0;
  }

  #evict(): void {
    let gone = 0;
    for (; this.#size > this.#limit; gone++) {
      const { name, value } = this.#entries[gone]!;
      this.#size -= name.length + value.length + OVERHEAD;
    }
    this.#entries.splice(0, gone);
  }
}
