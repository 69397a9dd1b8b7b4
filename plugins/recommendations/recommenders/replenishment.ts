import { type Key, keyOf } from '../models/fingerprint.js';
import { type Part, renumbered, type Storable } from '../models/stored.js';

const dayMs = 86_400_000;
const rememberedMax = 200_000;
const purchasesPerPart = 16_384;
const gapMinMs = dayMs / 2;
/** A product's or category's own gaps count only from here on. */
const cohortGapsMin = 3;
/** How many gaps of one's own weigh as much as what others do. */
const cohortWeight = 1.5;
/** A product is due a little before the interval is over: it has to be delivered. */
export const dueFrom = 0.8;

/** What one person bought of one product. */
export interface Purchases {
  readonly item: number;
  /** Newest first, distinct days. */
  readonly timesMs: readonly number[];
}

export interface Due {
  readonly item: number;
  /** How much of the interval has passed; null while no interval is known. */
  readonly ripeness: number | null;
  /** Typical days between two purchases, of this person as far as known; null while unknown. */
  readonly intervalDays: number | null;
  readonly score: number;
}

/**
 * When a person will buy a product again. The interval is the geometric mean of the person's own gaps, drawn toward
 * that of everybody who bought the product twice (or, where they are few, something of its category), as far as the person's gaps are few.
 */
export interface Replenishment extends Storable {
  learn(person: Key, item: number, categoryIds: readonly string[], atMs: number): void;
  due(purchases: Purchases, categoryIds: readonly string[], nowMs: number): Due;
}

interface Gaps {
  count: number;
  sumOfLogs: number;
}

interface GapsPart extends Part {
  readonly name: 'gaps';
  readonly items: readonly (readonly [item: number, gaps: Gaps])[];
  readonly categories: readonly (readonly [id: string, gaps: Gaps])[];
}

/** Last purchases, the longest ago first. */
interface PurchasesPart extends Part {
  readonly name: 'purchases';
  readonly people: Float64Array;
  readonly items: Int32Array;
  readonly timesMs: Float64Array;
}

export function createReplenishment(): Replenishment {
  /** By item number and fingerprint of the person. */
  const last = new Map<string, number>();
  const ofItems = new Map<number, Gaps>();
  const ofCategories = new Map<string, Gaps>();

  function cohort(item: number, categoryIds: readonly string[]): number | null {
    const own = ofItems.get(item);
    if (own && own.count >= cohortGapsMin) return own.sumOfLogs / own.count;
    for (const id of categoryIds) {
      const gaps = ofCategories.get(id);
      if (gaps && gaps.count >= cohortGapsMin) return gaps.sumOfLogs / gaps.count;
    }
    return null;
  }

  return {
    learn(person, item, categoryIds, atMs) {
      const key = `${item} ${keyOf(person)}`;
      const before = last.get(key);
      if (before !== undefined) {
        last.delete(key);
        const gapMs = atMs - before;
        if (gapMs >= gapMinMs) {
          const log = Math.log(gapMs / dayMs);
          add(ofItems, item, log);
          for (const id of categoryIds) add(ofCategories, id, log);
        }
      } else if (last.size >= rememberedMax) {
        last.delete(last.keys().next().value!);
      }
      last.set(key, Math.max(atMs, before ?? atMs));
    },
    due({ item, timesMs }, categoryIds, nowMs) {
      const common = cohort(item, categoryIds);
      let sum = common === null ? 0 : common * cohortWeight;
      let weight = common === null ? 0 : cohortWeight;
      for (let i = 1; i < timesMs.length; i++) {
        sum += Math.log(Math.max(gapMinMs, timesMs[i - 1]! - timesMs[i]!) / dayMs);
        weight++;
      }
      const intervalDays = weight === 0 ? null : Math.exp(sum / weight);
      const elapsedDays = Math.max(0, nowMs - timesMs[0]!) / dayMs;
      const ripeness = intervalDays === null ? null : elapsedDays / intervalDays;
      return { item, ripeness, intervalDays, score: Math.log1p(timesMs.length) * dueness(ripeness) };
    },

    save() {
      const copied = <K>(gaps: ReadonlyMap<K, Gaps>) =>
        Array.from(gaps, ([key, { count, sumOfLogs }]) => [key, { count, sumOfLogs }] as const);
      const gaps: GapsPart = { name: 'gaps', items: copied(ofItems), categories: copied(ofCategories) };
      const purchases = { keys: [...last.keys()], timesMs: Float64Array.from(last.values()) };
      return (function* (): Generator<GapsPart | PurchasesPart> {
        yield gaps;
        for (let from = 0; from < purchases.keys.length; from += purchasesPerPart) {
          const keys = purchases.keys.slice(from, from + purchasesPerPart).map((key) => key.split(' '));
          yield {
            name: 'purchases',
            people: Float64Array.from(keys, ([, person]) => Number(person)),
            items: Int32Array.from(keys, ([item]) => Number(item)),
            timesMs: purchases.timesMs.slice(from, from + purchasesPerPart),
          };
        }
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'gaps') {
        const { items, categories } = part as GapsPart;
        for (const [was, gaps] of items) {
          const item = renumbered(was, renumbering);
          if (item >= 0) ofItems.set(item, { ...gaps });
        }
        for (const [id, gaps] of categories) ofCategories.set(id, { ...gaps });
        return;
      }
      const { people, items, timesMs } = part as PurchasesPart;
      for (let at = 0; at < items.length; at++) {
        const item = renumbered(items[at]!, renumbering);
        if (item >= 0) last.set(`${item} ${people[at]}`, timesMs[at]!);
      }
    },
  };
}

function add<K>(gaps: Map<K, Gaps>, key: K, log: number): void {
  const known = gaps.get(key);
  if (known) {
    known.count++;
    known.sumOfLogs += log;
  } else {
    gaps.set(key, { count: 1, sumOfLogs: log });
  }
}

/** Rises until the interval is over, stays for another, and then falls: who has not come back has gone elsewhere. */
function dueness(ripeness: number | null): number {
  if (ripeness === null) return 0.2;
  if (ripeness < dueFrom) return 0.05 + 0.45 * ripeness;
  if (ripeness <= 2) return 1;
  return 2 / ripeness;
}
