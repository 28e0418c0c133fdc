/** Numbers of things that lead to a person: vehicles, telephones, banks. */
import { digitsOf, isRepeated, luhnHolds } from './digits.js';
import { latin1 } from './text.js';

/** What the letters of a VIN count; I, O and Q do not occur. */
const VIN_VALUES: Readonly<Record<string, number>> = /* @__PURE__ */ (() =>
  Object.fromEntries(
    [...'0123456789']
      .map((digit) => [digit, Number(digit)] as const)
      .concat(
        [...'ABCDEFGH'].map((letter, i) => [letter, i + 1] as const),
        [...'JKLMN'].map((letter, i) => [letter, i + 1] as const),
        [['P', 7] as const, ['R', 9] as const],
        [...'STUVWXYZ'].map((letter, i) => [letter, i + 2] as const),
      ),
  ))();
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Vehicle identification number: shape of ISO 3779, and the check digit where it is mandatory. Source: 49 CFR 565.15. */
export function isVin(secret: Uint8Array): boolean {
  const text = latin1(secret, 17).toUpperCase();
  if (!/^[A-HJ-NPR-Z0-9]{13}\d{4}$/.test(text) || !/[A-Z]/.test(text) || !/\d/.test(text.slice(0, 13))) return false;
  const sum = VIN_WEIGHTS.reduce((total, weight, i) => total + weight * VIN_VALUES[text[i]!]!, 0);
  const holds = '0123456789X'[sum % 11] === text[8];
  return holds || !/^[1-5]/.test(text);
}

/** IMEI: 15 digits, Luhn's check; with two digits of software version no check digit. Source: 3GPP TS 23.003, 6.2. */
export function isImei(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 15, 16);
  if (digits === undefined || isRepeated(digits)) return false;
  return digits.length === 16 || luhnHolds(digits);
}

/** Countries and territories of ISO 3166-1, and XK. */
const COUNTRIES =
  'ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZ' +
  'ECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZ' +
  'LALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQA' +
  'RERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW';

/** Business identifier code: institution, country, location, branch. Source: ISO 9362:2022. */
export function isBic(secret: Uint8Array): boolean {
  const text = latin1(secret, 11).toUpperCase();
  if (!/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(text)) return false;
  for (let i = 0; i < COUNTRIES.length; i += 2) if (COUNTRIES.startsWith(text.slice(4, 6), i)) return true;
  return false;
}

/** EUI-48 in hexadecimal, not of one byte repeated; broadcast and nil are nobody's. Source: IEEE 802. */
export function isMac(secret: Uint8Array): boolean {
  const bytes = latin1(secret, 17)
    .toLowerCase()
    .match(/[0-9a-f]{2}/g);
  return bytes?.length === 6 && new Set(bytes).size > 1 && Number.parseInt(bytes[0]!, 16) % 2 === 0;
}

/** Latitude and longitude in decimal degrees, with a fraction of at least three digits (about 100 m). */
export function isCoordinates(secret: Uint8Array): boolean {
  const [latitude, longitude, ...more] = latin1(secret, 256).match(/-?\d{1,3}\.\d{3,}/g) ?? [];
  if (latitude === undefined || longitude === undefined || more.length > 0) return false;
  return Math.abs(Number(latitude)) <= 90 && Math.abs(Number(longitude)) <= 180 && Number(latitude) !== 0;
}
