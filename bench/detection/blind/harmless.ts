/** Texts of the kinds that pass through AI traffic and hold nothing secret, from templates of `Random.fill`. */
import type { Random } from '../random.js';

const T =
  (...templates: string[]) =>
  (r: Random) =>
    r.fill(r.pick(templates));
const base64 = (r: Random, bytes: number) => r.bytes(bytes).toString('base64');
const url64 = (r: Random, bytes: number) => r.bytes(bytes).toString('base64url');

const WORDS =
  'account adapter archive balance branch buffer cache channel client cluster column commit config context counter cursor default deploy device domain driver editor engine event export factory feature filter folder format gateway handler header helper import index input invoice layer layout ledger library loader logger manager matrix member memory method metric middleware migration model module monitor network number object option order output package packet parser partner patient payload pipeline planner plugin policy pointer portal price process profile project provider proxy query queue reader record region registry release report request resource response result router runner schema scope screen script section segment sensor server service session signal snapshot socket source status storage stream string summary system table target task template tenant theme ticket token tracker transfer update upload user value vector vendor version viewer volume wallet widget window worker zone'.split(
    ' ',
  );
const word = (r: Random) => r.pick(WORDS);
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
const camel = (r: Random) => word(r) + capital(word(r)) + capital(word(r));
const snake = (r: Random) => `${word(r)}_${word(r)}_${word(r)}`;
const kebab = (r: Random) => `${word(r)}-${word(r)}-${word(r)}`;
const prose = (r: Random, words: number) => `${capital(Array.from({ length: words }, () => word(r)).join(' '))}.`;
const chat = (content: string) =>
  JSON.stringify({ model: 'demo-4', messages: [{ role: 'user', content }], stream: true });

const code = (r: Random): string =>
  r.pick([
    () =>
      `export function ${camel(r)}(${word(r)}: string, token = ${camel(r)}()): Promise<${capital(camel(r))}> {\n  return this.${camel(r)}.get(${word(r)}, { headers: { Authorization: \`Bearer \${token}\` } });\n}`,
    () =>
      `const { ${camel(r)}, ${camel(r)} } = require('./${kebab(r)}/${kebab(r)}');\nconst apiKey = process.env.${snake(r).toUpperCase()};\nif (!apiKey) throw new Error('${snake(r).toUpperCase()} is missing');`,
    () =>
      `api_key = os.environ.get("${snake(r).toUpperCase()}")\nclient = ${capital(camel(r))}(api_key=api_key, base_url="https://${kebab(r)}.madeup.dev/v1")`,
    () =>
      `password := viper.GetString("${word(r)}.${word(r)}.password")\ntoken, err := ${camel(r)}(ctx, secretName)\nif err != nil { return nil, fmt.Errorf("get token: %w", err) }`,
    () =>
      `public class ${capital(camel(r))} {\n  @Value("\${${word(r)}.${word(r)}.secret}")\n  private String secret;\n  private final TokenProvider tokenProvider;\n}`,
    () =>
      `resource "aws_secretsmanager_secret" "${snake(r)}" {\n  name = "${word(r)}/${kebab(r)}"\n}\nvariable "db_password" {\n  type      = string\n  sensitive = true\n}`,
    () =>
      `env:\n  - name: ${snake(r).toUpperCase()}_TOKEN\n    valueFrom:\n      secretKeyRef:\n        name: ${kebab(r)}\n        key: ${word(r)}-token`,
    () => `password: \${{ secrets.${snake(r).toUpperCase()} }}\ntoken: \${{ steps.${word(r)}.outputs.token }}`,
    () =>
      `if (key === '${camel(r)}' || key.startsWith('${snake(r)}')) secretKeys.push(key);\nfor (const [key, value] of Object.entries(${camel(r)})) map.set(key, value);`,
    () =>
      `SELECT ${snake(r)}_id, password_hash, api_key_id, token_expires_at FROM ${snake(r)} WHERE ${word(r)}_key = $1 AND secret_version > 3;`,
    () =>
      `<input type="password" name="${camel(r)}" id="${kebab(r)}-password" autocomplete="new-password" placeholder="At least 12 characters">`,
    () =>
      `fn ${snake(r)}(token: &Token, key: KeyPair) -> Result<Secret, ${capital(camel(r))}Error> {\n    let password = rpassword::prompt_password("Password: ")?;\n    token.${snake(r)}(key.public_key())\n}`,
    () =>
      `def test_${snake(r)}(monkeypatch):\n    monkeypatch.setenv("${snake(r).toUpperCase()}_KEY", "test-key")\n    assert ${snake(r)}(token="fake-token", password="hunter2")`,
    () =>
      `const schema = z.object({ password: z.string().min(8), token: z.string().uuid(), apiKey: z.string().optional() });`,
    () =>
      `this.passwordControl = new FormControl('', [Validators.required, Validators.minLength(8)]);\nthis.tokenKey = '${camel(r)}Token';`,
  ])();

const log = (r: Random): string =>
  r.pick([
    () =>
      r.fill(
        `2026-0{d:1}-1{d:1}T1{d:1}:2{d:1}:3{d:1}.{d:6}Z INFO [${camel(r)}] request_id={uuid} trace_id={h:32} span_id={h:16} status=200 duration_ms={d:3}`,
      ),
    () =>
      r.fill(
        `10.2.{d:2}.{d:2} - - [1{d:1}/May/2026:1{d:1}:2{d:1}:0{d:1} +0000] "GET /${kebab(r)}/${word(r)}?page=2&sort=key HTTP/1.1" 200 {d:5} "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
      ),
    () =>
      r.fill(
        `May 1{d:1} 0{d:1}:1{d:1}:2{d:1} host-{d:2} sshd[{d:5}]: Accepted publickey for deploy from 192.168.{d:1}.{d:2} port {d:5} ssh2: ED25519 SHA256:`,
      ) + base64(r, 32).slice(0, 43),
    () =>
      r.fill(
        `kernel: [{d:5}.{d:6}] audit: type=1400 audit(17{d:8}.{d:3}:{d:3}): apparmor="ALLOWED" operation="open" pid={d:5}`,
      ),
    () =>
      r.fill(`level=warn msg="token refresh scheduled" session=${kebab(r)}-{d:3} attempt={d:1} next_token_at=17{d:8}`),
    () =>
      r.fill(
        `E0514 1{d:1}:2{d:1}:0{d:1}.{d:6} {d:5} ${snake(r)}.go:{d:3}] "Failed to ${word(r)}" key="${word(r)}/${kebab(r)}" err="not found" podUID="{uuid}"`,
      ),
    () => r.fill(`#{d:2} sha256:{h:64} {d:2}.{d:2}MB / {d:2}.{d:2}MB 1.{d:1}s done`),
    () =>
      r.fill(
        `at ${capital(camel(r))}.${camel(r)} (/app/node_modules/${kebab(r)}/dist/index.${`{h:8}`}.js:{d:1}:{d:5})`,
      ),
  ])();

export const HARMLESS: Readonly<Record<string, (r: Random) => string>> = {
  code: (r) => `${code(r)}\n\n${code(r)}`,
  'chat with code': (r) => chat(`${prose(r, 12)}\n\n\`\`\`\n${code(r)}\n\`\`\`\n${prose(r, 20)}`),
  logs: (r) => Array.from({ length: 5 }, () => log(r)).join('\n'),
  'tool calls': T(
    '{"id":"call_{A:24}","type":"function","function":{"name":"read_file","arguments":"{\\"path\\":\\"src/index.ts\\"}"}}',
    '{"type":"tool_use","id":"toolu_01{A:22}","name":"bash","input":{"command":"ls -la"}}',
    '{"type":"tool_use","id":"toolu_bdrk_01{A:22}","name":"edit","input":{"key":"value"}}',
    '{"role":"tool","tool_call_id":"call_{A:24}","content":"{\\"ok\\":true,\\"key\\":\\"users\\"}"}',
    '{"call_id":"call_{A:24}","id":"fc_{h:48}","name":"lookup","arguments":"{}","status":"completed"}',
    '{"tool_use_id":"toolu_01{A:22}","type":"tool_result","content":[{"type":"text","text":"token count 1294"}]}',
    '{"id":"chatcmpl-tool-{h:32}","type":"function"}',
    '{"id":"functions.search:{d:1}","type":"function"}',
  ),
  'response ids': T(
    '{"id":"chatcmpl-{A:29}","object":"chat.completion","created":17{d:8},"model":"gpt-4o","system_fingerprint":"fp_{h:10}"}',
    '{"id":"msg_01{A:22}","type":"message","role":"assistant","stop_reason":"end_turn"}',
    '{"id":"resp_{h:50}","object":"response","previous_response_id":"resp_{h:48}"}',
    '{"thread_id":"thread_{A:24}","run_id":"run_{A:24}","assistant_id":"asst_{A:24}","step":"step_{A:24}"}',
    '{"file_id":"file-{A:22}","vector_store_id":"vs_{h:32}","batch":"batch_{h:32}"}',
    'x-request-id: req_{h:32}\nopenai-organization: user-{a:24}\nopenai-processing-ms: 412',
    'anthropic-organization-id: {uuid}\nrequest-id: req_011C{A:20}\ncf-ray: {h:16}-FRA',
    '{"type":"thinking","thinking":"…","signature":"EqQBCgIYAhIM{b:160}=="}',
    '{"id":"gen-17{d:8}-{A:20}","provider":"Together","model":"meta-llama/llama-3.1-8b-instruct"}',
    '{"responseId":"{w:22}","modelVersion":"gemini-2.0-flash","usageMetadata":{"totalTokenCount":{d:4}}}',
    '{"encrypted_content":"gAAAAAB{w:180}==","id":"rs_{h:50}"}',
    '{"id":"ft:gpt-4o-mini:acme::{A:8}","object":"fine_tuning.job","fine_tuning_job":"ftjob-{A:24}"}',
  ),
  'go.sum': (r) => {
    const line = () => r.fill(`github.com/${word(r)}/${kebab(r)} v1.{d:1}.{d:2} h1:`) + base64(r, 32);
    return `${line()}\n${line()}\n${r.fill(`golang.org/x/${word(r)} v0.{d:2}.0/go.mod h1:`)}${base64(r, 32)}`;
  },
  'lock files': (r) =>
    r.pick([
      () =>
        `"node_modules/${kebab(r)}": {\n  "version": "1.2.3",\n  "resolved": "https://registry.example/${kebab(r)}/-/${kebab(r)}-1.2.3.tgz",\n  "integrity": "sha512-${base64(r, 64)}"\n}`,
      () =>
        `${kebab(r)}@^1.2.3:\n  version "1.2.3"\n  resolved "https://packages.example/${kebab(r)}/-/x-1.2.3.tgz#${r.fill('{h:40}')}"\n  integrity sha512-${base64(r, 64)}`,
      () =>
        `[[package]]\nname = "${kebab(r)}"\nversion = "0.3.1"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${r.fill('{h:64}')}"`,
      () => r.fill(`${word(r)}==2.{d:2}.{d:1} \\\n    --hash=sha256:{h:64} \\\n    --hash=sha256:{h:64}`),
      () => `/${kebab(r)}@1.0.0:\n    resolution: {integrity: sha512-${base64(r, 64)}}`,
      () => r.fill(`"content-hash": "{h:32}", "reference": "{h:40}", "shasum": "{h:40}"`),
      () => r.fill(`{ "originHash" : "{h:64}", "pins" : [ { "identity" : "${kebab(r)}", "revision" : "{h:40}" } ] }`),
    ])(),
  commits: T(
    'commit {h:40}\nMerge: {h:7} {h:7}\nAuthor: made up\nDate: Tue May 12 10:11:12 2026 +0200\n\n    Rotate the token key',
    'index {h:7}..{h:7} 100644\n--- a/src/auth/token.ts\n+++ b/src/auth/token.ts\n@@ -1,3 +1,4 @@ export const key',
    'pick {h:8} fix password reset\nsquash {h:8} wip',
    '{"sha":"{h:40}","node_id":"C_kwDO{A:50}","url":"https://api.github.com/repos/a/b/git/commits/{h:40}"}',
    'Subproject commit {h:40}',
    'uses: actions/setup-node@{h:40} # v4.0.2',
    'git cherry-pick {h:40} && git revert {h:12}',
    '"head_sha": "{h:40}", "head_branch": "key-rotation"',
  ),
  digests: T(
    'FROM ghcr.io/acme/api:1.2@sha256:{h:64}',
    '"Digest":"sha256:{h:64}","Id":"sha256:{h:64}"',
    'MD5 ({A:8}.tar.gz) = {h:32}\nSHA1: {h:40}\nSHA256: {h:64}',
    '{h:64}  release-1.{d:1}.tar.gz',
    'sha256-{b:43}=',
    "Content-Security-Policy: script-src 'sha256-{b:43}=' 'nonce-{b:22}=='",
    'Content-MD5: {b:22}==',
    '"checksumSHA256": "{b:43}=", "size": {d:6}',
    'drv path /nix/store/{a:32}-source, hash = "sha256-{b:43}=";',
  ),
  caches: T(
    'ETag: "{h:32}"',
    'ETag: W/"{h:6}-{w:27}"',
    'etag: "{h:40}-gzip"\nx-cache: HIT\nx-amz-cf-id: {w:54}==',
    'x-amz-request-id: {U:16}\nx-amz-id-2: {b:74}==',
    '"prompt_cache_key": "{uuid}", "prompt_cache_retention": "24h"',
    '"cache_key": "{h:64}", "cacheKey": "v2:{A:22}"',
    'Cache key: linux-node-{h:64}',
    'restore-keys: |\n  npm-{h:40}',
    '"idempotency_key":"{A:32}", "Idempotency-Key: {uuid}"',
    'surrogate-key: post-{d:5} user-{d:4}',
    '/static/js/main.{h:8}.chunk.js\n/assets/index-{A:8}.css',
  ),
  ids: T(
    '"user_id": "{uuid}", "session_id": "{uuid}", "organization": "{uuid}"',
    '"_id": {"$oid": "{h:24}"}, "__v": 0',
    '"id": "01{U:24}", "parent": "01{U:24}"',
    '"objectKey": "uploads/{uuid}.png", "bucket": "media"',
    '"row_key": "{h:16}", "partitionKey": "2026-05-{d:2}"',
    '"shortId": "{A:11}", "slug": "how-to-rotate-keys-{A:8}"',
    'https://www.youtube.com/watch?v={w:11}&list=PL{w:32}',
    'https://docs.google.com/document/d/1{w:43}/edit#heading=h.{a:12}',
    'https://www.figma.com/file/{A:22}/Design?node-id=12%3A{d:3}',
    'https://www.notion.so/acme/Plan-{h:32}?pvs=4',
    'https://acme.atlassian.net/browse/KEY-{d:4}',
    'arn:aws:kms:eu-west-1:{d:12}:key/{uuid}',
    'projects/acme/locations/global/keyRings/main/cryptoKeys/app/cryptoKeyVersions/{d:1}',
    'vpc-{h:17} subnet-{h:17} i-{h:17} ami-{h:17} sg-{h:17}',
    '"cus_{A:14}", "sub_{A:24}", "pi_{A:24}", "price_{A:24}", "evt_{A:24}", "in_{A:24}"',
    'channel C{U:10} user U{U:10} team T{U:8} ts 17{d:8}.{d:6}',
    'discord guild {d:18} channel {d:19}',
    '"correlationId":"{uuid}","spanKey":"{h:16}"',
    'X-Amzn-Trace-Id: Root=1-{h:8}-{h:24};Parent={h:16};Sampled=1',
    'traceparent: 00-{h:32}-{h:16}-01\nbaggage: key={A:12}',
  ),
  public: (r) =>
    r.pick([
      () => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${r.fill('{b:43}')} deploy@madeup`,
      () => `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC${base64(r, 372)} user@host`,
      () =>
        `-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE${base64(r, 600).replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`,
      () =>
        `-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A${base64(r, 260).replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----`,
      () => `{"kty":"RSA","use":"sig","kid":"${url64(r, 20)}","n":"${url64(r, 256)}","e":"AQAB","alg":"RS256"}`,
      () => `{"kty":"EC","crv":"P-256","x":"${url64(r, 32)}","y":"${url64(r, 32)}","kid":"1"}`,
      () => r.fill('const stripe = Stripe("pk_live_51{A:97}");'),
      () => r.fill('NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY=pk_test_{A:24}'),
      () => r.fill('data-sitekey="6L{A:6}AAAAA{w:27}"'),
      () => r.fill('NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY=pk_test_{b:44}'),
      () => r.fill('NEXT_PUBLIC_POSTHOG_KEY=phc_{A:43}'),
      () => r.fill('Sentry.init({ dsn: "https://{h:32}@o{d:6}.ingest.sentry.io/{d:7}" });'),
      () => r.fill("gtag('config', 'G-{U:10}'); // UA-{d:8}-1 GTM-{U:7}"),
      () => r.fill('MAPBOX_TOKEN=pk.eyJ1IjoibWFkZXVwIiwiYSI6ImNr{A:26}In0.{w:22}'),
      () => r.fill('RECAPTCHA_SITE_KEY=6L{A:6}AAAAA{w:27}'),
      () => r.fill('TURNSTILE_SITE_KEY=0x4AAAAAAA{w:13}'),
      () => r.fill('public_key: ed25519:{A:44}\nnpub1{a:58}'),
      () => r.fill('github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b:43}'),
      () => r.fill('"publicKey": "{b:43}=", "AllowedIPs": "10.0.0.0/24"'),
      () =>
        r.fill(
          '-----BEGIN PGP SIGNATURE-----\n\niQIzBAABCgAdFiEE{b:48}\n{b:64}\n{b:64}\n=x9Yz\n-----END PGP SIGNATURE-----',
        ),
      () => r.fill('gpg --recv-keys {H:40}\nFingerprint: {H:4} {H:4} {H:4} {H:4} {H:4}  {H:4} {H:4} {H:4} {H:4} {H:4}'),
      () => r.fill('algolia: { appId: "{U:10}", indexName: "docs" }'),
    ])(),
  placeholders: (r) => {
    const name = snake(r).toUpperCase();
    return r.pick([
      `${name}_API_KEY=your-api-key`,
      `${name}_API_KEY=<your api key>`,
      `${name}_TOKEN="\${${name}_TOKEN}"`,
      `${name}_SECRET={{ .Values.${camel(r)}.secret }}`,
      `export OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`,
      `OPENAI_API_KEY=sk-proj-...`,
      `ANTHROPIC_API_KEY=sk-ant-api03-xxxxxxxx`,
      `ANTHROPIC_API_KEY=sk-ant-...`,
      `GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxx`,
      `GITHUB_TOKEN=ghp_your_token_here`,
      `AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
      `api_key: "INSERT_YOUR_KEY_HERE"`,
      `token = "abc123"`,
      `password = "password"`,
      `DB_PASSWORD=changeme`,
      `postgres://postgres:postgres@localhost:5432/${word(r)}`,
      `mongodb://user:pass@localhost:27017`,
      `mysql://root:secret@127.0.0.1/app`,
      `redis://:\${REDIS_PASSWORD}@redis:6379/0`,
      `https://user:password@example.com/`,
      `Authorization: Bearer YOUR_ACCESS_TOKEN`,
      `Authorization: Bearer <JWT>`,
      `Authorization: Basic <credentials>`,
      `curl -u "$USER:$PASSWORD" https://api.madeup.dev`,
      `-H "x-api-key: $${name}_API_KEY"`,
      `stripe.api_key = "sk_test_..."`,
      `apiKey: process.env.${name}_KEY!`,
      `secret: config.get<string>('${word(r)}.secret')`,
      `key: \${{ runner.os }}-${word(r)}-\${{ hashFiles('**/package-lock.json') }}`,
      `client_secret=********&grant_type=client_credentials`,
      `token: [REDACTED]`,
      `"password": "**********"`,
      `SECRET_KEY = env("SECRET_KEY", default="unsafe-secret-key")`,
      `JWT_SECRET=supersecretjwtkey`,
      `API_KEY=test_api_key_123`,
      `api_key="dummy-key-for-tests"`,
      `HF_TOKEN=hf_xxx`,
      `SLACK_BOT_TOKEN=xoxb-not-a-real-token`,
      `password: '12345678'`,
      `export TOKEN=$(gcloud auth print-access-token)`,
    ]);
  },
  images: (r) =>
    r.pick([
      `{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA${base64(r, 1500)}"}}`,
      `![x](data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${r.below(99)}"><path d="M10 ${r.below(99)}h${r.below(99)}v${r.below(99)}z"/></svg>`).toString('base64')})`,
      `"audio":{"data":"UklGRiQAAABXQVZFZm10IBAAAAABAAEA${base64(r, 900)}","format":"wav"}`,
      `"embedding":"${base64(r, 768)}"`,
      `"image":"/9j/4AAQSkZJRgABAQEASABIAAD/2wBD${base64(r, 1200)}"`,
    ]),
  numbers: T(
    '[0.0{d:15}, -0.0{d:16}, 0.{d:17}, 1.{d:9}e-05]',
    '"lat": 52.{d:6}, "elevation": {d:3}.{d:2}',
    'price 1{d:3}.99 EUR, 12 x {d:2}.50, total {d:4}.{d:2}',
    'order 2026-{d:7}, invoice INV-{d:8}, customer no. {d:6}, SKU {C:3}-{d:5}',
    'version 1{d:1}.{d:2}.{d:1}.{d:3}, build 202605{d:2}.{d:4}',
    'Chrome/12{d:1}.0.{d:4}.{d:3} Safari/537.36, Firefox/12{d:1}.0',
    'epoch 17{d:8}, 17{d:11}, 17{d:14}, 17{d:17}',
    'ISBN 978-3-{d:2}-{d:6}-{d:1}',
    '"width":1920,"height":1080,"duration":{d:4}.{d:6},"bitrate":{d:7}',
    '0x{h:8} 0x{h:16} 0b1010101010101010 0o755',
    'EAN {d:8}, part {d:4}-{d:4}-{d:2}, lot {d:5}',
    'tracking number 1Z{U:6}{d:10}',
    '10.1{d:3}/j.{l:6}.2026.{d:6}, PMID {d:8}, arXiv:26{d:2}.{d:5}',
    'matrix = [[{d:2}, {d:3}, {d:4}], [{d:2}, {d:3}, {d:4}]]; seed = {d:9}',
    'pid {d:5} ppid {d:4} uid 1000 rss {d:8} vsz {d:9}',
    '"usage":{"prompt_tokens":{d:4},"completion_tokens":{d:3},"total_tokens":{d:4},"cached_tokens":{d:4}}',
    'call 1-800-FLOWERS; ext. {d:4}; room {d:3}; seats {d:2}-{d:2}',
    'from 2026-05-1{d:1} to 2026-06-0{d:1}, 1{d:1}:30:00 to 1{d:1}:45:{d:2}, 3{d:1}.0{d:1}.2026',
    'colour #{h:6} rgba({d:2}, {d:2}, {d:2}, 0.5) offset 0x{h:4}',
    '{d:3} 000 000, {d:2} 345 678, 1.234.567,89 and 12,345,678.90',
  ),
  csv: (r) =>
    `id,name,key,token,created\n${Array.from({ length: 4 }, (_, i) => r.fill(`${i},${kebab(r)},${word(r)},${word(r)}_${word(r)},2026-05-0{d:1} 1{d:1}:0{d:1}:00,{d:5}.{d:2}`)).join('\n')}`,
  sql: (r) =>
    r.fill(
      `INSERT INTO \`${snake(r)}\` VALUES ({d:4},'${word(r)}','{uuid}','2026-05-0{d:1} 1{d:1}:00:00',{d:2}.{d:2},NULL),({d:4},'${kebab(r)}','{uuid}','2026-04-1{d:1} 1{d:1}:00:00',{d:2}.{d:2},'${snake(r)}');\nALTER TABLE ${snake(r)} ADD PRIMARY KEY (\`id\`), ADD KEY \`${snake(r)}_key\` (\`${word(r)}_id\`);`,
    ),
  minified: (r) =>
    `!function(e,t){"object"==typeof exports?module.exports=t():e.${camel(r)}=t()}(this,function(){${Array.from({ length: 12 }, () => r.fill(`var {l:1}={l:1}.{L:2}({l:1},{d:3}),key="${camel(r)}",{L:3}=function({l:1}){return {l:1}.${camel(r)}||"${kebab(r)}"}`)).join(';')}});`,
  'source maps': (r) =>
    `{"version":3,"sources":["../src/${kebab(r)}.ts"],"names":["${camel(r)}","token","key"],"mappings":"${Array.from({ length: 30 }, () => r.fill('{L:4},{L:5}')).join(';')}"}`,
  'settings without secrets': (r) =>
    r.pick([
      `server:\n  port: 8080\n  name: ${kebab(r)}\nauth:\n  token_ttl: 3600\n  password_min_length: 12\n  key_rotation: 30d\n  secret_store: vault\n`,
      `{"tokenizer":"cl100k_base","max_tokens":4096,"stop_token":"<|im_end|>","eos_token_id":128009,"pad_token":"<pad>","bos_token":"<|begin_of_text|>"}`,
      `{"compilerOptions":{"target":"ES2022","module":"NodeNext","paths":{"@/${word(r)}/*":["./src/${kebab(r)}/*"]}},"keyMap":"${word(r)}"}`,
      `[tool.poetry]\nname = "${kebab(r)}"\n[tool.${word(r)}]\nkeywords = ["token", "secret", "password"]\n`,
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${kebab(r)}\n  labels: { key: ${word(r)} }\ntype: Opaque\n`,
      `PasswordAuthentication no\nPubkeyAuthentication yes\nHostKey /etc/ssh/ssh_host_ed25519_key\nAuthorizedKeysFile .ssh/authorized_keys\n`,
      `ssl_certificate_key /etc/nginx/ssl/${kebab(r)}.key;\nproxy_set_header X-Api-Key $http_x_api_key;\nsecure_link_secret ${word(r)};`,
      `"keybindings": [{"key": "ctrl+shift+p", "command": "workbench.action.showCommands"}, {"key":"cmd+k cmd+s","when":"editorTextFocus"}]`,
      `i18n: { "auth.password.reset": "Reset your password", "auth.token.expired": "Your token expired", "api.key.copy": "Copy API key" }`,
    ]),
  prose: (r) => {
    const text = r.pick([
      'To rotate the API key, open Settings, choose Keys, and press Regenerate; the old key keeps working for 24 hours.',
      'The password must have at least 12 characters, one digit and one of !@#$%. Your token expires after 3600 seconds.',
      'A bearer token is sent as "Authorization: Bearer <token>"; without it the server answers 401 Unauthorized.',
      'The secret of good soup is time. The key ingredient is butter, and the token garnish is parsley.',
      'Primary keys identify rows; foreign keys refer to them; a composite key has several columns.',
      'My phone is on 20 percent, my address is next to the museum, and I was born in a small town in the 1990s.',
      'The card has four groups of four digits; the last digit is a check digit that Luhn invented in 1954.',
      'Use HKDF to derive an encryption key from the master secret, with a salt of 32 random bytes and the info string "app key v1".',
      'He passed his driving test in 2019, and his passport was renewed for ten years after that.',
      'An IBAN begins with two letters and two digits, then up to 30 letters and digits that depend on the country.',
    ]);
    return `${text} ${prose(r, 8)}`;
  },
  'model files': T(
    'meta-llama/Llama-3.1-8B-Instruct@{h:40}',
    '{"model":"claude-3-5-sonnet-20241022","temperature":0.{d:1}}',
    'gpt-4o-2024-08-06, text-embedding-3-large, o3-mini-2025-01-31, gemini-2.5-pro-preview-05-06',
    'blobs/sha256-{h:64}',
    'model-0000{d:1}-of-0000{d:1}.safetensors {h:64}',
    'https://huggingface.co/datasets/acme/{l:8}/resolve/{h:40}/data/train-00000-of-00001-{h:16}.parquet',
    'https://oaidalleapiprodscus.blob.core.windows.net/private/org-{A:24}/user-{A:24}/img-{A:24}.png',
    'ollama run qwen2.5-coder:32b-instruct-q4_K_M # {h:12}',
  ),
  certificates: T(
    'Serial Number: {h:2}:{h:2}:{h:2}:{h:2}:{h:2}:{h:2}:{h:2}:{h:2}:{h:2}:{h:2}',
    'X509v3 Subject Key Identifier: {H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}',
    'SHA256 Fingerprint={H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}:{H:2}',
    'notBefore=May  3 10:11:12 2026 GMT notAfter=Aug  1 10:11:11 2026 GMT keyid:{H:40}',
    'Cipher Suite: TLS_AES_256_GCM_SHA384 (0x1302), key share x25519, session id {h:64}',
  ),
  patches: (r) =>
    `diff --git a/src/${kebab(r)}.ts b/src/${kebab(r)}.ts\nindex ${r.fill('{h:10}')}..${r.fill('{h:10}')} 100644\n@@ -1,4 +1,5 @@\n-const token = await ${camel(r)}(key);\n+const token = await ${camel(r)}(key, { password: options.password });\n ${code(r).split('\n')[0]}`,
  streams: T(
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" token"}}\n\nevent: ping\ndata: {"type": "ping"}\n\n',
    'data: {"id":"chatcmpl-{A:29}","object":"chat.completion.chunk","created":17{d:8},"choices":[{"index":0,"delta":{"content":" key"},"logprobs":null,"finish_reason":null}],"obfuscation":"{A:9}"}\n\n',
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","item_id":"msg_{h:50}","output_index":0,"delta":" secret","sequence_number":{d:2},"obfuscation":"{A:12}"}\n\n',
    'data: {"candidates":[{"content":{"parts":[{"text":" password"}],"role":"model"}}],"responseId":"{w:22}"}\n\n',
  ),
  headers: T(
    'POST /v1/messages HTTP/1.1\r\nhost: api.madeup.dev\r\nuser-agent: sdk/0.{d:2}.1\r\nx-stainless-os: Linux\r\nx-stainless-retry-count: 0\r\ncontent-length: {d:5}\r\n\r\n',
    'Set-Cookie: theme=dark; Path=/\r\nX-Frame-Options: DENY\r\nStrict-Transport-Security: max-age=31536000\r\nAlt-Svc: h3=":443"\r\n',
    'set-cookie: __cf_bm={w:43}-17{d:8}-1.0.1.1-{w:86}; path=/; HttpOnly\r\n',
    'x-ratelimit-remaining-tokens: 149{d:3}\r\nx-ratelimit-reset-tokens: 12ms\r\nopenai-version: 2020-10-01\r\n',
    'sec-websocket-key: {b:22}==\r\nsec-websocket-accept: {b:27}=\r\n',
    'accept: */*\r\naccept-encoding: gzip, deflate, br\r\nbaggage: sentry-trace_id={h:32},sentry-public_key={h:32}\r\n',
  ),
};
