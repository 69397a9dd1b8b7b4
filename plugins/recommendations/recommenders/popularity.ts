import { type Board, createBoard } from './board.js';
import { type Candidates, noCandidates } from './candidates.js';

const overallMax = 512;
const contextMax = 256;
const contextsMax = 4096;
/** Sums kept of one store; when there are more, the smaller half is forgotten. */
const storeSumsMax = 20_000;
const landmarkShiftExponent = 400;

/** Where and among what something happened. */
export interface Occasion {
  readonly atMs: number;
  readonly storeId: string | null;
  readonly categoryIds: readonly string[];
  readonly brand: string | null;
}

/**
 * What is popular, overall and in a store, category or brand. Older events weigh less, by half in each half-life,
 * with forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): a new event is weighted up instead of all
 * the others down, so learning costs the same however much was learned, and the order depends on no clock.
 */
export interface Popularity {
  learn(item: number, weight: number, occasion: Occasion): void;
  overall(limit: number): Candidates;
  inStore(storeId: string, limit: number): Candidates;
  inCategory(categoryId: string, limit: number): Candidates;
  ofBrand(brand: string, limit: number): Candidates;
}

interface Store {
  readonly board: Board;
  sums: Map<number, number>;
}

export function createPopularity(options: { readonly halfLifeMs: number }): Popularity {
  let sums = new Float64Array(1024);
  const overall = createBoard(overallMax);
  /** A category's order is the overall one among its items, so it needs no sums of its own. */
  const categories = new Map<string, Board>();
  const brands = new Map<string, Board>();
  const stores = new Map<string, Store>();
  let landmarkMs: number | null = null;

  function growth(atMs: number): number {
    landmarkMs ??= atMs;
    const exponent = (atMs - landmarkMs) / options.halfLifeMs;
    if (exponent <= landmarkShiftExponent) return 2 ** exponent;
    scaleAll(2 ** -exponent);
    landmarkMs = atMs;
    return 1;
  }

  function scaleAll(factor: number): void {
    for (let item = 0; item < sums.length; item++) sums[item]! *= factor;
    overall.scale(factor);
    for (const boards of [categories, brands]) for (const board of boards.values()) board.scale(factor);
    for (const { board, sums: own } of stores.values()) {
      board.scale(factor);
      for (const [item, sum] of own) own.set(item, sum * factor);
    }
  }

  function learnInStore(storeId: string, item: number, grown: number): void {
    const store = kept(stores, storeId, () => ({ board: createBoard(contextMax), sums: new Map() }));
    const before = store.sums.get(item) ?? 0;
    store.sums.set(item, before + grown);
    store.board.rise(item, before, before + grown);
    if (store.sums.size > storeSumsMax) {
      const largest = [...store.sums].sort((a, b) => b[1] - a[1]).slice(0, storeSumsMax / 2);
      store.sums = new Map(largest);
    }
  }

  return {
    learn(item, weight, { atMs, storeId, categoryIds, brand }) {
      const grown = weight * growth(atMs);
      if (grown === 0) return;
      if (item >= sums.length) {
        const larger = new Float64Array(Math.max(item + 1, sums.length * 2));
        larger.set(sums);
        sums = larger;
      }
      const before = sums[item]!;
      const after = before + grown;
      sums[item] = after;
      overall.rise(item, before, after);
      for (const id of categoryIds) kept(categories, id, newBoard).rise(item, before, after);
      if (brand !== null) kept(brands, brand, newBoard).rise(item, before, after);
      if (storeId !== null) learnInStore(storeId, item, grown);
    },
    overall: (limit) => top(overall, limit),
    inStore: (storeId, limit) => top(stores.get(storeId)?.board, limit),
    inCategory: (categoryId, limit) => top(categories.get(categoryId), limit),
    ofBrand: (brand, limit) => top(brands.get(brand), limit),
  };
}

const newBoard = () => createBoard(contextMax);

/** The one that was opened first gives way when there are too many. */
function kept<V>(contexts: Map<string, V>, key: string, open: () => V): V {
  let context = contexts.get(key);
  if (context === undefined) {
    if (contexts.size >= contextsMax) contexts.delete(contexts.keys().next().value!);
    context = open();
    contexts.set(key, context);
  }
  return context;
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

const noCauses = new Int32Array(overallMax).fill(-1);
