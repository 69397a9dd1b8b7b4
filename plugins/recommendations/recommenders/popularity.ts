import type { Part, Storable } from '../models/stored.js';
import { renumbered } from '../models/stored.js';
import { createRows } from '../snapshots/rows.js';
import { type Board, createBoard, type Marks } from './board.js';
import { type Candidates, noCandidates, type TieOrder } from './candidates.js';

const overallMax = 512;
const contextMax = 256;
/** Boards of each kind; the one that was opened first gives way. */
const contextsMax = 16_384;
const storesMax = 4096;
/** Of a product's categories, so many count its popularity. */
const categoriesMax = 3;
/** Sums kept of one store; when there are more, the smaller half is forgotten. */
const storeSumsMax = 20_000;
const landmarkShiftExponent = 400;
/** Moments are told apart by minutes: the weight of an event is the same all through one. */
const momentMs = 60_000;
/** Products that were learned of and are not on their boards yet. */
const risenMax = 4096;
const sumsPerPart = 16_384;

/** Among what a product is popular. */
export interface Traits {
  /** The first three count. */
  readonly categoryIds: readonly string[];
  readonly brand: string | null;
}

export interface PopularityOptions {
  readonly halfLifeMs: number;
  /** Orders products that are equally popular. */
  readonly tie?: TieOrder;
  /** What a product is among now. Absent: nothing. */
  readonly traits?: (item: number) => Traits;
}

/**
 * What is popular, overall and in a store, category or brand. Older events weigh less, by half in each half-life,
 * with forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): a new event is weighted up instead of all
 * the others down, so learning costs the same however much was learned, and the order depends on no clock.
 *
 * Learning only adds to a sum. Boards take in who rose when somebody reads, or when many did.
 */
export interface Popularity extends Storable {
  /** `storeId`: where it happened; null: nowhere in particular. */
  learn(item: number, weight: number, atMs: number, storeId: string | null): void;
  overall(limit: number): Candidates;
  inStore(storeId: string, limit: number): Candidates;
  inCategory(categoryId: string, limit: number): Candidates;
  ofBrand(brand: string, limit: number): Candidates;
}

interface StoreSums {
  readonly id: string;
  readonly row: number;
  readonly board: Board;
  sums: Map<number, number>;
}

/** The boards that an item stands on, found once for as long as it is among the same. */
interface Standing extends Traits {
  readonly boards: readonly Board[];
  readonly epoch: number;
}

interface SumsPart extends Part {
  readonly name: 'sums';
  readonly landmarkMs: number | null;
  readonly first: number;
  readonly sums: Float64Array;
}

interface StorePart extends Part {
  readonly name: 'store';
  readonly id: string;
  readonly items: Int32Array;
  readonly sums: Float64Array;
}

export function createPopularity(options: PopularityOptions): Popularity {
  const { halfLifeMs, tie = byNumber, traits } = options;
  const marks: Marks = { of: new Int32Array(1024) };
  const newBoard = () => createBoard(contextMax, tie, marks);
  let sums = new Float64Array(1024);
  const overall = createBoard(overallMax, tie, marks);
  /** A category's order is the overall one among its items, so it needs no sums of its own. */
  const categories = new Map<string, Board>();
  const brands = new Map<string, Board>();
  const standings: (Standing | undefined)[] = [];
  /** Grows when a board gives way: who stood on it looks again. */
  let epoch = 0;
  const stores = new Map<string, StoreSums>();
  const storeRows: StoreSums[] = [];
  const rows = createRows((row) => copyOf(storeRows[row]!));
  let landmarkMs: number | null = null;
  let grownAtMs = Number.NaN;
  let grownBy = 1;
  const risen = new Int32Array(risenMax);
  let risenCount = 0;
  /** Whether an item is among those risen. */
  let isRisen = new Uint8Array(1024);

  function growth(moment: number): number {
    const atMs = moment - (moment % momentMs);
    if (atMs === grownAtMs) return grownBy;
    landmarkMs ??= atMs;
    let exponent = (atMs - landmarkMs) / halfLifeMs;
    if (exponent > landmarkShiftExponent) {
      scaleAll(2 ** -exponent);
      landmarkMs = atMs;
      exponent = 0;
    }
    grownAtMs = atMs;
    grownBy = 2 ** exponent;
    return grownBy;
  }

  function scaleAll(factor: number): void {
    settle();
    for (let item = 0; item < sums.length; item++) sums[item]! *= factor;
    overall.scale(factor);
    for (const boards of [categories, brands]) for (const board of boards.values()) board.scale(factor);
    rows.changingAll();
    for (const { board, sums: own } of stores.values()) {
      board.scale(factor);
      for (const [item, sum] of own) own.set(item, sum * factor);
    }
  }

  /** The one that was opened first gives way when there are too many. */
  function boardIn(contexts: Map<string, Board>, key: string): Board {
    let board = contexts.get(key);
    if (board === undefined) {
      if (contexts.size >= contextsMax) {
        contexts.delete(contexts.keys().next().value!);
        epoch++;
      }
      board = newBoard();
      contexts.set(key, board);
    }
    return board;
  }

  function boardsOf(item: number, { categoryIds, brand }: Traits): readonly Board[] {
    const known = standings[item];
    if (
      known !== undefined &&
      known.categoryIds === categoryIds &&
      known.brand === brand &&
      known.epoch === epoch
    )
      return known.boards;
    const boards = categoryIds.slice(0, categoriesMax).map((id) => boardIn(categories, id));
    if (brand !== null) boards.push(boardIn(brands, brand));
    while (standings.length <= item) standings.push(undefined);
    standings[item] = { categoryIds, brand, boards, epoch };
    return boards;
  }

  /** Says that an item rose. */
  function note(item: number): void {
    if (isRisen[item] === 1) return;
    isRisen[item] = 1;
    risen[risenCount++] = item;
    if (risenCount === risenMax) settle();
  }

  /** Puts those who rose onto the boards they belong to. */
  function settle(): void {
    for (let at = 0; at < risenCount; at++) {
      const item = risen[at]!;
      const sum = sums[item]!;
      isRisen[item] = 0;
      overall.rise(item, sum);
      if (traits === undefined) continue;
      const boards = boardsOf(item, traits(item));
      for (let board = 0; board < boards.length; board++) boards[board]!.rise(item, sum);
    }
    risenCount = 0;
  }

  function top(board: Board | undefined, limit: number): Candidates {
    if (!board) return noCandidates;
    return {
      items: board.items,
      scores: board.sums,
      causes: noCauses,
      length: Math.min(limit, board.length),
    };
  }

  function storeOf(id: string): StoreSums {
    let store = stores.get(id);
    if (store === undefined) {
      let row = storeRows.length;
      if (stores.size >= storesMax) {
        const first = stores.values().next().value!;
        rows.changing(first.row);
        stores.delete(first.id);
        row = first.row;
      }
      store = { id, row, board: newBoard(), sums: new Map() };
      stores.set(id, store);
      storeRows[row] = store;
    }
    return store;
  }

  function learnInStore(storeId: string, item: number, grown: number): void {
    const store = storeOf(storeId);
    rows.changing(store.row);
    const sum = (store.sums.get(item) ?? 0) + grown;
    store.sums.set(item, sum);
    store.board.rise(item, sum);
    if (store.sums.size > storeSumsMax) {
      const largest = [...store.sums].sort((a, b) => b[1] - a[1]).slice(0, storeSumsMax / 2);
      store.sums = new Map(largest);
    }
  }

  function makeRoom(item: number): void {
    if (item < sums.length) return;
    const size = Math.max(item + 1, sums.length * 2);
    const [largerSums, largerRisen] = [new Float64Array(size), new Uint8Array(size)];
    largerSums.set(sums);
    largerRisen.set(isRisen);
    sums = largerSums;
    isRisen = largerRisen;
  }

  return {
    learn(item, weight, atMs, storeId) {
      const grown = weight * growth(atMs);
      if (grown === 0) return;
      makeRoom(item);
      sums[item]! += grown;
      note(item);
      if (storeId !== null) learnInStore(storeId, item, grown);
    },
    overall(limit) {
      settle();
      return top(overall, limit);
    },
    inStore: (storeId, limit) => top(stores.get(storeId)?.board, limit),
    inCategory(categoryId, limit) {
      settle();
      return top(categories.get(categoryId), limit);
    },
    ofBrand(brand, limit) {
      settle();
      return top(brands.get(brand), limit);
    },

    save() {
      const now = { landmarkMs, sums: sums.slice() };
      const ofStores = rows.read(storeRows.length);
      return (function* (): Generator<SumsPart | StorePart> {
        for (let first = 0; first < now.sums.length; first += sumsPerPart) {
          const some = now.sums.slice(first, first + sumsPerPart);
          yield { name: 'sums', landmarkMs: now.landmarkMs, first, sums: some };
        }
        yield* ofStores;
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'store') {
        const stored = part as StorePart;
        const { board, sums: own } = storeOf(stored.id);
        for (let at = 0; at < stored.items.length; at++) {
          const item = renumbered(stored.items[at]!, renumbering);
          if (item < 0) continue;
          own.set(item, stored.sums[at]!);
          board.rise(item, stored.sums[at]!);
        }
        return;
      }
      const stored = part as SumsPart;
      landmarkMs = stored.landmarkMs;
      for (let at = 0; at < stored.sums.length; at++) {
        const sum = stored.sums[at]!;
        const item = sum === 0 ? -1 : renumbered(stored.first + at, renumbering);
        if (item < 0) continue;
        makeRoom(item);
        sums[item] = sum;
        note(item);
      }
    },
  };
}

const byNumber: TieOrder = (a, b) => a - b;

function copyOf(store: StoreSums): StorePart {
  return {
    name: 'store',
    id: store.id,
    items: Int32Array.from(store.sums.keys()),
    sums: Float64Array.from(store.sums.values()),
  };
}

const noCauses = new Int32Array(overallMax).fill(-1);
