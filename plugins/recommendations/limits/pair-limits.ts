import type { Part } from '../snapshots/stored.js';
import { createPairCounts, daily, type PairsPart } from './pair-counts.js';
import { createRecentProducts, recentMax } from './recent-products.js';

const dayMs = 86_400_000;
/** Sessions and people whose recent products are remembered. A product forms pairs with those that the same one named before it. */
const namersMax = 1 << 15;
/** Products in events of the shop's server form pairs with so many of them: these only count for what is usual, and few sessions are longer. */
const trustedMax = 8;
/** A pair always gains this many sessions in a day: as many as make a product popular. */
const dailyPairsMin = 3;
/**
 * A pair gains more only up to twice its own usual sessions of a day, or up to a share of the usual interest in its two products: 5 % of
 * the busier one or a quarter of the quieter one, whichever is less. So neither an unknown product nor a popular one is pushed to the
 * top of another product's list in a day.
 */
const usualFactor = 2;
const busierShare = 0.05;
const quieterShare = 0.25;

interface LimitsPart extends PairsPart {
  readonly daysPast: number;
  readonly newestDay: number;
}

interface PairLimitOptions {
  /** The fingerprint of a product, of 32 bits, which is the same in every process. */
  printOf(item: number): number;
  /** The usual interest in a product, in views a day. */
  usualOf(item: number): number;
}

interface NamedProduct {
  /** The fingerprint of the session or person who names it. */
  readonly namer: number;
  readonly item: number;
  readonly atMs: number;
  /** Written by the shop's own server: it is not limited, but counts for what is usual. */
  readonly trusted: boolean;
}

/**
 * Bounds how many sessions a pair of products gains in a day, relative to what the pair and its products had on other days, so that one
 * client cannot decide which products are shown together.
 */
export function createPairLimits({ printOf, usualOf }: PairLimitOptions) {
  const counts = createPairCounts();
  /** The number of days that were counted, decayed as well. */
  let daysPast = 0;
  let newestDay = 0;
  const recent = createRecentProducts(namersMax);
  const others = new Int32Array(recentMax);
  const places = new Int32Array(recentMax);

  function advance(day: number): void {
    if (day <= newestDay) return;
    const kept = newestDay === 0 ? 0 : daily ** (day - newestDay);
    daysPast = newestDay === 0 ? 0 : daysPast * kept + (1 - kept) / (1 - daily);
    newestDay = day;
  }

  function hasRoom(pair: number, one: number, other: number): boolean {
    const gained = counts.today(pair);
    if (gained < dailyPairsMin || gained < (usualFactor * counts.past(pair)) / Math.max(1, daysPast))
      return true;
    const [oneUsual, otherUsual] = [usualOf(one), usualOf(other)];
    const busier = busierShare * Math.max(oneUsual, otherUsual);
    return gained < Math.min(busier, quieterShare * Math.min(oneUsual, otherUsual));
  }

  return {
    /**
     * Enters the next product of a session or person. Returns whether it may teach: not if a pair with one of the products just before it
     * has had its share of the day. A product that was accepted before is accepted again.
     */
    admit({ namer, item, atMs, trusted }: NamedProduct): boolean {
      const own = recent.placeOf(namer);
      if (recent.has(own, item)) return true;
      const day = Math.floor(atMs / dayMs);
      advance(day);
      const print = printOf(item);
      const before = recent.newest(own, trusted ? trustedMax : recentMax, others);
      counts.find(print, recent.prints, others, before, day, places);
      if (!trusted) {
        for (let at = 0; at < before; at++)
          if (!hasRoom(places[at]!, item, recent.items[others[at]!]!)) return false;
      }
      counts.add(places, before, day);
      recent.add(own, item, print);
      return true;
    },
    /** True if a session or person named a product lately and it was accepted. */
    hasTaught: recent.hasOf,
    /** Dates all that was learned so far earlier. */
    setBack(byMs: number): void {
      const byDays = Math.round(byMs / dayMs);
      counts.setBack(byDays);
      newestDay -= byDays;
    },
    save: (): Iterable<LimitsPart> => [{ ...counts.save(), daysPast, newestDay }],
    restore(part: Part): void {
      const stored = part as LimitsPart;
      ({ daysPast, newestDay } = stored);
      counts.restore(stored);
    },
  };
}

export type PairLimits = ReturnType<typeof createPairLimits>;
