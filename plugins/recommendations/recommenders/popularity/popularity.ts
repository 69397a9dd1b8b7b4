import { type Candidates, noCandidates } from '../../../../src/ports/recommenders.js';
import type { Part, Storable } from '../../snapshots/stored.js';
import { renumbered } from '../../snapshots/stored.js';
import type { TieOrder } from '../candidates.js';
import { type Board, createBoard, type Marks } from './board.js';
import { createBoardSet } from './board-set.js';
import { createForwardDecay, largestFirst } from './forward-decay.js';
import { createPopularInStores, type StorePart } from './popular-in-stores.js';

const overallMax = 512;
const contextMax = 256;
/** Of a product's categories, so many count its popularity. */
const categoriesMax = 3;
/** Places for the numbers of an item's boards: its categories' and its brand's. */
const standingsPerItem = categoriesMax + 1;
/** It is not known yet where an item stands. */
const unknown = -2;
const none = -1;
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
  /** Whether enough people cared for a product that everybody may see it; by default always. Once true, it stays so. */
  readonly isPopular?: (item: number) => boolean;
}

/**
 * What is popular, overall and in a store, category or brand. Older events weigh less, by half in each half-life
 * (`forward-decay.ts`).
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
  /** Dates all that was learned so far earlier. */
  setBack(byMs: number): void;
}

interface SumsPart extends Part {
  readonly name: 'sums';
  readonly landmarkMs: number | null;
  readonly first: number;
  readonly sums: Float64Array;
}

export function createPopularity(options: PopularityOptions): Popularity {
  const { halfLifeMs, tie = byNumber, traits, isPopular = () => true } = options;
  const marks: Marks = { of: new Int32Array(1024) };
  let sums = new Float64Array(1024);
  /** By item the numbers of the boards it stands on. */
  let standings = new Int32Array(1024 * standingsPerItem).fill(unknown);
  const sumOf = (item: number) => sums[item]!;
  const overall = createBoard(overallMax, sumOf, tie, marks);
  /** A category's order is the overall one among its items, so it needs no sums of its own. */
  const categories = createBoardSet(() => createBoard(contextMax, sumOf, tie, marks));
  const brands = createBoardSet(() => createBoard(contextMax, sumOf, tie, marks));
  const stores = createPopularInStores(tie, marks);
  const decay = createForwardDecay(halfLifeMs, scaleAll);
  const risen = new Int32Array(risenMax);
  let risenCount = 0;
  /** Whether an item is among those risen. */
  let isRisen = new Uint8Array(1024);

  function scaleAll(factor: number): void {
    settle();
    for (let item = 0; item < sums.length; item++) sums[item]! *= factor;
    overall.scale(factor);
    categories.scale(factor);
    brands.scale(factor);
    stores.scale(factor);
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

  function top(board: Board | undefined, limit: number): Candidates {
    if (!board) return noCandidates;
    const length = Math.min(limit, board.length);
    let shown = 0;
    while (shown < length && isPopular(board.items[shown]!)) shown++;
    if (shown === length) return { items: board.items, scores: board.sums, causes: noCauses, length };
    const items: number[] = [];
    const scores: number[] = [];
    for (let place = 0; place < board.length && items.length < limit; place++) {
      if (!isPopular(board.items[place]!)) continue;
      items.push(board.items[place]!);
      scores.push(board.sums[place]!);
    }
    return { items, scores, causes: noCauses, length: items.length };
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
      const grown = weight * decay.growth(atMs);
      if (grown === 0) return;
      makeRoom(item);
      sums[item]! += grown;
      note(item);
      if (storeId !== null) stores.add(storeId, item, grown);
    },
    overall(limit) {
      settle();
      return top(overall, limit);
    },
    inStore: (storeId, limit) => top(stores.board(storeId), limit),
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
    setBack: decay.setBack,

    save() {
      const now = { landmarkMs: decay.landmarkMs, sums: sums.slice() };
      const ofStores = stores.save();
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
        stores.restore(part as StorePart, renumbering);
        return;
      }
      const stored = part as SumsPart;
      decay.landmarkMs = stored.landmarkMs;
      for (const at of largestFirst(stored.sums)) {
        const item = renumbered(stored.first + at, renumbering);
        if (item < 0) continue;
        makeRoom(item);
        sums[item] = stored.sums[at]!;
        note(item);
      }
    },
  };
}

const byNumber: TieOrder = (a, b) => a - b;

const noCauses = new Int32Array(overallMax).fill(-1);
