import type { Random } from '../random.js';
import {
  brazilian,
  codiceFiscale,
  iban,
  luhn,
  mod10,
  mod11,
  mod11_10,
  plainMod11,
  verhoeff,
  vin,
} from './checksums.js';
import { namedPersonal, personal } from './shape.js';

const two = (n: number) => String(n).padStart(2, '0');
const date = (r: Random) => ({ y: r.between(55, 99), m: r.between(1, 12), d: r.between(1, 28) });
const yymmdd = ({ y, m, d }: ReturnType<typeof date>) => `${two(y)}${two(m)}${two(d)}`;

/** Until a body has a check digit. */
function until(make: () => string | undefined): string {
  for (;;) {
    const value = make();
    if (value !== undefined) return value;
  }
}

const card =
  (prefix: string, length: number, groups?: readonly number[], by = ' ') =>
  (r: Random) => {
    const body = prefix + r.digits(length - 1 - prefix.length);
    const number = body + luhn(body);
    if (groups === undefined) return number;
    const ends = groups.map((_, i) => groups.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
    return ends.map((end, i) => number.slice(end - groups[i]!, end)).join(by);
  };
const FOURS = [4, 4, 4, 4];

/** BBAN templates of the SWIFT registry of IBANs. */
const account = (country: string, bban: string) => (r: Random) => iban(country, r.fill(bban));
const spaced = (country: string, bban: string) => (r: Random) => account(country, bban)(r).replace(/.{4}(?=.)/g, '$& ');

const weightsDown = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);

const cpf = (r: Random) => {
  const body = r.digits(9);
  const first = body + brazilian(body, weightsDown(10, 2));
  const all = first + brazilian(first, weightsDown(11, 2));
  return `${all.slice(0, 3)}.${all.slice(3, 6)}.${all.slice(6, 9)}-${all.slice(9)}`;
};
const cnpj = (r: Random) => {
  const body = `${r.digits(8)}0001`;
  const first = body + brazilian(body, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  const all = first + brazilian(first, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return `${all.slice(0, 2)}.${all.slice(2, 5)}.${all.slice(5, 8)}/${all.slice(8, 12)}-${all.slice(12)}`;
};
const ssn = (r: Random) =>
  `${until(() => {
    const n = r.between(1, 899);
    return n === 666 ? undefined : String(n).padStart(3, '0');
  })}-${two(r.between(1, 99))}-${String(r.between(1, 9999)).padStart(4, '0')}`;
const nhs = (r: Random) =>
  until(() => {
    const body = `${r.pick(['4', '6', '7'])}${r.digits(8)}`;
    const check = mod11(body, weightsDown(10, 2));
    return check && body + check;
  });
const bsn = (r: Random) =>
  until(() => {
    const body = `${r.between(1, 6)}${r.digits(7)}`;
    const rest = plainMod11(body, weightsDown(9, 2));
    return rest < 10 ? body + rest : undefined;
  });
const aadhaar = (r: Random) => {
  const body = `${r.between(2, 9)}${r.digits(10)}`;
  return (body + verhoeff(body)).replace(/.{4}(?=.)/g, '$& ');
};
const insee = (r: Random) => {
  const { y, m } = date(r);
  const body = `${r.between(1, 2)}${two(y)}${two(m)}${two(r.between(1, 89))}${r.digits(3)}${r.digits(3)}`.replace(
    /^(.{5})20/,
    '$121',
  );
  return body + two(97 - Number(BigInt(body) % 97n));
};
const steuerId = (r: Random) => {
  // One digit stands twice, the others once, none leads with 0.
  const pool = r.shuffled([...'123456789']);
  const at = r.between(1, 8);
  const body = [...pool.slice(0, 9)];
  body.splice(at + 1 > 8 ? 9 : at + 2, 0, body[at]!);
  const text = body.slice(0, 10).join('');
  return text + mod11_10(text);
};
const personnummer = (r: Random) => {
  const body = `${yymmdd(date(r))}${r.digits(3)}`;
  return `19${body.slice(0, 6)}-${body.slice(6)}${luhn(body)}`;
};
const cnp = (r: Random) => {
  const body = `${r.between(1, 2)}${yymmdd(date(r))}${two(r.between(1, 46))}${String(r.between(1, 999)).padStart(3, '0')}`;
  const rest = plainMod11(body, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]);
  return body + (rest === 10 ? 1 : rest);
};
const rrn = (r: Random) =>
  until(() => {
    const body = `${yymmdd(date(r))}${r.between(1, 2)}${r.digits(5)}`;
    const rest = plainMod11(body, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    return `${body.slice(0, 6)}-${body.slice(6)}${(11 - rest) % 10}`;
  });
const myNumber = (r: Random) => {
  const body = r.digits(11);
  const rest = plainMod11(body, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
  return body + (rest <= 1 ? 0 : 11 - rest);
};
const fodselsnummer = (r: Random) =>
  until(() => {
    const { y, m, d } = date(r);
    const body = `${two(d)}${two(m)}${two(y)}${r.between(100, 499)}`;
    const one = mod11(body, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
    if (one === undefined) return undefined;
    const other = mod11(body + one, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    return other && body + one + other;
  });
const dni = (r: Random) => {
  const n = r.between(10_000_000, 99_999_999);
  return `${n}${'TRWAGMYFPDXBNJZSQVHLCKE'[n % 23]}`;
};
const nie = (r: Random) => {
  const n = r.between(1_000_000, 9_999_999);
  return `X${n}${'TRWAGMYFPDXBNJZSQVHLCKE'[n % 23]}`;
};
const fiscal = (r: Random) => {
  const { y, m, d } = date(r);
  const consonants = () => Array.from({ length: 3 }, () => r.pick([...'BCDFGLMNPRSTVZ'])).join('');
  const body = `${consonants()}${consonants()}${two(y)}${'ABCDEHLMPRST'[m - 1]}${two(d)}${r.pick([...'ABCDEFGHL'])}${r.between(101, 899)}`;
  return body + codiceFiscale(body);
};
const ahv = (r: Random) => {
  const body = `756${r.digits(9)}`;
  const all = body + mod10(body, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
  return `${all.slice(0, 3)}.${all.slice(3, 7)}.${all.slice(7, 11)}.${all.slice(11)}`;
};
const sin = (r: Random) => {
  const body = `${r.between(1, 7)}${r.digits(7)}`;
  const all = body + luhn(body);
  return `${all.slice(0, 3)}-${all.slice(3, 6)}-${all.slice(6)}`;
};
const hetu = (r: Random) => {
  const { y, m, d } = date(r);
  const n = `${two(d)}${two(m)}${two(y)}`;
  const id = String(r.between(2, 899)).padStart(3, '0');
  return `${n}-${id}${'0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(n + id) % 31]}`;
};
const nric = (r: Random) => {
  const body = r.digits(7);
  const rest = plainMod11(body, [2, 7, 6, 5, 4, 3, 2]);
  return `S${body}${'JZIHGFEDCBA'[rest]}`;
};
const chineseId = (r: Random) => {
  const body = `${r.pick(['110101', '310104', '440305'])}19${yymmdd(date(r))}${r.digits(3)}`;
  return body + '10X98765432'[plainMod11(body, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])];
};
const rut = (r: Random) => {
  const n = String(r.between(8_000_000, 24_999_999));
  const rest = 11 - ([...n].reverse().reduce((s, c, i) => s + Number(c) * (2 + (i % 6)), 0) % 11);
  return `${n.replace(/\B(?=(\d{3})+$)/g, '.')}-${rest === 11 ? '0' : rest === 10 ? 'K' : rest}`;
};
const cuit = (r: Random) =>
  until(() => {
    const body = `20${r.between(10_000_000, 45_000_000)}`;
    const check = mod11(body, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    return check && `20-${body.slice(2)}-${check}`;
  });

const NAMES = ['anneke', 'tomasz', 'ifeoma', 'lucia', 'bjorn', 'priya', 'mateo', 'yuki'];
const SURNAMES = ['vandermeer', 'kowalczyk', 'okonkwo', 'ferrante', 'halvorsen', 'raghavan', 'quintero', 'moriyama'];
const DOMAINS = ['quillmark.net', 'harborline.io', 'fernwood-clinic.org', 'tessellate.dev', 'mail.oldmillbakery.co.uk'];
const email = (r: Random) =>
  `${r.pick(NAMES)}${r.pick(['.', '_', ''])}${r.pick(SURNAMES)}${r.pick(['', '', '+news', '84'])}@${r.pick(DOMAINS)}`;
const phone = (template: string) => (r: Random) => template.replace(/#/g, () => String(r.below(10)));
const publicIp = (r: Random) =>
  `${r.pick([81, 88, 93, 145, 151, 178, 185, 203])}.${r.between(1, 254)}.${r.between(1, 254)}.${r.between(1, 254)}`;

export const PERSONAL = [
  ...personal('payment-card', [
    ['visa', 'CARD', card('4539', 16)],
    ['visa-spaced', 'CARD', card('4716', 16, FOURS)],
    ['visa-dashed', 'CARD', card('4929', 16, FOURS, '-')],
    ['mastercard', 'CARD', card('5412', 16)],
    ['mastercard-2', 'CARD', card('2271', 16, FOURS)],
    ['amex', 'CARD', card('3714', 15)],
    ['amex-spaced', 'CARD', card('3472', 15, [4, 6, 5])],
    ['discover', 'CARD', card('6011', 16)],
    ['jcb', 'CARD', card('3530', 16, FOURS)],
    ['diners', 'CARD', card('3605', 14)],
    ['unionpay', 'CARD', card('6221', 16)],
  ]),
  ...personal('bank-account', [
    ['iban-de', 'IBAN', account('DE', '{d:18}')],
    ['iban-de-spaced', 'IBAN', spaced('DE', '{d:18}')],
    ['iban-gb', 'IBAN', account('GB', 'NWBK{d:14}')],
    ['iban-gb-spaced', 'IBAN', spaced('GB', 'LOYD{d:14}')],
    ['iban-fr', 'IBAN', spaced('FR', '{d:10}{U:11}{d:2}')],
    ['iban-nl', 'IBAN', account('NL', 'INGB{d:10}')],
    ['iban-es', 'IBAN', account('ES', '{d:20}')],
    ['iban-it', 'IBAN', spaced('IT', 'X{d:10}{d:12}')],
    ['iban-ch', 'IBAN', account('CH', '{d:5}{d:12}')],
    ['iban-pl', 'IBAN', spaced('PL', '{d:24}')],
    ['iban-no', 'IBAN', account('NO', '{d:11}')],
    ['iban-ae', 'IBAN', account('AE', '{d:19}')],
  ]),
  ...namedPersonal('bank-account', [
    [
      'aba',
      'ROUTING',
      (r) =>
        until(() => {
          const body = `0${r.between(2, 9)}${r.digits(6)}`;
          return body + mod10(body, [3, 7, 1, 3, 7, 1, 3, 7]);
        }),
      'ABA routing number: @',
      'Bank routing number @ (domestic wires)',
    ],
  ]),
  ...personal('contact', [
    ['email', 'EMAIL', email],
    ['email-angle', 'EMAIL', email, 'From: Support <@>', '"reply_to": "@"'],
    ['phone-us', 'PHONE', phone('+1 415-2##-####')],
    ['phone-us-parentheses', 'PHONE', phone('(212) 6##-####'), 'call me at @ please', 'Phone: @'],
    ['phone-gb', 'PHONE', phone('+44 7911 1#####')],
    ['phone-de', 'PHONE', phone('+49 1512 34#####')],
    ['phone-fr', 'PHONE', phone('+33 6 12 ## ## ##')],
    ['phone-in', 'PHONE', phone('+91 98765 4####')],
    ['phone-e164', 'PHONE', phone('+346123#####')],
  ]),
  ...personal('national-id', [
    ['us-ssn', 'SSN', ssn],
    ['us-itin', 'ITIN', (r) => `9${r.digits(2)}-${r.between(70, 88)}-${r.digits(4)}`],
    ['in-aadhaar', 'AADHAAR', aadhaar],
    ['br-cpf', 'CPF', cpf],
    ['br-cnpj', 'CNPJ', cnpj],
    ['es-dni', 'DNI', dni],
    ['es-nie', 'NIE', nie],
    ['it-fiscal', 'CODICE_FISCALE', fiscal],
    ['se-personnummer', 'PERSONNUMMER', personnummer],
    ['kr-rrn', 'RRN', rrn],
    ['ch-ahv', 'AHV', ahv],
    ['fi-hetu', 'HETU', hetu],
    ['cl-rut', 'RUT', rut],
    ['ar-cuit', 'CUIT', cuit],
    ['cn-resident', 'ID', chineseId],
  ]),
  ...namedPersonal('national-id', [
    ['us-ssn-bare', 'SSN', (r) => ssn(r).replaceAll('-', ''), 'SSN: @', '"ssn": "@"', 'my social security number is @'],
    ['gb-nhs', 'NHS_NUMBER', nhs, 'NHS number: @', 'patient NHS no @'],
    [
      'gb-nino',
      'NINO',
      (r) => `${r.pick(['AB', 'CE', 'JK', 'PW'])}${r.digits(6)}${r.pick([...'ABCD'])}`,
      'National Insurance number: @',
      'NINO @',
    ],
    ['nl-bsn', 'BSN', bsn, 'BSN: @', 'burgerservicenummer @'],
    [
      'pl-pesel',
      'PESEL',
      (r) => {
        const body = `${yymmdd(date(r))}${r.digits(4)}`;
        return body + mod10(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
      },
      'PESEL: @',
      'nr PESEL @',
    ],
    ['fr-nir', 'NIR', insee, 'Numéro de sécurité sociale : @', 'NIR: @'],
    ['de-tax', 'STEUER_ID', steuerId, 'Steuer-ID: @', 'Steueridentifikationsnummer @'],
    ['ca-sin', 'SIN', sin, 'SIN: @', 'Social Insurance Number @'],
    ['ro-cnp', 'CNP', cnp, 'CNP: @', 'cod numeric personal @'],
    ['jp-my-number', 'MY_NUMBER', myNumber, 'My Number: @', 'マイナンバー: @'],
    ['no-fodselsnummer', 'FODSELSNUMMER', fodselsnummer, 'Fødselsnummer: @', 'personnummer @'],
    ['sg-nric', 'NRIC', nric, 'NRIC: @', 'NRIC no. @'],
    [
      'us-npi',
      'NPI',
      (r) => {
        const body = `1${r.digits(8)}`;
        return body + luhn(`80840${body}`);
      },
      'NPI: @',
      'Provider NPI number @',
    ],
  ]),
  ...personal('network-address', [
    ['ipv4', 'CLIENT_IP', publicIp, 'client_ip=@', 'Failed login from @ port 52144'],
    [
      'ipv6',
      'CLIENT_IP',
      (r) =>
        `2a02:${r.fill('{h:3}')}1:${r.fill('{h:3}')}2:${r.fill('{h:3}')}3:${r.fill('{h:3}')}4:${r.fill('{h:3}')}5:${r.fill('{h:3}')}6:${r.fill('{h:3}')}7`,
      'remote addr @',
      'X-Forwarded-For: @',
    ],
  ]),
  ...namedPersonal('personal', [
    [
      'birth-date',
      'DOB',
      (r) => {
        const { y, m, d } = date(r);
        return `19${two(y)}-${two(m)}-${two(d)}`;
      },
      'Date of birth: @',
      '"date_of_birth": "@"',
      'DOB: @',
    ],
    [
      'birth-date-us',
      'DOB',
      (r) => {
        const { y, m, d } = date(r);
        return `${two(m)}/${two(d)}/19${two(y)}`;
      },
      'born on @',
      'DOB @',
    ],
    ['passport', 'PASSPORT', '{C:2}{d:7}', 'Passport number: @', 'passport no. @'],
    ['passport-us', 'PASSPORT', '5{d:8}', 'US passport number: @', '"passport_number": "@"'],
    [
      'imei',
      'IMEI',
      (r) => {
        const body = `35${r.digits(12)}`;
        return body + luhn(body);
      },
      'IMEI: @',
      'device IMEI @',
    ],
    ['vin', 'VIN', (r) => vin(`1HGCM826${r.digits(1)}3A${r.digits(6)}`), 'VIN: @', 'vehicle identification number @'],
  ]),
  ...personal('crypto-address', [['ethereum', 'WALLET', '0x{h:40}', 'send to wallet @', 'ETH address: @']]),
];
