/** The items with the largest sums, in order. */
export interface Board {
  /** Tells that the sum of an item rose from `before` (0: it had none) to `after`. */
  rise(item: number, before: number, after: number): void;
  /** Multiplies every sum; the order stays. */
  scale(factor: number): void;
  /** Best first; equal sums in the order in which they were reached. Read up to `length`, until the next `rise`. */
  readonly items: Int32Array;
  readonly sums: Float64Array;
  readonly length: number;
}

const sizeMin = 16;

/**
 * Kept in order by insertion. Sums only rise, so an item that is not on the board comes onto it only by a rise of
 * its own, and the board is exact although it forgets whoever falls off. A rise costs a binary search and one move of memory.
 */
export function createBoard(capacity: number): Board {
  let items = new Int32Array(Math.min(sizeMin, capacity));
  let sums = new Float64Array(items.length);
  let length = 0;

  /** The first place with a sum below. */
  function below(sum: number): number {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! >= sum) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function placeOf(item: number, sum: number): number {
    for (let place = below(sum) - 1; place >= 0 && sums[place] === sum; place--) {
      if (items[place] === item) return place;
    }
    return -1;
  }

  function grow(): void {
    const size = Math.min(capacity, items.length * 2);
    const [oldItems, oldSums] = [items, sums];
    items = new Int32Array(size);
    sums = new Float64Array(size);
    items.set(oldItems);
    sums.set(oldSums);
  }

  return {
    get items() {
      return items;
    },
    get sums() {
      return sums;
    },
    get length() {
      return length;
    },
    rise(item, before, after) {
      if (length === capacity && after <= sums[length - 1]!) return;
      let from = before > 0 ? placeOf(item, before) : -1;
      // A board that missed a rise, while the item belonged elsewhere, holds another sum of it.
      if (from < 0 && before > 0) from = items.subarray(0, length).indexOf(item);
      const to = below(after);
      if (from < 0) {
        if (length === items.length && length < capacity) grow();
        from = length < capacity ? length++ : length - 1;
      }
      items.copyWithin(to + 1, to, from);
      sums.copyWithin(to + 1, to, from);
      items[to] = item;
      sums[to] = after;
    },
    scale(factor) {
      for (let place = 0; place < length; place++) sums[place]! *= factor;
    },
  };
}
