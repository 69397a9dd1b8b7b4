import { evictLeast } from '../../../../src/kit/evict-least.js';
import { createRows } from '../../snapshots/rows.js';
import { type Part, type Renumbering, renumbered } from '../../snapshots/stored.js';
import type { TieOrder } from '../candidates.js';
import { type Board, createBoard, type Marks } from './board.js';
import { largestFirst } from './forward-decay.js';

const storesMax = 4096;
const boardMax = 256;
/** Sums kept of one store; when there are more, the smaller half is forgotten. */
const sumsMax = 20_000;
/** Products that were learned of in one store and are not on its board yet. */
const risenMax = 128;

interface StoreSums {
  readonly id: string;
  readonly row: number;
  readonly board: Board;
  readonly risen: Int32Array;
  risenCount: number;
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

/** Sums of products in each store, and the board of each. */
export interface PopularInStores {
  add(storeId: string, item: number, grown: number): void;
  /** With everybody who rose; undefined: nothing was learned there. */
  board(storeId: string): Board | undefined;
  scale(factor: number): void;
  save(): Iterable<StorePart>;
  restore(part: StorePart, renumbering: Renumbering): void;
}

export function createPopularInStores(tie: TieOrder, marks: Marks): PopularInStores {
  const stores = new Map<string, StoreSums>();
  const storeRows: StoreSums[] = [];
  const rows = createRows((row) => partOf(storeRows[row]!));

  function settled(store: StoreSums): Board {
    store.board.rise(store.risen, 0, store.risenCount);
    store.risenCount = 0;
    return store.board;
  }

  function storeOf(id: string): StoreSums {
    let store = stores.get(id);
    if (store === undefined) {
      let row = storeRows.length;
      if (stores.size >= storesMax) {
        const least = evictLeast(stores, ({ total }) => total);
        rows.changing(least.row);
        row = least.row;
      }
      const board = createBoard(boardMax, (item) => store!.sums.get(item) ?? 0, tie, marks);
      store = { id, row, board, risen: new Int32Array(risenMax), risenCount: 0, sums: new Map(), total: 0 };
      stores.set(id, store);
      storeRows[row] = store;
    }
    return store;
  }

  function note(store: StoreSums, item: number, sum: number): void {
    if (sum < store.board.threshold) return;
    store.risen[store.risenCount++] = item;
    if (store.risenCount === risenMax) settled(store);
  }

  return {
    add(storeId, item, grown) {
      const store = storeOf(storeId);
      rows.changing(store.row);
      const sum = (store.sums.get(item) ?? 0) + grown;
      store.sums.set(item, sum);
      store.total += grown;
      note(store, item, sum);
      if (store.sums.size > sumsMax) {
        settled(store);
        const largest = [...store.sums].sort((a, b) => b[1] - a[1]).slice(0, sumsMax / 2);
        store.sums = new Map(largest);
      }
    },
    board(storeId) {
      const store = stores.get(storeId);
      return store && settled(store);
    },
    scale(factor) {
      rows.changingAll();
      for (const store of stores.values()) {
        settled(store).scale(factor);
        const own = store.sums;
        store.total *= factor;
        for (const [item, sum] of own) own.set(item, sum * factor);
      }
    },
    save: () => rows.read(storeRows.length),
    restore({ id, items, sums }, renumbering) {
      const store = storeOf(id);
      const present = items.map((item) => renumbered(item, renumbering));
      for (let at = 0; at < items.length; at++) {
        if (present[at]! < 0) continue;
        store.sums.set(present[at]!, sums[at]!);
        store.total += sums[at]!;
      }
      for (const at of largestFirst(sums)) if (present[at]! >= 0) note(store, present[at]!, sums[at]!);
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
