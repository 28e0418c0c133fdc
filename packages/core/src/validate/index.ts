/**
 * Tests that tell a value from what only looks like one: checksums, structures, ranges. Rules name them in `validator`. Callers can
 * hand over more of them, by other names, to what reads rules.
 */
import { isCard, isLuhn, isNotRepeated } from './card.js';
import { isBase64Json, isDiscordToken, isJwt, isPem } from './containers.js';
import { isCredentialName } from './credential-name.js';
import { isBase58Check, isBech32, isBitcoin, isEthereum } from './crypto-address.js';
import { isDate } from './date.js';
import { isIban } from './iban.js';
import { AFRICA_OCEANIA } from './national-ids/africa-oceania.js';
import { ASIA } from './national-ids/asia.js';
import { EASTERN_EUROPE } from './national-ids/eastern-europe.js';
import { LATIN_AMERICA } from './national-ids/latin-america.js';
import { NORTH_AMERICA } from './national-ids/north-america.js';
import { NORTHERN_EUROPE } from './national-ids/northern-europe.js';
import { WESTERN_EUROPE } from './national-ids/western-europe.js';
import { isEmail, isIpv4, isIpv6 } from './network.js';
import { isNoPlaceholder } from './placeholder.js';
import {
  isAwsSecret,
  isHexKey,
  isNoUuid,
  isRandomToken,
  isUrlCredential,
  isUrlPassword,
  isUuidKey,
} from './secret-shapes.js';
import { isBic, isCoordinates, isImei, isMac, isVin } from './things.js';
import { isGithubToken, isNpmToken } from './token-checksum.js';
import type { ValidatorSet } from './types.js';

export { entropy, rarity } from './rarity.js';
export type { Validator, ValidatorSet } from './types.js';

/** What core itself can test. */
export const VALIDATORS: ValidatorSet = /* @__PURE__ */ (() =>
  new Map(
    Object.entries({
      luhn: isLuhn,
      'not-repeated': isNotRepeated,
      card: isCard,
      iban: isIban,
      swift: isBic,
      vin: isVin,
      imei: isImei,
      mac: isMac,
      coordinates: isCoordinates,
      date: isDate,
      email: isEmail,
      ipv4: isIpv4,
      ipv6: isIpv6,
      btc: isBitcoin,
      eth: isEthereum,
      base58check: isBase58Check,
      bech32: isBech32,
      'github-crc32': isGithubToken,
      'npm-crc32': isNpmToken,
      jwt: isJwt,
      'discord-token': isDiscordToken,
      pem: isPem,
      'base64-json': isBase64Json,
      'aws-secret': isAwsSecret,
      'hex-key': isHexKey,
      'uuid-key': isUuidKey,
      'not-uuid': isNoUuid,
      'url-password': isUrlPassword,
      'url-credential': isUrlCredential,
      'random-token': isRandomToken,
      'not-placeholder': isNoPlaceholder,
      'credential-name': isCredentialName,
      ...NORTH_AMERICA,
      ...LATIN_AMERICA,
      ...WESTERN_EUROPE,
      ...NORTHERN_EUROPE,
      ...EASTERN_EUROPE,
      ...ASIA,
      ...AFRICA_OCEANIA,
    }),
  ))();
