/** The page's whole program: scans and redacts what is typed, with the rules that are typed. */
import { createScanner, DEFAULT_POLICY, type Finding, parsePolicy, type Scanner } from '@spectral/core';

/** Rows beyond these would make typing slow; the summary counts all. */
const MOST_ROWS = 500;
/** Every value is made up. */
const SAMPLE = `POST /v1/chat/completions HTTP/1.1
Authorization: Bearer sk-proj-MADEUP0000SAMPLE

{"messages": [{"role": "user", "content": "Why does this fail?
  AWS_SECRET_ACCESS_KEY=MadeUp/0000/SAMPLE
  Details are in Project Ethos, page 3."}]}
`;

const $ = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const text = $<HTMLTextAreaElement>('text');
const policy = $<HTMLTextAreaElement>('policy');
const redacted = $<HTMLTextAreaElement>('redacted');
const findings = $('findings');
const summary = $('summary');
const problem = $('policy-error');

let scanner: Scanner;

function row({ ruleId, severity, action, start, end }: Finding): HTMLTableRowElement {
  const tr = document.createElement('tr');
  for (const value of [ruleId, severity, action, `${start}–${end}`]) tr.insertCell().textContent = value;
  tr.cells[1]!.dataset.severity = severity;
  return tr;
}

function show(): void {
  const { findings: found, omitted } = scanner.scan(text.value);
  const count = found.length + omitted;
  const shown = count > MOST_ROWS ? `, the first ${MOST_ROWS} of them listed` : '';
  redacted.value = scanner.redact(text.value);
  findings.replaceChildren(...found.slice(0, MOST_ROWS).map(row));
  summary.textContent = count === 0 ? 'Nothing found.' : `${count} finding${count === 1 ? '' : 's'}${shown}.`;
}

let latest = 0;

/** The rules in force stay until those that are typed are right. */
async function setPolicy(): Promise<void> {
  latest += 1;
  const mine = latest;
  try {
    const next = await createScanner(parsePolicy(policy.value, 'policy'));
    if (mine !== latest) return next.close();
    scanner?.close();
    scanner = next;
    problem.textContent = '';
    policy.removeAttribute('aria-invalid');
    show();
  } catch (error) {
    if (mine !== latest) return;
    problem.textContent = (error as Error).message;
    policy.setAttribute('aria-invalid', 'true');
  }
}

const rules = DEFAULT_POLICY.rules.map(({ ignoreCase, ...rule }) =>
  ignoreCase ? { ...rule, ignore_case: true } : rule,
);
const lines = rules.map((rule) => `    ${JSON.stringify(rule)}`).join(',\n');
policy.value = `{\n  "schema_version": 2,\n  "rules": [\n${lines}\n  ]\n}\n`;
text.value = SAMPLE;
await setPolicy();
text.addEventListener('input', show);
policy.addEventListener('input', () => void setPolicy());
