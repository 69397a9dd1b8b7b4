import { type Part, type Renumbering, renumbered } from '../models/stored.js';
import type { Gaps } from './gaps.js';

/** People at products whose last purchase is remembered. */
const pairsMax = 200_000;
const peoplePerPart = 4096;

/** What a person bought of a product: the gaps, and when last. */
export interface Pair extends Gaps {
  lastMs: number;
}

/**
 * Somebody who is learned from: what their gaps were off, over all products, and each product. What the order at `atMs` says comes to
 * it with the next one: products of one order were all expected before it.
 */
export interface Person extends Gaps {
  readonly items: Map<number, Pair>;
  atMs: number;
  readonly latest: Gaps;
}

/** Some people, each with so many products one behind the other. */
export interface PeoplePart extends Part {
  readonly name: 'people';
  readonly sparseness: number;
  readonly keys: Float64Array;
  readonly counts: Int32Array;
  readonly sums: Float64Array;
  readonly lengths: Int32Array;
  readonly items: Int32Array;
  readonly lastMs: Float64Array;
  readonly ownCounts: Int32Array;
  readonly ownSums: Float64Array;
}

/**
 * Everybody is learned from as long as there is room for 200,000 products of theirs, then every second person, every fourth … To
 * forget the purchases that are longest ago instead would leave the short gaps only.
 */
export interface ReorderPeople {
  /** A person at the time of an order; null for one who is not learned from. */
  at(who: number, atMs: number): Person | null;
  /** Remembers the first purchase of a product. */
  begin(person: Person, item: number, atMs: number): void;
  save(): Iterable<PeoplePart>;
  restore(part: PeoplePart, renumbering: Renumbering): void;
}

export function createReorderPeople(): ReorderPeople {
  const people = new Map<number, Person>();
  let pairs = 0;
  let sparseness = 1;

  function makeRoom(): void {
    while (pairs > pairsMax) {
      sparseness *= 2;
      for (const [who, { items }] of people) {
        if (isLearnedFrom(who, sparseness)) continue;
        people.delete(who);
        pairs -= items.size;
      }
    }
  }

  return {
    at(who, atMs) {
      if (!isLearnedFrom(who, sparseness)) return null;
      let person = people.get(who);
      if (person === undefined) {
        person = personOf(new Map(), 0, 0);
        people.set(who, person);
      }
      if (atMs > person.atMs) settle(person, atMs);
      return person;
    },
    begin(person, item, atMs) {
      person.items.set(item, { lastMs: atMs, count: 0, sumOfLogs: 0 });
      pairs++;
      makeRoom();
    },
    save() {
      const all = flattened(people, pairs, sparseness);
      return (function* (): Generator<PeoplePart> {
        let pair = 0;
        for (let from = 0; from < all.keys.length; from += peoplePerPart) {
          const to = Math.min(all.keys.length, from + peoplePerPart);
          const first = pair;
          for (let row = from; row < to; row++) pair += all.lengths[row]!;
          yield {
            name: 'people',
            sparseness: all.sparseness,
            keys: all.keys.slice(from, to),
            counts: all.counts.slice(from, to),
            sums: all.sums.slice(from, to),
            lengths: all.lengths.slice(from, to),
            items: all.items.slice(first, pair),
            lastMs: all.lastMs.slice(first, pair),
            ownCounts: all.ownCounts.slice(first, pair),
            ownSums: all.ownSums.slice(first, pair),
          };
        }
      })();
    },
    restore(part, renumbering) {
      sparseness = part.sparseness;
      let at = 0;
      for (let row = 0; row < part.keys.length; row++) {
        const items = new Map<number, Pair>();
        for (const end = at + part.lengths[row]!; at < end; at++) {
          const item = renumbered(part.items[at]!, renumbering);
          const [lastMs, count, sumOfLogs] = [part.lastMs[at]!, part.ownCounts[at]!, part.ownSums[at]!];
          if (item >= 0) items.set(item, { lastMs, count, sumOfLogs });
        }
        if (items.size === 0) continue;
        people.set(part.keys[row]!, personOf(items, part.counts[row]!, part.sums[row]!));
        pairs += items.size;
      }
    },
  };
}

function flattened(people: ReadonlyMap<number, Person>, pairs: number, sparseness: number): PeoplePart {
  const all = {
    name: 'people' as const,
    sparseness,
    keys: new Float64Array(people.size),
    counts: new Int32Array(people.size),
    sums: new Float64Array(people.size),
    lengths: new Int32Array(people.size),
    items: new Int32Array(pairs),
    lastMs: new Float64Array(pairs),
    ownCounts: new Int32Array(pairs),
    ownSums: new Float64Array(pairs),
  };
  let row = 0;
  let at = 0;
  for (const [who, { count, sumOfLogs, latest, items }] of people) {
    all.keys[row] = who;
    all.counts[row] = count + latest.count;
    all.sums[row] = sumOfLogs + latest.sumOfLogs;
    all.lengths[row++] = items.size;
    for (const [item, pair] of items) {
      all.items[at] = item;
      all.lastMs[at] = pair.lastMs;
      all.ownCounts[at] = pair.count;
      all.ownSums[at++] = pair.sumOfLogs;
    }
  }
  return all;
}

function personOf(items: Map<number, Pair>, count: number, sumOfLogs: number): Person {
  const latest = { count: 0, sumOfLogs: 0 };
  return { items, count, sumOfLogs, latest, atMs: Number.NEGATIVE_INFINITY };
}

function settle(person: Person, atMs: number): void {
  person.count += person.latest.count;
  person.sumOfLogs += person.latest.sumOfLogs;
  person.latest.count = 0;
  person.latest.sumOfLogs = 0;
  person.atMs = atMs;
}

/** Chosen by the person and not by lot, so that all processes choose the same people. */
function isLearnedFrom(who: number, sparseness: number): boolean {
  const mixed = Math.imul(who | 0, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & (sparseness - 1)) === 0;
}
