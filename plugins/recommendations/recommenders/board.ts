/** The items with the largest sums, in order, within fixed memory. */
export interface Board {
  /** Adds a positive weight. */
  add(item: number, weight: number): void;
  /** Multiplies every sum; the order stays. */
  scale(factor: number): void;
  /** Best first; equal sums in the order in which they were reached. Valid until the next `add`. */
  readonly items: readonly number[];
  readonly sums: readonly number[];
}

/**
 * Space-Saving (Metwally, Agrawal, El Abbadi 2005): when the board is full, a new item takes the last place
 * and inherits its sum, so that no item with more than 1/capacity of all weight is ever missing and a sum is
 * too high by at most the last one. Sums only grow, so an item moves up past those it overtakes and reading
 * needs no sorting.
 */
export function createBoard(capacity: number): Board {
  const items: number[] = [];
  const sums: number[] = [];
  const places = new Map<number, number>();

  return {
    items,
    sums,
    add(item, weight) {
      let place = places.get(item);
      if (place === undefined) {
        if (items.length < capacity) {
          place = items.length;
          items.push(item);
          sums.push(weight);
        } else {
          place = capacity - 1;
          places.delete(items[place]!);
          items[place] = item;
          sums[place]! += weight;
        }
      } else {
        sums[place]! += weight;
      }
      const sum = sums[place]!;
      while (place > 0 && sums[place - 1]! < sum) {
        const overtaken = items[place - 1]!;
        items[place] = overtaken;
        sums[place] = sums[place - 1]!;
        places.set(overtaken, place);
        place--;
      }
      items[place] = item;
      sums[place] = sum;
      places.set(item, place);
    },
    scale(factor) {
      for (let place = 0; place < sums.length; place++) sums[place]! *= factor;
    },
  };
}
