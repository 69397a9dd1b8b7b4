import { type Reranking, withPins } from '../../src/ports/ranking.js';
import { diversify } from './diversity.js';
import type { Exploration } from './exploration.js';
import type { Floor } from './floor.js';
import { createFusion, type Part, type Pool, type Share } from './fusion.js';
import type { FusionWeights } from './fusion-weights.js';
import { type Placement, type RecommenderName, recommenderNames } from './placements.js';
import { propose, type Situation, type Sources } from './recommenders.js';
import type { MayRepeat } from './repeat-rule.js';
import { featuresOf } from './situation-features.js';

const outOfStoreMax = 50;
/** What was looked at is no news: it stands lower, but hardly ever leaves the list (README, "Seen before"). */
const seenFactor = 0.75;
/** So many products that are news lead a list. */
const newsLeading = 3;
const nothing: ReadonlySet<number> = new Set();
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
  /** In place of the placement's own. */
  readonly diversity?: number;
  /** The changes of ranking rules. */
  readonly reranking?: Reranking | null;
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
  /**
   * What could be shown that is news, with the weights by default, for learning better ones. Valid until the next call.
   */
  gather(request: Omit<RankingRequest, 'first'>): Pool;
}

export interface RankerParts extends Sources {
  readonly floor: Floor;
  readonly mayRepeat: MayRepeat;
  readonly weights: FusionWeights;
  readonly exploration: Exploration;
}

export function createRanker(parts: RankerParts): Ranker {
  const { models, shelf, floor, mayRepeat, weights, exploration } = parts;
  const fusion = createFusion();

  function poolOf({ placement, situation }: Omit<RankingRequest, 'first'>, learned: boolean): Pool {
    const { mixture, family } = placement;
    const features =
      learned && family !== null && weights.knows(family) ? featuresOf(situation, shelf) : null;
    const proposals: Part[] = [];
    for (const name of namesIn(mixture)) {
      const weight = mixture[name]!;
      const candidates = propose(name, situation, parts);
      if (candidates.length === 0) continue;
      const factor = features === null ? 1 : weights.factor(family!, name, features);
      proposals.push({ name, weight: weight * factor, candidates });
    }
    return fusion.fuse(proposals);
  }

  function suits(item: number, request: Omit<RankingRequest, 'first'>, strict: boolean): boolean {
    const { placement, situation, excluded, avoided } = request;
    if (excluded.has(item) || !shelf.eligible(item)) return false;
    if (request.reranking && !request.reranking.shows(item)) return false;
    if (!strict) return true;
    if (avoided.has(item)) return false;
    return mayRepeat(item, situation.evidence.purchases, placement.repeat, situation.nowMs);
  }

  function lower(pool: Pool, seen: ReadonlySet<number>, factor: number): void {
    if (seen.size === 0) return;
    for (let place = 0; place < pool.length; place++) {
      if (seen.has(pool.items[place]!)) pool.scores[place]! *= factor;
    }
  }

  /** With the products that rules pin, which are ranked by nothing else. */
  function attempt(request: RankingRequest, strict: boolean, storeId: string | null): Ranking {
    const pins =
      request.reranking?.pins(
        (item) => suits(item, request, false) && (storeId === null || shelf.inStore(item, storeId)),
      ) ?? [];
    if (pins.length === 0) return attemptUnpinned(request, strict, storeId);
    const excluded = new Set([...request.excluded, ...pins.map(({ item }) => item)]);
    const { items, outOfStore } = attemptUnpinned({ ...request, excluded }, strict, storeId);
    const pinned = withPins(
      items,
      pins.map(({ place, item }) => {
        // The score of the product below it, so that scores never rise down the list.
        const score = items[Math.min(place, items.length - 1)]?.score ?? 1;
        return {
          place,
          entry: { item, score, shares: [{ name: 'pinned' as const, amount: score, cause: -1 }] },
        };
      }),
    );
    return { items: pinned.slice(0, request.first), outOfStore };
  }

  function attemptUnpinned(request: RankingRequest, strict: boolean, storeId: string | null): Ranking {
    const { placement, situation, first } = request;
    const items: Ranked[] = [];
    const outOfStore: number[] = [];
    const offered = new Set<number>();
    const isHere = (item: number) => storeId === null || shelf.inStore(item, storeId);

    function offer(item: number): boolean {
      offered.add(item);
      if (isHere(item)) return true;
      if (outOfStore.length < outOfStoreMax) outOfStore.push(item);
      return false;
    }

    const pool = poolOf(request, true);
    const seen = seenIn(request);
    lower(pool, seen, seenFactor);
    const { reranking } = request;
    if (reranking?.hasFactors)
      for (let place = 0; place < pool.length; place++)
        pool.scores[place]! *= reranking.factor(pool.items[place]!);
    /** Seen, and better than what is news so far. */
    const held: Ranked[] = [];
    let news = 0;
    function release(): void {
      const most = items.at(-1)?.score ?? Number.POSITIVE_INFINITY;
      for (const each of held) items.push({ ...each, score: Math.min(each.score, most) });
      held.length = 0;
    }
    diversify(
      pool,
      request.diversity ?? diversityFor(placement, situation),
      shelf,
      models.tie,
      first,
      (place, score) => {
        const item = pool.items[place]!;
        if (!suits(item, request, strict) || !offer(item)) return false;
        const isNews = !seen.has(item);
        const taken = isNews || news >= newsLeading;
        (taken ? items : held).push({ item, score, shares: pool.sharesOf(place) });
        if (isNews && ++news === newsLeading) release();
        return taken;
      },
    );
    if (items.length < first) release();
    items.length = Math.min(items.length, first);
    if (strict && placement.explores) {
      exploration.place(items, {
        pool,
        newest: models.newest.items,
        // A product that a rule lowers is not explored either.
        suits: (item) => suits(item, request, strict) && isHere(item) && (reranking?.factor(item) ?? 1) >= 1,
        placement: request.placement.name,
        storeId,
        nowMs: situation.nowMs,
        first,
      });
    }

    if (items.length < first && (placement.floor === 'fill' || items.length === 0)) {
      const shown = new Set(items.map(({ item }) => item));
      const lowest = items.at(-1)?.score ?? 1;
      const fill = (exhaustive: boolean) =>
        floor.offer({ ...situation, storeId }, exhaustive, (name, item) => {
          if (!offered.has(item) && !shown.has(item) && suits(item, request, strict) && offer(item)) {
            const score = lowest / (1 + floorStep * (items.length + 1));
            items.push({ item, score, shares: [{ name, amount: score, cause: -1 }] });
          }
          return items.length < first;
        });
      fill(false);
      if (items.length === 0) fill(true);
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
    gather(request) {
      const pool = poolOf(request, false);
      lower(pool, seenIn(request), 0);
      for (let place = 0; place < pool.length; place++) {
        if (!suits(pool.items[place]!, request, true)) pool.scores[place] = 0;
      }
      return pool;
    },
  };
}

/** Of each placement's mixture, read once. */
const namesOfMixtures = new WeakMap<Placement['mixture'], readonly RecommenderName[]>();

function namesIn(mixture: Placement['mixture']): readonly RecommenderName[] {
  let names = namesOfMixtures.get(mixture);
  if (!names) {
    names = recommenderNames.filter((name) => mixture[name] !== undefined);
    namesOfMixtures.set(mixture, names);
  }
  return names;
}

/** What was looked at, where the placement has that stand lower. */
function seenIn({ placement, situation }: Omit<RankingRequest, 'first'>): ReadonlySet<number> {
  const { viewed } = situation.evidence;
  return placement.seen === 'lower' && viewed.length > 0 ? new Set(viewed) : nothing;
}

/** The fewer clicks there are, the less they prove: a list from a single one is spread twice as much. */
function diversityFor({ diversity }: Placement, { evidence }: Situation): number {
  const clicks = evidence.session.length;
  return clicks === 0 ? diversity : diversity * (1 + 1 / clicks);
}
