import type { Clock } from '../../../src/plugin.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { Family } from '../ranking/fusion-weights.js';
import type { ShadowRanking } from './shadow-ranking.js';

/**
 * After so many requests of a family its sampling rate is halved. Requests are counted rather than choices: each costs a
 * prediction, even if the product taken is not among the proposals.
 */
const requestsALevel = 1024;
/** The least sampling rate is 1 in 2^levelMax. */
const levelMax = 10;
const crowdSamplingMax = 16;
/** The sampling rate is halved when more people than these come within ten minutes. */
const peopleMax = 2048;
const rememberedMs = 10 * 60_000;
/** Shoppers with shadow rankings that no choice was made from yet, at most; each takes some kilobytes. */
const rankedMax = 512;

export interface SampledShopper {
  /** When something was heard of them last. */
  lastMs: number;
  /** Newest first. */
  events: ShopEvent[];
  /** Of the events, as `heapBytesOfRecord` counts them. */
  bytes: number;
  /** Made after the newest event. */
  readonly rankings: Map<Family, ShadowRanking>;
  /** The newest list that was shown, and what it was chosen from. */
  shown: ShopEvent | null;
  shownFrom: FamilyRanking | null;
}

export interface FamilyRanking {
  readonly family: Family;
  readonly ranking: ShadowRanking;
}

/** The shoppers whose choices are observed, sampled by a hash: all at first, and fewer with more requests or more people. */
export interface SampledShoppers {
  /** For the family; without one, for any. */
  samples(person: string, family?: Family): boolean;
  /** The state of a sampled shopper, marked as active now. */
  recall(person: string): SampledShopper;
  /** Counts a request of the family. */
  countRequest(family: Family): void;
  /** Marks a shopper as ranked. Beyond a maximum, the rankings of the shopper who was ranked longest ago are dropped. */
  wasRanked(one: SampledShopper): void;
  /** Drops all rankings, and samples everybody again. */
  startAnew(): void;
}

export function createSampledShoppers(clock: Clock): SampledShoppers {
  const people = new Map<string, SampledShopper>();
  /** Oldest first. */
  const ranked = new Set<SampledShopper>();
  let levels = startLevels();
  let crowdSampling = 0;

  const lowestLevel = () =>
    Math.max(crowdSampling, Math.min(levels.home.level, levels.product.level, levels.cart.level));

  function makeRoom(nowMs: number): void {
    const [oldest] = people.keys();
    const { lastMs } = people.get(oldest!)!;
    people.delete(oldest!);
    if (nowMs - lastMs > rememberedMs || crowdSampling === crowdSamplingMax) return;
    crowdSampling++;
    forgetUnsampled();
  }

  function forgetUnsampled(): void {
    const widest = lowestLevel();
    for (const person of people.keys()) if (!isAmong(person, widest)) people.delete(person);
  }

  function forgetRankings(one: SampledShopper): void {
    one.rankings.clear();
    one.shownFrom = null;
    ranked.delete(one);
  }

  return {
    samples: (person, family) => isAmong(person, family === undefined ? lowestLevel() : levels[family].level),
    recall(person) {
      let one = people.get(person);
      if (one) people.delete(person);
      else one = { events: [], bytes: 0, rankings: new Map(), shown: null, shownFrom: null, lastMs: 0 };
      one.lastMs = clock.nowMs();
      people.set(person, one);
      if (people.size > peopleMax) makeRoom(clock.nowMs());
      return one;
    },
    countRequest(family) {
      const own = levels[family];
      if (++own.requests < requestsALevel || own.level === levelMax) return;
      own.requests = 0;
      own.level++;
      forgetUnsampled();
    },
    wasRanked(one) {
      ranked.delete(one);
      ranked.add(one);
      if (ranked.size > rankedMax) forgetRankings(ranked.values().next().value!);
    },
    startAnew() {
      levels = startLevels();
      crowdSampling = 0;
      for (const one of [...ranked]) forgetRankings(one);
    },
  };
}

/** By family: the sampling level, and the requests at that level. */
function startLevels(): Record<Family, { level: number; requests: number }> {
  return {
    home: { level: 0, requests: 0 },
    product: { level: 0, requests: 0 },
    cart: { level: 0, requests: 0 },
  };
}

/** Samples one of 2^level people. A sample at a level contains those at higher levels. */
function isAmong(person: string, level: number): boolean {
  if (level === 0) return true;
  let hash = 0x811c9dc5;
  for (let i = 0; i < person.length; i++) hash = Math.imul(hash ^ person.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash & (2 ** Math.min(level, 30) - 1)) === 0;
}
