import { mergePlaces } from '../index/positions.js';
import type { Segment } from '../index/segments.js';
import type { TextIndex } from '../index/text-index.js';
import type { Alternative, Group } from './query-plan.js';

/**
 * Buffers for the matches of one search in one segment. Searches run to their end, so they share the buffers. Matched documents
 * have consecutive slots; `slots` and the fields of a phrase are by document.
 */
export interface Matches {
  /** The number of documents that there is room for. */
  readonly size: number;
  count: number;
  readonly documents: Uint32Array;
  readonly scores: Float64Array;
  /** Bit i: group i is matched. */
  readonly groups: Uint32Array;
  /** Bit i: group i is matched only by a completion or correction. */
  readonly fuzzy: Uint32Array;
  /** By group, then slot: the place of its term (`positions.ts`). Defined for matched groups only. */
  readonly places: Uint8Array[];
  /** The score of the best alternative of the current group. Negative while only completions and corrections match. */
  readonly values: Float32Array;
  /** By document: its slot plus 1. All 0 between segments, as is `held`. */
  readonly slots: Uint32Array;
  /** The current phrase, by document: the number of terms matched, the sum of their weights, and their place. */
  readonly held: Uint8Array;
  readonly sums: Float32Array;
  readonly heldPlaces: Uint8Array;
}

export function createMatches(size: number): Matches {
  return {
    size,
    count: 0,
    documents: new Uint32Array(size),
    scores: new Float64Array(size),
    groups: new Uint32Array(size),
    fuzzy: new Uint32Array(size),
    places: [],
    values: new Float32Array(size),
    slots: new Uint32Array(size),
    held: new Uint8Array(size),
    sums: new Float32Array(size),
    heldPlaces: new Uint8Array(size),
  };
}

/** A group of the query as a condition. */
export interface Clause {
  readonly group: Group;
  /** The number of the group in the query. */
  readonly groupNumber: number;
  /** The group's inverse document frequency, divided by the highest weight. */
  readonly idf: number;
  /** Adds documents to the matches. If false, it only scores documents that earlier clauses matched. */
  readonly addsMatches: boolean;
  /** Removes documents that do not match it. */
  readonly must: boolean;
}

/**
 * Evaluates clauses over a segment, in their order. Each adds idf × (weight of its best alternative) × (weight of the term) to the score of
 * documents that match it. The result is in `matches` until `clearMatches`. Documents with a value in `skips` are left out.
 */
export function matchSegment(
  index: TextIndex,
  segment: Segment,
  clauses: readonly Clause[],
  matches: Matches,
  skips: Uint8Array | null,
): void {
  const recorded: Uint8Array[] = [];
  for (const clause of clauses) {
    if (!clause.addsMatches && matches.count === 0) continue;
    const places = placesOf(matches, clause.groupNumber);
    recorded.push(places);
    const view = { segment, current: index.current(), skips, matches, places, adds: clause.addsMatches };
    matches.values.fill(0, 0, matches.count);
    for (const alternative of clause.group.alternatives) {
      if (alternative.terms.length === 1) matchTerm(view, alternative);
      else matchPhrase(view, alternative);
    }
    addScores(clause, matches, recorded);
  }
}

export function clearMatches(matches: Matches): void {
  const { slots, documents } = matches;
  for (let slot = 0; slot < matches.count; slot++) slots[documents[slot]!] = 0;
  matches.count = 0;
}

function placesOf(matches: Matches, groupNumber: number): Uint8Array {
  matches.places[groupNumber] ??= new Uint8Array(matches.size);
  return matches.places[groupNumber];
}

/** The segment and buffers that the alternatives of one group are matched with. */
interface View {
  readonly segment: Segment;
  readonly current: Uint8Array;
  readonly skips: Uint8Array | null;
  readonly matches: Matches;
  readonly places: Uint8Array;
  readonly adds: boolean;
}

function matchTerm(view: View, { terms, weight, fuzzy }: Alternative): void {
  const { segment, current, skips, matches, places, adds } = view;
  const list = segment.list(terms[0]!);
  if (!list) return;
  const { documents, weights, end } = list;
  const { slots, values } = matches;
  const { id } = segment;
  for (let i = list.start; i < end; i++) {
    const document = documents[i]!;
    let slot = slots[document]!;
    if (slot === 0) {
      if (!adds || current[document] !== id || (skips !== null && skips[document] !== 0)) continue;
      slot = addMatch(matches, document);
    }
    addValue(values, places, slot - 1, weights[i]! * weight, list.places[i]!, fuzzy);
  }
}

/** Documents with all terms of a phrase, anywhere, weigh the mean of their weights. */
function matchPhrase(view: View, { terms, weight, fuzzy }: Alternative): void {
  const { segment, current, skips, matches, places, adds } = view;
  const { slots, held, sums, heldPlaces, values } = matches;
  const lists = terms.map((term) => segment.list(term));
  const holding: number[] = [];
  // The rarest term comes first, so that the fewest documents are looked at.
  lists.sort((a, b) => (a ? a.end - a.start : 0) - (b ? b.end - b.start : 0));
  for (const [nth, list] of lists.entries()) {
    if (!list) break;
    const { documents, weights, end } = list;
    for (let i = list.start; i < end; i++) {
      const document = documents[i]!;
      if (held[document] !== nth) continue;
      if (nth === 0) {
        if (slots[document] === 0) {
          if (!adds || current[document] !== segment.id || (skips !== null && skips[document] !== 0))
            continue;
        }
        holding.push(document);
        sums[document] = weights[i]!;
        heldPlaces[document] = list.places[i]!;
      } else {
        sums[document] = sums[document]! + weights[i]!;
        heldPlaces[document] = mergePlaces(heldPlaces[document]!, list.places[i]!);
      }
      held[document] = nth + 1;
    }
  }
  for (const document of holding) {
    if (held[document] === terms.length) {
      const slot = slots[document]! || addMatch(matches, document);
      const value = (sums[document]! / terms.length) * weight;
      addValue(values, places, slot - 1, value, heldPlaces[document]!, fuzzy);
    }
    held[document] = 0;
  }
}

/** Returns the document's slot plus 1. */
function addMatch(matches: Matches, document: number): number {
  const slot = matches.count++;
  matches.documents[slot] = document;
  matches.scores[slot] = 0;
  matches.groups[slot] = 0;
  matches.fuzzy[slot] = 0;
  matches.values[slot] = 0;
  matches.slots[document] = slot + 1;
  return slot + 1;
}

/** Words as written come before completions and corrections, whatever they weigh. */
function addValue(
  values: Float32Array,
  places: Uint8Array,
  slot: number,
  value: number,
  place: number,
  fuzzy: boolean,
): void {
  const known = values[slot]!;
  if (known === 0) {
    values[slot] = fuzzy ? -value : value;
    places[slot] = place;
    return;
  }
  places[slot] = mergePlaces(places[slot]!, place);
  if (fuzzy) {
    if (known < 0 && -value < known) values[slot] = -value;
  } else if (value > known) values[slot] = value;
}

/** Adds the values of a clause to the scores. If it is a must, moves the remaining matches together. `recorded`: places so far. */
function addScores(
  { groupNumber, idf, must }: Clause,
  matches: Matches,
  recorded: readonly Uint8Array[],
): void {
  const { documents, scores, groups, fuzzy, values, slots } = matches;
  const bit = 1 << groupNumber;
  let kept = 0;
  for (let slot = 0; slot < matches.count; slot++) {
    const value = values[slot]!;
    if (value !== 0) {
      scores[slot] = scores[slot]! + idf * Math.abs(value);
      groups[slot] = groups[slot]! | bit;
      if (value < 0) fuzzy[slot] = fuzzy[slot]! | bit;
    }
    if (!must) continue;
    const document = documents[slot]!;
    if (value === 0) {
      slots[document] = 0;
      continue;
    }
    if (kept !== slot) {
      documents[kept] = document;
      scores[kept] = scores[slot]!;
      groups[kept] = groups[slot]!;
      fuzzy[kept] = fuzzy[slot]!;
      for (const places of recorded) places[kept] = places[slot]!;
      slots[document] = kept + 1;
    }
    kept++;
  }
  if (must) matches.count = kept;
}
