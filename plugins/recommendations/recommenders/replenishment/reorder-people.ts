import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import { type IdRemap, type Part, remapped } from '../../snapshots/stored.js';
import { type Gaps, noGaps } from './gaps.js';

/** Products of people that are remembered. */
const pairsMax = 500_000;
const peoplePerPart = 4096;

/**
 * A row of numbers for each product of a person: when it was bought last, the gaps between purchases of it and their logarithms summed, and
 * what was known of the person at the last purchase: the gaps at all products and their deviations.
 */
export const [lastAt, countAt, sumAt, gapsAt, deviationAt] = [0, 1, 2, 3, 4] as const;
const rowWidth = 5;
/** Numbers of a person in a snapshot, before the rows. */
const personWidth = 5;

/**
 * Somebody who is learned from: what their gaps were off, over all products. What the order at `atMs` says comes to it with the next
 * one: products of one order were all expected before it.
 */
export interface Person extends Gaps {
  atMs: number;
  readonly latest: Gaps;
  /** By product: where its row begins in `rows`. */
  readonly places: Map<number, number>;
  rows: Float64Array;
}

/**
 * Some people one behind the other: fingerprint, time of the last order, gaps and their deviation, and the number of products; then of each product its internal id and its row.
 */
export interface PeoplePart extends Part {
  readonly name: 'people';
  readonly sparseness: number;
  readonly people: Float64Array;
}

/**
 * Everybody is learned from as long as there is room for 500,000 products of theirs, then every second person, every fourth … To
 * forget the purchases that are longest ago instead would leave the short gaps only.
 */
export function createReorderPeople() {
  const people = new Map<number, Person>();
  let pairs = 0;
  let sparseness = 1;

  /** Products of one order are learned one after the other. */
  let latest: { readonly who: number; readonly atMs: number; readonly person: Person } | null = null;

  function personOf(who: number): Person {
    let person = people.get(who);
    if (person === undefined) {
      person = {
        atMs: Number.NEGATIVE_INFINITY,
        ...noGaps(),
        latest: noGaps(),
        places: new Map(),
        rows: new Float64Array(rowWidth),
      };
      people.set(who, person);
    }
    return person;
  }

  function forgetEverySecond(): void {
    sparseness *= 2;
    latest = null;
    for (const [who, { places }] of people) {
      if (isLearnedFrom(who, sparseness)) continue;
      people.delete(who);
      pairs -= places.size;
    }
  }

  function enter(person: Person, item: number): number {
    const row = rowWidth * person.places.size;
    person.places.set(item, row);
    person.rows = ensureCapacity(Float64Array, person.rows, row + rowWidth);
    pairs++;
    while (pairs > pairsMax) forgetEverySecond();
    return row;
  }

  return {
    /** Begins a row of zeros for a product that the person has not bought yet; returns where. It may be one that is not learned from any more. */
    enter,
    /** A person at the time of an order; null for one who is not learned from. */
    at(who: number, atMs: number): Person | null {
      if (latest !== null && latest.who === who && latest.atMs === atMs) return latest.person;
      if (!isLearnedFrom(who, sparseness)) return null;
      const person = personOf(who);
      latest = { who, atMs, person };
      if (!(atMs > person.atMs)) return person;
      person.count += person.latest.count;
      person.sumOfLogs += person.latest.sumOfLogs;
      person.latest.count = 0;
      person.latest.sumOfLogs = 0;
      person.atMs = atMs;
      return person;
    },
    save(): Iterable<PeoplePart> {
      const parts: PeoplePart[] = [];
      let some: number[] = [];
      let count = 0;
      for (const [who, { atMs, count: gaps, sumOfLogs, latest, places, rows }] of people) {
        some.push(who, atMs, gaps + latest.count, sumOfLogs + latest.sumOfLogs, places.size);
        for (const [item, row] of places) some.push(item, ...rows.subarray(row, row + rowWidth));
        if (++count % peoplePerPart !== 0 && count < people.size) continue;
        parts.push({ name: 'people', sparseness, people: Float64Array.from(some) });
        some = [];
      }
      return parts;
    },
    restore(part: PeoplePart, remap: IdRemap): void {
      sparseness = part.sparseness;
      for (let at = 0; at < part.people.length; ) {
        const [who, atMs, count, sumOfLogs, products] = part.people.subarray(at, at + personWidth);
        const person = personOf(who!);
        Object.assign(person, { atMs, count, sumOfLogs });
        at += personWidth;
        for (const end = at + products! * (1 + rowWidth); at < end; at += 1 + rowWidth) {
          const item = remapped(part.people[at]!, remap);
          if (item < 0) continue;
          const row = enter(person, item);
          person.rows.set(part.people.subarray(at + 1, at + 1 + rowWidth), row);
        }
      }
    },
  };
}

/** Chosen by the person and not by lot, so that all processes choose the same people. */
function isLearnedFrom(who: number, sparseness: number): boolean {
  const mixed = Math.imul(who | 0, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & (sparseness - 1)) === 0;
}
