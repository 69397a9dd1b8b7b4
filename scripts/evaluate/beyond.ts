import { seeded, shuffle } from '../../src/kit/random.js';
import { type Log, sessionsWithBoth } from './log.js';

/** Diversity compares all pairs of a list: so many lists, drawn by lot, are enough. */
const listsCompared = 1_000;

export interface Shown {
  readonly cutoff: number;
  /** `cutoff` items for each query; -1 for an empty place. */
  readonly lists: Int32Array;
}

export interface Asked {
  readonly history: readonly number[];
  /** The right answers. */
  readonly targets: readonly number[];
}

export interface BeyondOptions {
  /** From 0 (the same) to 1 (nothing in common); absent: by the sessions that hold both. */
  readonly distance?: (one: number, other: number) => number;
}

export const beyondNotes = (distance: string): string[] => [
  'coverage: share of the items learned from that were shown to anybody',
  'Gini: how unequally the places went to these items, from 0 (equally) to 1 (all to one)',
  'top 1 %: share of all places that went to the hundredth of the items shown most',
  `diversity: mean distance of two items of one list, by ${distance}, over 1,000 lists drawn by lot`,
  'novelty: mean of -log2(share of training sessions that hold the item) over all places, in bits',
  'unexpected hits: share of queries for which a right answer was shown that neither a list of the most popular nor the history itself holds',
];

/**
 * What accuracy does not say of the lists shown: see `beyondNotes`. Percentages, except Gini, diversity (0 to 1) and novelty (bits).
 * Items never learned from count in no figure.
 */
export function beyondAccuracy(
  { cutoff, lists }: Shown,
  queries: readonly Asked[],
  log: Log,
  options: BeyondOptions = {},
): Record<string, number> {
  const shown = new Float64Array(log.items);
  let places = 0;
  let information = 0;
  for (const item of lists) {
    if (item < 0 || item >= log.items) continue;
    shown[item]!++;
    places++;
    information -= Math.log2(Math.max(1, log.support(item)) / Math.max(1, log.sessions));
  }
  const known = shown.filter((_, item) => log.itemClicks[item]! > 0).sort();
  const distance = options.distance ?? coOccurrenceDistance(log);
  return {
    'coverage, %': (100 * known.filter((times) => times > 0).length) / Math.max(1, known.length),
    Gini: gini(known),
    'top 1 %, %': (100 * topShare(known, 0.01)) / Math.max(1, places),
    diversity: diversity(lists, cutoff, distance),
    'novelty, bits': information / Math.max(1, places),
    'unexpected hits, %': unexpected({ cutoff, lists }, queries, log),
  };
}

/** Of values in ascending order. */
export function gini(ascending: ArrayLike<number>): number {
  let total = 0;
  let weighted = 0;
  for (let at = 0; at < ascending.length; at++) {
    total += ascending[at]!;
    weighted += (at + 1) * ascending[at]!;
  }
  const count = ascending.length;
  return total === 0 ? 0 : (2 * weighted) / (count * total) - (count + 1) / count;
}

function topShare(ascending: Float64Array, share: number): number {
  return ascending
    .subarray(ascending.length - Math.ceil(share * ascending.length))
    .reduce((sum, times) => sum + times, 0);
}

/** 1 − the cosine of which sessions hold the items. */
export function coOccurrenceDistance(log: Log): (one: number, other: number) => number {
  return (one, other) => {
    const norm = Math.sqrt(log.support(one) * log.support(other));
    return norm === 0 ? 1 : 1 - sessionsWithBoth(log, one, other) / norm;
  };
}

/** Jaccard's distance of two ascending lists of attributes; 1 where either has none. */
export function attributeDistance(attributes: readonly (readonly number[] | undefined)[]) {
  return (one: number, other: number): number => {
    const ours = new Set(attributes[one] ?? []);
    const theirs = attributes[other] ?? [];
    let both = 0;
    for (const attribute of theirs) if (ours.has(attribute)) both++;
    const either = ours.size + theirs.length - both;
    return both === 0 ? 1 : 1 - both / either;
  };
}

function diversity(
  lists: Int32Array,
  cutoff: number,
  distance: (one: number, other: number) => number,
): number {
  const order = Int32Array.from({ length: lists.length / cutoff }, (_, list) => list);
  shuffle(order, seeded(3));
  const remembered = new Map<number, number>();
  let sum = 0;
  let counted = 0;
  for (const list of order.subarray(0, listsCompared)) {
    const items = lists.subarray(list * cutoff, (list + 1) * cutoff).filter((item) => item >= 0);
    if (items.length < 2) continue;
    let within = 0;
    for (let one = 1; one < items.length; one++) {
      for (let other = 0; other < one; other++) {
        const [low, high] = [Math.min(items[one]!, items[other]!), Math.max(items[one]!, items[other]!)];
        const key = low * 2 ** 24 + high;
        let apart = remembered.get(key);
        if (apart === undefined) {
          apart = distance(low, high);
          remembered.set(key, apart);
        }
        within += apart;
      }
    }
    sum += within / ((items.length * (items.length - 1)) / 2);
    counted++;
  }
  return counted === 0 ? 0 : sum / counted;
}

function unexpected({ cutoff, lists }: Shown, queries: readonly Asked[], log: Log): number {
  const popular = new Set(
    Array.from(log.itemClicks, (clicks, item) => [item, clicks] as const)
      .sort(([, a], [, b]) => b - a)
      .slice(0, cutoff)
      .map(([item]) => item),
  );
  let found = 0;
  for (const [at, { history, targets }] of queries.entries()) {
    const list = lists.subarray(at * cutoff, (at + 1) * cutoff);
    if (targets.some((item) => list.includes(item) && !popular.has(item) && !history.includes(item))) found++;
  }
  return (100 * found) / Math.max(1, queries.length);
}
