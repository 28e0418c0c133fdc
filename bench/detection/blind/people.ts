/** Personal data in the ways in which people and programs write it. The key of a kind begins with what its rules are called. */
import type { Random } from '../random.js';
import { brazilian, iban, luhn, mod11, plainMod11, verhoeff } from '../shapes/checksums.js';

export interface Kind {
  readonly make: (random: Random) => string;
  /** Texts around it; `§` stands for the value. */
  readonly around: readonly string[];
}

const two = (n: number) => String(n).padStart(2, '0');
const grouped = (text: string, sizes: readonly number[], by: string) => {
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
  return ends.map((end, i) => text.slice(end - sizes[i]!, end)).join(by);
};
const cards: readonly (readonly [string, number, readonly number[]])[] = [
  ['4', 16, [4, 4, 4, 4]],
  ['51', 16, [4, 4, 4, 4]],
  ['55', 16, [4, 4, 4, 4]],
  ['2221', 16, [4, 4, 4, 4]],
  ['2720', 16, [4, 4, 4, 4]],
  ['34', 15, [4, 6, 5]],
  ['37', 15, [4, 6, 5]],
  ['6011', 16, [4, 4, 4, 4]],
  ['65', 16, [4, 4, 4, 4]],
  ['3528', 16, [4, 4, 4, 4]],
  ['3589', 16, [4, 4, 4, 4]],
  ['36', 14, [4, 6, 4]],
  ['300', 14, [4, 6, 4]],
  ['62', 16, [4, 4, 4, 4]],
];
const card = (by: string) => (r: Random) => {
  const [prefix, length, sizes] = r.pick(cards);
  const body = prefix + r.digits(length - 1 - prefix.length);
  const number = body + luhn(body);
  return by === '' ? number : grouped(number, sizes, by);
};

/** BBANs of the SWIFT registry: digits d, letters C, either U. */
const BBANS: readonly (readonly [string, string])[] = [
  ['DE', '{d:18}'],
  ['AT', '{d:16}'],
  ['CH', '{d:5}{U:12}'],
  ['GB', '{C:4}{d:14}'],
  ['IE', '{C:4}{d:14}'],
  ['NL', '{C:4}{d:10}'],
  ['BE', '{d:12}'],
  ['FR', '{d:10}{U:11}{d:2}'],
  ['ES', '{d:20}'],
  ['IT', '{C:1}{d:10}{U:12}'],
  ['PT', '{d:21}'],
  ['PL', '{d:24}'],
  ['SE', '{d:20}'],
  ['NO', '{d:11}'],
  ['DK', '{d:14}'],
  ['FI', '{d:14}'],
  ['CZ', '{d:20}'],
  ['HU', '{d:24}'],
  ['RO', '{C:4}{U:16}'],
  ['GR', '{d:7}{U:16}'],
  ['AE', '{d:19}'],
  ['SA', '{d:2}{U:18}'],
  ['TR', '{d:6}{U:16}'],
  ['MT', '{C:4}{d:5}{U:18}'],
];
const account = (by: string) => (r: Random) => {
  const [country, bban] = r.pick(BBANS);
  const number = iban(country, r.fill(bban));
  return by === '' ? number : number.replace(/.{4}(?=.)/g, `$&${by}`);
};

const until = (make: () => string | undefined): string => {
  for (;;) {
    const value = make();
    if (value !== undefined) return value;
  }
};
const ssn = (by: string) => (r: Random) =>
  until(() => {
    const area = r.between(1, 899);
    return area === 666 ? undefined : [String(area).padStart(3, '0'), two(r.between(1, 99)), r.fill('{d:4}')].join(by);
  });
const itin = (by: string) => (r: Random) => [`9${r.fill('{d:2}')}`, two(r.between(70, 88)), r.fill('{d:4}')].join(by);
const LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const dni =
  (by: string, dots = false) =>
  (r: Random) => {
    const n = r.between(10_000_000, 99_999_999);
    return `${dots ? String(n).replace(/\B(?=(\d{3})+$)/g, '.') : n}${by}${LETTERS[n % 23]}`;
  };
const nie = (by: string) => (r: Random) => {
  const lead = r.below(3);
  const n = r.between(1_000_000, 9_999_999);
  return `${'XYZ'[lead]}${by}${n}${by}${LETTERS[(lead * 10_000_000 + n) % 23]}`;
};
const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);
const cpf = (shown: boolean) => (r: Random) => {
  const body = r.digits(9);
  const one = body + brazilian(body, down(10, 2));
  const all = one + brazilian(one, down(11, 2));
  return shown ? `${all.slice(0, 3)}.${all.slice(3, 6)}.${all.slice(6, 9)}-${all.slice(9)}` : all;
};
const aadhaar = (by: string) => (r: Random) => {
  const body = `${r.between(2, 9)}${r.digits(10)}`;
  return (body + verhoeff(body)).replace(/.{4}(?=.)/g, `$&${by}`);
};
const nhs = (by: string) => (r: Random) =>
  until(() => {
    const body = `${r.pick(['4', '6', '7'])}${r.digits(8)}`;
    const check = mod11(body, down(10, 2));
    return check === undefined ? undefined : grouped(body + check, [3, 3, 4], by);
  });
const bsn = (r: Random) =>
  until(() => {
    const body = `${r.between(1, 6)}${r.digits(7)}`;
    const rest = plainMod11(body, down(9, 2));
    return rest < 10 ? body + rest : undefined;
  });
const pesel = (r: Random) => {
  const body = `${two(r.between(50, 99))}${two(r.between(1, 12))}${two(r.between(1, 28))}${r.digits(4)}`;
  const sum = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3].reduce((all, weight, i) => all + weight * Number(body[i]), 0);
  return body + ((10 - (sum % 10)) % 10);
};
const sin = (by: string) => (r: Random) => {
  const body = `${r.between(1, 7)}${r.digits(7)}`;
  return grouped(body + luhn(body), [3, 3, 3], by);
};
const nino = (by: string) => (r: Random) =>
  ['AB', r.fill('{d:2}'), r.fill('{d:2}'), r.fill('{d:2}'), r.pick(['A', 'B', 'C', 'D'])].join(by);
const nric = (r: Random) => {
  const body = r.digits(7);
  return `S${body}${'JZIHGFEDCBA'[plainMod11(body, [2, 7, 6, 5, 4, 3, 2])]}`;
};
const nir = (by: string) => (r: Random) => {
  const body = `${r.between(1, 2)}${two(r.between(50, 99))}${two(r.between(1, 12))}${two(r.between(1, 89)).replace('20', '21')}${r.digits(6)}`;
  const all = body + two(97 - Number(BigInt(body) % 97n));
  return grouped(all, [1, 2, 2, 2, 3, 3, 2], by);
};

const NAMES = ['anneke', 'tomasz', 'ifeoma', 'lucia', 'b.halvorsen', 'priya_r', 'mateo-q', 'yuki99'];
const HOSTS = [
  'quillmark.net',
  'harborline.io',
  'fernwood-clinic.org',
  'tessellate.dev',
  'mail.oldmill.co.uk',
  'gmx.de',
  'uni-x.edu',
];
const email = (r: Random) => `${r.pick(NAMES)}${r.pick(['', '.work', '+news', '2'])}@${r.pick(HOSTS)}`;
const shape =
  (...all: string[]) =>
  (r: Random) =>
    r.pick(all).replace(/[#N]/g, (c) => String(c === 'N' ? r.between(2, 9) : r.below(10)));
/** Forms in which numbers of these countries are dialled and written; `N` is 2 to 9. */
const INTERNATIONAL = shape(
  '+1 415 55N ####',
  '+1 (212) 55N-####',
  '+1-650-25N-####',
  '+1 202.55N.####',
  '+14155N#####',
  '+44 20 7946 0###',
  '+44 7700 900###',
  '+447911123###',
  '+49 30 90182####',
  '+49 (0)151 2345####',
  '+49 170 123####',
  '+33 6 12 34 ## ##',
  '+33 1 42 68 ## ##',
  '+34 612 34 ## ##',
  '+39 06 6982 ####',
  '+31 6 1234 ####',
  '+48 512 345 ###',
  '+61 412 345 ###',
  '+81 90-1234-####',
  '+86 138 1234 ####',
  '+91 98765 4####',
  '+55 11 91234-####',
  '0044 20 7946 0###',
  '+41 44 668 18 ##',
);
const NATIONAL = shape(
  '(415) 55N-####',
  '415-55N-####',
  '(212) 55N ####',
  '020 7946 0###',
  '07700 900###',
  '030 90182####',
  '0151 2345####',
  '06 12 34 ## ##',
  '01 42 68 ## ##',
  '612 34 ## ##',
  '512 345 ###',
  '0412 345 ###',
  '090-1234-####',
  '98765 4####',
);
const day = (r: Random) => [r.between(1940, 2010), r.between(1, 12), r.between(1, 28)] as const;
const MONTHS = ['January', 'March', 'May', 'July', 'October', 'December'];
const born = (r: Random) => {
  const [y, m, d] = day(r);
  return r.pick([
    `${y}-${two(m)}-${two(d)}`,
    `${two(d)}/${two(m)}/${y}`,
    `${two(m)}/${two(d)}/${y}`,
    `${d}.${m}.${y}`,
    `${two(d)}.${two(m)}.${y}`,
    `${r.pick(MONTHS)} ${d}, ${y}`,
    `${d} ${r.pick(MONTHS)} ${y}`,
    `${two(d)}-${two(m)}-${y}`,
  ]);
};

const EVERYWHERE = [
  '§',
  'customer said: §.',
  '{"value":"§","x":1}',
  'a;b;§;c',
  'Please use § instead of the old one.',
  '<td>§</td>',
];
const named = (...names: string[]) =>
  names.flatMap((name) => [
    `${name}: §`,
    `${name} §`,
    `{"${name.toLowerCase().replaceAll(' ', '_')}":"§"}`,
    `My ${name} is §.`,
    `${name}=§`,
  ]);

export const PEOPLE: Readonly<Record<string, Kind>> = {
  'payment-card, plain': { make: card(''), around: [...EVERYWHERE, ...named('card', 'credit card number')] },
  'payment-card, blanks': { make: card(' '), around: [...EVERYWHERE, ...named('card')] },
  'payment-card, hyphens': { make: card('-'), around: [...EVERYWHERE, ...named('card')] },
  'payment-card, dots': { make: card('.'), around: [...EVERYWHERE, ...named('card')] },
  'iban, plain': { make: account(''), around: [...EVERYWHERE, ...named('IBAN', 'account')] },
  'iban, blanks': { make: account(' '), around: [...EVERYWHERE, ...named('IBAN')] },
  'iban, hyphens': { make: account('-'), around: [...EVERYWHERE, ...named('IBAN')] },
  'ssn, hyphens': { make: ssn('-'), around: [...EVERYWHERE, ...named('SSN', 'Social Security Number')] },
  'ssn, blanks': { make: ssn(' '), around: named('SSN', 'social security') },
  'ssn, plain': { make: ssn(''), around: named('SSN', 'social security number') },
  'itin|ssn, hyphens': { make: itin('-'), around: [...EVERYWHERE, ...named('ITIN')] },
  'itin|ssn, plain': { make: itin(''), around: named('ITIN', 'Taxpayer ID') },
  'es-, dni': { make: dni(''), around: [...EVERYWHERE, ...named('DNI', 'NIF')] },
  'es-, dni with a hyphen': { make: dni('-'), around: [...EVERYWHERE, ...named('DNI')] },
  'es-, dni with dots': { make: dni('-', true), around: named('DNI') },
  'es-, nie': { make: nie(''), around: [...EVERYWHERE, ...named('NIE')] },
  'es-, nie with hyphens': { make: nie('-'), around: [...EVERYWHERE, ...named('NIE')] },
  'br-cpf, shown': { make: cpf(true), around: [...EVERYWHERE, ...named('CPF')] },
  'br-cpf, plain': { make: cpf(false), around: named('CPF') },
  'aadhaar, blanks': { make: aadhaar(' '), around: [...EVERYWHERE, ...named('Aadhaar')] },
  'aadhaar, plain': { make: aadhaar(''), around: named('Aadhaar', 'aadhaar number') },
  'nhs, blanks': { make: nhs(' '), around: [...EVERYWHERE, ...named('NHS number')] },
  'nhs, plain': { make: nhs(''), around: named('NHS number', 'NHS') },
  'nl-bsn, plain': { make: bsn, around: named('BSN', 'burgerservicenummer') },
  'pl-pesel, plain': { make: pesel, around: named('PESEL') },
  'ca-sin, hyphens': { make: sin('-'), around: named('SIN', 'social insurance number') },
  'ca-sin, blanks': { make: sin(' '), around: named('SIN') },
  'gb-nino, plain': { make: nino(''), around: [...EVERYWHERE, ...named('NINO', 'National Insurance number')] },
  'gb-nino, blanks': { make: nino(' '), around: [...EVERYWHERE, ...named('NI number')] },
  'sg-nric, plain': { make: nric, around: [...EVERYWHERE, ...named('NRIC')] },
  'fr-nir, blanks': { make: nir(' '), around: [...EVERYWHERE, ...named('numéro de sécurité sociale')] },
  'fr-nir, plain': { make: nir(''), around: [...EVERYWHERE, ...named('NIR')] },
  'in-pan, plain': { make: (r) => r.fill(`{C:3}P{C:1}{d:4}{C:1}`), around: [...EVERYWHERE, ...named('PAN')] },
  'email, plain': {
    make: email,
    around: [...EVERYWHERE, ...named('email', 'contact'), 'mailto:§?subject=x', 'From: A B <§>', 'to=§&cc='],
  },
  'phone, international': { make: INTERNATIONAL, around: [...EVERYWHERE, ...named('phone', 'Tel'), 'tel:§'] },
  'phone, national': { make: NATIONAL, around: named('phone', 'phone number', 'Mobile', 'tel', 'call me at') },
  'phone, north american': {
    make: shape('(415) 55N-####', '415-55N-####', '(650) 25N-####', '212.55N.####'),
    around: EVERYWHERE,
  },
  'date-of-birth, plain': {
    make: born,
    around: named('date of birth', 'DOB', 'birthdate', 'Birth date').concat('I was born on §', 'geboren am §'),
  },
  'passport, plain': {
    make: shape('C01X####N', 'N########', '5########'),
    around: named('passport', 'passport number', 'Passport No'),
  },
  'ip, four': {
    make: (r) =>
      `${r.pick([81, 93, 145, 178, 185, 203])}.${r.between(33, 254)}.${r.between(1, 254)}.${r.between(1, 254)}`,
    around: [...EVERYWHERE, 'http://§:8080/x', 'client §:51234 connected'],
  },
  'ip, six': {
    make: (r) => r.fill('2a02:{h:4}:{h:4}:{h:4}:{h:4}:{h:4}:{h:4}:{h:4}').replace(/:0+(?=[0-9a-f])/g, ':'),
    around: ['§', 'from § port 22', '{"ip":"§"}', '[§]:443'],
  },
  'mac, colons': { make: (r) => `a4:${r.fill('{h:2}:{h:2}:{h:2}:{h:2}:{h:2}')}`, around: EVERYWHERE },
};
