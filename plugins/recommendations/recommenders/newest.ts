import type { TieOrder } from './candidates.js';

/** The newest products, newest first, within fixed memory: what a shop shows before anybody has touched anything. */
export function createNewest(capacity: number, tie: TieOrder) {
  const items: number[] = [];
  const dates: number[] = [];
  const dateOf = new Map<number, number>();

  function place(item: number, createdAtMs: number): number {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const later =
        dates[middle]! > createdAtMs || (dates[middle] === createdAtMs && tie(items[middle]!, item) < 0);
      if (later) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function take(at: number): void {
    dateOf.delete(items[at]!);
    items.splice(at, 1);
    dates.splice(at, 1);
  }

  return {
    items,
    put(item: number, createdAtMs: number): void {
      const known = dateOf.get(item);
      if (known === createdAtMs) return;
      if (known !== undefined) take(place(item, known));
      const at = place(item, createdAtMs);
      if (at >= capacity) return;
      items.splice(at, 0, item);
      dates.splice(at, 0, createdAtMs);
      dateOf.set(item, createdAtMs);
      if (items.length > capacity) take(items.length - 1);
    },
  };
}

export type Newest = ReturnType<typeof createNewest>;
