import { type Part, type Renumbering, renumbered } from '../../snapshots/stored.js';
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
  /** A person at the time of an order, which counts `weight` for everybody's; null for one who is not learned from. */
  at(who: number, atMs: number, weight?: number): Person | null;
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

  /** Products of one order are learned one after the other. */
  let latest: { readonly who: number; readonly atMs: number; readonly person: Person } | null = null;

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
    latest = null;
    people = new Map();
    pairs = createReorderPairs();
    const numbers = new Int32Array(before.people.size).fill(-1);
    for (const [who, person] of before.people) {
      if (!isLearnedFrom(who, sparseness)) continue;
      numbers[person.number] = people.size;
      people.set(who, { ...person, number: people.size });
    }
    for (let place = 0; place < before.pairs.size; place++) {
      const person = numbers[before.pairs.person(place)]!;
      if (person >= 0) copyPair(before.pairs, place, pairs, pairs.at(person, before.pairs.item(place)));
    }
  }

  return {
    get pairs() {
      return pairs;
    },
    orders,
    at(who, atMs, weight = 1) {
      if (latest !== null && latest.who === who && latest.atMs === atMs) return latest.person;
      if (!isLearnedFrom(who, sparseness)) return null;
      const person = personOf(who);
      latest = { who, atMs, person };
      if (!(atMs > person.atMs)) return person;
      const gapMs = atMs - person.atMs;
      if (gapMs >= gapMinMs && Number.isFinite(gapMs)) {
        const log = Math.log(gapMs / dayMs);
        addGap(person.orders, log);
        addGap(orders, log, weight);
      }
      person.count += person.latest.count;
      person.sumOfLogs += person.latest.sumOfLogs;
      person.latest.count = 0;
      person.latest.sumOfLogs = 0;
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
          const place = pairs.at(person.number, item);
          const { lastMs, thenGaps, thenDeviations, thenPaces } = part;
          pairs.bought(place, lastMs[at]!, thenGaps[at]!, thenDeviations[at]!, thenPaces[at]!);
          pairs.restoreGaps(place, part.ownCounts[at]!, part.ownSums[at]!);
        }
      }
    },
  };
}

function copyPair(from: ReorderPairs, at: number, to: ReorderPairs, place: number): void {
  to.bought(place, from.lastMs(at), from.thenGaps(at), from.thenDeviation(at), from.thenPace(at));
  to.restoreGaps(place, from.count(at), from.sum(at));
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
  for (let place = 0; place < size; place++) rows.lengths[pairs.person(place)]!++;
  const next = new Int32Array(people.size);
  for (let row = 1; row < people.size; row++) next[row] = next[row - 1]! + rows.lengths[row - 1]!;
  const order = new Int32Array(size);
  for (let place = 0; place < size; place++) order[next[pairs.person(place)]!++] = place;
  return {
    ...rows,
    items: order.map(pairs.item),
    lastMs: Float64Array.from(order, pairs.lastMs),
    ownCounts: order.map(pairs.count),
    ownSums: Float32Array.from(order, pairs.sum),
    thenGaps: Float32Array.from(order, pairs.thenGaps),
    thenDeviations: Float32Array.from(order, pairs.thenDeviation),
    thenPaces: Float32Array.from(order, pairs.thenPace),
  };
}

/** Chosen by the person and not by lot, so that all processes choose the same people. */
function isLearnedFrom(who: number, sparseness: number): boolean {
  const mixed = Math.imul(who | 0, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & (sparseness - 1)) === 0;
}
