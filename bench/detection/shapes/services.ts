import { ALPHABETS, type Random } from '../random.js';
import { namedSecrets, secrets } from './shape.js';

const discordBot = (r: Random) =>
  `${Buffer.from(`1${r.digits(17)}`).toString('base64url')}.G${r.fill('{A:5}')}.${r.fill('{w:37}A')}`;
const sentryOrg = (r: Random) => {
  const head = {
    iat: 1_700_000_000 + r.below(9e6) + 0.5,
    url: 'https://sentry.io',
    region_url: 'https://us.sentry.io',
    org: 'madeup',
  };
  return `sntrys_${Buffer.from(JSON.stringify(head)).toString('base64')}_${r.text(ALPHABETS.b!, 43)}`;
};
const grafanaCloud = (r: Random) =>
  `glc_${Buffer.from(JSON.stringify({ o: r.digits(6), n: 'made-up-agent', k: r.fill('{A:24}'), m: { r: 'prod-eu-west-2' } })).toString('base64')}`;

export const SERVICES = [
  ...secrets('messaging', [
    ['slack-bot', 'SLACK_BOT_TOKEN', 'xoxb-{d:12}-{d:13}-{A:24}'],
    ['slack-user', 'SLACK_TOKEN', 'xoxp-{d:12}-{d:12}-{d:13}-{h:32}'],
    ['slack-app', 'SLACK_APP_TOKEN', 'xapp-1-A{U:10}-{d:13}-{h:64}'],
    ['slack-webhook', 'SLACK_WEBHOOK_URL', 'https://hooks.slack.com/services/T{U:10}/B{U:10}/{A:24}'],
    ['discord-bot', 'DISCORD_TOKEN', discordBot],
    ['discord-webhook', 'DISCORD_WEBHOOK', 'https://discord.com/api/webhooks/1{d:18}/{w:67}A'],
    ['telegram', 'TELEGRAM_BOT_TOKEN', '7{d:9}:AA{w:32}A'],
    ['sendgrid', 'SENDGRID_API_KEY', 'SG.{w:21}A.{w:42}A'],
    ['twilio-key', 'TWILIO_API_KEY', 'SK{h:32}'],
    ['mailgun', 'MAILGUN_API_KEY', 'key-{h:32}'],
    ['mailchimp', 'MAILCHIMP_API_KEY', '{h:32}-us{d:2}'],
    ['resend', 'RESEND_API_KEY', 're_{A:8}_{A:24}'],
    ['brevo', 'BREVO_API_KEY', 'xkeysib-{h:64}-{A:16}'],
    ['facebook', 'FACEBOOK_ACCESS_TOKEN', 'EAA{A:150}ZD'],
    ['hubspot', 'HUBSPOT_TOKEN', 'pat-na1-{uuid}'],
    ['webhook-signing', 'WEBHOOK_SECRET', 'whsec_{A:32}'],
  ]),
  ...namedSecrets('messaging', [
    ['twilio-auth', 'TWILIO_AUTH_TOKEN', '{h:32}'],
    ['slack-signing', 'SLACK_SIGNING_SECRET', '{h:32}'],
    ['discord-secret', 'DISCORD_CLIENT_SECRET', '{w:31}A'],
    ['postmark', 'POSTMARK_SERVER_TOKEN', '{uuid}'],
    ['zendesk', 'ZENDESK_API_TOKEN', '{A:40}'],
    ['pushover', 'PUSHOVER_TOKEN', '{a:30}'],
    ['twitter', 'TWITTER_API_SECRET', '{A:50}'],
    ['spotify', 'SPOTIFY_CLIENT_SECRET', '{h:32}'],
  ]),
  ...secrets('payments', [
    ['stripe-live', 'STRIPE_SECRET_KEY', 'sk_live_51{A:97}'],
    ['stripe-live-short', 'STRIPE_SECRET_KEY', 'sk_live_{A:24}'],
    ['stripe-restricted', 'STRIPE_API_KEY', 'rk_live_51{A:97}'],
    ['stripe-test', 'STRIPE_SECRET_KEY', 'sk_test_51{A:97}'],
    ['square-legacy', 'SQUARE_ACCESS_TOKEN', 'sq0atp-{A:22}'],
    ['square', 'SQUARE_ACCESS_TOKEN', 'EAAA{A:60}'],
    ['square-oauth', 'SQUARE_SECRET', 'sq0csp-{A:43}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: not JavaScript's
    ['braintree', 'BRAINTREE_TOKEN', 'access_token$production${a:16}${h:32}'],
    ['plaid', 'PLAID_ACCESS_TOKEN', 'access-production-{uuid}'],
    ['mollie', 'MOLLIE_API_KEY', 'live_{A:30}'],
    ['shopify', 'SHOPIFY_ACCESS_TOKEN', 'shpat_{h:32}'],
    ['shopify-secret', 'SHOPIFY_API_SECRET', 'shpss_{h:32}'],
    ['flutterwave', 'FLW_SECRET_KEY', 'FLWSECK-{h:32}-X'],
    ['razorpay-id', 'RAZORPAY_KEY_ID', 'rzp_live_{A:14}'],
  ]),
  ...namedSecrets('payments', [
    ['razorpay', 'RAZORPAY_KEY_SECRET', '{A:24}'],
    ['paypal', 'PAYPAL_CLIENT_SECRET', 'E{w:78}A'],
    ['plaid-secret', 'PLAID_SECRET', '{h:30}'],
    ['coinbase', 'COINBASE_API_SECRET', '{A:32}'],
    ['binance', 'BINANCE_API_SECRET', '{A:64}'],
  ]),
  ...secrets('observability', [
    ['new-relic', 'NEW_RELIC_API_KEY', 'NRAK-{U:27}'],
    ['grafana-service', 'GRAFANA_TOKEN', 'glsa_{A:32}_{h:8}'],
    ['grafana-cloud', 'GRAFANA_CLOUD_TOKEN', grafanaCloud],
    ['dynatrace', 'DT_API_TOKEN', 'dt0c01.{B:24}.{B:64}'],
    ['sentry-org', 'SENTRY_AUTH_TOKEN', sentryOrg],
    ['sentry-user', 'SENTRY_AUTH_TOKEN', 'sntryu_{h:64}'],
    ['posthog', 'POSTHOG_PERSONAL_API_KEY', 'phx_{A:43}'],
    ['launchdarkly', 'LD_SDK_KEY', 'sdk-{uuid}'],
    [
      'mapbox',
      'MAPBOX_TOKEN',
      (r) =>
        `sk.${Buffer.from(`{"u":"madeup","a":"c${r.fill('{a:24}')}"}`).toString('base64url')}.${r.fill('{w:21}A')}`,
    ],
  ]),
  ...namedSecrets('observability', [
    ['datadog', 'DD_API_KEY', '{h:32}'],
    ['datadog-app', 'DATADOG_APP_KEY', '{h:40}'],
    ['honeycomb', 'HONEYCOMB_API_KEY', '{A:22}'],
    ['pagerduty', 'PAGERDUTY_API_KEY', 'u+{A:18}'],
    ['splunk', 'SPLUNK_HEC_TOKEN', '{uuid}'],
    ['segment', 'SEGMENT_WRITE_KEY', '{A:32}'],
    ['algolia', 'ALGOLIA_ADMIN_KEY', '{h:32}'],
    ['opsgenie', 'OPSGENIE_API_KEY', '{uuid}'],
  ]),
  ...secrets('saas', [
    ['notion', 'NOTION_TOKEN', 'ntn_{d:11}{A:35}'],
    ['notion-legacy', 'NOTION_API_KEY', 'secret_{A:43}'],
    ['linear', 'LINEAR_API_KEY', 'lin_api_{A:40}'],
    ['figma', 'FIGMA_TOKEN', 'figd_{w:39}A'],
    ['airtable', 'AIRTABLE_TOKEN', 'pat{A:14}.{h:64}'],
  ]),
  ...namedSecrets('saas', [
    ['asana', 'ASANA_TOKEN', '1/{d:16}:{h:32}'],
    ['contentful', 'CONTENTFUL_MANAGEMENT_TOKEN', 'CFPAT-{w:42}A'],
  ]),
];
