import type { Part, Storable } from '../models/stored.js';
import { renumbered } from '../models/stored.js';
import { createRows } from '../snapshots/rows.js';
import { type Board, createBoard, type Marks } from './board.js';
import { createBoardSet } from './board-set.js';
import { type Candidates, noCandidates, type TieOrder } from './candidates.js';

const overallMax = 512;
const contextMax = 256;
const storesMax = 4096;
/** Of a product's categories, so many count its popularity. */
const categoriesMax = 3;
/** Places for the numbers of an item's boards: its categories' and its brand's. */
const standingsPerItem = categoriesMax + 1;
/** It is not known yet where an item stands. */
const unknown = -2;
const none = -1;
/** Sums kept of one store; when there are more, the smaller half is forgotten. */
const storeSumsMax = 20_000;
const landmarkShiftExponent = 400;
/** Moments are told apart by minutes: the weight of an event is the same all through one. */
const momentMs = 60_000;
/** Products that were learned of and are not on their boards yet. */
const risenMax = 4096;
/** The same in one store. */
const risenInStoreMax = 128;
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
  /** Says that an item may be among other ones now. */
  moved(item: number): void;
}

interface StoreSums {
  readonly id: string;
  readonly row: number;
  readonly board: Board;
  readonly risen: Int32Array;
  risenCount: number;
  sums: Map<number, number>;
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
  let sums = new Float64Array(1024);
  /** By item the numbers of the boards it stands on. */
  let standings = new Int32Array(1024 * standingsPerItem).fill(unknown);
  const sumOf = (item: number) => sums[item]!;
  const overall = createBoard(overallMax, sumOf, tie, marks);
  /** A category's order is the overall one among its items, so it needs no sums of its own. */
  const categories = createBoardSet(() => createBoard(contextMax, sumOf, tie, marks));
  const brands = createBoardSet(() => createBoard(contextMax, sumOf, tie, marks));
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
    categories.scale(factor);
    brands.scale(factor);
    rows.changingAll();
    for (const store of stores.values()) {
      boardOf(store).scale(factor);
      const own = store.sums;
      for (const [item, sum] of own) own.set(item, sum * factor);
    }
  }

  function findStandings(item: number, from: number): void {
    standings.fill(none, from, from + standingsPerItem);
    if (traits === undefined) return;
    const { categoryIds, brand } = traits(item);
    const count = Math.min(categoriesMax, categoryIds.length);
    for (let at = 0; at < count; at++) standings[from + at] = categories.numberOf(categoryIds[at]!);
    if (brand !== null) standings[from + categoriesMax] = brands.numberOf(brand);
  }

  /** Says that an item rose. */
  function note(item: number): void {
    if (isRisen[item] === 1) return;
    isRisen[item] = 1;
    risen[risenCount++] = item;
    if (risenCount === risenMax) settle();
  }

  /** Tells those who rose to the boards they belong to. */
  function settle(): void {
    for (let at = 0; at < risenCount; at++) {
      const item = risen[at]!;
      const sum = sums[item]!;
      isRisen[item] = 0;
      const from = item * standingsPerItem;
      if (standings[from] === unknown) findStandings(item, from);
      for (let place = from; place < from + categoriesMax; place++) {
        const category = standings[place]!;
        if (category >= 0) categories.note(category, item, sum);
      }
      const brand = standings[from + categoriesMax]!;
      if (brand >= 0) brands.note(brand, item, sum);
    }
    overall.rise(risen, 0, risenCount);
    risenCount = 0;
  }

  /** With everybody who rose in the store. */
  function boardOf(store: StoreSums): Board {
    store.board.rise(store.risen, 0, store.risenCount);
    store.risenCount = 0;
    return store.board;
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
      const sums = new Map<number, number>();
      const board = createBoard(contextMax, (item) => store!.sums.get(item) ?? 0, tie, marks);
      store = { id, row, board, risen: new Int32Array(risenInStoreMax), risenCount: 0, sums };
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
    noteInStore(store, item, sum);
    if (store.sums.size > storeSumsMax) {
      boardOf(store);
      const largest = [...store.sums].sort((a, b) => b[1] - a[1]).slice(0, storeSumsMax / 2);
      store.sums = new Map(largest);
    }
  }

  function noteInStore(store: StoreSums, item: number, sum: number): void {
    if (sum < store.board.threshold) return;
    store.risen[store.risenCount++] = item;
    if (store.risenCount === risenInStoreMax) boardOf(store);
  }

  function makeRoom(item: number): void {
    if (item < sums.length) return;
    const size = Math.max(item + 1, sums.length * 2);
    const [largerSums, largerRisen] = [new Float64Array(size), new Uint8Array(size)];
    largerSums.set(sums);
    largerRisen.set(isRisen);
    const largerStandings = new Int32Array(size * standingsPerItem).fill(unknown);
    largerStandings.set(standings);
    standings = largerStandings;
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
    inStore(storeId, limit) {
      const store = stores.get(storeId);
      return top(store && boardOf(store), limit);
    },
    inCategory(categoryId, limit) {
      settle();
      return top(categories.read(categoryId), limit);
    },
    ofBrand(brand, limit) {
      settle();
      return top(brands.read(brand), limit);
    },
    moved(item) {
      if (item < sums.length) standings[item * standingsPerItem] = unknown;
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
        const store = storeOf(stored.id);
        for (let at = 0; at < stored.items.length; at++) {
          const item = renumbered(stored.items[at]!, renumbering);
          if (item < 0) continue;
          store.sums.set(item, stored.sums[at]!);
          noteInStore(store, item, stored.sums[at]!);
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
