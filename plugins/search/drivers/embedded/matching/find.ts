import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import type { DriverQuery } from '../../../../../src/ports/search-driver.js';
import type { Columns } from '../index/columns.js';
import type { TextIndex } from '../index/text-index.js';
import { createHeadReader, prominence, prominenceOfOne } from '../ranking/prominence.js';
import type { Test } from './filter.js';
import { type Clause, clearMatches, type Matches, matchSegment } from './match.js';
import { phraseTest } from './phrases.js';
import { type Group, planGroups, type QueryPlan } from './query-plan.js';
import { type QueryWord, queryWords } from './query-words.js';
import { createRewriter } from './rewrite.js';
import { spellingOf } from './spelling-of.js';
import type { Synonyms } from './synonyms.js';

export interface Found {
  /** Documents that match and pass the filter, in no order. */
  readonly documents: Uint32Array;
  /** By the same index, higher is better: the number of a tier plus a score within the tier, at most a quarter. */
  readonly keys: Float64Array;
  readonly correctedQuery: string | null;
  readonly appliedSynonyms: readonly string[];
  /** Words that the last one was completed or corrected to. */
  readonly expansions: ReadonlySet<string>;
  /** A factor from 1 to `refineMax` that is computed from the document's texts. */
  refine(document: number): number;
  readonly refineMax: number;
}

interface FindParts {
  readonly columns: Columns;
  /** The text of a document counts in the first index that has it. */
  readonly indexes: readonly TextIndex[];
  readonly synonyms: Synonyms;
  readonly matches: Matches;
  readonly query: DriverQuery;
  readonly passes: Test;
  /** The last word may be incomplete, even if it is a known word. */
  readonly typing: boolean;
}

/** With fewer full matches than this, partial matches follow. */
const fullMatchesEnough = 10;
/** The share of the query's total idf that a partial match has, unless there is no full match. */
const partialShareMin = 0.5;

const tiers = { asWritten: 3, expanded: 2, partial: 0 };

/** Returns whether a document with this key has all words, or words that they may stand for. */
export const isFullMatch = (key: number): boolean => key >= tiers.expanded;

export const withinTierMax = 0.25;

/**
 * All documents for a query: those with all words as written or by synonym; if these are few also with completions of the last word
 * and corrections; if they are still few also those with some of the words.
 */
export function find(parts: FindParts): Found {
  const { columns, indexes, query, passes, synonyms, matches, typing } = parts;
  const read = queryWords(query.text);
  const { words } = read;
  if (words.length === 0) return query.text.trim() === '' ? everything(columns, passes) : nothingFound;

  const plans = indexes.map((index) => ({
    index,
    groups: planGroups(index, words, synonyms),
    phrases: phraseTest(columns, index, read),
  }));
  const rewriter = createRewriter({ query: read, plans, synonyms, matches, typing });
  if (!query.searchAsWritten) rewriter.rewrite();
  let found = findFull(plans, parts);
  if (!query.searchAsWritten && found.beforeFilter < fullMatchesEnough)
    found = findPartly(plans, parts, found);
  const readers = plans.map(({ index, groups }) => createHeadReader(index, groups));
  return {
    documents: found.documents.subarray(0, found.count),
    keys: keysOf(found),
    correctedQuery: rewriter.corrected((word) => spellingOf(word, columns, indexes, query.locale)),
    appliedSynonyms: appliedSynonyms(plans, words),
    expansions: rewriter.expansions(),
    refine(document) {
      const which = plans.length > 1 && plans[0]!.index.current()[document] !== 0 ? 0 : plans.length - 1;
      return readers[which]!.headFactor(document);
    },
    refineMax: Math.max(...readers.map(({ factorMax }) => factorMax)),
  };
}

/** Matches so far, over all segments of all indexes. */
interface Gathered {
  count: number;
  /** The number of full matches without the filter: a filter never adds partial matches. */
  beforeFilter: number;
  documents: Uint32Array<ArrayBuffer>;
  scores: Float64Array<ArrayBuffer>;
  tiers: Uint8Array<ArrayBuffer>;
  highest: number;
}

function nothingGathered(): Gathered {
  return {
    count: 0,
    beforeFilter: 0,
    documents: new Uint32Array(0),
    scores: new Float64Array(0),
    tiers: new Uint8Array(0),
    highest: 1e-9,
  };
}

/** Documents with all required words. The rarest word comes first, and the others are looked up among its documents. */
function findFull(plans: readonly QueryPlan[], parts: FindParts): Gathered {
  const gathered = nothingGathered();
  const required = requiredGroups(plans);
  if (required.length === 0) return gathered;
  for (const plan of plans) {
    if (required.some((i) => plan.groups[i]!.alternatives.length === 0)) continue;
    const clauses = clausesOf(plan).map((clause, i) => ({
      ...clause,
      addsMatches: i === 0,
      must: clause.group.required,
    }));
    gather(plan, plans, parts, clauses, gathered, () => 1);
  }
  return gathered;
}

/**
 * Beside few full matches also documents with at least half of the query's total idf; with no full match any of them. Words so common that
 * they do not reach that share together add no matches by themselves (H. Turtle, J. Flood, "Query evaluation: strategies and
 * optimizations", 1995: max-score).
 */
function findPartly(plans: readonly QueryPlan[], parts: FindParts, full: Gathered): Gathered {
  const required = requiredGroups(plans);
  if (required.length < 2) return full;
  const idfs = plans[0]!.groups.map((_, i) =>
    Math.max(...plans.map((plan) => idfOf(plan.index, plan.groups[i]!))),
  );
  const total = required.reduce((sum, i) => sum + idfs[i]!, 0);
  const shareMin = full.beforeFilter > 0 ? partialShareMin : 0;
  const common = new Set<number>();
  let reached = 0;
  for (const i of [...required].sort((a, b) => idfs[a]! - idfs[b]!)) {
    reached += idfs[i]!;
    if (reached >= (shareMin - 1e-9) * total) break;
    common.add(i);
  }
  const shareOf = (groups: number): number => {
    let matched = 0;
    for (const i of required) if ((groups & (1 << i)) !== 0) matched += idfs[i]!;
    const share = total > 0 ? matched / total : 1;
    return share < shareMin ? 0 : share;
  };
  const gathered = nothingGathered();
  for (const plan of plans) {
    const clauses = clausesOf(plan)
      .map((clause) => ({
        ...clause,
        addsMatches: clause.group.required && !common.has(clause.groupNumber),
        must: false,
      }))
      .sort((a, b) => Number(b.addsMatches) - Number(a.addsMatches));
    gather(plan, plans, parts, clauses, gathered, shareOf);
  }
  return gathered;
}

/** The groups of a plan: required ones first, then the rarest first. */
function clausesOf({ index, groups }: QueryPlan): Omit<Clause, 'addsMatches' | 'must'>[] {
  return groups
    .map((group, groupNumber) => ({ group, groupNumber, idf: idfOf(index, group) / 255 }))
    .filter(({ group }) => group.alternatives.length > 0)
    .sort(
      (a, b) =>
        Number(b.group.required) - Number(a.group.required) || b.idf - a.idf || a.groupNumber - b.groupNumber,
    );
}

/** BM25's inverse document frequency, never negative. */
export function idfOf(index: TextIndex, group: Group): number {
  const documents = index.documents();
  const frequency = Math.min(documents, frequencyOf(index, group));
  return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));
}

/** The number of documents that match the word as written, or else at most match an alternative. */
function frequencyOf(index: TextIndex, { alternatives }: Group): number {
  let most = 0;
  for (const { terms, fuzzy } of alternatives) {
    const least = Math.min(...terms.map((term) => index.documentFrequency(term)));
    if (!fuzzy && terms.length === 1 && least > 0 && alternatives[0]!.terms === terms) return least;
    most = Math.max(most, least);
  }
  return most;
}

function requiredGroups(plans: readonly QueryPlan[]): number[] {
  return plans[0]!.groups.flatMap((group, i) => (group.required ? [i] : []));
}

/** Adds the matches of one index. `shareOf` is a factor of the score by the groups that match; 0 leaves a document out. */
function gather(
  plan: QueryPlan,
  plans: readonly QueryPlan[],
  { columns, matches, passes }: FindParts,
  clauses: readonly Clause[],
  gathered: Gathered,
  shareOf: (groups: number) => number,
): void {
  const required = requiredGroups(plans);
  const all = required.reduce((bits, i) => bits | (1 << i), 0);
  const only = required.length === 1 ? required[0]! : -1;
  // A document that is current in an index exists.
  const test = passes === columns.exists ? null : passes;
  const { phrases } = plan;
  const skips = plan === plans[0] ? null : plans[0]!.index.current();
  for (const segment of plan.index.segments()) {
    matchSegment(plan.index, segment, clauses, matches, skips);
    const needed = gathered.count + matches.count;
    gathered.documents = ensureCapacity(Uint32Array, gathered.documents, needed);
    gathered.scores = ensureCapacity(Float64Array, gathered.scores, needed);
    gathered.tiers = ensureCapacity(Uint8Array, gathered.tiers, needed);
    const { documents, scores, groups, fuzzy } = matches;
    let held = matches.count;
    for (let slot = 0; slot < matches.count; slot++) {
      const document = documents[slot]!;
      if (phrases !== null && !phrases(document)) {
        held--;
        continue;
      }
      if (test !== null && !test(document)) continue;
      const matched = groups[slot]! & all;
      const isFull = matched === all;
      let score = scores[slot]!;
      score *=
        only >= 0 ? prominenceOfOne(matches.places[only]![slot]!) : prominence(matches, slot, required);
      if (!isFull) {
        score *= shareOf(matched);
        if (score === 0) continue;
      }
      if (score > gathered.highest) gathered.highest = score;
      const fullTier = (fuzzy[slot]! & all) === 0 ? tiers.asWritten : tiers.expanded;
      gathered.documents[gathered.count] = document;
      gathered.scores[gathered.count] = score;
      gathered.tiers[gathered.count++] = isFull ? fullTier : tiers.partial;
    }
    gathered.beforeFilter += held;
    clearMatches(matches);
  }
}

function keysOf({ count, scores, tiers, highest }: Gathered): Float64Array {
  const scale = withinTierMax / highest;
  for (let i = 0; i < count; i++) scores[i] = tiers[i]! + scores[i]! * scale;
  return scores.subarray(0, count);
}

function appliedSynonyms(plans: readonly QueryPlan[], words: readonly QueryWord[]): string[] {
  const applied = new Set<string>();
  for (const { index, groups } of plans) {
    for (const i of words.keys()) {
      for (const { synonym, terms } of groups[i]!.alternatives) {
        if (synonym !== null && terms.every((term) => index.documentFrequency(term) > 0))
          applied.add(synonym);
      }
    }
  }
  return [...applied];
}

const nothingFound: Found = {
  documents: new Uint32Array(0),
  keys: new Float64Array(0),
  correctedQuery: null,
  appliedSynonyms: [],
  expansions: new Set(),
  refine: () => 1,
  refineMax: 1,
};

/** All documents that pass, newest first. */
function everything(columns: Columns, passes: Test): Found {
  const documents = new Uint32Array(columns.size());
  let count = 0;
  for (let document = 0; document < columns.size(); document++)
    if (passes(document)) documents[count++] = document;
  const found = documents.subarray(0, count);
  const keys = Float64Array.from(found, (document) => columns.createdAtMs(document) / 1e15);
  return { ...nothingFound, documents: found, keys };
}
