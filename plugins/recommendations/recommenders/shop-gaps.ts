import { type Renumbering, renumbered } from '../models/stored.js';
import { addGap, dayMs, type Gaps, meanLog, noGaps } from './gaps.js';
import { createMeanOverTime, type StoredMeans } from './mean-over-time.js';

/** So many gaps of everybody's weigh as much as what is known above them: of a product its category's, of a category the shop's. */
const cohortWeight = 10;
/** How many days ago a purchase of somebody else's counts 1/e, and how many such every product has from the start. */
const demandFadingDays = 14;
const demandPrior = 0.5;
/** Of each product, in one row: its gaps, their logarithms summed, and how many of them ended, faded until a time. */
const width = 4;

/** Everybody's times between purchases. */
export interface ShopGaps {
  readonly count: number;
  /** The mean logarithm of days; NaN while nobody has bought anything twice. */
  mean(): number;
  /** The same as it was then, of what was known then. */
  meanAt(timeMs: number): number | null;
  /** The mean logarithm that everybody takes at a product, or else in the first known of its categories; NaN with `mean`. */
  meanOf(item: number, categoryIds: readonly string[]): number;
  learn(item: number, categoryIds: readonly string[], log: number, atMs: number): void;
  /** How many buy the product again at present; positive. */
  demandAt(item: number, nowMs: number): number;
  save(): StoredShopGaps;
  restore(stored: StoredShopGaps, renumbering: Renumbering): void;
}

interface ItemGaps extends Gaps {
  readonly demand: number;
  readonly atMs: number;
}

export interface StoredShopGaps {
  readonly all: Gaps;
  readonly means: StoredMeans;
  readonly items: readonly (readonly [item: number, gaps: ItemGaps])[];
  readonly categories: readonly (readonly [id: string, gaps: Gaps])[];
}

export function createShopGaps(): ShopGaps {
  const all = noGaps();
  const means = createMeanOverTime();
  const ofCategories = new Map<string, Gaps>();
  let ofItems = new Float64Array(width * 1024);

  function rowOf(item: number): number {
    const row = width * item;
    if (row >= ofItems.length) {
      const grown = new Float64Array(Math.max(row + width, 2 * ofItems.length));
      grown.set(ofItems);
      ofItems = grown;
    }
    return row;
  }

  return {
    get count() {
      return all.count;
    },
    mean: () => all.sumOfLogs / all.count,
    meanAt: means.at,
    meanOf(item, categoryIds) {
      let above = all.sumOfLogs / all.count;
      for (let at = 0; at < categoryIds.length; at++) {
        const gaps = ofCategories.get(categoryIds[at]!);
        if (gaps === undefined) continue;
        above = meanLog(gaps, above, cohortWeight);
        break;
      }
      const row = width * item;
      if (row >= ofItems.length) return above;
      return (ofItems[row + 1]! + cohortWeight * above) / (ofItems[row]! + cohortWeight);
    },
    learn(item, categoryIds, log, atMs) {
      addGap(all, log);
      means.learn(atMs, all.sumOfLogs / all.count);
      for (let at = 0; at < categoryIds.length; at++) {
        const id = categoryIds[at]!;
        const gaps = ofCategories.get(id);
        if (gaps === undefined) ofCategories.set(id, { count: 1, sumOfLogs: log });
        else addGap(gaps, log);
      }
      const row = rowOf(item);
      const sinceDays = ofItems[row] === 0 ? 0 : (atMs - ofItems[row + 3]!) / dayMs;
      const fading = Math.exp(-Math.abs(sinceDays) / demandFadingDays);
      // What is learned late has faded, too.
      ofItems[row + 2] = sinceDays >= 0 ? 1 + ofItems[row + 2]! * fading : ofItems[row + 2]! + fading;
      if (sinceDays >= 0) ofItems[row + 3] = atMs;
      ofItems[row]!++;
      ofItems[row + 1]! += log;
    },
    demandAt(item, nowMs) {
      const row = width * item;
      if (row >= ofItems.length || ofItems[row] === 0) return demandPrior;
      const days = Math.max(0, nowMs - ofItems[row + 3]!) / dayMs;
      return demandPrior + ofItems[row + 2]! * Math.exp(-days / demandFadingDays);
    },
    save() {
      const items: [number, ItemGaps][] = [];
      for (let row = 0; row < ofItems.length; row += width) {
        if (ofItems[row] === 0) continue;
        const [count, sumOfLogs] = [ofItems[row]!, ofItems[row + 1]!];
        items.push([row / width, { count, sumOfLogs, demand: ofItems[row + 2]!, atMs: ofItems[row + 3]! }]);
      }
      return {
        all: { ...all },
        means: means.save(),
        items,
        categories: Array.from(ofCategories, ([id, gaps]) => [id, { ...gaps }] as const),
      };
    },
    restore(stored, renumbering) {
      Object.assign(all, stored.all);
      means.restore(stored.means);
      for (const [was, { count, sumOfLogs, demand, atMs }] of stored.items) {
        const item = renumbered(was, renumbering);
        if (item >= 0) ofItems.set([count, sumOfLogs, demand, atMs], rowOf(item));
      }
      for (const [id, gaps] of stored.categories) ofCategories.set(id, { ...gaps });
    },
  };
}
