import type { DriverQuery } from '../../driver.js';
import type { Columns } from './columns.js';
import type { Test } from './filter.js';
import { clearMatches, frequencyOf, type Matches, matchGroups, rarity } from './match.js';
import { type Group, planGroups, type QueryWord, queryWords } from './plan.js';
import { createOrderReader } from './reading-order.js';
import { createRewriter } from './rewrite.js';
import type { Synonyms } from './synonyms.js';
import type { TextIndex } from './text-index.js';

export interface Found {
  /** Documents that pass, in no order. */
  readonly documents: Uint32Array;
  /** Of each, by place: higher is better; whole numbers are tiers that nothing within them crosses. */
  readonly keys: Float64Array;
  readonly correctedQuery: string | null;
  readonly appliedSynonyms: readonly string[];
  /** Words that the last one was completed or corrected to. */
  readonly meant: ReadonlySet<string>;
  /** A factor around 1 by the title, for the few best. */
  refine(document: number): number;
}

export interface FindParts {
  readonly columns: Columns;
  /** The text of a document counts in the first index that has it. */
  readonly indexes: readonly TextIndex[];
  readonly synonyms: Synonyms;
  readonly matches: Matches;
  readonly query: DriverQuery;
  readonly passes: Test;
  /** The last word may go on, even if it is one already. */
  readonly typing: boolean;
}

/** Fewer full matches than this, and documents that match in part follow them. */
const fullMatchesEnough = 10;

/** Then only documents that hold this much of what the query's words tell, weighed by rarity. */
const shareBesideFull = 0.5;

const nothingFound: Found = {
  documents: new Uint32Array(0),
  keys: new Float64Array(0),
  correctedQuery: null,
  appliedSynonyms: [],
  meant: new Set(),
  refine: () => 1,
};

/**
 * All documents for a query: those with all of its words as written or by synonym; where these are few also completions of
 * the last word and corrections; where they are still few also those with some of the words.
 */
export function find(parts: FindParts): Found {
  const { columns, indexes, query, passes, matches } = parts;
  const { pieces, words } = queryWords(query.text);
  if (words.length === 0) return query.text.trim() === '' ? everything(columns, passes) : nothingFound;

  const plans = indexes.map((index) => ({ index, groups: planGroups(index, words, parts.synonyms) }));
  const rewriter = createRewriter({ pieces, words, plans, matches, typing: parts.typing });
  rewriter.rewriteUnknown();
  let tally = match(plans, parts);
  if (tally.full === 0 && rewriter.rewriteKnown()) tally = match(plans, parts);
  const found = collect(plans, parts, tally.full);
  const applied = appliedOf(plans, words);
  clearMatches(matches);
  return {
    ...found,
    correctedQuery: rewriter.corrected(),
    appliedSynonyms: applied,
    meant: rewriter.meant(),
  };
}

export interface Plan {
  readonly index: TextIndex;
  groups: Group[];
}

function match(plans: readonly Plan[], { matches, passes }: FindParts): { full: number } {
  clearMatches(matches);
  matchAll(plans, matches);
  let full = 0;
  const required = requiredBits(plans);
  for (let i = 0; i < matches.count; i++) {
    const document = matches.documents[i]!;
    if ((matches.groups[document]! & required) === required && passes(document)) full++;
  }
  return { full };
}

export function matchAll(plans: readonly Plan[], matches: Matches): void {
  for (const [i, { index, groups }] of plans.entries()) {
    matchGroups(index, groups, matches, i === 0 ? null : plans[0]!.index.current());
  }
}

function requiredBits(plans: readonly Plan[]): number {
  let bits = 0;
  for (const [i, group] of plans[0]!.groups.entries()) if (group.required) bits |= 1 << i;
  return bits;
}

function collect(
  plans: readonly Plan[],
  { matches, passes }: FindParts,
  full: number,
): Omit<Found, 'correctedQuery' | 'appliedSynonyms' | 'meant'> {
  const required = requiredBits(plans);
  const onlyFull = full >= fullMatchesEnough;
  const rarities = plans[0]!.groups.map((_, i) =>
    Math.max(
      ...plans.map(({ index, groups }) =>
        rarity(index.documents(), Math.min(index.documents(), frequencyOf(index, groups[i]!))),
      ),
    ),
  );
  let demanded = 0;
  for (const [i, group] of plans[0]!.groups.entries()) if (group.required) demanded += rarities[i]!;
  const leastShare = full > 0 ? shareBesideFull : 0;
  const documents = new Uint32Array(onlyFull ? full : matches.count);
  const keys = new Float64Array(documents.length);
  let count = 0;
  let highest = 1e-9;
  for (let i = 0; i < matches.count; i++)
    if (matches.scores[matches.documents[i]!]! > highest) highest = matches.scores[matches.documents[i]!]!;
  for (let i = 0; i < matches.count; i++) {
    const document = matches.documents[i]!;
    const has = matches.groups[document]! & required;
    const isFull = has === required;
    if ((onlyFull && !isFull) || !passes(document)) continue;
    let key = matches.scores[document]! / highest / 4;
    if (isFull) key += (matches.fuzzy[document]! & required) === 0 ? 3 : 2;
    else {
      let held = 0;
      for (let g = 0; g < rarities.length; g++) if ((has & (1 << g)) !== 0) held += rarities[g]!;
      const share = demanded > 0 ? held / demanded : 1;
      if (share < leastShare) continue;
      key *= share;
    }
    documents[count] = document;
    keys[count++] = key;
  }
  const readers = plans.map(({ index, groups }) => createOrderReader(index, groups));
  return {
    documents: documents.subarray(0, count),
    keys: keys.subarray(0, count),
    refine(document) {
      const which = plans.length > 1 && plans[0]!.index.current()[document] !== 0 ? 0 : plans.length - 1;
      return readers[which]!.factor(document);
    },
  };
}

function appliedOf(plans: readonly Plan[], words: readonly QueryWord[]): string[] {
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

function everything(columns: Columns, passes: Test): Found {
  const documents = new Uint32Array(columns.size());
  let count = 0;
  for (let document = 0; document < columns.size(); document++)
    if (passes(document)) documents[count++] = document;
  const found = documents.subarray(0, count);
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = columns.createdAtMs(found[i]!) / 1e15;
  return {
    documents: found,
    keys,
    correctedQuery: null,
    appliedSynonyms: [],
    meant: new Set(),
    refine: () => 1,
  };
}
