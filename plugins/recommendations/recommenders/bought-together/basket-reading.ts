import { grownFloat32, grownInt32, grownUint8 } from '../../../../src/kit/grown-arrays.js';
import type { Candidates } from '../../../../src/ports/recommenders.js';
import { clicksPerSessionMax, type SessionIndex } from '../../session-knn/session-index.js';

/** Products that a basket is completed from, the newest of a cart. */
export const seedsMax = 20;
/** Lines of baskets that are read for one product, and for the newest of several; for older ones fewer. */
const linesAlone = 8_000;
const linesRead = 5_000;
const linesReadMin = 300;

/** Kinds of baskets: forgotten, a cart, an order, and the last two as only a storefront reported them. */
export const basketKinds = { void: 0, cart: 1, order: 2, claimedCart: 3, claimedOrder: 4 } as const;
const kindWeights = Float32Array.of(0, 0.3, 1, 0.3, 1);

/** A basket fades by 1/e over this share of all baskets. */
const fading = 0.3;
const ageSteps = 1024;

/** One of fifty lines says little about any two. */
const sizeWeights = Float32Array.from({ length: clicksPerSessionMax + 1 }, (_, size) => size ** -0.75);

/** Products like a given one, best first; scores are cosines. */
export type Alike = (item: number) => Candidates;

/** The newest baskets that hold some products, each basket once. Valid until the next `read`; the arrays may be replaced by it. */
export interface BasketReading {
  readonly seeds: number;
  /** By place: the product, newest first, and the weight of each of its baskets. */
  readonly items: Int32Array;
  readonly shares: Float64Array;
  /** The products of one basket after the other. Only after `mark`. */
  readonly lines: Int32Array;
  /** By basket: how many lines it has, what its kind is worth, and how much it says. */
  readonly sizes: Uint8Array;
  readonly kinds: Float32Array;
  readonly worths: Float32Array;
  /** Who stands behind each basket. */
  readonly witnesses: Int32Array;
  readonly count: number;
  /**
   * The products read for that each basket holds: those of basket n lie from `matchEnds[n - 1]` (0 for the first) to `matchEnds[n]`, each by
   * its place.
   */
  readonly matchEnds: Int32Array;
  readonly matchPlaces: Uint8Array;
  /** By product: its place and one more, 0 where it has none. Only between `mark` and `unmark`. */
  readonly marks: Uint8Array;
  /** Of distinct products the first `seedsMax`. */
  read(seeds: readonly number[]): void;
  /** Marks the products read for, and finds their lines. */
  mark(): void;
  unmark(): void;
}

/** `claimedShare`: how much what only a storefront says counts of what the shop's server says. */
export function createBasketReading(
  index: SessionIndex,
  kindOfSlot: (slot: number) => number,
  claimedShare = 1,
): BasketReading {
  /** By kind: how much its votes count. */
  const trust = Float32Array.of(1, 1, 1, claimedShare, claimedShare);
  const slow = new Float32Array(ageSteps + 1);
  for (let step = 0; step <= ageSteps; step++) slow[step] = Math.exp(-step / ageSteps / fading);
  let slots: Int32Array = new Int32Array(1024);
  let starts: Int32Array = new Int32Array(1024);
  let stamps: Uint8Array = new Uint8Array(1024);
  const reading: { -readonly [K in keyof BasketReading]: BasketReading[K] } = {
    seeds: 0,
    count: 0,
    items: new Int32Array(seedsMax),
    shares: new Float64Array(seedsMax),
    lines: new Int32Array(1024),
    sizes: new Uint8Array(1024),
    kinds: new Float32Array(1024),
    worths: new Float32Array(1024),
    witnesses: new Int32Array(1024),
    matchEnds: new Int32Array(1024),
    matchPlaces: new Uint8Array(1024),
    marks: new Uint8Array(1024),
    read,
    mark,
    unmark,
  };

  function makeRoomForBaskets(): void {
    slots = grownInt32(slots, 2 * reading.count);
    starts = grownInt32(starts, 2 * reading.count);
    reading.sizes = grownUint8(reading.sizes, 2 * reading.count);
    reading.kinds = grownFloat32(reading.kinds, 2 * reading.count);
    reading.worths = grownFloat32(reading.worths, 2 * reading.count);
    reading.witnesses = grownInt32(reading.witnesses, 2 * reading.count);
    reading.matchEnds = grownInt32(reading.matchEnds, 2 * reading.count);
  }

  /** Reads the newest baskets with a product until they have so many lines; answers how much they weigh together. */
  function readItem(item: number, linesMax: number): number {
    if (!(item >= 0 && item < index.items)) return 0;
    const { sessionsMax, sessionsPerItem } = index.options;
    const { sessions, listCells, sessionLength, sessionStart, sessionWitness } = index;
    const oldest = sessions - sessionsMax;
    const ageScale = ageSteps / Math.max(1, Math.min(sessions, sessionsMax));
    const held = index.itemSessions[item]!;
    const kept = Math.min(held, sessionsPerItem);
    const start = index.listStart[item]!;
    let at = (held - 1) % sessionsPerItem;
    let weight = 0;
    let linesHeld = 0;
    for (let read = 0; read < kept && linesHeld < linesMax; read++) {
      const number = listCells[start + at]!;
      at = at === 0 ? kept - 1 : at - 1;
      if (number < oldest) continue;
      const slot = number % sessionsMax;
      const kindNumber = kindOfSlot(slot);
      const kind = kindWeights[kindNumber]!;
      if (kind === 0) continue;
      const age = ((sessions - 1 - number) * ageScale) | 0;
      const size = sessionLength[slot]!;
      const faded = kind * slow[age]!;
      weight += faded;
      linesHeld += size;
      if (stamps[slot] !== 0) continue;
      stamps[slot] = 1;
      if (reading.count === slots.length) makeRoomForBaskets();
      slots[reading.count] = slot;
      starts[reading.count] = sessionStart[slot]!;
      reading.sizes[reading.count] = size;
      reading.kinds[reading.count] = kind;
      reading.witnesses[reading.count] = sessionWitness[slot]!;
      reading.worths[reading.count++] = faded * trust[kindNumber]! * sizeWeights[size]!;
    }
    return weight;
  }

  function makeRoomForLines(): void {
    let sum = 1;
    for (let basket = 0; basket < reading.count; basket++) sum += reading.sizes[basket]!;
    if (reading.lines.length >= sum) return;
    reading.lines = grownInt32(reading.lines, sum);
    reading.matchPlaces = grownUint8(reading.matchPlaces, sum);
  }

  function makeRoomForItems(): void {
    let largest = index.items;
    for (let place = 0; place < reading.seeds; place++)
      largest = Math.max(largest, reading.items[place]! + 1);
    if (reading.marks.length < largest) reading.marks = grownUint8(reading.marks, largest);
  }

  function match(): void {
    makeRoomForLines();
    const cells = index.sessionCells;
    const [from, to, which, known] = [starts, reading.lines, reading.matchPlaces, reading.marks];
    let line = 0;
    let matched = 0;
    for (let basket = 0; basket < reading.count; basket++) {
      const start = from[basket]!;
      const end = start + reading.sizes[basket]!;
      for (let at = start; at < end; at++) {
        const item = cells[at]!;
        const mark = known[item]!;
        // Without a branch, which the processor could not foresee.
        which[matched] = mark - 1;
        matched += Number(mark !== 0);
        to[line++] = item;
      }
      reading.matchEnds[basket] = matched;
    }
  }

  function read(seeds: readonly number[]): void {
    if (stamps.length < index.sessionLength.length) stamps = grownUint8(stamps, index.sessionLength.length);
    reading.count = 0;
    reading.seeds = Math.min(seeds.length, seedsMax);
    for (let place = 0; place < reading.seeds; place++) {
      reading.items[place] = seeds[place]!;
      const linesMax = reading.seeds === 1 ? linesAlone : Math.max(linesReadMin, linesRead / (1 + place));
      // The one stands for what is not known.
      reading.shares[place] = 1 / (readItem(seeds[place]!, linesMax) + 1);
    }
    for (let basket = 0; basket < reading.count; basket++) stamps[slots[basket]!] = 0;
    makeRoomForItems();
  }

  function mark(): void {
    for (let place = 0; place < reading.seeds; place++) reading.marks[reading.items[place]!] = place + 1;
    match();
  }

  function unmark(): void {
    for (let place = 0; place < reading.seeds; place++) reading.marks[reading.items[place]!] = 0;
  }

  return reading;
}
