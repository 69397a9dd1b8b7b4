import type { Clock } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { RankingContext } from '../../../src/ports/recommenders.js';
import type { Models } from '../learning/models.js';
import { createNewest } from '../recommenders/newest.js';

const inContextMax = 256;
const overallMax = 512;
const remainderMax = 512;
const storesMax = 1000;
const rescanMs = 1000;

/** What everybody may be shown, in order: popular in the store, in the category, overall, then the newest. */
export function createFloor(models: Models, shelf: Shelf, clock: Clock) {
  const remainders = new Map<string | null, { changes: number; atMs: number; items: readonly number[] }>();

  function scan(storeId: string | null): readonly number[] {
    const newest = createNewest(remainderMax, models.tie);
    for (let item = 0; item < shelf.size; item++) {
      if (shelf.eligible(item) && (storeId === null || shelf.inStore(item, storeId))) {
        newest.put(item, shelf.createdAtMs(item));
      }
    }
    return newest.items;
  }

  function inCategory(id: string): { items: readonly number[]; length: number } {
    const { items, length } = models.popularity.inCategory(id, inContextMax);
    const belonging = Array.from({ length }, (_, place) => items[place]!).filter((item) =>
      shelf.categories(item).includes(id),
    );
    return { items: belonging, length: belonging.length };
  }

  /** The newest that are eligible here, for a store whose few products the lists before do not hold. */
  function remainder(storeId: string | null): readonly number[] {
    const kept = remainders.get(storeId);
    const nowMs = clock.nowMs();
    const { changes } = shelf;
    if (kept && (kept.changes === changes || Math.abs(nowMs - kept.atMs) < rescanMs)) {
      if (kept.changes === changes || kept.items.length > 0) return kept.items;
    }
    const items = scan(storeId);
    if (!kept && remainders.size >= storesMax) remainders.delete(remainders.keys().next().value!);
    remainders.set(storeId, { changes, atMs: nowMs, items });
    return items;
  }

  return {
    /**
     * Offers items until `take` answers that it has enough. At most some 3,600 are offered, however large the catalog is,
     * unless `exhaustive`: then all that are eligible, which costs a look at every product.
     */
    offer(
      context: RankingContext,
      exhaustive: boolean,
      take: (recommender: string, item: number) => boolean,
    ): void {
      const { storeId, categoryIds } = context;
      const { popularity, newest } = models;
      const lists: readonly (readonly [string, () => { items: ArrayLike<number>; length: number }])[] = [
        ['popularInStore', () => popularity.inStore(storeId ?? '', storeId === null ? 0 : inContextMax)],
        ...categoryIds.map((id) => ['popularInCategory', () => inCategory(id)] as const),
        ['popular', () => popularity.overall(overallMax)],
        ['newest', () => ({ items: newest.items, length: newest.items.length })],
      ];
      for (const [name, list] of lists) {
        const { items, length } = list();
        for (let i = 0; i < length; i++) {
          if (!take(name, items[i]!)) return;
        }
      }
      if (shelf.size <= newest.items.length) return;
      for (const item of remainder(storeId)) {
        if (!take('newest', item)) return;
      }
      if (!exhaustive) return;
      for (let item = shelf.size - 1; item >= 0; item--) {
        if (!take('newest', item)) return;
      }
    },
  };
}

export type Floor = ReturnType<typeof createFloor>;
