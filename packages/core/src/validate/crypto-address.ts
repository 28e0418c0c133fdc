/** Addresses of crypto-currencies, whose checksums say more than their shape. */
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { latin1 } from './text.js';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The bytes of base58 text of at most 112 characters, or `undefined`. Source: draft-msporny-base58. */
export function decodeBase58(secret: Uint8Array): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of latin1(secret, 112)) {
    let carry = BASE58.indexOf(character);
    if (carry < 0) return undefined;
    for (let i = 0; i < bytes.length; i++) {
      carry += bytes[i]! * 58;
      bytes[i] = carry & 0xff;
      carry >>= 8;
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 0xff);
  }
  for (let i = 0; secret[i] === 0x31; i++) bytes.push(0);
  return Uint8Array.from(bytes.reverse());
}

/** The last four bytes are the first of the double SHA-256 of the others. Source: Bitcoin Wiki, Base58Check encoding. */
export function isBase58Check(secret: Uint8Array): boolean {
  const bytes = decodeBase58(secret);
  if (bytes === undefined || bytes.length < 5) return false;
  const hash = sha256(sha256(bytes.subarray(0, -4)));
  return bytes.subarray(-4).every((byte, i) => byte === hash[i]);
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Bech32 or Bech32m. Source: BIP 173, BIP 350. */
export function isBech32(secret: Uint8Array): boolean {
  const text = latin1(secret, 90).toLowerCase();
  const split = text.lastIndexOf('1');
  if (split < 1 || text.length - split < 7) return false;
  const prefix = [...text.slice(0, split)].map((character) => character.charCodeAt(0));
  const data = [...text.slice(split + 1)].map((character) => BECH32.indexOf(character));
  if (data.includes(-1)) return false;
  let check = 1;
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (let i = 0; i < 5; i++) if ((top >> i) & 1) check ^= GENERATOR[i]!;
  }
  return check === 1 || check === 0x2bc830a3;
}

/** Bitcoin address: P2PKH and P2SH in base58check, SegWit in bech32. */
export function isBitcoin(secret: Uint8Array): boolean {
  const text = latin1(secret, 90);
  if (/^(bc1|tb1)/i.test(text)) return isBech32(secret);
  return /^[13mn2]/.test(text) && decodeBase58(secret)?.length === 25 && isBase58Check(secret);
}

/** Ethereum address: 20 bytes in hexadecimal; in mixed case the case is the checksum. Source: EIP-55. */
export function isEthereum(secret: Uint8Array): boolean {
  const text = latin1(secret, 42);
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return false;
  const hex = text.slice(2);
  const lower = hex.toLowerCase();
  if (new Set(lower).size < 6) return false;
  if (hex === lower || hex === hex.toUpperCase()) return true;
  const hash = keccak_256(Uint8Array.from(lower, (character) => character.charCodeAt(0)));
  return [...hex].every((character, i) => {
    const upper = ((hash[i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15) >= 8;
    return character === (upper ? character.toUpperCase() : character.toLowerCase());
  });
}
