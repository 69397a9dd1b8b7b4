import { ensureCapacity } from '../../../src/kit/ensure-capacity.js';
import type { Candidates } from '../../../src/ports/recommenders.js';

/** A probability below it counts next to nothing. */
export const floorProbability = 1e-3;

/** One recommender's proposals and its weight in the blend. */
export interface Part {
  readonly name: string;
  readonly weight: number;
  readonly candidates: Candidates;
}

/** The share of an item's score that comes from one recommender, or from a rule that pins the item. */
export interface Share {
  /** Of the recommender; `pinned` for a ranking rule. */
  readonly name: string;
  readonly amount: number;
  /** The item that caused it, -1 where none did. */
  readonly cause: number;
}

/** The proposals of all recommenders, each item once, in no promised order. */
export interface Pool {
  readonly length: number;
  readonly items: Int32Array;
  /** Positive: the sums of the shares. May be changed by who reads them; 0 takes an item out. */
  readonly scores: Float64Array;
  sharesOf(place: number): Share[];
  /** Who proposed anything, by column. */
  readonly names: readonly string[];
  /** What the one of a column gave to an item; 0 where it did not propose it. */
  amountOf(place: number, column: number): number;
}

/**
 * A logarithmic opinion pool: each recommender's scores are made probabilities p over its own list, and an item gets
 * the sum of weight · ln(1 + p / 0.001). That is the logarithm of a weighted product, in which several who agree
 * outdo one who is loud, and an item that a recommender does not name costs it nothing.
 */
export function createFusion() {
  /** By item: its place in the pool and one more, 0 where it has none. */
  let placed = new Int32Array(1024);
  let capacity = 512;
  let items = new Int32Array(capacity);
  let scores = new Float64Array(capacity);
  let columns = 0;
  let amounts = new Float64Array(0);
  let causes = new Int32Array(0);

  function makeRoom(parts: readonly Part[]): void {
    let proposals = 0;
    for (const { candidates } of parts) proposals += candidates.length;
    while (capacity < proposals) capacity *= 2;
    if (items.length < capacity) {
      items = new Int32Array(capacity);
      scores = new Float64Array(capacity);
    }
    columns = parts.length;
    if (amounts.length < capacity * columns) {
      amounts = new Float64Array(capacity * columns);
      causes = new Int32Array(capacity * columns);
    }
  }

  function placeOf(item: number, length: number): number {
    placed = ensureCapacity(Int32Array, placed, item + 1);
    return placed[item] === 0 ? length : placed[item]! - 1;
  }

  return {
    /** The pool is valid until the next call. */
    fuse(parts: readonly Part[]): Pool {
      makeRoom(parts);
      let length = 0;
      for (const [column, { weight, candidates }] of parts.entries()) {
        let sum = candidates.mass ?? 0;
        if (candidates.mass === undefined)
          for (let i = 0; i < candidates.length; i++) sum += candidates.scores[i]!;
        if (!(sum > 0)) continue;
        const unit = 1 / (sum * floorProbability);
        for (let i = 0; i < candidates.length; i++) {
          const item = candidates.items[i]!;
          const place = placeOf(item, length);
          if (place === length) {
            placed[item] = ++length;
            items[place] = item;
            scores[place] = 0;
            amounts.fill(0, place * columns, (place + 1) * columns);
          }
          const amount = weight * Math.log(1 + candidates.scores[i]! * unit);
          scores[place]! += amount;
          amounts[place * columns + column] = amount;
          causes[place * columns + column] = candidates.causes[i]!;
        }
      }
      for (let place = 0; place < length; place++) placed[items[place]!] = 0;
      return {
        length,
        items,
        scores,
        names: parts.map(({ name }) => name),
        amountOf: (place, column) => amounts[place * columns + column]!,
        sharesOf(place) {
          const shares: Share[] = [];
          for (let column = 0; column < parts.length; column++) {
            const amount = amounts[place * columns + column]!;
            if (amount > 0)
              shares.push({ name: parts[column]!.name, amount, cause: causes[place * columns + column]! });
          }
          return shares;
        },
      };
    },
  };
}
