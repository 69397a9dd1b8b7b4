import { grownFloat32, grownInt32 } from '../models/block-arena.js';

/**
 * What people bought of products, in columns: a place for each person, by number, and product. Read columns anew after each `add`,
 * which may replace them.
 */
export interface ReorderPairs {
  readonly size: number;
  /** Their place; -1 while they are not remembered. */
  find(person: number, item: number): number;
  /** A new place, all zeros. They must not be remembered yet. */
  add(person: number, item: number): number;
  readonly persons: Int32Array;
  readonly items: Int32Array;
  /** When it was bought last. */
  readonly lastMs: Float64Array;
  /** The gaps between purchases of it. */
  readonly counts: Int32Array;
  readonly sums: Float32Array;
  /** What was known of the person's pace at the last purchase: gaps at all products, their deviations, and the pace of orders. */
  readonly thenGaps: Float32Array;
  readonly thenDeviations: Float32Array;
  readonly thenPaces: Float32Array;
}

export function createReorderPairs(): ReorderPairs {
  let size = 0;
  let lastMs = new Float64Array(1024);
  const ints = { persons: new Int32Array(1024), items: new Int32Array(1024), counts: new Int32Array(1024) };
  const floats = {
    sums: new Float32Array(1024),
    thenGaps: new Float32Array(1024),
    thenDeviations: new Float32Array(1024),
    thenPaces: new Float32Array(1024),
  };
  /** Open addressing: a place and one more, 0 where there is none. */
  let table = new Int32Array(4096);

  function slotOf(person: number, item: number): number {
    let hash = Math.imul(person, 0x9e3779b1) ^ Math.imul(item, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    for (let slot = hash & (table.length - 1); ; slot = (slot + 1) & (table.length - 1)) {
      const place = table[slot]! - 1;
      if (place < 0 || (ints.items[place] === item && ints.persons[place] === person)) return slot;
    }
  }

  function makeRoom(): void {
    if (size >= lastMs.length) {
      const { persons, items, counts } = ints;
      ints.persons = grownInt32(persons, size + 1) as typeof persons;
      ints.items = grownInt32(items, size + 1) as typeof items;
      ints.counts = grownInt32(counts, size + 1) as typeof counts;
      for (const name of Object.keys(floats) as (keyof typeof floats)[]) {
        floats[name] = grownFloat32(floats[name], size + 1) as (typeof floats)[typeof name];
      }
      const grown = new Float64Array(ints.items.length);
      grown.set(lastMs);
      lastMs = grown;
    }
    if (2 * size < table.length) return;
    table = new Int32Array(2 * table.length);
    for (let place = 0; place < size; place++) {
      table[slotOf(ints.persons[place]!, ints.items[place]!)] = place + 1;
    }
  }

  return {
    get size() {
      return size;
    },
    find: (person, item) => table[slotOf(person, item)]! - 1,
    add(person, item) {
      makeRoom();
      const slot = slotOf(person, item);
      ints.persons[size] = person;
      ints.items[size] = item;
      table[slot] = ++size;
      return size - 1;
    },
    get persons() {
      return ints.persons;
    },
    get items() {
      return ints.items;
    },
    get lastMs() {
      return lastMs;
    },
    get counts() {
      return ints.counts;
    },
    get sums() {
      return floats.sums;
    },
    get thenGaps() {
      return floats.thenGaps;
    },
    get thenDeviations() {
      return floats.thenDeviations;
    },
    get thenPaces() {
      return floats.thenPaces;
    },
  };
}
