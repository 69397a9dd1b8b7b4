import type { Part } from '../snapshots/stored.js';

/** Pairs of products that are remembered: sets of eight, 16 bytes a pair. A full set forgets the pair with the fewest sessions. */
const pairsMax = 1 << 17;
const setSize = 8;
const setsMask = pairsMax / setSize - 1;
/** Numbers of a pair, side by side, so that a set lies in two cache lines: a mark, the newest day, its sessions, and those before it. */
const pairCells = 4;
const dayAt = 1;
const todayAt = 2;
const pastAt = 3;
const setCells = setSize * pairCells;
/** Sessions of earlier days count half after a week. */
export const daily = 2 ** (-1 / 7);
/** By the days since the newest session of a pair, how much its sessions count when one pair of a set is to be forgotten. */
const weights = Float64Array.from({ length: 512 }, (_, days) => 1 / (8 + days));

export interface PairsPart extends Part {
  readonly name: 'pairs';
  /** Places of the pairs in the table. */
  readonly places: Int32Array;
  readonly marks: Uint32Array;
  readonly days: Int32Array;
  readonly today: Float32Array;
  readonly past: Float32Array;
}

/** Counts the sessions of pairs of products by day, in a table of fixed size. */
export function createPairCounts() {
  /** A mark of 0 is free. */
  let cells = new Int32Array(0);
  let counts = new Float32Array(0);

  /** The table is empty until the first pair comes. */
  function makeRoom(): void {
    cells = new Int32Array(pairCells * pairsMax);
    counts = new Float32Array(cells.buffer);
  }

  /** The first free place of a set, or the one with the fewest sessions. */
  function leastOf(from: number, day: number): number {
    let least = from;
    let fewest = Number.POSITIVE_INFINITY;
    for (let place = from; place < from + setCells; place += pairCells) {
      if (cells[place] === 0) return place;
      const age = Math.min(weights.length - 1, Math.max(0, day - cells[place + dayAt]!));
      const evidence = (counts[place + pastAt]! + counts[place + todayAt]!) * weights[age]!;
      if (evidence >= fewest) continue;
      fewest = evidence;
      least = place;
    }
    return least;
  }

  function placeOf(one: number, other: number, day: number): number {
    let hash = Math.imul(Math.min(one, other), 0x9e3779b1) ^ Math.imul(Math.max(one, other), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
    const mark = hash ^ (hash >>> 16) || 1;
    const from = ((Math.imul(mark, 0x85ebca6b) >>> 7) & setsMask) * setCells;
    for (let place = from; place < from + setCells; place += pairCells)
      if (cells[place] === mark) return place;
    const place = leastOf(from, day);
    cells[place] = mark;
    cells[place + dayAt] = day;
    counts[place + todayAt] = 0;
    counts[place + pastAt] = 0;
    return place;
  }

  function placesInUse(): Int32Array {
    const places = new Int32Array(cells.length / pairCells);
    let count = 0;
    for (let place = 0; place < places.length; place++)
      if (cells[place * pairCells] !== 0) places[count++] = place;
    return places.slice(0, count);
  }

  return {
    /**
     * Finds the places of the pairs of a product with others, as of a day that may be earlier than their newest one. Products by
     * fingerprints of 32 bits: those of the others lie in `prints`, where the first `count` of `others` say.
     */
    find(
      one: number,
      prints: Int32Array,
      others: Int32Array,
      count: number,
      day: number,
      places: Int32Array,
    ): void {
      if (cells.length === 0) makeRoom();
      for (let at = 0; at < count; at++) {
        const place = placeOf(one, prints[others[at]!]!, day);
        const days = day - cells[place + dayAt]!;
        if (days > 0) {
          counts[place + pastAt] = (counts[place + pastAt]! + counts[place + todayAt]!) * daily ** days;
          counts[place + todayAt] = 0;
          cells[place + dayAt] = day;
        }
        places[at] = place;
      }
    },
    /** The sessions of the pair's newest day. */
    today: (place: number) => counts[place + todayAt]!,
    /** The sessions before that day, decayed. */
    past: (place: number) => counts[place + pastAt]!,
    /** Counts a session for the first `count` of some places. */
    add(places: Int32Array, count: number, day: number): void {
      for (let at = 0; at < count; at++) {
        const place = places[at]!;
        const newest = cells[place + dayAt]!;
        if (newest === day) counts[place + todayAt]!++;
        else counts[place + pastAt]! += daily ** (newest - day);
      }
    },
    setBack(days: number): void {
      for (let at = dayAt; at < cells.length; at += pairCells) cells[at]! -= days;
    },
    save(): PairsPart {
      const places = placesInUse();
      const pick = <T extends Uint32Array | Int32Array | Float32Array>(
        into: T,
        all: Int32Array | Float32Array,
        at: number,
      ): T => {
        for (let pair = 0; pair < places.length; pair++) into[pair] = all[places[pair]! * pairCells + at]!;
        return into;
      };
      return {
        name: 'pairs',
        places,
        marks: pick(new Uint32Array(places.length), cells, 0),
        days: pick(new Int32Array(places.length), cells, dayAt),
        today: pick(new Float32Array(places.length), counts, todayAt),
        past: pick(new Float32Array(places.length), counts, pastAt),
      };
    },
    restore({ places, marks, days, today, past }: PairsPart): void {
      if (marks.length > 0 && cells.length === 0) makeRoom();
      for (let pair = 0; pair < marks.length; pair++) {
        const place = places[pair]! * pairCells;
        cells[place] = marks[pair]!;
        cells[place + dayAt] = days[pair]!;
        counts[place + todayAt] = today[pair]!;
        counts[place + pastAt] = past[pair]!;
      }
    },
  };
}
