import { compact, mod97 } from './digits.js';

/**
 * Lengths by country. Source: SWIFT, IBAN Registry (ISO 13616-2), release 99, and the countries that use the form without being
 * registered there.
 */
const LENGTHS: Readonly<Record<string, number>> = /* @__PURE__ */ (() =>
  Object.fromEntries(
    `15NO 16BE 18DK 18FI 18FK 18FO 18GL 18NL 18SD 19MK 19SI 20AT 20BA 20EE 20KZ 20LT 20LU 20MN 20XK 21CH 21CR 21HR 21LI 21LV
   22BG 22BH 22DE 22GB 22GE 22IE 22ME 22RS 22VA 23AE 23GI 23IL 23IQ 23OM 23SO 23TL 24AD 24CZ 24ES 24MD 24PK 24RO 24SA 24SE
   24SK 24TN 24VG 24DZ 25LY 25PT 25ST 25AO 25CV 25MZ 26IR 26IS 26TR 27BI 27DJ 27FR 27GR 27IT 27MC 27MR 27SM 27BF 27CF 27CG
   27CM 27GA 27GQ 27KM 27MG 28AL 28AZ 28BY 28CY 28DO 28GT 28HN 28HU 28LB 28NI 28PL 28SV 28BJ 28CI 28GW 28ML 28MA 28NE 28SN
   28TD 28TG 29BR 29EG 29PS 29QA 29UA 30JO 30KW 30MU 30YE 31MT 31SC 32LC 33RU`
      .trim()
      .split(/\s+/)
      .map((row) => [row.slice(2), Number(row.slice(0, 2))]),
  ))();

/** International bank account number: the country's length, and ISO/IEC 7064 MOD 97-10. */
export function isIban(secret: Uint8Array): boolean {
  const text = compact(secret);
  return (
    LENGTHS[text.slice(0, 2)] === text.length && /^..\d\d/.test(text) && mod97(text.slice(4) + text.slice(0, 4)) === 1
  );
}
