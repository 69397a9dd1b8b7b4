import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import type { TieOrder } from '../candidates.js';

/**
 * The items with the largest sums, in order, equal sums by the order of ties.
 * Exact although it forgets each item that falls off: sums only rise, so an item that is not on the leaderboard enters it only by a rise of
 * its own.
 */
export function createLeaderboard(capacity: number, tie: TieOrder) {
  let items = new Int32Array(0);
  let sums = new Float64Array(0);
  let length = 0;

  const isBehind = (at: number, item: number, sum: number) =>
    sums[at]! < sum || (sums[at] === sum && tie(items[at]!, item) > 0);

  /** The place of an item with this sum; -1 if it is not on the leaderboard. */
  function placeOf(item: number, sum: number): number {
    if (length === 0 || sum < sums[length - 1]!) return -1;
    let low = 0;
    for (let high = length; low < high; ) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > sum) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < length && sums[at] === sum; at++) if (items[at] === item) return at;
    return -1;
  }

  /** The place where an item enters, behind the others; -1 if it does not. */
  function newPlace(item: number, sum: number): number {
    if (length === capacity) return isBehind(length - 1, item, sum) ? length - 1 : -1;
    items = ensureCapacity(Int32Array, items, length + 1);
    sums = ensureCapacity(Float64Array, sums, length + 1);
    return length++;
  }

  return {
    /** Best first. Read up to `length`, until the next `rise`. */
    get items() {
      return items;
    },
    get sums() {
      return sums;
    },
    get length() {
      return length;
    },
    /** Takes in that the sum of an item rose. */
    rise(item: number, from: number, to: number): void {
      let at = placeOf(item, from);
      if (at < 0) at = newPlace(item, to);
      if (at < 0) return;
      for (; at > 0 && isBehind(at - 1, item, to); at--) {
        items[at] = items[at - 1]!;
        sums[at] = sums[at - 1]!;
      }
      items[at] = item;
      sums[at] = to;
    },
    /** Multiplies every sum. The order stays. */
    scale(factor: number): void {
      for (let at = 0; at < length; at++) sums[at]! *= factor;
    },
  };
}

export type Leaderboard = ReturnType<typeof createLeaderboard>;
