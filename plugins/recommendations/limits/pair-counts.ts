import type { Part } from '../snapshots/stored.js';

/** Pairs of products that are remembered: sets of eight, 16 bytes a pair. A full set forgets the pair with the fewest sessions. */
const pairsMax = 1 << 17;
const setSize = 8;
const setsMask = pairsMax / setSize - 1;
/** A set lies in two cache lines: eight marks, days, counts of the day, and counts before it. */
const cellsPerSet = 4 * setSize;
const daysAt = setSize;
const todayAt = 2 * setSize;
const pastAt = 3 * setSize;
/** Sessions of earlier days count half after a week. */
export const daily = 2 ** (-1 / 7);
/** By the days since the newest session of a pair, how much its sessions count when one pair of a set is to be forgotten. */
const weights = Float64Array.from({ length: 512 }, (_, days) => 1 / (8 + days));

export interface PairsPart extends Part {
  readonly name: 'pairs';
  readonly marks: Uint32Array;
  readonly days: Int32Array;
  readonly today: Float32Array;
  readonly past: Float32Array;
}

/** Counts the sessions of pairs of products by day, in a table of fixed size. */
export interface PairCounts {
  /** The place of a pair, as of a day that may be earlier than its newest one. Products by fingerprints of 32 bits. */
  placeOf(one: number, other: number, day: number): number;
  /** The sessions of the pair's newest day. */
  today(place: number): number;
  /** The sessions before that day, decayed. */
  past(place: number): number;
  add(place: number, day: number): void;
  setBack(days: number): void;
  save(): PairsPart;
  restore(part: PairsPart): void;
}

export function createPairCounts(): PairCounts {
  /** A mark of 0 is free. */
  let cells = new Int32Array(0);
  let counts = new Float32Array(0);

  /** The table is empty until the first pair comes. */
  function makeRoom(): void {
    cells = new Int32Array(4 * pairsMax);
    counts = new Float32Array(cells.buffer);
  }

  /** Cells from `from` on of all sets, one behind the other. */
  function column<T extends Int32Array | Float32Array>(all: T, from: number, into: T): T {
    for (let set = 0; set * cellsPerSet < all.length; set++) {
      const at = set * cellsPerSet + from;
      into.set(all.subarray(at, at + setSize), set * setSize);
    }
    return into;
  }

  function setColumn<T extends Int32Array | Float32Array>(all: T, from: number, values: T): void {
    for (let set = 0; set * cellsPerSet < all.length; set++)
      all.set(values.subarray(set * setSize, (set + 1) * setSize), set * cellsPerSet + from);
  }

  /** The first free place of a set, or the one with the fewest sessions. */
  function leastOf(from: number, day: number): number {
    let least = from;
    let fewest = Number.POSITIVE_INFINITY;
    for (let place = from; place < from + setSize; place++) {
      if (cells[place] === 0) return place;
      const age = Math.min(weights.length - 1, Math.max(0, day - cells[place + daysAt]!));
      const evidence = (counts[place + pastAt]! + counts[place + todayAt]!) * weights[age]!;
      if (evidence >= fewest) continue;
      fewest = evidence;
      least = place;
    }
    return least;
  }

  return {
    placeOf(one, other, day) {
      if (cells.length === 0) makeRoom();
      let hash = Math.imul(Math.min(one, other), 0x9e3779b1) ^ Math.imul(Math.max(one, other), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15), 0x01000193);
      hash = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
      const mark = hash ^ (hash >>> 16) || 1;
      const from = ((Math.imul(mark, 0x85ebca6b) >>> 7) & setsMask) * cellsPerSet;
      for (let place = from; place < from + setSize; place++) {
        if (cells[place] !== mark) continue;
        const days = day - cells[place + daysAt]!;
        if (days > 0) {
          counts[place + pastAt] = (counts[place + pastAt]! + counts[place + todayAt]!) * daily ** days;
          counts[place + todayAt] = 0;
          cells[place + daysAt] = day;
        }
        return place;
      }
      const place = leastOf(from, day);
      cells[place] = mark;
      cells[place + daysAt] = day;
      counts[place + todayAt] = 0;
      counts[place + pastAt] = 0;
      return place;
    },
    today: (place) => counts[place + todayAt]!,
    past: (place) => counts[place + pastAt]!,
    add(place, day) {
      const newest = cells[place + daysAt]!;
      if (newest === day) counts[place + todayAt]!++;
      else counts[place + pastAt]! += daily ** (newest - day);
    },
    setBack(days) {
      for (let set = 0; set < cells.length; set += cellsPerSet)
        for (let at = set + daysAt; at < set + todayAt; at++) cells[at]! -= days;
    },
    save: () => ({
      name: 'pairs',
      marks: new Uint32Array(column(cells, 0, new Int32Array(pairsMax)).buffer),
      days: column(cells, daysAt, new Int32Array(pairsMax)),
      today: column(counts, todayAt, new Float32Array(pairsMax)),
      past: column(counts, pastAt, new Float32Array(pairsMax)),
    }),
    restore({ marks, days, today, past }) {
      if (cells.length === 0) makeRoom();
      setColumn(cells, 0, Int32Array.from(marks));
      setColumn(cells, daysAt, days);
      setColumn(counts, todayAt, today);
      setColumn(counts, pastAt, past);
    },
  };
}
