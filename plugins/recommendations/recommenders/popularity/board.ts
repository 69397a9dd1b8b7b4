import type { TieOrder } from '../candidates.js';

/** The items with the largest sums, in order, equal sums by the order of ties. */
export interface Board {
  /** An item with a smaller sum has no place here; 0 while there is room. Never falls. */
  readonly threshold: number;
  /** Takes in items whose sums rose, in any order, some of them perhaps several times. */
  rise(risen: Int32Array, from: number, count: number): void;
  /** Multiplies every sum; the order stays. */
  scale(factor: number): void;
  /** Best first. Read up to `length`, until the next `rise`. */
  readonly items: Int32Array;
  readonly sums: Float64Array;
  readonly length: number;
}

/** Room for marks by item number, 0 between two uses; one for all boards. */
export interface Marks {
  of: Int32Array;
}

const sizeMin = 16;

/**
 * Exact although it forgets whoever falls off: sums only rise, so an item that is not on the board comes onto it only by a
 * rise of its own. Many rises taken in together cost little more than one.
 */
export function createBoard(
  capacity: number,
  sumOf: (item: number) => number,
  tie: TieOrder,
  marks: Marks,
): Board {
  let items = new Int32Array(Math.min(sizeMin, capacity));
  let sums = new Float64Array(items.length);
  let length = 0;
  let threshold = 0;

  /** Behind the others; in order again when `sort` has run. */
  function add(item: number, sum: number): void {
    if (length === items.length) {
      const size = items.length * 2;
      [items, sums] = [sized(items, new Int32Array(size)), sized(sums, new Float64Array(size))];
    }
    items[length] = item;
    sums[length++] = sum;
    marks.of[item] = length;
  }

  /** By insertion: all but a few stand in order. */
  function sort(): void {
    for (let from = 1; from < length; from++) {
      const item = items[from]!;
      const sum = sums[from]!;
      let to = from;
      while (to > 0 && (sums[to - 1]! < sum || (sums[to - 1] === sum && tie(items[to - 1]!, item) > 0))) {
        items[to] = items[to - 1]!;
        sums[to] = sums[to - 1]!;
        to--;
      }
      items[to] = item;
      sums[to] = sum;
    }
  }

  return {
    get threshold() {
      return threshold;
    },
    get items() {
      return items;
    },
    get sums() {
      return sums;
    },
    get length() {
      return length;
    },
    rise(risen, from, count) {
      if (count === 0) return;
      for (let place = 0; place < length; place++) marks.of[items[place]!] = place + 1;
      for (let at = from; at < from + count; at++) {
        const item = risen[at]!;
        const sum = sumOf(item);
        if (sum < threshold) continue;
        if (item >= marks.of.length) marks.of = sized(marks.of, new Int32Array(item * 2));
        const place = marks.of[item]!;
        if (place === 0) add(item, sum);
        else sums[place - 1] = sum;
      }
      for (let place = 0; place < length; place++) marks.of[items[place]!] = 0;
      sort();
      if (length < capacity) return;
      length = capacity;
      threshold = sums[length - 1]!;
    },
    scale(factor) {
      for (let place = 0; place < length; place++) sums[place]! *= factor;
      threshold *= factor;
    },
  };
}

function sized<A extends Int32Array | Float64Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
