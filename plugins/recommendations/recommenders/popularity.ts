import { type Board, createBoard } from './board.js';
import { type Candidates, noCandidates } from './candidates.js';

const overallMax = 4096;
const contextMax = 256;
const contextsMax = 4096;
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

export function createPopularity(options: { readonly halfLifeMs: number }): Popularity {
  const overall = createBoard(overallMax);
  const stores = createBoards();
  const categories = createBoards();
  const brands = createBoards();
  let landmarkMs: number | null = null;

  function growth(atMs: number): number {
    landmarkMs ??= atMs;
    const exponent = (atMs - landmarkMs) / options.halfLifeMs;
    if (exponent <= landmarkShiftExponent) return 2 ** exponent;
    const factor = 2 ** -exponent;
    overall.scale(factor);
    for (const boards of [stores, categories, brands]) boards.scale(factor);
    landmarkMs = atMs;
    return 1;
  }

  return {
    learn(item, weight, occasion) {
      const grown = weight * growth(occasion.atMs);
      if (grown === 0) return;
      overall.add(item, grown);
      if (occasion.storeId !== null) stores.of(occasion.storeId).add(item, grown);
      for (const id of occasion.categoryIds) categories.of(id).add(item, grown);
      if (occasion.brand !== null) brands.of(occasion.brand).add(item, grown);
    },
    overall: (limit) => top(overall, limit),
    inStore: (storeId, limit) => top(stores.find(storeId), limit),
    inCategory: (categoryId, limit) => top(categories.find(categoryId), limit),
    ofBrand: (brand, limit) => top(brands.find(brand), limit),
  };
}

interface Boards {
  find(key: string): Board | undefined;
  of(key: string): Board;
  scale(factor: number): void;
}

/** One board a key; the one that was opened first gives way when there are too many. */
function createBoards(): Boards {
  const boards = new Map<string, Board>();
  return {
    find: (key) => boards.get(key),
    of(key) {
      let board = boards.get(key);
      if (!board) {
        if (boards.size >= contextsMax) boards.delete(boards.keys().next().value!);
        board = createBoard(contextMax);
        boards.set(key, board);
      }
      return board;
    },
    scale(factor) {
      for (const board of boards.values()) board.scale(factor);
    },
  };
}

function top(board: Board | undefined, limit: number): Candidates {
  if (!board) return noCandidates;
  return {
    items: board.items,
    scores: board.sums,
    causes: noCauses,
    length: Math.min(limit, board.items.length),
  };
}

const noCauses = new Int32Array(overallMax).fill(-1);
