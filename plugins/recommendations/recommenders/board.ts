import type { TieOrder } from './candidates.js';

/** The items with the largest sums, in order, equal sums by the order of ties. */
export interface Board {
  /** Tells that the sum of an item rose to `sum`. */
  rise(item: number, sum: number): void;
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
 * Rises are noted, and put in order together when somebody reads or when there are as many as the board is long: so learning
 * pays for a note, and reading for what happened since it last read. Sums only rise, so an item that is not on the board comes onto
 * it only by a rise of its own, and the board is exact although it forgets whoever falls off.
 */
export function createBoard(capacity: number, tie: TieOrder, marks: Marks): Board {
  let items = new Int32Array(Math.min(sizeMin, capacity));
  let sums = new Float64Array(items.length);
  let length = 0;
  let risen = new Int32Array(items.length);
  let risenTo = new Float64Array(items.length);
  let noted = 0;
  /** What a sum must exceed, or equal, to be of interest. */
  let threshold = 0;

  function settle(): void {
    if (noted === 0) return;
    const room = length + noted;
    if (room > items.length) {
      const size = Math.min(Math.max(room, items.length * 2), capacity * 2);
      [items, sums] = [sized(items, new Int32Array(size)), sized(sums, new Float64Array(size))];
    }
    const places = marks.of;
    for (let place = 0; place < length; place++) places[items[place]!] = place + 1;
    for (let note = 0; note < noted; note++) {
      const item = risen[note]!;
      let place = places[item]! - 1;
      if (place < 0) {
        place = length++;
        items[place] = item;
        places[item] = place + 1;
      }
      sums[place] = risenTo[note]!;
    }
    noted = 0;
    for (let place = 0; place < length; place++) places[items[place]!] = 0;
    sort();
    if (length >= capacity) {
      length = capacity;
      threshold = sums[length - 1]!;
    } else if (risen.length < length) {
      const size = Math.min(capacity, items.length);
      [risen, risenTo] = [new Int32Array(size), new Float64Array(size)];
    }
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
    get items() {
      settle();
      return items;
    },
    get sums() {
      settle();
      return sums;
    },
    get length() {
      settle();
      return length;
    },
    rise(item, sum) {
      if (sum < threshold) return;
      if (item >= marks.of.length) marks.of = new Int32Array(Math.max(item + 1, marks.of.length * 2));
      risen[noted] = item;
      risenTo[noted++] = sum;
      if (noted === risen.length) settle();
    },
    scale(factor) {
      settle();
      for (let place = 0; place < length; place++) sums[place]! *= factor;
      threshold *= factor;
    },
  };
}

function sized<A extends Int32Array | Float64Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
