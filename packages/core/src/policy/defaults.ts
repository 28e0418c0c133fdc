import type { Severity } from '../types.js';
import { definePolicy } from './check.js';
import type { Policy, Rule } from './types.js';

type Row = readonly [id: string, pattern: string, severity: Severity, options?: { readonly ignoreCase: true }];

const ANY_CASE = { ignoreCase: true } as const;

// Names that introduce a key, then prefixes by which issuers mark their tokens, then words.
const ROWS: readonly Row[] = [
  ['api-key-underscore', 'api_key', 'high', ANY_CASE],
  ['api-key-dash', 'api-key', 'high', ANY_CASE],
  ['api-key-joined', 'apikey', 'high', ANY_CASE],
  ['client-secret', 'client_secret', 'high', ANY_CASE],
  ['authorization-header', 'Authorization:', 'high', ANY_CASE],
  ['bearer-token', 'Bearer ', 'high'],

  ['pem-private-key', '-----BEGIN PRIVATE KEY-----', 'critical'],
  ['pem-encrypted-private-key', '-----BEGIN ENCRYPTED PRIVATE KEY-----', 'critical'],
  ['pem-rsa-private-key', '-----BEGIN RSA PRIVATE KEY-----', 'critical'],
  ['pem-ec-private-key', '-----BEGIN EC PRIVATE KEY-----', 'critical'],
  ['pem-dsa-private-key', '-----BEGIN DSA PRIVATE KEY-----', 'critical'],
  ['pem-openssh-private-key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'critical'],
  ['pem-pgp-private-key', '-----BEGIN PGP PRIVATE KEY BLOCK-----', 'critical'],

  ['env-aws-access-key-id', 'AWS_ACCESS_KEY_ID', 'high'],
  ['env-aws-secret-access-key', 'AWS_SECRET_ACCESS_KEY', 'critical'],
  ['env-aws-session-token', 'AWS_SESSION_TOKEN', 'critical'],
  ['env-azure-client-secret', 'AZURE_CLIENT_SECRET', 'critical'],
  ['env-google-credentials', 'GOOGLE_APPLICATION_CREDENTIALS', 'high'],

  ['aws-access-key-id', 'AKIA', 'critical'],
  ['secret-key-prefix', 'sk-', 'low'],
  ['openai-project-key', 'sk-proj-', 'critical'],
  ['openai-service-key', 'sk-svcacct-', 'critical'],
  ['anthropic-key', 'sk-ant-', 'critical'],
  ['groq-key', 'gsk_', 'critical'],
  ['huggingface-token', 'hf_', 'high'],
  ['google-api-key', 'AIza', 'critical'],
  ['google-oauth-token', 'ya29.', 'critical'],
  ['github-personal-token', 'ghp_', 'critical'],
  ['github-oauth-token', 'gho_', 'critical'],
  ['github-user-token', 'ghu_', 'critical'],
  ['github-server-token', 'ghs_', 'critical'],
  ['github-refresh-token', 'ghr_', 'critical'],
  ['github-fine-grained-token', 'github_pat_', 'critical'],
  ['gitlab-token', 'glpat-', 'critical'],
  ['slack-bot-token', 'xoxb-', 'critical'],
  ['slack-user-token', 'xoxp-', 'critical'],
  ['stripe-secret-key', 'sk_live_', 'critical'],
  ['stripe-restricted-key', 'rk_live_', 'critical'],

  ['pii-social-security', 'social security number', 'high', ANY_CASE],
  ['pii-ssn', 'SSN:', 'high'],
  ['pii-credit-card', 'credit card number', 'high', ANY_CASE],
  ['pii-date-of-birth', 'date of birth', 'medium', ANY_CASE],
  ['pii-passport', 'passport number', 'high', ANY_CASE],
  ['pii-bank-account', 'bank account number', 'high', ANY_CASE],

  ['class-top-secret', 'TOP SECRET', 'critical'],
  ['class-strictly-confidential', 'STRICTLY CONFIDENTIAL', 'high'],
  ['class-company-confidential', 'Company Confidential', 'high', ANY_CASE],
  ['class-internal-use-only', 'internal use only', 'medium', ANY_CASE],
  ['class-do-not-distribute', 'do not distribute', 'medium', ANY_CASE],

  ['sample-project-ethos', 'Project Ethos', 'medium'],
  ['sample-internal-secret', 'Internal-Secret', 'medium'],
];

const toRule = ([id, pattern, severity, options]: Row): Rule => ({
  id,
  pattern,
  severity,
  action: 'observe',
  ...options,
});

/** What is looked for when no policy is given: literals only, so expect `sk-` inside words; it is `low` for that reason. */
export const DEFAULT_POLICY: Policy = /* @__PURE__ */ definePolicy(/* @__PURE__ */ ROWS.map(toRule), 'default policy');
