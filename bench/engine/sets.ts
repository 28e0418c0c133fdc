/** The literal sets of the benchmark. */
import { existsSync, readFileSync } from 'node:fs';
import { packOf } from '../../packages/rules/src/index.js';
import type { Sources } from './corpus.js';

/** What a small policy of a sensor looks for. */
const POLICY = `
sk-proj- sk-ant-api sk-or-v1- AKIA ASIA ghp_ gho_ ghs_ github_pat_ glpat- xoxb- xoxp- hf_ gsk_ AIza ya29. GOCSPX-
SG. npm_ pypi- dop_v1_ shpat_ sq0atp- rk_live_ sk_live_ whsec_ AGE-SECRET-KEY- eyJhbGciOi
-----BEGIN|RSA|PRIVATE|KEY----- -----BEGIN|OPENSSH|PRIVATE|KEY----- -----BEGIN|PGP|PRIVATE|KEY|BLOCK----- PuTTY-User-Key-File-
Project|Ethos Internal|Use|Only Strictly|Confidential postgres:// mongodb+srv:// Bearer| aws_secret_access_key BEGIN|CERTIFICATE
`;

/** Words that a secret scanner looks for before it tries a regular expression. */
const KEYWORDS = `
1password a3t adafruit adobe age-secret-key- agora airbrake aircall airtable akia akismet alchemy algolia alibaba aliyun
amazon amplitude anthropic apify apikey api_key api-key apollo appcues appsync artifactory asana asia atlassian auth0
authress aws azure b2_ backblaze baseten basecamp beamer bing bitbucket bitfinex bitly bitrise bittrex blockfrost box.com
braintree branch.io brevo browserstack bugsnag buildkite bunny.net buttercms caflou calendly campaignmonitor ccipat_
censys checkly chromatic circleci clarifai clearbit clickhouse clickup clojars close.com cloudant cloudflare cloudinary
cloudsmith coda codacy codeclimate codecov cohere coinbase confluent contentful contentstack couchbase coveralls credential
crowdin curl customer.io cypress database_url databricks datadog datarobot deepgram deepl deepseek defined delighted
deno.land descope digicert digitalocean discord docker doppler doppler. dotenv droneci dropbox duffel dynatrace
easypost edgeio elastic elevenlabs endorlabs etsy eventbrite exchangerate expensify ey facebook fastly fauna figma finicity
finnhub firebase fireworks fleet flickr flutterwave flyio fmu frameio freshbooks freshdesk fullstory gcp_ gemini geocod ghp_
gitea github gitlab gitter glpat- gocardless godaddy google grafana graphql groq gsk_ hashicorp heroku hf_ honeycomb
hubspot huggingface ibm infura insomnia instana intercom intra42 ionic ipinfo jenkins jfrog jira jotform keycloak kraken
kubernetes kucoin langfuse langsmith lark launchdarkly linear linkedin lob localstack logdna looker mailchimp mailgun
mandrill mapbox mattermost maxmind messagebird mistral mixpanel mongodb neon.tech netlify newrelic ngrok notion npm_ nuget
nytimes okta ollama onelogin openai openrouter openshift openweather opsgenie optimizely pagerduty parse passwd password
paypal perplexity pinecone pipedrive plaid planetscale postman postmark privatekey pulumi pubnub pypi- qdrant
rabbitmq rapidapi readme recaptcha replicate rubygems runpod salesforce saucelabs scalingo secret sendbird sendgrid
sentry shippo shodan shopify sidekiq signalwire sk- slack snowflake snyk sonar sourcegraph splunk square squarespace
stripe sumologic supabase telegram terraform together token travis trello twilio twitch twitter typeform unsplash vault
vercel vonage wakatime weatherapi webflow xai- xoxb- yandex zapier zendesk zoom
`;

const words = (text: string) =>
  text
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll('|', ' '));

/** `count` of `all`, evenly spread. */
const spread = (all: readonly string[], count: number) => {
  const n = Math.min(count, all.length);
  return Array.from({ length: n }, (_, i) => all[Math.floor((i * all.length) / n)]!);
};

const DICTIONARY = '/usr/share/dict/words';

/** Where the words of the larger sets come from. */
export const WORDS = existsSync(DICTIONARY) ? 'this machine’s dictionary' : 'the words of those files, common or rare';

/** Lower-case words: of a dictionary, or of the text. */
function wordsOf(sources: Sources): string[] {
  const found = new Set<string>();
  const pieces = existsSync(DICTIONARY) ? [readFileSync(DICTIONARY, 'utf8')] : sources.flat();
  for (const piece of pieces) for (const word of piece.match(/\b[a-z]{5,24}\b/g) ?? []) found.add(word);
  return [...found].sort();
}

/** `count` words of at least `letters` letters; where there are not so many, others are joined to such. */
function longWords(all: readonly string[], letters: number, count: number): LiteralSet {
  const long = all.filter((word) => word.length >= letters);
  const short = all.filter((word) => word.length < letters);
  const joined = short.map((word, i) => word + short[short.length - 1 - i]!).filter((word) => word.length >= letters);
  const chosen = spread(long, count);
  return exactly([...chosen, ...spread(joined, count - chosen.length)]);
}

/** Literals of which those from number `folded` on match in either case. */
export interface LiteralSet {
  readonly texts: readonly string[];
  readonly folded: number;
}

const exactly = (texts: readonly string[]): LiteralSet => ({ texts, folded: texts.length });

/** The literals of all rules that this checkout has for secrets: what detection scans with. */
function rules(): LiteralSet {
  const exact = new Set<string>();
  const folded = new Set<string>();
  for (const { literals, pattern, ignoreCase } of packOf('secrets')!.rules) {
    for (const literal of literals ?? (pattern === undefined ? [] : [pattern])) {
      if (ignoreCase) folded.add(literal.toLowerCase());
      else exact.add(literal);
    }
  }
  return { texts: [...exact, ...folded], folded: exact.size };
}

/** Name → literals. */
export function makeSets(sources: Sources): Record<string, LiteralSet> {
  const all = wordsOf(sources);
  return {
    40: exactly(words(POLICY).slice(0, 40)),
    250: exactly([...new Set(words(KEYWORDS))].slice(0, 250)),
    rules: rules(),
    2500: longWords(all, 14, 2500),
    5000: longWords(all, 9, 5000),
  };
}
