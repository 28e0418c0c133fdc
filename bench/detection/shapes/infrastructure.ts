import { createHmac } from 'node:crypto';
import type { Random } from '../random.js';
import { namedSecrets, secrets } from './shape.js';

const json64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt(random: Random): string {
  const claims = {
    sub: random.uuid(),
    iss: 'https://login.madeup.dev',
    iat: 1_700_000_000 + random.below(1e6),
    scope: 'read write',
  };
  const signed = `${json64({ alg: 'HS256', typ: 'JWT' })}.${json64(claims)}`;
  return `${signed}.${createHmac('sha256', random.bytes(32)).update(signed).digest('base64url')}`;
}

/** DER, X.690: tag, length in as few bytes as it takes, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** The structure of RFC 8017, A.1.2, with numbers that are no key. */
function rsaKey(random: Random): Buffer {
  const number = (size: number) => der(2, Buffer.concat([Buffer.from([0x5a]), random.bytes(size - 1)]));
  const sizes = [256, 3, 256, 128, 128, 128, 128, 128];
  return der(0x30, der(2, Buffer.from([0])), ...sizes.map(number));
}

/** RFC 5915, with the number of the curve P-256. */
function ecKey(random: Random): Buffer {
  const curve = Buffer.from('06082a8648ce3d030107', 'hex');
  return der(0x30, der(2, Buffer.from([1])), der(4, random.bytes(32)), der(0xa0, curve));
}

/** RFC 7468. */
const pem = (label: string, body: Buffer, width = 64) =>
  `-----BEGIN ${label}-----\n${body.toString('base64').replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n')}\n-----END ${label}-----`;

/** PROTOCOL.key of OpenSSH, around bytes that are no key. */
const openssh = (r: Random) =>
  Buffer.concat([
    Buffer.from('openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01', 'latin1'),
    r.bytes(280),
  ]);

const putty = (r: Random) =>
  `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: made-up\nPublic-Lines: 2\n${r.fill('AAAAC3NzaC1lZDI1NTE5AAAAI{b:39}\n{b:16}')}\nPrivate-Lines: 1\n${r.fill('AAAAI{b:39}')}\nPrivate-MAC: ${r.fill('{h:64}')}`;

const serviceAccount = (r: Random) =>
  JSON.stringify({
    type: 'service_account',
    project_id: 'madeup-reports',
    private_key_id: r.fill('{h:40}'),
    private_key: `${pem('PRIVATE KEY', rsaKey(r))}\n`,
    client_id: r.digits(21),
  });

/** What people make passwords of: no word by itself. */
const password = (r: Random) =>
  r.fill(
    `${r.pick(['{L:4}', '{A:6}', '{l:5}'])}${r.pick(['!', '#', '%', '-', '_', '.'])}{A:8}${r.pick(['!', '?', '9', '_'])}{d:2}`,
  );
const plainPassword = (r: Random) => r.fill('{A:6}-{A:10}{d:2}');

export const INFRASTRUCTURE = [
  ...secrets('databases', [
    [
      'postgres-url',
      'DATABASE_URL',
      plainPassword,
      'DATABASE_URL=postgres://app:@@db-3.madeup-host.net:5432/orders',
      'psql postgresql://reporting:@@10.20.3.4/main?sslmode=require',
    ],
    [
      'mysql-url',
      'DATABASE_URL',
      plainPassword,
      'mysql://shop:@@mysql.madeup-host.net:3306/shop',
      'url: "mysql2://shop:@@mysql.madeup-host.net/shop"',
    ],
    [
      'mongodb-url',
      'MONGO_URL',
      plainPassword,
      'MONGO_URL=mongodb+srv://svc-api:@@cluster0.ab1cd.mongodb.net/?retryWrites=true',
      'client = MongoClient("mongodb://svc:@@mongo-1.madeup-host.net:27017")',
    ],
    [
      'redis-url',
      'REDIS_URL',
      plainPassword,
      'REDIS_URL=redis://default:@@cache.madeup-host.net:6379/0',
      'rediss://:@@cache.madeup-host.net:6380',
    ],
    [
      'amqp-url',
      'AMQP_URL',
      plainPassword,
      'amqps://worker:@@queue.madeup-host.net/vhost',
      'AMQP_URL=amqp://worker:@@queue.madeup-host.net:5672',
    ],
    [
      'jdbc',
      'JDBC_URL',
      plainPassword,
      'spring.datasource.url=jdbc:postgresql://db.madeup-host.net:5432/app?user=app&password=@',
      'jdbc:mysql://db.madeup-host.net/app?user=root&password=@&useSSL=true',
    ],
    [
      'ado',
      'ConnectionString',
      plainPassword,
      'Server=tcp:sql.madeup-host.net,1433;Database=crm;User ID=crm;Password=@;Encrypt=true',
      'Data Source=sql.madeup-host.net;Initial Catalog=crm;User Id=sa;Pwd=@;',
    ],
    [
      'http-url',
      'PROXY',
      plainPassword,
      'https_proxy=http://proxyuser:@@proxy.madeup-host.net:3128',
      'git clone https://deploy:@@git.madeup-host.net/team/app.git',
    ],
  ]),
  ...namedSecrets('databases', [
    ['pgpassword', 'PGPASSWORD', password],
    ['mysql-root', 'MYSQL_ROOT_PASSWORD', password],
    ['mysql-pwd', 'MYSQL_PWD', plainPassword],
    ['redis-password', 'REDIS_PASSWORD', password],
    ['atlas', 'MONGODB_ATLAS_PRIVATE_KEY', '{uuid}'],
    ['upstash', 'UPSTASH_REDIS_REST_TOKEN', 'A{A:58}='],
    ['influx', 'INFLUX_TOKEN', '{w:85}A=='],
  ]),
  ...secrets('devops', [
    ['vault', 'VAULT_TOKEN', 'hvs.CAES{w:90}A'],
    ['vault-batch', 'VAULT_TOKEN', 'hvb.AAAAAQ{w:140}A'],
    ['terraform', 'TFE_TOKEN', '{A:14}.atlasv1.{A:67}'],
    ['pulumi', 'PULUMI_ACCESS_TOKEN', 'pul-{h:40}'],
    ['doppler-personal', 'DOPPLER_TOKEN', 'dp.pt.{A:43}'],
    ['doppler-service', 'DOPPLER_TOKEN', 'dp.st.prd.{A:43}'],
    ['tailscale', 'TS_AUTHKEY', 'tskey-auth-k{A:11}CNTRL-{A:32}'],
    [
      'onepassword',
      'OP_SERVICE_ACCOUNT_TOKEN',
      (r) =>
        `ops_${json64({ signInAddress: 'madeup.1password.com', secretKey: r.fill('A3-{U:6}-{U:6}-{U:5}-{U:5}'), deviceUuid: r.fill('{a:26}'), note: r.fill('{A:120}') })}`,
    ],
    ['age', 'SOPS_AGE_KEY', 'AGE-SECRET-KEY-1{Q:58}'],
    ['clerk', 'CLERK_SECRET_KEY', 'sk_live_{A:40}'],
  ]),
  ...namedSecrets('devops', [
    ['okta', 'OKTA_API_TOKEN', '00{A:40}'],
    ['ngrok', 'NGROK_AUTHTOKEN', '2{A:26}_{A:21}'],
    ['vault-secret-id', 'VAULT_SECRET_ID', '{uuid}'],
    ['auth0', 'AUTH0_CLIENT_SECRET', '{w:63}A'],
  ]),
  ...secrets('key-material', [
    ['rsa-pem', 'PRIVATE_KEY', (r) => pem('RSA PRIVATE KEY', rsaKey(r)), '@\n'],
    ['pkcs8-pem', 'PRIVATE_KEY', (r) => pem('PRIVATE KEY', rsaKey(r)), 'tls.key: |\n@\n', '@\n'],
    ['ec-pem', 'PRIVATE_KEY', (r) => pem('EC PRIVATE KEY', ecKey(r)), '@\n'],
    ['openssh', 'SSH_KEY', (r) => pem('OPENSSH PRIVATE KEY', openssh(r), 70), 'cat ~/.ssh/id_ed25519\n@\n', '@\n'],
    [
      'pgp',
      'PGP_KEY',
      (r) =>
        pem('PGP PRIVATE KEY BLOCK', r.bytes(600))
          .replace('-----\n', '-----\n\n')
          .replace(/\n(?=-----END)/, `\n=${r.fill('{A:4}')}\n`),
      '@\n',
    ],
    ['putty', 'PPK', putty, '@\n'],
    ['service-account', 'GOOGLE_CREDENTIALS', serviceAccount, '@\n'],
    ['jwt', 'SESSION_TOKEN', jwt],
    [
      'jwt-bearer',
      'TOKEN',
      jwt,
      'Authorization: Bearer @',
      "curl -H 'Authorization: Bearer @' https://api.madeup.dev/v1/me",
    ],
  ]),
  ...namedSecrets('generic', [
    ['password', 'PASSWORD', password],
    ['db-password', 'DB_PASSWORD', plainPassword],
    ['admin-password', 'ADMIN_PASSWORD', password],
    ['api-key', 'API_KEY', '{A:32}'],
    ['api-key-hex', 'INTERNAL_API_KEY', '{h:32}'],
    ['secret-key', 'SECRET_KEY', '{A:50}'],
    ['client-secret', 'CLIENT_SECRET', '{w:39}A'],
    ['access-token', 'ACCESS_TOKEN', '{A:40}'],
    ['auth-token', 'AUTH_TOKEN', '{w:43}A'],
    ['encryption-key', 'ENCRYPTION_KEY', '{h:64}'],
    ['jwt-secret', 'JWT_SECRET', '{b:43}='],
    ['smtp-password', 'SMTP_PASSWORD', plainPassword],
    [
      'basic',
      'AUTH',
      (r) => Buffer.from(`admin:${plainPassword(r)}`).toString('base64'),
      'Authorization: Basic @',
      'curl -H "Authorization: Basic @" https://ops.madeup.dev/health',
    ],
    [
      'bearer',
      'AUTH',
      '{A:40}',
      'Authorization: Bearer @',
      'curl -H "Authorization: Bearer @" https://ops.madeup.dev/jobs',
    ],
    ['curl-user', 'AUTH', plainPassword, 'curl -u deploy:@ https://ops.madeup.dev/jobs'],
    ['header', 'X_API_KEY', '{A:36}', 'X-Api-Key: @', 'curl -H "X-API-Key: @" https://ops.madeup.dev/jobs'],
    ['url-token', 'URL', '{A:40}', 'GET https://ops.madeup.dev/export?format=csv&access_token=@'],
    ['prose', 'PROSE', plainPassword, 'The password is @ and it does not work', 'login: ops password: @'],
  ]),
];
