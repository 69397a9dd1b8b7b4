/**
 * What people bought of products: a place for each person, by number, and product. In one row, as it is read and changed together:
 * person, item, when it was bought last, the gaps between purchases of it and their logarithms summed, and what was known of the
 * person's pace at the last purchase.
 */
export interface ReorderPairs {
  readonly size: number;
  /** Their place; a new one, all zeros, at what was the size if they were not remembered. */
  at(person: number, item: number): number;
  person(place: number): number;
  item(place: number): number;
  lastMs(place: number): number;
  count(place: number): number;
  sum(place: number): number;
  addGap(place: number, log: number): void;
  /** The gaps at all products as of the last purchase, their deviations, and the pace of orders. */
  thenGaps(place: number): number;
  thenDeviation(place: number): number;
  thenPace(place: number): number;
  bought(place: number, lastMs: number, gaps: number, deviation: number, pace: number): void;
  /** Sets what `addGap` would have led to. */
  restoreGaps(place: number, count: number, sum: number): void;
}

/** In 32 bits, and of those the time takes two. */
const width = 10;
const [personAt, itemAt, countAt, sumAt, gapsAt, deviationAt, paceAt] = [2, 3, 4, 5, 6, 7, 8] as const;

export function createReorderPairs(): ReorderPairs {
  let size = 0;
  let capacity = 1024;
  let ints = new Int32Array(width * capacity);
  let floats = new Float32Array(ints.buffer);
  let doubles = new Float64Array(ints.buffer);
  /** Open addressing: of each pair its hash, and its place and one more, 0 where there is none. */
  let table = new Int32Array(2 * 4096);

  /** Where a pair stands in the table, or would. */
  function slotOf(hash: number, person: number, item: number): number {
    for (let slot = 2 * hash; ; slot += 2) {
      slot &= table.length - 1;
      const next = table[slot + 1]!;
      if (next === 0) return slot;
      if (table[slot] !== hash) continue;
      const row = width * (next - 1);
      if (ints[row + itemAt] === item && ints[row + personAt] === person) return slot;
    }
  }

  function growRows(): void {
    capacity = Math.ceil(1.5 * capacity);
    const grown = new Int32Array(width * capacity);
    grown.set(ints);
    ints = grown;
    floats = new Float32Array(ints.buffer);
    doubles = new Float64Array(ints.buffer);
  }

  function growTable(): void {
    const before = table;
    table = new Int32Array(2 * before.length);
    for (let from = 0; from < before.length; from += 2) {
      if (before[from + 1] === 0) continue;
      let slot = (2 * before[from]!) & (table.length - 1);
      while (table[slot + 1] !== 0) slot = (slot + 2) & (table.length - 1);
      table[slot] = before[from]!;
      table[slot + 1] = before[from + 1]!;
    }
  }

  return {
    get size() {
      return size;
    },
    at(person, item) {
      const hash = hashOf(person, item);
      let slot = slotOf(hash, person, item);
      const place = table[slot + 1]! - 1;
      if (place >= 0) return place;
      if (size >= capacity) growRows();
      if (4 * size >= table.length) {
        growTable();
        slot = slotOf(hash, person, item);
      }
      ints[width * size + personAt] = person;
      ints[width * size + itemAt] = item;
      table[slot] = hash;
      table[slot + 1] = ++size;
      return size - 1;
    },
    person: (place) => ints[width * place + personAt]!,
    item: (place) => ints[width * place + itemAt]!,
    lastMs: (place) => doubles[(width / 2) * place]!,
    count: (place) => ints[width * place + countAt]!,
    sum: (place) => floats[width * place + sumAt]!,
    addGap(place, log) {
      ints[width * place + countAt]!++;
      floats[width * place + sumAt]! += log;
    },
    thenGaps: (place) => floats[width * place + gapsAt]!,
    thenDeviation: (place) => floats[width * place + deviationAt]!,
    thenPace: (place) => floats[width * place + paceAt]!,
    bought(place, lastMs, gaps, deviation, pace) {
      const row = width * place;
      doubles[row / 2] = lastMs;
      floats[row + gapsAt] = gaps;
      floats[row + deviationAt] = deviation;
      floats[row + paceAt] = pace;
    },
    restoreGaps(place, count, sum) {
      ints[width * place + countAt] = count;
      floats[width * place + sumAt] = sum;
    },
  };
}

function hashOf(person: number, item: number): number {
  let hash = Math.imul(person, 0x9e3779b1) ^ Math.imul(item, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & 0x3fffffff;
}
