import { grownInt32, grownUint8 } from '../models/block-arena.js';
import { clicksPerSessionMax, type SessionIndex } from '../models/session-index.js';
import type { Candidates } from './candidates.js';
import { createLending, placesMax, seedsMax } from './lending.js';

/** Lines of baskets that are read for the newest product; for older ones fewer. */
const linesRead = 8_000;
const linesReadMin = 500;

/** What a basket says: nothing any more, less where it was never paid, and what an order says. */
export const basketKinds = { void: 0, cart: 1, order: 2 } as const;
const kindWeights = Float32Array.of(0, 0.3, 1);

/** A basket fades by 1/e over this share of all baskets. */
const fading = 0.3;
const ageSteps = 1024;

/** Products like a given one, best first; scores are cosines. */
export type Alike = (item: number) => Candidates;

/**
 * The newest baskets that hold some products, each basket once. A product with few baskets borrows: those of the products most
 * alike are read, too. Valid until the next `read`; the arrays may be replaced by it.
 */
export interface BasketReading {
  /** Places in use; the first `seeds` of them are the products asked with, those behind them lend to them. */
  readonly places: number;
  readonly seeds: number;
  /** Which part of what is known comes from baskets with the seeds themselves, in (0, 1]. */
  readonly certainty: number;
  /** By place: the product, the place of the seed that it is read for, and how much each of its baskets counts. */
  readonly items: Int32Array;
  readonly owners: Uint8Array;
  readonly shares: Float64Array;
  /** By product: its place and one more, 0 where it has none. Only between `mark` and `unmark`. */
  readonly marks: Uint8Array;
  /** The slots of the baskets. */
  readonly slots: Int32Array;
  readonly count: number;
  /** Of distinct products the first `seedsMax`. */
  read(seeds: readonly number[], alike: Alike): void;
  mark(): void;
  unmark(): void;
  /** How many of the products read for some cells hold; where goes to `matchedAt`, which place to `matchedPlace`. */
  match(start: number, end: number): number;
  readonly matchedAt: Int32Array;
  readonly matchedPlace: Int32Array;
  /** What a basket's kind is worth, by its number below `count`; and that, faded by its age. */
  kindOf(basket: number): number;
  weightOf(basket: number): number;
}

export function createBasketReading(
  index: SessionIndex,
  kindOfSlot: (slot: number) => number,
): BasketReading {
  const slow = new Float32Array(ageSteps + 1);
  for (let step = 0; step <= ageSteps; step++) slow[step] = Math.exp(-step / ageSteps / fading);
  const items = new Int32Array(placesMax);
  const owners = new Uint8Array(placesMax);
  const shares = new Float64Array(placesMax);
  const weights = new Float64Array(seedsMax);
  const matchedAt = new Int32Array(clicksPerSessionMax);
  const matchedPlace = new Int32Array(clicksPerSessionMax);
  let marks: Uint8Array = new Uint8Array(1024);
  let slots: Int32Array = new Int32Array(1024);
  let ages: Int32Array = new Int32Array(1024);
  let stamps: Uint8Array = new Uint8Array(1024);
  let seeds = 0;
  let places = 0;
  let certainty = 1;
  let count = 0;
  const lending = createLending(readItem);

  function keep(slot: number, age: number): void {
    stamps[slot] = 1;
    if (count === slots.length) {
      slots = grownInt32(slots, 2 * count);
      ages = grownInt32(ages, 2 * count);
    }
    slots[count] = slot;
    ages[count++] = age;
  }

  /** Reads the newest baskets with a product until they have so many lines; answers how much they weigh together. */
  function readItem(item: number, linesMax: number): number {
    if (!(item >= 0 && item < index.items)) return 0;
    const { sessionsMax, sessionsPerItem } = index.options;
    const { sessions } = index;
    const oldest = sessions - sessionsMax;
    const ageScale = ageSteps / Math.max(1, Math.min(sessions, sessionsMax));
    const held = index.itemSessions[item]!;
    const kept = Math.min(held, sessionsPerItem);
    const start = index.listStart[item]!;
    let at = (held - 1) % sessionsPerItem;
    let weight = 0;
    let lines = 0;
    for (let read = 0; read < kept && lines < linesMax; read++) {
      const number = index.listCells[start + at]!;
      at = at === 0 ? kept - 1 : at - 1;
      if (number < oldest) continue;
      const slot = number % sessionsMax;
      const kind = kindWeights[kindOfSlot(slot)]!;
      if (kind === 0) continue;
      const age = ((sessions - 1 - number) * ageScale) | 0;
      weight += kind * slow[age]!;
      lines += index.sessionLength[slot]!;
      if (stamps[slot] === 0) keep(slot, age);
    }
    return weight;
  }

  function makeRoom(): void {
    let largest = index.items;
    for (let place = 0; place < places; place++) largest = Math.max(largest, items[place]! + 1);
    if (marks.length < largest) marks = grownUint8(marks, largest);
  }

  return {
    get places() {
      return places;
    },
    get seeds() {
      return seeds;
    },
    get certainty() {
      return certainty;
    },
    get marks() {
      return marks;
    },
    get slots() {
      return slots;
    },
    get count() {
      return count;
    },
    items,
    owners,
    shares,
    matchedAt,
    matchedPlace,
    read(asked, alike) {
      if (stamps.length < index.sessionLength.length) stamps = grownUint8(stamps, index.sessionLength.length);
      count = 0;
      seeds = Math.min(asked.length, seedsMax);
      for (let place = 0; place < seeds; place++) {
        items[place] = asked[place]!;
        owners[place] = place;
        weights[place] = readItem(asked[place]!, Math.max(linesReadMin, linesRead / (1 + place)));
      }
      ({ places, certainty } = lending.lend({ seeds, items, owners, shares, weights }, alike));
      for (let basket = 0; basket < count; basket++) stamps[slots[basket]!] = 0;
      makeRoom();
    },
    mark() {
      for (let place = 0; place < places; place++) marks[items[place]!] = place + 1;
    },
    unmark() {
      for (let place = 0; place < places; place++) marks[items[place]!] = 0;
    },
    match(start, end) {
      const cells = index.sessionCells;
      let matched = 0;
      for (let at = start; at < end; at++) {
        const mark = marks[cells[at]!]!;
        if (mark === 0) continue;
        matchedAt[matched] = at;
        matchedPlace[matched++] = mark - 1;
      }
      return matched;
    },
    kindOf: (basket) => kindWeights[kindOfSlot(slots[basket]!)]!,
    weightOf: (basket) => kindWeights[kindOfSlot(slots[basket]!)]! * slow[ages[basket]!]!,
  };
}
