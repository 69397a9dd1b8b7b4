import type { ReorderIntervals } from './reorder-intervals.js';

/** Distinct items bought at one time. */
export interface Basket {
  readonly items: readonly number[];
  readonly atMs: number;
}

export const personalNames = [
  'own',
  'share',
  'faded',
  'since',
  'inLast',
  'inLastButOne',
  'count',
  'ripeness',
  'known',
  'reordered',
  'bought',
] as const;
export const personalCount = personalNames.length;

/** What one person did with one item. */
export interface ItemHistory {
  /** Baskets with it. */
  count: number;
  /** Baskets with it, each fading with the baskets since. */
  faded: number;
  /** Place of the newest basket with it, from 0. */
  last: number;
  lastMs: number;
  readonly gapsMs: number[];
}

/** Baskets that are looked at, the newest. */
export const basketsMax = 200;

/** A person's items, in the order of first purchase. */
export function readHistory(history: readonly Basket[]): Map<number, ItemHistory> {
  const items = new Map<number, ItemHistory>();
  for (const [at, { items: basket, atMs }] of history.entries()) {
    const faded = Math.exp(-(history.length - 1 - at) / 2);
    for (const item of basket) {
      const entry = items.get(item);
      if (entry === undefined) {
        items.set(item, { count: 1, faded, last: at, lastMs: atMs, gapsMs: [] });
      } else if (entry.last < at) {
        entry.gapsMs.push(Math.max(1, atMs - entry.lastMs));
        entry.count++;
        entry.faded += faded;
        entry.last = at;
        entry.lastMs = atMs;
      }
    }
  }
  return items;
}

/** How much of the expected interval has passed; null while no interval is known. */
export function ripenessOf(
  item: number,
  own: ItemHistory,
  intervals: ReorderIntervals,
  nowMs: number,
): number | null {
  const expectedMs = intervals.expectMs(item, own.gapsMs);
  return expectedMs === null ? null : Math.max(0, nowMs - own.lastMs) / expectedMs;
}

/** Writes the personal features of one item to `into[at …]`. `own` is undefined for what the person never bought. */
export function fillPersonal(
  into: Float32Array,
  at: number,
  own: ItemHistory | undefined,
  baskets: number,
  ripeness: number | null,
  reorderRate: number,
  boughtShare: number,
): void {
  into[at] = own === undefined ? 0 : 1;
  into[at + 1] = Math.log(((own?.count ?? 0) + 0.1) / (baskets + 0.5));
  into[at + 2] = Math.log((own?.faded ?? 0) + 0.05);
  const since = own === undefined ? baskets : baskets - 1 - own.last;
  into[at + 3] = Math.log(1 + since);
  into[at + 4] = since === 0 ? 1 : 0;
  into[at + 5] = since === 1 ? 1 : 0;
  into[at + 6] = Math.log(1 + (own?.count ?? 0));
  into[at + 7] =
    ripeness === null || own === undefined ? 0 : Math.max(-3, Math.min(3, Math.log(ripeness + 0.01)));
  into[at + 8] = own !== undefined && own.gapsMs.length > 0 ? 1 : 0;
  into[at + 9] = Math.log(reorderRate);
  into[at + 10] = Math.log(boughtShare);
}
