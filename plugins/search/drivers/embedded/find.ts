import type { DriverQuery } from '../../../../src/ports/search-driver.js';
import type { Columns } from './columns.js';
import type { Test } from './filter.js';
import { grownBytes, grownDoubles, grownNumbers } from './growable.js';
import { clearMatches, type Demand, type Matches, matchSegment } from './match.js';
import { type Group, planGroups, type QueryWord, queryWords } from './plan.js';
import { frequencyOf, rarity } from './rarity.js';
import { createOrderReader, nearnessOf, nearnessOfOne } from './reading-order.js';
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
  /** A factor from 1 to `refineMost` by its texts, for the few best. */
  refine(document: number): number;
  readonly refineMost: number;
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
  refineMost: 1,
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
  const exact = query.exact === true;
  if (!exact) rewriter.rewriteUnknown();
  let found = findFull(plans, parts);
  if (!exact && found.count === 0 && rewriter.rewriteKnown()) found = findFull(plans, parts);
  if (!exact && found.count < fullMatchesEnough) found = findPartly(plans, parts, found);
  const readers = plans.map(({ index, groups }) => createOrderReader(index, groups));
  return {
    documents: found.documents.subarray(0, found.count),
    keys: keysOf(found),
    correctedQuery: rewriter.corrected(),
    appliedSynonyms: appliedOf(plans, words),
    meant: rewriter.meant(),
    refine(document) {
      const which = plans.length > 1 && plans[0]!.index.current()[document] !== 0 ? 0 : plans.length - 1;
      return readers[which]!.headFactor(document);
    },
    refineMost: Math.max(...readers.map(({ most }) => most)),
  };
}

export interface Plan {
  readonly index: TextIndex;
  groups: Group[];
}

/** What was found so far, over all segments of all indexes. */
interface Gathered {
  count: number;
  documents: Uint32Array<ArrayBuffer>;
  scores: Float64Array<ArrayBuffer>;
  /** 3: all words as written; 2: all, some mended; 0: some of the words. */
  tiers: Uint8Array<ArrayBuffer>;
  highest: number;
}

function nothingGathered(): Gathered {
  return {
    count: 0,
    documents: new Uint32Array(0),
    scores: new Float64Array(0),
    tiers: new Uint8Array(0),
    highest: 1e-9,
  };
}

/** Documents with all words that are demanded: the rarest word leads, the others are looked up among what it finds. */
function findFull(plans: readonly Plan[], parts: FindParts): Gathered {
  const gathered = nothingGathered();
  const required = requiredPlaces(plans);
  if (required.length === 0) return gathered;
  for (const plan of plans) {
    const demands = demandsOf(plan).map((demand, i) => ({
      ...demand,
      finds: i === 0,
      keepsOnly: demand.group.required,
    }));
    if (required.some((place) => plan.groups[place]!.alternatives.length === 0)) continue;
    gather(plan, plans, parts, demands, gathered, () => 1);
  }
  return gathered;
}

/**
 * Beside few full matches also documents that hold at least half of what the query's words tell; with none, any of them. Words so
 * common that they do not reach that share together find nothing by themselves (H. Turtle, J. Flood, "Query evaluation:
 * strategies and optimizations", 1995: max-score).
 */
function findPartly(plans: readonly Plan[], parts: FindParts, full: Gathered): Gathered {
  const required = requiredPlaces(plans);
  if (required.length < 2) return full;
  const rarities = plans[0]!.groups.map((_, i) =>
    Math.max(...plans.map((plan) => rarityOf(plan.index, plan.groups[i]!))),
  );
  const demanded = required.reduce((sum, place) => sum + rarities[place]!, 0);
  const leastShare = full.count > 0 ? shareBesideFull : 0;
  const common = new Set<number>();
  let reached = 0;
  for (const place of [...required].sort((a, b) => rarities[a]! - rarities[b]!)) {
    reached += rarities[place]!;
    if (reached >= (leastShare - 1e-9) * demanded) break;
    common.add(place);
  }
  const shareOf = (groups: number): number => {
    let held = 0;
    for (const place of required) if ((groups & (1 << place)) !== 0) held += rarities[place]!;
    const share = demanded > 0 ? held / demanded : 1;
    return share < leastShare ? 0 : share;
  };
  const gathered = nothingGathered();
  for (const plan of plans) {
    const demands = demandsOf(plan)
      .map((demand) => ({
        ...demand,
        finds: demand.group.required && !common.has(demand.place),
        keepsOnly: false,
      }))
      .sort((a, b) => Number(b.finds) - Number(a.finds));
    gather(plan, plans, parts, demands, gathered, shareOf);
  }
  return gathered;
}

/** The groups of a plan, the rarest demanded one first, then those that only help. */
function demandsOf({ index, groups }: Plan): Omit<Demand, 'finds' | 'keepsOnly'>[] {
  return groups
    .map((group, place) => ({ group, place, factor: rarityOf(index, group) / 255 }))
    .filter(({ group }) => group.alternatives.length > 0)
    .sort(
      (a, b) =>
        Number(b.group.required) - Number(a.group.required) || b.factor - a.factor || a.place - b.place,
    );
}

function rarityOf(index: TextIndex, group: Group): number {
  const documents = index.documents();
  return rarity(documents, Math.min(documents, frequencyOf(index, group)));
}

function requiredPlaces(plans: readonly Plan[]): number[] {
  return plans[0]!.groups.flatMap((group, place) => (group.required ? [place] : []));
}

/** Documents whose text in an earlier index counts instead. */
function skippedBy(plan: Plan, plans: readonly Plan[]): Uint8Array | null {
  return plan === plans[0] ? null : plans[0]!.index.current();
}

/** Adds what one index has. `shareOf`: by the groups a document satisfies how much its score counts, 0 not to take it. */
function gather(
  plan: Plan,
  plans: readonly Plan[],
  { columns, matches, passes }: FindParts,
  demands: readonly Demand[],
  gathered: Gathered,
  shareOf: (groups: number) => number,
): void {
  const required = requiredPlaces(plans);
  let all = 0;
  for (const place of required) all |= 1 << place;
  const only = required.length === 1 ? required[0]! : -1;
  // Whatever is current in an index exists.
  const test = passes === columns.exists ? null : passes;
  for (const segment of plan.index.segments()) {
    matchSegment(plan.index, segment, demands, matches, skippedBy(plan, plans));
    reserve(gathered, matches.count);
    const { documents, scores, groups, fuzzy } = matches;
    for (let slot = 0; slot < matches.count; slot++) {
      const document = documents[slot]!;
      if (test !== null && !test(document)) continue;
      const has = groups[slot]! & all;
      const isFull = has === all;
      let score = scores[slot]!;
      score *= only >= 0 ? nearnessOfOne(matches.marks[only]![slot]!) : nearnessOf(matches, slot, required);
      if (!isFull) {
        score *= shareOf(has);
        if (score === 0) continue;
      }
      if (score > gathered.highest) gathered.highest = score;
      gathered.documents[gathered.count] = document;
      gathered.scores[gathered.count] = score;
      gathered.tiers[gathered.count++] = isFull ? ((fuzzy[slot]! & all) === 0 ? 3 : 2) : 0;
    }
    clearMatches(matches);
  }
}

function reserve(gathered: Gathered, more: number): void {
  const needed = gathered.count + more;
  if (needed <= gathered.documents.length) return;
  gathered.documents = grownNumbers(gathered.documents, needed);
  gathered.scores = grownDoubles(gathered.scores, needed);
  gathered.tiers = grownBytes(gathered.tiers, needed);
}

/** Turns scores into keys: the tier, and within it a quarter at most. */
function keysOf({ count, scores, tiers, highest }: Gathered): Float64Array {
  const scale = 1 / (4 * highest);
  for (let i = 0; i < count; i++) scores[i] = tiers[i]! + scores[i]! * scale;
  return scores.subarray(0, count);
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
    refineMost: 1,
  };
}
