import type { Category, Shelf } from '../../src/ports/catalog.js';
import { diversify } from './diversity.js';
import type { Floor } from './floor.js';
import { createFusion, type Part, type Pool, type Share } from './fusion.js';
import type { Models } from './models.js';
import type { Placement, RecommenderName, RepeatPolicy } from './placements.js';
import { dueFrom } from './recommenders/replenishment.js';
import { propose, type Situation } from './recommenders.js';

const outOfStoreMax = 50;
const ancestorsMax = 16;
/** What was looked at is no news: it has to be twice as good. */
const seenFactor = 0.5;
/** How much lower each product of the floor stands than the one before. */
const floorStep = 0.02;

export interface RankingRequest {
  readonly placement: Placement;
  readonly situation: Situation;
  /** Never shown: the product of the page, what is in the cart of the request, what the person does not want. */
  readonly excluded: ReadonlySet<number>;
  /** Not shown while there is anything else. */
  readonly avoided: ReadonlySet<number>;
  readonly first: number;
}

export interface Ranked {
  readonly item: number;
  /** Never rises down the list. */
  readonly score: number;
  /** What each recommender gave; at least one. */
  readonly shares: readonly Share[];
}

export interface Ranking {
  /** At most `first`, best first. */
  readonly items: readonly Ranked[];
  /** What would stand among them were it not out of stock in the store, in order, at most 50. */
  readonly outOfStore: readonly number[];
}

/** Puts products in order for one situation, the same for every channel. */
export interface Ranker {
  rank(request: RankingRequest): Ranking;
}

export interface RankerParts {
  readonly models: Models;
  readonly shelf: Shelf;
  readonly floor: Floor;
  readonly category: (id: string) => Category | null;
  /** By category, before the placement's own; holds for all below it. */
  readonly repeatPolicies: ReadonlyMap<string, RepeatPolicy>;
}

export function createRanker({ models, shelf, floor, category, repeatPolicies }: RankerParts): Ranker {
  const fusion = createFusion();

  function repeatPolicy(item: number): RepeatPolicy | null {
    if (repeatPolicies.size === 0) return null;
    for (const start of shelf.categories(item)) {
      let id: string | null = start;
      for (let depth = 0; id !== null && depth < ancestorsMax; depth++) {
        const policy = repeatPolicies.get(id);
        if (policy) return policy;
        id = category(id)?.parentId ?? null;
      }
    }
    return null;
  }

  /** Whether a product that the person has bought may come again now. */
  function mayRepeat(item: number, timesMs: readonly number[], request: RankingRequest): boolean {
    const policy = repeatPolicy(item) ?? request.placement.repeat;
    if (policy !== 'replenish') return policy === 'allow';
    const due = models.replenishment.due({ item, timesMs }, shelf.categories(item), request.situation.nowMs);
    return due.ripeness !== null && due.ripeness >= dueFrom;
  }

  function mixtureOf({ placement, situation }: RankingRequest): Pool {
    const parts: Part[] = [];
    for (const [name, weight] of Object.entries(placement.mixture) as [RecommenderName, number][]) {
      const candidates = propose(name, situation, models, shelf);
      if (candidates.length > 0) parts.push({ name, weight, candidates });
    }
    return fusion.fuse(parts);
  }

  function attempt(request: RankingRequest, strict: boolean, storeId: string | null): Ranking {
    const { placement, situation, excluded, avoided, first } = request;
    const { purchases, viewed } = situation.evidence;
    const items: Ranked[] = [];
    const outOfStore: number[] = [];
    const offered = new Set<number>();

    function suits(item: number): boolean {
      if (excluded.has(item) || !shelf.eligible(item)) return false;
      if (!strict) return true;
      if (avoided.has(item)) return false;
      const timesMs = purchases.get(item);
      return timesMs === undefined || mayRepeat(item, timesMs, request);
    }
    function isHere(item: number): boolean {
      offered.add(item);
      if (storeId === null || shelf.inStore(item, storeId)) return true;
      if (outOfStore.length < outOfStoreMax) outOfStore.push(item);
      return false;
    }

    const pool = mixtureOf(request);
    const seen = new Set(placement.seen === 'lower' ? viewed : []);
    for (let place = 0; place < pool.length; place++) {
      const item = pool.items[place]!;
      if (!suits(item)) pool.scores[place] = 0;
      else if (seen.has(item)) pool.scores[place]! *= seenFactor;
    }
    diversify(pool, placement.diversity, shelf, models.tie, first, (place, score) => {
      const item = pool.items[place]!;
      if (!isHere(item)) return false;
      items.push({ item, score, shares: pool.sharesOf(place) });
      return true;
    });

    if (items.length < first && (placement.floor === 'fill' || items.length === 0)) {
      const lowest = items.at(-1)?.score ?? 1;
      const offer = (exhaustive: boolean) =>
        floor.offer({ ...situation, storeId }, exhaustive, (name, item) => {
          if (!offered.has(item) && suits(item) && isHere(item)) {
            const score = lowest / (1 + floorStep * (items.length + 1));
            items.push({ item, score, shares: [{ name, amount: score, cause: -1 }] });
          }
          return items.length < first;
        });
      offer(false);
      if (items.length === 0) offer(true);
    }
    return { items, outOfStore };
  }

  return {
    rank(request) {
      const { storeId } = request.situation;
      const strict = attempt(request, true, storeId);
      if (strict.items.length > 0) return strict;
      const lenient = attempt(request, false, storeId);
      if (lenient.items.length > 0 || storeId === null) return lenient;
      // Nothing is in this store: better one product that must be ordered than none.
      return { items: attempt({ ...request, first: 1 }, false, null).items, outOfStore: [] };
    },
  };
}
