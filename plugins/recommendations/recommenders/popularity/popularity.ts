import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import { createForwardDecay, largestFirst } from '../../../../src/kit/forward-decay.js';
import type { Shelf } from '../../../../src/ports/catalog.js';
import { type Candidates, noCandidates } from '../../../../src/ports/recommenders.js';
import { type Part, remapped, type Storable } from '../../snapshots/stored.js';
import type { TieOrder } from '../candidates.js';
import { createLeaderboard, type Leaderboard } from './leaderboard.js';
import { createPopularInStores, type StorePart } from './popular-in-stores.js';

const overallMax = 512;
const leadersMax = 256;
/** Of a product's categories, so many count its popularity. */
const categoriesMax = 3;
/** Categories and brands that have a leaderboard; what comes when there are as many has none. */
const leaderboardsMax = 16_384;
/** Products that rose and that the leaderboards have not taken in yet. */
const risenMax = 4096;
const sumsPerPart = 16_384;

interface PopularityOptions {
  readonly halfLifeMs: number;
  /** Orders products that are equally popular. */
  readonly tie?: TieOrder;
  /** The first three categories and the brand of a product count. If omitted, there are no categories and brands. */
  readonly products?: Pick<Shelf, 'categories' | 'brand'>;
  /** Returns true if enough people were interested in a product to show it to others; by default always. Once true, it stays so. */
  readonly isPopular?: (item: number) => boolean;
}

/**
 * What is popular, overall and in a store, category or brand. Older events weigh less, by half in each half-life
 * (`forward-decay.ts`).
 */
export interface Popularity extends Storable {
  /** `storeId`: where it happened; null: nowhere in particular. */
  learn(item: number, weight: number, atMs: number, storeId: string | null): void;
  overall(limit: number): Candidates;
  inStore(storeId: string, limit: number): Candidates;
  /** A product that has left the category stays until others outdo it. */
  inCategory(categoryId: string, limit: number): Candidates;
  ofBrand(brand: string, limit: number): Candidates;
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
  const { halfLifeMs, tie = byNumber, products, isPopular = () => true } = options;
  let sums = new Float64Array(1024);
  /** The sums that the leaderboards know. They take in what rose when somebody reads, or when much did. */
  let ranked = new Float64Array(1024);
  const risen = new Int32Array(risenMax);
  let risenCount = 0;
  const overall = createLeaderboard(overallMax, tie);
  /** A category's order is the overall one among its items, so it needs no sums of its own. */
  const categories = new Map<string, Leaderboard>();
  const brands = new Map<string, Leaderboard>();
  const stores = createPopularInStores(tie);
  const decay = createForwardDecay(halfLifeMs, scaleAll);

  function scaleAll(factor: number): void {
    rank();
    for (let item = 0; item < sums.length; item++) sums[item]! *= factor;
    ranked.set(sums);
    for (const each of [overall, ...categories.values(), ...brands.values(), stores]) each.scale(factor);
  }

  function riseIn(leaderboards: Map<string, Leaderboard>, name: string, item: number): void {
    let leaders = leaderboards.get(name);
    if (leaders === undefined) {
      if (leaderboards.size >= leaderboardsMax) return;
      leaders = createLeaderboard(leadersMax, tie);
      leaderboards.set(name, leaders);
    }
    leaders.rise(item, ranked[item]!, sums[item]!);
  }

  function add(item: number, by: number): void {
    sums = ensureCapacity(Float64Array, sums, item + 1);
    ranked = ensureCapacity(Float64Array, ranked, sums.length);
    if (sums[item] === ranked[item]) {
      if (risenCount === risenMax) rank();
      risen[risenCount++] = item;
    }
    sums[item]! += by;
  }

  /** The leaderboards take in what rose. */
  function rank(): void {
    for (let at = 0; at < risenCount; at++) {
      const item = risen[at]!;
      overall.rise(item, ranked[item]!, sums[item]!);
      if (products !== undefined) {
        const ids = products.categories(item);
        const brand = products.brand(item);
        for (let place = 0; place < Math.min(categoriesMax, ids.length); place++)
          riseIn(categories, ids[place]!, item);
        if (brand !== null) riseIn(brands, brand, item);
      }
      ranked[item] = sums[item]!;
    }
    risenCount = 0;
  }

  function top(leaders: Leaderboard | undefined, limit: number): Candidates {
    if (!leaders) return noCandidates;
    const length = Math.min(limit, leaders.length);
    let shown = 0;
    while (shown < length && isPopular(leaders.items[shown]!)) shown++;
    if (shown === length) return { items: leaders.items, scores: leaders.sums, causes: noCauses, length };
    const items: number[] = [];
    const scores: number[] = [];
    for (let place = 0; place < leaders.length && items.length < limit; place++) {
      if (!isPopular(leaders.items[place]!)) continue;
      items.push(leaders.items[place]!);
      scores.push(leaders.sums[place]!);
    }
    return { items, scores, causes: noCauses, length: items.length };
  }

  return {
    learn(item, weight, atMs, storeId) {
      const grown = weight * decay.growth(atMs);
      if (grown === 0) return;
      add(item, grown);
      if (storeId !== null) stores.add(storeId, item, grown);
    },
    overall(limit) {
      rank();
      return top(overall, limit);
    },
    inStore: (storeId, limit) => top(stores.leaders(storeId), limit),
    inCategory(categoryId, limit) {
      rank();
      return top(categories.get(categoryId), limit);
    },
    ofBrand(brand, limit) {
      rank();
      return top(brands.get(brand), limit);
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
    restore(part, remap) {
      if (part.name === 'store') {
        stores.restore(part as StorePart, remap);
        return;
      }
      const stored = part as SumsPart;
      decay.landmarkMs = stored.landmarkMs;
      for (const at of largestFirst(stored.sums)) {
        const item = remapped(stored.first + at, remap);
        if (item >= 0) add(item, stored.sums[at]!);
      }
    },
  };
}

const byNumber: TieOrder = (a, b) => a - b;

const noCauses = new Int32Array(overallMax).fill(-1);
