import type { Alternative, Group } from './plan.js';
import type { TextIndex } from './text-index.js';

/** Scratch memory of one search at a time, by document number; searches do not overlap, each runs to its end. */
export interface Matches {
  readonly scores: Float32Array;
  /** Bit i: group i is satisfied. */
  readonly groups: Uint32Array;
  /** Bit i: group i is satisfied only by a completion or correction. */
  readonly fuzzy: Uint32Array;
  readonly documents: Uint32Array;
  count: number;
  /** Of one group: the best alternative so far. All zero between groups, as are the next two. */
  readonly best: Float32Array;
  /** Of one alternative: how many of its terms a document holds, and the sum of their impacts. */
  readonly held: Uint8Array;
  readonly sums: Float32Array;
}

export function createMatches(size: number): Matches {
  return {
    scores: new Float32Array(size),
    groups: new Uint32Array(size),
    fuzzy: new Uint32Array(size),
    documents: new Uint32Array(size),
    count: 0,
    best: new Float32Array(size),
    held: new Uint8Array(size),
    sums: new Float32Array(size),
  };
}

export function clearMatches(matches: Matches): void {
  for (let i = 0; i < matches.count; i++) {
    const document = matches.documents[i]!;
    matches.scores[document] = 0;
    matches.groups[document] = 0;
    matches.fuzzy[document] = 0;
  }
  matches.count = 0;
}

/** How many documents a group is in, at most: what its rarity is reckoned from. */
export function frequencyOf(index: TextIndex, group: Group): number {
  let most = 0;
  for (const { terms, fuzzy } of group.alternatives) {
    let least = Number.POSITIVE_INFINITY;
    for (const term of terms) least = Math.min(least, index.documentFrequency(term));
    if (!fuzzy && terms.length === 1 && least > 0 && group.alternatives[0]!.terms === terms) return least;
    most = Math.max(most, least);
  }
  return most;
}

/** The rarity of a word: BM25's idf, never negative. */
export function rarity(documents: number, frequency: number): number {
  return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));
}

/**
 * Adds what each group contributes to every document that satisfies it: rarity × weight × impact of its best
 * alternative. `skips`: documents whose text in another index counts instead.
 */
export function matchGroups(
  index: TextIndex,
  groups: readonly Group[],
  matches: Matches,
  skips: Uint8Array | null,
): void {
  const documents = index.documents();
  for (const [i, group] of groups.entries()) {
    if (group.alternatives.length === 0) continue;
    const factor = rarity(documents, Math.min(documents, frequencyOf(index, group))) / 255;
    const only = group.alternatives.length === 1 ? group.alternatives[0]! : null;
    if (only && only.terms.length === 1) matchTerm(index, only, factor, 1 << i, matches, skips);
    else matchBest(index, group.alternatives, factor, 1 << i, matches, skips);
  }
}

function matchTerm(
  index: TextIndex,
  alternative: Alternative,
  factor: number,
  bit: number,
  matches: Matches,
  skips: Uint8Array | null,
): void {
  const { scores, groups, fuzzy, documents: found } = matches;
  const current = index.current();
  const scale = factor * alternative.weight;
  for (const segment of index.segments()) {
    const list = segment.list(alternative.terms[0]!);
    if (!list) continue;
    const { documents, impacts, end } = list;
    const { id } = segment;
    for (let i = list.start; i < end; i++) {
      const document = documents[i]!;
      if (current[document] !== id || (skips !== null && skips[document] !== 0)) continue;
      if (groups[document] === 0) found[matches.count++] = document;
      scores[document] = scores[document]! + scale * impacts[i]!;
      groups[document] = groups[document]! | bit;
      if (alternative.fuzzy) fuzzy[document] = fuzzy[document]! | bit;
    }
  }
}

function matchBest(
  index: TextIndex,
  alternatives: readonly Alternative[],
  factor: number,
  bit: number,
  matches: Matches,
  skips: Uint8Array | null,
): void {
  const { scores, groups, fuzzy, documents: found, best } = matches;
  const satisfied: number[] = [];
  const take = (document: number, value: number, isFuzzy: boolean): void => {
    if (skips !== null && skips[document] !== 0) return;
    const known = best[document]!;
    if (known === 0) satisfied.push(document);
    // A negative value marks what only completions and corrections have satisfied so far.
    if (isFuzzy) {
      if (known <= 0 && -value < known) best[document] = -value;
    } else if (value > known) best[document] = value;
  };
  for (const alternative of alternatives) {
    if (alternative.terms.length === 1) {
      eachPosting(index, alternative.terms[0]!, (document, impact) =>
        take(document, impact * alternative.weight, alternative.fuzzy),
      );
    } else {
      eachHoldingAll(index, alternative.terms, matches, (document, impact) =>
        take(document, impact * alternative.weight, alternative.fuzzy),
      );
    }
  }
  for (const document of satisfied) {
    const value = best[document]!;
    best[document] = 0;
    if (groups[document] === 0) found[matches.count++] = document;
    groups[document] = groups[document]! | bit;
    if (value < 0) fuzzy[document] = fuzzy[document]! | bit;
    scores[document] = scores[document]! + factor * Math.abs(value);
  }
}

export function eachPosting(
  index: TextIndex,
  term: number,
  take: (document: number, impact: number) => void,
): void {
  const current = index.current();
  for (const segment of index.segments()) {
    const list = segment.list(term);
    if (!list) continue;
    for (let i = list.start; i < list.end; i++) {
      const document = list.documents[i]!;
      if (current[document] === segment.id) take(document, list.impacts[i]!);
    }
  }
}

/** Calls back with documents that hold all terms and the mean of their impacts. The rarest term leads. */
function eachHoldingAll(
  index: TextIndex,
  terms: readonly number[],
  { held, sums }: Matches,
  take: (document: number, impact: number) => void,
): void {
  const rarestFirst = [...terms].sort((a, b) => index.documentFrequency(a) - index.documentFrequency(b));
  const leading: number[] = [];
  for (const [i, term] of rarestFirst.entries()) {
    eachPosting(index, term, (document, impact) => {
      if (held[document] !== i) return;
      held[document] = i + 1;
      sums[document] = sums[document]! + impact;
      if (i === 0) leading.push(document);
    });
  }
  for (const document of leading) {
    if (held[document] === terms.length) take(document, sums[document]! / terms.length);
    held[document] = 0;
    sums[document] = 0;
  }
}
