/** What a scanner finds of the labelled set, and what it should have. */
import type { Finding, Rule, Scanner } from '@spectral/core';
import type { Case } from './cases.js';
import { piecesOf } from './load.js';

export interface Judged {
  readonly it: Case;
  /** Findings on the labelled value. */
  readonly right: readonly Finding[];
  /** All others. */
  readonly wrong: readonly Finding[];
}

/** All findings of a flow in pieces. */
export function findingsOf(scanner: Scanner, pieces: readonly Uint8Array[]): Finding[] {
  const session = scanner.open();
  const found = pieces.flatMap((piece) => [...session.push(piece)]);
  return [...found, ...session.end()];
}

export function judge(scanner: Scanner, it: Case): Judged {
  const found = findingsOf(scanner, piecesOf(it));
  const [from, to] = it.span ?? [0, 0];
  const hits = (finding: Finding) => finding.start < to && finding.end > from;
  return { it, right: found.filter(hits), wrong: found.filter((finding) => !hits(finding)) };
}

export const share = (part: number, all: number) => (all === 0 ? 1 : part / all);

export interface Score {
  readonly name: string;
  readonly cases: number;
  readonly found: number;
  /** Findings of rules of this family, or in this carrier, that hold no labelled value. */
  readonly wrong: number;
  readonly recall: number;
  readonly precision: number;
}

export interface Rate {
  readonly name: string;
  readonly cases: number;
  readonly flagged: number;
}

const namesOf = (all: readonly string[]) => [...new Set(all)].sort();

/** Counted by something that all labelled cases have: recall over its cases, precision over its findings. */
function scores(
  judged: readonly Judged[],
  groupOf: (it: Case) => string,
  groupOfWrong: (it: Case, finding: Finding) => string,
): Score[] {
  const labelled = judged.filter(({ it }) => it.kind !== 'clean');
  return namesOf(labelled.map(({ it }) => groupOf(it))).map((name) => {
    const own = labelled.filter(({ it }) => groupOf(it) === name);
    const found = own.filter(({ right }) => right.length > 0).length;
    const wrong = judged.flatMap(({ it, wrong }) =>
      wrong.filter((finding) => groupOfWrong(it, finding) === name),
    ).length;
    return {
      name,
      cases: own.length,
      found,
      wrong,
      recall: share(found, own.length),
      precision: share(found, found + wrong),
    };
  });
}

export const byFamily = (judged: readonly Judged[], rules: ReadonlyMap<string, Rule>) =>
  scores(
    judged,
    (it) => it.family,
    (_, { ruleId }) => rules.get(ruleId)?.family ?? 'default',
  );

export const byCarrier = (judged: readonly Judged[]) =>
  scores(
    judged,
    (it) => it.carrier,
    (it) => it.carrier,
  );

/** Clean cases that were flagged, by what they look like or by how they travel. */
export function falseAlarms(judged: readonly Judged[], groupOf: (it: Case) => string): Rate[] {
  const clean = judged.filter(({ it }) => it.kind === 'clean');
  return namesOf(clean.map(({ it }) => groupOf(it))).map((name) => {
    const own = clean.filter(({ it }) => groupOf(it) === name);
    return { name, cases: own.length, flagged: own.filter(({ wrong }) => wrong.length > 0).length };
  });
}

/** Recall of the labelled cases that are so, and how many they are. */
export function recallOf(judged: readonly Judged[], wanted: (it: Case) => boolean) {
  const own = judged.filter(({ it }) => it.kind !== 'clean' && wanted(it));
  const found = own.filter(({ right }) => right.length > 0).length;
  return { cases: own.length, found, recall: share(found, own.length) };
}

/** How well each group does, for comparison with what was recorded: found values, findings on none, flagged clean cases. */
export interface Floors {
  readonly families: Readonly<Record<string, { readonly found: number; readonly wrong: number }>>;
  readonly carriers: Readonly<Record<string, { readonly found: number; readonly wrong: number }>>;
  readonly flagged: Readonly<Record<string, number>>;
}

export function floorsOf(judged: readonly Judged[], rules: ReadonlyMap<string, Rule>): Floors {
  const counts = (all: readonly Score[]) =>
    Object.fromEntries(all.map(({ name, found, wrong }) => [name, { found, wrong }]));
  return {
    families: counts(byFamily(judged, rules)),
    carriers: counts(byCarrier(judged)),
    flagged: Object.fromEntries(falseAlarms(judged, (it) => it.family).map(({ name, flagged }) => [name, flagged])),
  };
}
