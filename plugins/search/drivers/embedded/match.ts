import { sharedMarks } from './marks.js';
import type { Alternative, Group } from './plan.js';
import { type PostingList, type Segment, seek } from './postings.js';
import type { TextIndex } from './text-index.js';

/**
 * Scratch memory of one search at a time; searches do not overlap, each runs to its end. What was found stands close
 * together, by slot; only `slots` and what phrases need is by document.
 */
export interface Matches {
  /** How many documents there is room for. */
  readonly size: number;
  count: number;
  readonly documents: Uint32Array;
  readonly scores: Float64Array;
  /** Bit i: group i is satisfied. */
  readonly groups: Uint32Array;
  /** Bit i: group i is satisfied only by a completion or correction. */
  readonly fuzzy: Uint32Array;
  /** By group, then slot: where its word stands (`marks.ts`); only of groups that are satisfied. */
  readonly marks: Uint16Array[];
  /** Of the group at hand: the weight of its best alternative, negative while only completions and corrections satisfy it. */
  readonly values: Float32Array;
  /** By document: its slot and 1. All zero between segments, as are the next ones. */
  readonly slots: Uint32Array;
  /** Of the phrase at hand: how many of its terms a document holds, the sum of their impacts, and their marks. */
  readonly held: Uint8Array;
  readonly sums: Float32Array;
  readonly heldMarks: Uint16Array;
}

export function createMatches(size: number): Matches {
  return {
    size,
    count: 0,
    documents: new Uint32Array(size),
    scores: new Float64Array(size),
    groups: new Uint32Array(size),
    fuzzy: new Uint32Array(size),
    marks: [],
    values: new Float32Array(size),
    slots: new Uint32Array(size),
    held: new Uint8Array(size),
    sums: new Float32Array(size),
    heldMarks: new Uint16Array(size),
  };
}

/** A list this many times longer than what is looked for in it is not passed through. */
const muchLonger = 8;

/** A group with how much it weighs and whether documents are found by it, or only among those that are found already. */
export interface Demand {
  readonly group: Group;
  /** Its place in the query: bit and marks. */
  readonly place: number;
  /** Rarity per impact. */
  readonly factor: number;
  readonly finds: boolean;
  /** Whether documents without it are given up. */
  readonly keepsOnly: boolean;
}

/**
 * Matches a segment against demands, in their order: each adds rarity × weight × impact of its best alternative to every
 * document that satisfies it. What is found is in `matches` until `clearMatches`; `slots` are told when `slotsAsked`.
 */
export function matchSegment(
  index: TextIndex,
  segment: Segment,
  demands: readonly Demand[],
  matches: Matches,
  skips: Uint8Array | null,
  slotsAsked = false,
): void {
  const told: Uint16Array[] = [];
  for (const demand of demands) {
    if (!demand.finds && matches.count === 0) continue;
    const marks = marksOf(matches, demand.place);
    told.push(marks);
    if (demand === demands[0] && isOneTerm(demand.group)) {
      matchLeading(index, segment, demand, matches, skips, slotsAsked || demands.length > 1);
      continue;
    }
    matches.values.fill(0, 0, matches.count);
    const view = { segment, current: index.current(), skips, matches, marks, finds: demand.finds };
    for (const alternative of demand.group.alternatives) {
      if (alternative.terms.length === 1) matchTerm(view, alternative);
      else matchPhrase(view, alternative);
    }
    finish(demand, matches, told);
  }
}

function isOneTerm({ alternatives }: Group): boolean {
  return alternatives.length === 1 && alternatives[0]!.terms.length === 1;
}

/** What most queries begin with, done in one go: the documents of one term. */
function matchLeading(
  index: TextIndex,
  segment: Segment,
  { group, place, factor }: Demand,
  matches: Matches,
  skips: Uint8Array | null,
  slotsAsked: boolean,
): void {
  const { terms, weight, fuzzy: isFuzzy } = group.alternatives[0]!;
  const list = segment.list(terms[0]!);
  if (!list) return;
  const { id } = segment;
  const current = index.current();
  const { documents, scores, groups, fuzzy, slots } = matches;
  const marks = marksOf(matches, place);
  const bit = 1 << place;
  const fuzzyBit = isFuzzy ? bit : 0;
  const scale = factor * weight;
  const { documents: listed, impacts, marks: marked, end } = list;
  let count = 0;
  for (let i = list.start; i < end; i++) {
    const document = listed[i]!;
    if (current[document] !== id || (skips !== null && skips[document] !== 0)) continue;
    documents[count] = document;
    scores[count] = scale * impacts[i]!;
    groups[count] = bit;
    fuzzy[count] = fuzzyBit;
    marks[count++] = marked[i]!;
    if (slotsAsked) slots[document] = count;
  }
  matches.count = count;
}

export function clearMatches(matches: Matches): void {
  const { slots, documents } = matches;
  for (let slot = 0; slot < matches.count; slot++) slots[documents[slot]!] = 0;
  matches.count = 0;
}

function marksOf(matches: Matches, place: number): Uint16Array {
  matches.marks[place] ??= new Uint16Array(matches.size);
  return matches.marks[place];
}

/** What the alternatives of one group are matched against. */
interface View {
  readonly segment: Segment;
  readonly current: Uint8Array;
  readonly skips: Uint8Array | null;
  readonly matches: Matches;
  readonly marks: Uint16Array;
  readonly finds: boolean;
}

function matchTerm(view: View, { terms, weight, fuzzy }: Alternative): void {
  const { segment, current, skips, matches, marks, finds } = view;
  const list = segment.list(terms[0]!);
  if (!list) return;
  const { documents, impacts, end } = list;
  const { slots, values } = matches;
  const { id } = segment;
  if (!finds && segment.sorted && matches.count * muchLonger < end - list.start) {
    lookUp(view, list, weight, fuzzy);
    return;
  }
  for (let i = list.start; i < end; i++) {
    const document = documents[i]!;
    let slot = slots[document]!;
    if (slot === 0) {
      if (!finds || current[document] !== id || (skips !== null && skips[document] !== 0)) continue;
      slot = opened(matches, document);
    }
    take(values, marks, slot - 1, impacts[i]! * weight, list.marks[i]!, fuzzy);
  }
}

/** The same for a list so long that its documents are rather looked up than passed through. */
function lookUp({ matches, marks }: View, list: PostingList, weight: number, fuzzy: boolean): void {
  const { documents, impacts, start, end } = list;
  let at = start;
  let before = 0;
  for (let slot = 0; slot < matches.count; slot++) {
    const document = matches.documents[slot]!;
    at = seek(documents, document < before ? start : at, end, document);
    before = document;
    if (at < end && documents[at] === document)
      take(matches.values, marks, slot, impacts[at]! * weight, list.marks[at]!, fuzzy);
  }
}

/** Documents that hold all terms of a phrase weigh the mean of their impacts. */
function matchPhrase(view: View, { terms, weight, fuzzy }: Alternative): void {
  const { segment, current, skips, matches, marks, finds } = view;
  const { slots, held, sums, heldMarks, values } = matches;
  const lists = terms.map((term) => segment.list(term));
  const holding: number[] = [];
  // The rarest term leads.
  lists.sort((a, b) => (a ? a.end - a.start : 0) - (b ? b.end - b.start : 0));
  for (const [nth, list] of lists.entries()) {
    if (!list) break;
    const { documents, impacts, end } = list;
    for (let i = list.start; i < end; i++) {
      const document = documents[i]!;
      if (held[document] !== nth) continue;
      if (nth === 0) {
        if (slots[document] === 0) {
          if (!finds || current[document] !== segment.id || (skips !== null && skips[document] !== 0))
            continue;
        }
        holding.push(document);
        sums[document] = impacts[i]!;
        heldMarks[document] = list.marks[i]!;
      } else {
        sums[document] = sums[document]! + impacts[i]!;
        heldMarks[document] = sharedMarks(heldMarks[document]!, list.marks[i]!);
      }
      held[document] = nth + 1;
    }
  }
  for (const document of holding) {
    if (held[document] === terms.length) {
      const slot = slots[document]! || opened(matches, document);
      take(values, marks, slot - 1, (sums[document]! / terms.length) * weight, heldMarks[document]!, fuzzy);
    }
    held[document] = 0;
  }
}

/** Gives a document a slot; answers it and 1. */
function opened(matches: Matches, document: number): number {
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
function take(
  values: Float32Array,
  marks: Uint16Array,
  slot: number,
  value: number,
  mark: number,
  fuzzy: boolean,
): void {
  const known = values[slot]!;
  if (known === 0) {
    values[slot] = fuzzy ? -value : value;
    marks[slot] = mark;
    return;
  }
  marks[slot] = sharedMarks(marks[slot]!, mark);
  if (fuzzy) {
    if (known < 0 && -value < known) values[slot] = -value;
  } else if (value > known) values[slot] = value;
}

/** Reckons a group in, and closes the gaps that documents without it leave. `told`: the marks so far. */
function finish({ place, factor, keepsOnly }: Demand, matches: Matches, told: readonly Uint16Array[]): void {
  const { documents, scores, groups, fuzzy, values, slots } = matches;
  const bit = 1 << place;
  let kept = 0;
  for (let slot = 0; slot < matches.count; slot++) {
    const value = values[slot]!;
    if (value !== 0) {
      scores[slot] = scores[slot]! + factor * Math.abs(value);
      groups[slot] = groups[slot]! | bit;
      if (value < 0) fuzzy[slot] = fuzzy[slot]! | bit;
    }
    if (!keepsOnly) continue;
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
      for (const marks of told) marks[kept] = marks[slot]!;
      slots[document] = kept + 1;
    }
    kept++;
  }
  if (keepsOnly) matches.count = kept;
}
