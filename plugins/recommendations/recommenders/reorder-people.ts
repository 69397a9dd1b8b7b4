import { type Part, type Renumbering, renumbered } from '../models/stored.js';
import { addGap, dayMs, type Gaps, gapMinMs, noGaps } from './gaps.js';
import { createReorderPairs, type ReorderPairs } from './reorder-pairs.js';

/** People at products whose last purchase is remembered. */
const pairsMax = 500_000;
const peoplePerPart = 4096;

/**
 * Somebody who is learned from: what their gaps were off, over all products. What the order at `atMs` says comes to it with the next
 * one: products of one order were all expected before it.
 */
export interface Person extends Gaps {
  /** As `pairs` know them. */
  readonly number: number;
  atMs: number;
  readonly latest: Gaps;
  /** Times between orders, whatever was ordered. */
  readonly orders: Gaps;
}

/** Some people, each with so many products one behind the other. */
export interface PeoplePart extends Part {
  readonly name: 'people';
  readonly sparseness: number;
  readonly orders: Gaps;
  readonly keys: Float64Array;
  readonly counts: Int32Array;
  readonly sums: Float64Array;
  readonly atMs: Float64Array;
  readonly orderCounts: Int32Array;
  readonly orderSums: Float64Array;
  readonly lengths: Int32Array;
  readonly items: Int32Array;
  readonly lastMs: Float64Array;
  readonly ownCounts: Int32Array;
  readonly ownSums: Float32Array;
  readonly thenGaps: Float32Array;
  readonly thenDeviations: Float32Array;
  readonly thenPaces: Float32Array;
}

/**
 * Everybody is learned from as long as there is room for 500,000 products of theirs, then every second person, every fourth … To
 * forget the purchases that are longest ago instead would leave the short gaps only.
 */
export interface ReorderPeople {
  /** A person at the time of an order; null for one who is not learned from. */
  at(who: number, atMs: number): Person | null;
  /** Read it anew after `makeRoom`. */
  readonly pairs: ReorderPairs;
  /** To be called after pairs were added; persons are to be looked up anew then. */
  makeRoom(): void;
  /** Everybody's times between orders. */
  readonly orders: Readonly<Gaps>;
  save(): Iterable<PeoplePart>;
  restore(part: PeoplePart, renumbering: Renumbering): void;
}

export function createReorderPeople(): ReorderPeople {
  let people = new Map<number, Person>();
  let pairs = createReorderPairs();
  let sparseness = 1;
  const orders = noGaps();

  function personOf(who: number): Person {
    let person = people.get(who);
    if (person === undefined) {
      person = {
        number: people.size,
        atMs: Number.NEGATIVE_INFINITY,
        ...noGaps(),
        latest: noGaps(),
        orders: noGaps(),
      };
      people.set(who, person);
    }
    return person;
  }

  function keepEverySecond(): void {
    sparseness *= 2;
    const before = { people, pairs };
    people = new Map();
    pairs = createReorderPairs();
    const numbers = new Int32Array(before.people.size).fill(-1);
    for (const [who, person] of before.people) {
      if (!isLearnedFrom(who, sparseness)) continue;
      numbers[person.number] = people.size;
      people.set(who, { ...person, number: people.size });
    }
    for (let place = 0; place < before.pairs.size; place++) {
      const person = numbers[before.pairs.persons[place]!]!;
      if (person >= 0) copyPair(before.pairs, place, pairs, pairs.add(person, before.pairs.items[place]!));
    }
  }

  return {
    get pairs() {
      return pairs;
    },
    orders,
    at(who, atMs) {
      if (!isLearnedFrom(who, sparseness)) return null;
      const person = personOf(who);
      if (!(atMs > person.atMs)) return person;
      const gapMs = atMs - person.atMs;
      if (gapMs >= gapMinMs && Number.isFinite(gapMs)) {
        const log = Math.log(gapMs / dayMs);
        addGap(person.orders, log);
        addGap(orders, log);
      }
      person.count += person.latest.count;
      person.sumOfLogs += person.latest.sumOfLogs;
      Object.assign(person.latest, noGaps());
      person.atMs = atMs;
      return person;
    },
    makeRoom() {
      while (pairs.size > pairsMax) keepEverySecond();
    },
    save() {
      const all = flattened(people, pairs);
      const common = { name: 'people' as const, sparseness, orders: { ...orders } };
      return (function* (): Generator<PeoplePart> {
        let pair = 0;
        for (let from = 0; from < all.keys.length; from += peoplePerPart) {
          const to = Math.min(all.keys.length, from + peoplePerPart);
          const first = pair;
          for (let row = from; row < to; row++) pair += all.lengths[row]!;
          yield {
            ...common,
            keys: all.keys.slice(from, to),
            counts: all.counts.slice(from, to),
            sums: all.sums.slice(from, to),
            atMs: all.atMs.slice(from, to),
            orderCounts: all.orderCounts.slice(from, to),
            orderSums: all.orderSums.slice(from, to),
            lengths: all.lengths.slice(from, to),
            items: all.items.slice(first, pair),
            lastMs: all.lastMs.slice(first, pair),
            ownCounts: all.ownCounts.slice(first, pair),
            ownSums: all.ownSums.slice(first, pair),
            thenGaps: all.thenGaps.slice(first, pair),
            thenDeviations: all.thenDeviations.slice(first, pair),
            thenPaces: all.thenPaces.slice(first, pair),
          };
        }
      })();
    },
    restore(part, renumbering) {
      sparseness = part.sparseness;
      Object.assign(orders, part.orders);
      let at = 0;
      for (let row = 0; row < part.keys.length; row++) {
        const person = personOf(part.keys[row]!);
        person.count = part.counts[row]!;
        person.sumOfLogs = part.sums[row]!;
        person.atMs = part.atMs[row]!;
        Object.assign(person.orders, { count: part.orderCounts[row]!, sumOfLogs: part.orderSums[row]! });
        for (const end = at + part.lengths[row]!; at < end; at++) {
          const item = renumbered(part.items[at]!, renumbering);
          if (item < 0) continue;
          const place = pairs.add(person.number, item);
          pairs.lastMs[place] = part.lastMs[at]!;
          pairs.counts[place] = part.ownCounts[at]!;
          pairs.sums[place] = part.ownSums[at]!;
          pairs.thenGaps[place] = part.thenGaps[at]!;
          pairs.thenDeviations[place] = part.thenDeviations[at]!;
          pairs.thenPaces[place] = part.thenPaces[at]!;
        }
      }
    },
  };
}

function copyPair(from: ReorderPairs, at: number, to: ReorderPairs, place: number): void {
  to.lastMs[place] = from.lastMs[at]!;
  to.counts[place] = from.counts[at]!;
  to.sums[place] = from.sums[at]!;
  to.thenGaps[place] = from.thenGaps[at]!;
  to.thenDeviations[place] = from.thenDeviations[at]!;
  to.thenPaces[place] = from.thenPaces[at]!;
}

/** Everything in columns, the pairs of a person one behind the other. */
function flattened(people: ReadonlyMap<number, Person>, pairs: ReorderPairs) {
  const { size } = pairs;
  const rows = {
    keys: new Float64Array(people.size),
    counts: new Int32Array(people.size),
    sums: new Float64Array(people.size),
    atMs: new Float64Array(people.size),
    orderCounts: new Int32Array(people.size),
    orderSums: new Float64Array(people.size),
    lengths: new Int32Array(people.size),
  };
  for (const [who, { number, count, sumOfLogs, atMs, latest, orders }] of people) {
    rows.keys[number] = who;
    rows.counts[number] = count + latest.count;
    rows.sums[number] = sumOfLogs + latest.sumOfLogs;
    rows.atMs[number] = atMs;
    rows.orderCounts[number] = orders.count;
    rows.orderSums[number] = orders.sumOfLogs;
  }
  for (let place = 0; place < size; place++) rows.lengths[pairs.persons[place]!]!++;
  const next = new Int32Array(people.size);
  for (let row = 1; row < people.size; row++) next[row] = next[row - 1]! + rows.lengths[row - 1]!;
  const order = new Int32Array(size);
  for (let place = 0; place < size; place++) order[next[pairs.persons[place]!]!++] = place;
  return {
    ...rows,
    items: order.map((place) => pairs.items[place]!),
    lastMs: Float64Array.from(order, (place) => pairs.lastMs[place]!),
    ownCounts: order.map((place) => pairs.counts[place]!),
    ownSums: Float32Array.from(order, (place) => pairs.sums[place]!),
    thenGaps: Float32Array.from(order, (place) => pairs.thenGaps[place]!),
    thenDeviations: Float32Array.from(order, (place) => pairs.thenDeviations[place]!),
    thenPaces: Float32Array.from(order, (place) => pairs.thenPaces[place]!),
  };
}

/** Chosen by the person and not by lot, so that all processes choose the same people. */
function isLearnedFrom(who: number, sparseness: number): boolean {
  const mixed = Math.imul(who | 0, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & (sparseness - 1)) === 0;
}
