import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import { createVouching, type Vouching, type Witness, witnessOfKey } from '../../limits/witnesses.js';
import { type IdRemap, remapped } from '../../snapshots/stored.js';
import { addGap, dayMs, type Gaps, meanLog, noGaps } from './gaps.js';
import { createMeanOverTime, type StoredMeans } from './mean-over-time.js';

/** So many gaps of everybody's weigh as much as what is known above them: of a product its category's, of a category the shop's. */
const cohortWeight = 10;
/** How many days ago a purchase of somebody else's counts 1/e, and how many such every product has from the start. */
const demandFadingDays = 14;
const demandPrior = 0.5;
/** Of each product, in one row: its gaps, their logarithms summed, and how many of them ended, faded until a time. */
const width = 4;

/** The person who bought something again. */
export interface Buyer {
  readonly witness: Witness;
  /** The weight of the purchase: 0 to 1. */
  readonly weight: number;
}

export const anyBuyer: Buyer = { witness: witnessOfKey(1), weight: 1 };

interface StoredBuyers {
  readonly counts: Uint8Array;
  readonly people: Uint32Array;
}

interface ItemGaps extends Gaps {
  readonly demand: number;
  readonly atMs: number;
  readonly buyers: StoredBuyers;
}

export interface StoredShopGaps {
  readonly all: Gaps;
  readonly buyers: StoredBuyers;
  readonly means: StoredMeans;
  readonly items: readonly (readonly [item: number, gaps: ItemGaps])[];
  readonly categories: readonly (readonly [id: string, gaps: Gaps, buyers: StoredBuyers])[];
}

/**
 * Everybody's times between purchases.
 * `peopleMin`: so many independent people move an interval, of a product, a category or the shop, before it is used (`limits/witnesses.ts`).
 */
export function createShopGaps(peopleMin = 1) {
  /** By row: 0 for the shop, then the products. */
  const buyers = createVouching(peopleMin);
  const ofCategory = createVouching(peopleMin);
  const all = noGaps();
  const means = createMeanOverTime();
  const ofCategories = new Map<string, Gaps & { readonly row: number }>();
  let ofItems = new Float64Array(width * 1024);

  function rowOf(item: number): number {
    const row = width * item;
    ofItems = ensureCapacity(Float64Array, ofItems, row + width);
    return row;
  }

  return {
    get count() {
      return buyers.isVouched(0) ? all.count : 0;
    },
    /** The mean logarithm of days; NaN while nobody has bought anything twice. */
    mean: () => all.sumOfLogs / all.count,
    /** The same as it was then, of what was known then. */
    meanAt: means.at,
    /** The mean logarithm that everybody takes at a product, or else in the first known of its categories; NaN with `mean`. */
    meanOf(item: number, categoryIds: readonly string[]): number {
      let above = all.sumOfLogs / all.count;
      for (let at = 0; at < categoryIds.length; at++) {
        const gaps = ofCategories.get(categoryIds[at]!);
        if (gaps === undefined || !ofCategory.isVouched(gaps.row)) continue;
        above = meanLog(gaps, above, cohortWeight);
        break;
      }
      const row = width * item;
      if (row >= ofItems.length || !buyers.isVouched(item + 1)) return above;
      return (ofItems[row + 1]! + cohortWeight * above) / (ofItems[row]! + cohortWeight);
    },
    learn(
      item: number,
      categoryIds: readonly string[],
      log: number,
      atMs: number,
      { witness, weight } = anyBuyer,
    ): void {
      if (!(weight > 0)) return;
      buyers.see(0, witness);
      buyers.see(item + 1, witness);
      addGap(all, log, weight);
      means.learn(atMs, all.sumOfLogs / all.count);
      for (let at = 0; at < categoryIds.length; at++) {
        const id = categoryIds[at]!;
        let gaps = ofCategories.get(id);
        if (gaps === undefined) {
          gaps = { ...noGaps(), row: ofCategories.size };
          ofCategories.set(id, gaps);
        }
        ofCategory.see(gaps.row, witness);
        addGap(gaps, log, weight);
      }
      const row = rowOf(item);
      const sinceDays = ofItems[row] === 0 ? 0 : (atMs - ofItems[row + 3]!) / dayMs;
      const fading = Math.exp(-Math.abs(sinceDays) / demandFadingDays);
      // What is learned late has faded, too.
      ofItems[row + 2] =
        sinceDays >= 0 ? weight + ofItems[row + 2]! * fading : ofItems[row + 2]! + weight * fading;
      if (sinceDays >= 0) ofItems[row + 3] = atMs;
      ofItems[row]! += weight;
      ofItems[row + 1]! += weight * log;
    },
    /** The number of people who buy the product again at present; positive. */
    demandAt(item: number, nowMs: number): number {
      const row = width * item;
      if (row >= ofItems.length || ofItems[row] === 0 || !buyers.isVouched(item + 1)) return demandPrior;
      const days = Math.max(0, nowMs - ofItems[row + 3]!) / dayMs;
      return demandPrior + ofItems[row + 2]! * Math.exp(-days / demandFadingDays);
    },
    save(): StoredShopGaps {
      const items: [number, ItemGaps][] = [];
      for (let row = 0; row < ofItems.length; row += width) {
        if (ofItems[row] === 0) continue;
        const [count, sumOfLogs] = [ofItems[row]!, ofItems[row + 1]!];
        const [demand, atMs, item] = [ofItems[row + 2]!, ofItems[row + 3]!, row / width];
        items.push([item, { count, sumOfLogs, demand, atMs, buyers: storedBuyers(buyers, item + 1) }]);
      }
      return {
        all: { ...all },
        buyers: storedBuyers(buyers, 0),
        means: means.save(),
        items,
        categories: Array.from(ofCategories, ([id, { count, sumOfLogs, row }]) => {
          return [id, { count, sumOfLogs }, storedBuyers(ofCategory, row)] as const;
        }),
      };
    },
    restore(stored: StoredShopGaps, remap: IdRemap): void {
      Object.assign(all, stored.all);
      buyers.put(0, stored.buyers.counts, stored.buyers.people);
      means.restore(stored.means);
      for (const [was, { count, sumOfLogs, demand, atMs, buyers: some }] of stored.items) {
        const item = remapped(was, remap);
        if (item < 0) continue;
        ofItems.set([count, sumOfLogs, demand, atMs], rowOf(item));
        buyers.put(item + 1, some.counts, some.people);
      }
      for (const [id, gaps, some] of stored.categories) {
        const row = ofCategories.size;
        ofCategories.set(id, { ...gaps, row });
        ofCategory.put(row, some.counts, some.people);
      }
    },
  };
}

function storedBuyers({ counts, people, width: each }: Vouching, row: number): StoredBuyers {
  return {
    counts: counts.slice(2 * row, 2 * row + 2),
    people: people.slice(each * row, each * (row + 1)),
  };
}
