import type { Candidates } from '../../../../src/ports/recommenders.js';

const rowMax = 60;
const rowsMax = 100_000;

/** When a row was computed: the number of changes and of products. */
export interface Moment {
  readonly changes: number;
  readonly count: number;
}

/**
 * Rows of candidates that were computed, in flat arrays that grow as they are filled: half a kilobyte each. When there is no more room
 * the one kept longest gives way.
 */
export interface KeptRows {
  /** Valid until 100,000 others were kept. */
  get(item: number): Candidates | null;
  /** Of a row that is kept. */
  momentOf(item: number): Moment;
  /** The first 60 in this order. */
  keep(item: number, best: readonly { readonly other: number; readonly score: number }[], now: Moment): void;
  drop(item: number): void;
  readonly size: number;
}

export function createKeptRows(): KeptRows {
  /** By item: its slot and one more, 0: none. */
  let slots = new Int32Array(1024);
  let owners = new Int32Array(256).fill(-1);
  let lengths = new Uint8Array(256);
  let changes = new Float64Array(256);
  let counts = new Int32Array(256);
  let items = new Int32Array(256 * rowMax);
  let scores = new Float32Array(256 * rowMax);
  let next = 0;
  let size = 0;

  function grow(): void {
    const to = Math.min(rowsMax, 2 * lengths.length);
    const room = <T extends { set(from: T): void }>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    owners = room(owners, new Int32Array(to).fill(-1));
    lengths = room(lengths, new Uint8Array(to));
    changes = room(changes, new Float64Array(to));
    counts = room(counts, new Int32Array(to));
    items = room(items, new Int32Array(to * rowMax));
    scores = room(scores, new Float32Array(to * rowMax));
  }

  function drop(item: number): void {
    const slot = (slots[item] ?? 0) - 1;
    if (slot < 0) return;
    slots[item] = 0;
    owners[slot] = -1;
    size--;
  }

  function slotFor(item: number): number {
    const known = (slots[item] ?? 0) - 1;
    if (known >= 0) return known;
    if (next === lengths.length && next < rowsMax) grow();
    if (next === rowsMax) next = 0;
    const slot = next++;
    if (owners[slot]! >= 0) drop(owners[slot]!);
    if (item >= slots.length) {
      const larger = new Int32Array(Math.ceil(1.5 * (item + 1)));
      larger.set(slots);
      slots = larger;
    }
    slots[item] = slot + 1;
    owners[slot] = item;
    size++;
    return slot;
  }

  return {
    get size() {
      return size;
    },
    drop,
    get(item) {
      const slot = (slots[item] ?? 0) - 1;
      if (slot < 0) return null;
      const from = slot * rowMax;
      const length = lengths[slot]!;
      return {
        items: items.subarray(from, from + length),
        scores: scores.subarray(from, from + length),
        causes: new Int32Array(length).fill(item),
        length,
      };
    },
    momentOf(item) {
      const slot = slots[item]! - 1;
      return { changes: changes[slot]!, count: counts[slot]! };
    },
    keep(item, best, now) {
      const slot = slotFor(item);
      const length = Math.min(rowMax, best.length);
      for (let place = 0; place < length; place++) {
        items[slot * rowMax + place] = best[place]!.other;
        scores[slot * rowMax + place] = best[place]!.score;
      }
      lengths[slot] = length;
      changes[slot] = now.changes;
      counts[slot] = now.count;
    },
  };
}
