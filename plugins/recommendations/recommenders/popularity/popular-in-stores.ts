import { evictLeast } from '../../../../src/kit/evict-least.js';
import { largestFirst } from '../../../../src/kit/forward-decay.js';
import { createRows } from '../../../../src/kit/rows.js';
import { type IdRemap, type Part, remapped } from '../../snapshots/stored.js';
import type { TieOrder } from '../candidates.js';
import { createLeaderboard, type Leaderboard } from './leaderboard.js';

const storesMax = 4096;
const leadersMax = 256;
/** Sums kept of one store; when there are more, the smaller half is forgotten. */
const sumsMax = 20_000;

interface StoreSums {
  readonly id: string;
  readonly row: number;
  readonly leaders: Leaderboard;
  sums: Map<number, number>;
  /** The sum of all contributions. */
  total: number;
}

export interface StorePart extends Part {
  readonly name: 'store';
  readonly id: string;
  readonly items: Int32Array;
  readonly sums: Float64Array;
}

/** Sums of products in each store, and the leaderboard of each. */
export function createPopularInStores(tie: TieOrder) {
  const stores = new Map<string, StoreSums>();
  const storeRows: StoreSums[] = [];
  const rows = createRows((row) => partOf(storeRows[row]!));

  function storeOf(id: string): StoreSums {
    let store = stores.get(id);
    if (store === undefined) {
      let row = storeRows.length;
      if (stores.size >= storesMax) {
        const least = evictLeast(stores, ({ total }) => total);
        rows.changing(least.row);
        row = least.row;
      }
      store = { id, row, leaders: createLeaderboard(leadersMax, tie), sums: new Map(), total: 0 };
      stores.set(id, store);
      storeRows[row] = store;
    }
    return store;
  }

  return {
    add(storeId: string, item: number, grown: number): void {
      const store = storeOf(storeId);
      rows.changing(store.row);
      const before = store.sums.get(item) ?? 0;
      store.sums.set(item, before + grown);
      store.total += grown;
      store.leaders.rise(item, before, before + grown);
      if (store.sums.size > sumsMax) {
        const largest = [...store.sums].sort((a, b) => b[1] - a[1]).slice(0, sumsMax / 2);
        store.sums = new Map(largest);
      }
    },
    /** undefined: nothing was learned there. */
    leaders: (storeId: string) => stores.get(storeId)?.leaders,
    scale(factor: number): void {
      rows.changingAll();
      for (const store of stores.values()) {
        store.leaders.scale(factor);
        const own = store.sums;
        store.total *= factor;
        for (const [item, sum] of own) own.set(item, sum * factor);
      }
    },
    save: () => rows.read(storeRows.length),
    restore({ id, items, sums }: StorePart, remap: IdRemap): void {
      const store = storeOf(id);
      for (const at of largestFirst(sums)) {
        const item = remapped(items[at]!, remap);
        if (item < 0) continue;
        store.sums.set(item, sums[at]!);
        store.total += sums[at]!;
        store.leaders.rise(item, 0, sums[at]!);
      }
    },
  };
}

function partOf(store: StoreSums): StorePart {
  return {
    name: 'store',
    id: store.id,
    items: Int32Array.from(store.sums.keys()),
    sums: Float64Array.from(store.sums.values()),
  };
}
