/** What must not be flagged: a text for each kind and try. */

import type { Random } from './random.js';
import { luhn } from './shapes/checksums.js';

const base64 = (r: Random, bytes: number) => r.bytes(bytes).toString('base64');
/** A last digit that is not the one that belongs there. */
const wrong = (r: Random, digit: string) => String((Number(digit) + r.between(1, 9)) % 10);
const T =
  (...templates: string[]) =>
  (r: Random) =>
    r.fill(r.pick(templates));

const PROSE = [
  'A good password has at least twelve characters and is used for one account only. The secret is length.',
  'The token budget of a request is what its messages and its answer take together; a token is about four letters.',
  'Keys of a dictionary are compared by hash first, and then by equality; values may be any object.',
  'To rotate a key, create a new one, deploy it, and delete the old one when nothing uses it any more.',
  'Authentication failed: the password for user "app" was not accepted. Check the environment variable DB_PASSWORD.',
  'The API returns 401 when the Authorization header is missing, and 403 when the key lacks the scope.',
  'Bearer tokens are sent in the header of each request. Never put an access token into a URL.',
  'Secrets must not be written to logs. Use the secret manager, and read them when the service starts.',
  'Our card reader needs a firmware of 4.2 or later; older ones cannot read contactless cards.',
  'In chapter 3 the author explains why public key cryptography needs no shared secret between the two parties.',
  'The session cookie is set with HttpOnly and SameSite, so a script on the page cannot read it.',
  'Please reset my password, I cannot log in since Tuesday, and the link in the mail is expired.',
];
const CODE = [
  'interface Login {\n  username: string;\n  password: string;\n  token?: string | null;\n}',
  'const apiKey = process.env.OPENAI_API_KEY;\nif (!apiKey) throw new Error("OPENAI_API_KEY is not set");',
  'api_key = os.environ["ANTHROPIC_API_KEY"]\nclient = Anthropic(api_key=api_key)',
  'password := os.Getenv("DB_PASSWORD")\nif password == "" {\n\tlog.Fatal("DB_PASSWORD is empty")\n}',
  'String secret = config.getString("oauth.client.secret");\nvalidateToken(request.getHeader("Authorization"));',
  'def check_password(password: str, hashed: bytes) -> bool:\n    return bcrypt.checkpw(password.encode(), hashed)',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: not JavaScript's
  'password: ${{ secrets.DOCKER_PASSWORD }}\nusername: ${{ github.actor }}',
  'env:\n  - name: API_TOKEN\n    valueFrom:\n      secretKeyRef:\n        name: api\n        key: token',
  'resource "aws_db_instance" "main" {\n  password = var.db_password\n  username = local.db_user\n}',
  'let token = self.lexer.next_token()?;\nmatch token.kind { TokenKind::Ident => parse_ident(token), _ => unreachable!() }',
  'const csrfToken = document.querySelector("meta[name=csrf-token]").content;',
  'input type="password" name="password" placeholder="Password" autocomplete="current-password" required',
  'SELECT id, password_hash, token_expires_at FROM users WHERE email = $1 AND deleted_at IS NULL',
  'std::vector<std::string> keys = std::move(secrets::load_keys(path));\nstd::cout << keys.size() << std::endl;',
  'max_tokens=4096, stop_sequences=["\\n\\nHuman:"], tokenizer="cl100k_base", pad_token_id=50256',
  'git clone git@github.com:madeup/reports.git && cd reports && npm install @types/node@20.19.43',
];
const PLACEHOLDERS = [
  'OPENAI_API_KEY=sk-...',
  'export ANTHROPIC_API_KEY="your-api-key-here"',
  'api_key: <YOUR_API_KEY>',
  'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
  'password=changeme',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: not JavaScript's
  'DB_PASSWORD=${DB_PASSWORD:?not set}',
  'token: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
  'Authorization: Bearer $TOKEN',
  'Authorization: Bearer <token>',
  'sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'postgres://user:password@localhost:5432/db',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: not JavaScript's
  'mysql://${USER}:${PASSWORD}@db/app',
  'secret_key = "REPLACE_WITH_YOUR_SECRET"',
  'client_secret={{ client_secret }}',
  'SLACK_TOKEN=xoxb-your-token',
  'STRIPE_KEY=sk_test_...',
  'api_key=********************',
  'password: "********"',
  'HF_TOKEN=hf_...',
];

export const CLEAN: Readonly<Record<string, (random: Random) => string>> = {
  'tool-call ids': T(
    '{"id":"call_{A:24}","type":"function","function":{"name":"search"}}',
    '{"type":"tool_use","id":"toolu_01{A:22}","name":"bash"}',
    '{"tool_call_id":"call_{A:24}","role":"tool","content":"done"}',
    '{"type":"tool_result","tool_use_id":"toolu_01{A:22}"}',
  ),
  'response ids': T(
    '{"id":"chatcmpl-{A:29}","object":"chat.completion","system_fingerprint":"fp_{h:10}"}',
    '{"id":"msg_01{A:22}","type":"message"}',
    '{"id":"resp_{h:48}","status":"completed"}',
    '{"thread_id":"thread_{A:24}","run_id":"run_{A:24}","assistant_id":"asst_{A:24}"}',
    'request-id: req_011C{A:20}',
    '{"file_id":"file-{A:22}","vector_store_id":"vs_{h:32}"}',
    '{"response_id":"gen-{d:10}-{A:20}"}',
    '{"item_id":"rs_{h:50}","encrypted":false}',
  ),
  'go.sum': (r) =>
    `github.com/madeup/lib${r.below(90)} v1.${r.below(30)}.${r.below(9)} h1:${base64(r, 32)}\ngithub.com/madeup/lib v0.${r.below(30)}.0/go.mod h1:${base64(r, 32)}`,
  'npm integrity': (r) =>
    r.pick([
      `"integrity": "sha512-${base64(r, 64)}",\n"license": "MIT"`,
      `  integrity sha512-${base64(r, 64)}`,
      `<script src="app.js" integrity="sha384-${base64(r, 48)}" crossorigin="anonymous"></script>`,
    ]),
  'lock files': T(
    'checksum = "{h:64}"\ndependencies = ["serde"]',
    'requests==2.31.0 --hash=sha256:{h:64}',
    'resolved "https://pkgs.madeup.dev/left-pad/-/left-pad-1.3.0.tgz#{h:40}"',
    '{ url = "https://files.madeup.dev/a.whl", hash = "sha256:{h:64}", size = 62574 }',
    'CHECKSUM: {h:64}  archive.tar.gz',
  ),
  commits: T(
    'commit {h:40}\nAuthor: made up\n\n    Fix the token parser',
    'index {h:7}..{h:7} 100644\n--- a/src/auth/password.ts\n+++ b/src/auth/password.ts',
    'Merge {h:40} into {h:40}',
    'uses: actions/checkout@{h:40} # v4',
    '"gitHead": "{h:40}"',
    'HEAD is now at {h:8} Rotate keys',
  ),
  uuids: T(
    'X-Request-Id: {uuid}',
    '"session_id": "{uuid}", "user_id": "{uuid}"',
    'traceparent: 00-{h:32}-{h:16}-01',
    'trace_id={h:32} span_id={h:16} level=info',
    'b3: {h:32}-{h:16}-1',
    '/var/lib/docker/volumes/{uuid}/_data',
    'PARTUUID={uuid}',
  ),
  'image digests': T(
    'FROM node:20@sha256:{h:64}',
    'Digest: sha256:{h:64}\nStatus: Downloaded newer image',
    'container {h:64} started',
    'k8s pod api-{h:10}-{a:5} is ready',
    '"imageID": "docker-pullable://madeup/api@sha256:{h:64}"',
  ),
  'cache keys': T(
    '"prompt_cache_key": "{A:32}"',
    'Cache restored from key: node-modules-linux-{h:64}',
    'ETag: W/"{h:32}"',
    'etag: "{A:27}"',
    'cache-key: v1-deps-{A:20}-{h:40}',
    '"cache_key": "{h:64}"',
    'app.{h:20}.js',
    'chunk-{U:8}.js',
    '/static/css/main.{h:8}.css',
    'surrogate-key: page-{h:16}',
  ),
  images: (r) =>
    r.pick([
      `{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA${base64(r, 300)}"}}`,
      `{"source":{"type":"base64","media_type":"image/jpeg","data":"/9j/4AAQSkZJRgABAQAAAQABAAD${base64(r, 300)}"}}`,
      `src: url(data:font/woff2;base64,d09GMgABAAAAA${base64(r, 200)})`,
    ]),
  'ids of things': (r) => {
    const body = `978${r.digits(9)}`;
    const check = (10 - ([...body].reduce((s, c, i) => s + Number(c) * (i % 2 ? 3 : 1), 0) % 10)) % 10;
    return r.pick([
      `ISBN ${body.slice(0, 3)}-${body[3]}-${body.slice(4, 8)}-${body.slice(8)}-${check}`,
      `ISBN: ${body}${check}`,
      r.fill('tracking 1Z{U:6}{d:10}'),
      r.fill('DOI: 10.1145/{d:7}.{d:7}'),
      r.fill('arXiv:24{d:2}.{d:5}'),
      r.fill('SKU {C:3}-{d:5}-{C:2}'),
      r.fill('CVE-2023-{d:5}'),
      r.fill('RFC 8{d:3}, section 4.2.{d:1}'),
    ]);
  },
  'order numbers': (r) => {
    const body = `4${r.digits(14)}`;
    return r.pick([
      `order ${body}${wrong(r, luhn(body))} shipped`,
      r.fill('Invoice INV-2024-{d:6}, ticket #{d:7}'),
      r.fill('"order_id": {d:9}'),
      r.fill('case 00{d:6} was closed'),
      r.fill('"sequence": {d:7}, "partition": {d:2}, "offset": {d:8}'),
    ]);
  },
  timestamps: T(
    '"created": 17{d:8}, "updated": 17{d:8}',
    '"timestamp": 17{d:11}',
    'time=2024-05-1{d:1}T0{d:1}:2{d:1}:3{d:1}.{d:6}Z',
    'ts: 17{d:8}.{d:6}',
    '"start_time_unix_nano": "17{d:17}"',
    '[2024-05-1{d:1} 1{d:1}:0{d:1}:1{d:1},{d:3}] INFO started',
    'Date: Tue, 14 May 2024 0{d:1}:1{d:1}:2{d:1} GMT',
    'released 2024-03-1{d:1}, next 2025-01-1{d:1}',
  ),
  versions: T(
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12{d:1}.0.{d:4}.{d:2} Safari/537.36',
    '"version": "1{d:1}.{d:1}.{d:2}-beta.{d:1}"',
    'Windows 10.0.1{d:4}.{d:4}',
    'node v20.1{d:1}.{d:1}, npm 10.{d:1}.0',
    'assembly version 4.{d:1}.{d:4}.0',
    'SNMP OID 1.3.6.1.4.1.{d:4}.{d:1}.2',
  ),
  numbers: T(
    '"usage":{"prompt_tokens":{d:5},"completion_tokens":{d:4},"total_tokens":{d:5}}',
    '[0.0{d:15},-0.0{d:16},0.{d:16},-0.1{d:15}]',
    '"logprob":-0.{d:9},"bytes":[101,{d:2},1{d:1}4]',
    'width 1{d:3} height {d:3} depth 3.{d:12}',
    '"lag": {d:6}, "size": {d:10}',
    'pi is 3.14159265358979323846264338327950288',
    '0x{h:8} 0x{h:8} 0x{h:8} <main+{d:3}>',
  ),
  'phone-like ids': T(
    'build 555-{d:4}',
    'part no. 800-{d:5}-{d:2}',
    'job {d:4}-{d:3} finished',
    'seat {d:2}-{d:2}, row {d:3}',
    'page {d:3}-{d:3} of volume {d:2}',
    'score 21-1{d:1}, 21-1{d:1}',
    'room 4-{d:3}',
  ),
  'public keys': (r) =>
    r.pick([
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${r.fill('{b:43}')} made-up`,
      `-----BEGIN PUBLIC KEY-----\n${base64(r, 90).replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----`,
      `-----BEGIN CERTIFICATE-----\nMIID${base64(r, 240).replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`,
      r.fill('pk_live_{A:24}'),
      r.fill('NEXT_PUBLIC_STRIPE_KEY=pk_test_51{A:97}'),
      r.fill('LANGFUSE_PUBLIC_KEY=pk-lf-{uuid}'),
      `"x5t#S256": "${r.bytes(32).toString('base64url')}"`,
      `SHA256:${base64(r, 32).slice(0, 43)} made-up (ED25519)`,
    ]),
  placeholders: (r) => r.pick(PLACEHOLDERS),
  documentation: (r) => `${r.pick(PROSE)} ${r.pick(PROSE)}`,
  code: (r) => r.pick(CODE),
  'model outputs': (r) =>
    `${r.pick(['Sure!', 'Here is how.', 'You can do this:'])} ${r.pick(PROSE)}\n\n\`\`\`\n${r.pick(CODE)}\n\`\`\`\n${r.pick(PROSE)}`,
  'wrong checksums': (r) => {
    const card = `4539${r.digits(11)}`;
    const imei = `35${r.digits(12)}`;
    return r.pick([
      `card ${card}${wrong(r, luhn(card))}`,
      `IBAN DE${r.pick(['00', '01', '99'])}${r.digits(18)}`,
      `SSN: ${r.pick(['000', '666'])}-${r.digits(2)}-${r.digits(4)}`,
      `SSN 123-00-${r.digits(4)}`,
      `IMEI: ${imei}${wrong(r, luhn(imei))}`,
      `CPF: 111.111.111-11`,
      `ABA routing number: ${r.pick(['99', '88', '77'])}${r.digits(7)}`,
      `DNI 1234567${r.below(10)}I`,
    ]);
  },
  'hosts and paths': T(
    'arn:aws:iam::{d:12}:role/reports',
    's3://madeup-bucket/exports/2024/05/{uuid}.parquet',
    'http://127.0.0.1:8080/health',
    'listening on 0.0.0.0:3000 and [::]:3000',
    'netmask 255.255.255.0',
    '/usr/lib/python3.11/site-packages/{l:8}/{l:9}.py:{d:3}',
    'https://docs.madeup.dev/en/latest/{l:8}/{l:6}.html?ref={h:8}#section-{d:2}',
    'com.madeup.{l:8}.{l:9}Factory$Builder@{h:7}',
  ),
  'minified code': (r) =>
    Array.from({ length: 9 }, () =>
      r.fill('function {L:1}({l:1},{l:1}){return {l:1}.{L:3}({l:1}+{d:2},"{l:6}-{l:4}")}'),
    ).join(';'),
};
