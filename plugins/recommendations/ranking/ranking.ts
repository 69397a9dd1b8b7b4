import type { Shelf } from '../../../src/ports/catalog.js';
import { type Reranking, withPins } from '../../../src/ports/ranking.js';
import type { RankingContext } from '../../../src/ports/recommenders.js';
import type { RankingTrace } from '../explain/ranking-trace.js';
import type { Exploration } from '../exploration/exploration.js';
import type { Models } from '../learning/models.js';
import { proposalsMax } from '../recommenders/candidates.js';
import type { OwnModel, OwnRecommender } from '../recommenders/own-recommender.js';
import { diversify } from './diversity.js';
import type { Floor } from './floor.js';
import { createFusion, type Part, type Pool } from './fusion.js';
import { type Placement, weightIn } from './placements.js';
import type { Objection, Ranked, Unavailability } from './ranked.js';
import type { MayRepeat } from './repeat-rule.js';

/** The most products that a list names as not sold where the shopper is. */
const unavailableMax = 50;
/** Seen-item demotion: factor on the score of products that the shopper has viewed (README, "Seen before"). */
const seenDemotion = 0.75;
/** Number of products at the top of a list that the shopper has not viewed. */
const unseenFirst = 3;
const nothing: ReadonlySet<number> = new Set();
/** Each product of the fallback scores that much lower than the one before. */
const fallbackStep = 0.02;

export interface RankingRequest {
  readonly placement: Placement;
  readonly context: RankingContext;
  /** Products that are sold in other currencies only are left out. If omitted or null, none is. */
  readonly currency?: string | null;
  /** Never shown: the product of the page, the cart of the request, products that the shopper dismissed. */
  readonly excluded: ReadonlySet<number>;
  /** Not shown while there is anything else. */
  readonly avoided: ReadonlySet<number>;
  readonly first: number;
  /** Returns whether a product may be in the list. If omitted, all may. */
  readonly passes?: ((item: number) => boolean) | undefined;
  /** Products that fill up the list after all others. */
  readonly further?: readonly number[] | undefined;
  /** True if the list continues another one: it may be empty then. */
  readonly isContinued?: boolean;
  /** In place of the placement's own. */
  readonly diversity?: number;
  /** The changes of ranking rules. */
  readonly reranking?: Reranking | null;
  /** Proposals of recommenders that other plugins contribute. */
  readonly proposals?: readonly Part[];
  /** Records how one product is ranked. */
  readonly trace?: RankingTrace;
}

export interface Ranking {
  /** At most `first`, best first. */
  readonly items: readonly Ranked[];
  /** Products that would stand among them if they could be bought in the store and currency, in order, at most 50. */
  readonly unavailable: readonly { readonly item: number; readonly reason: Unavailability }[];
  /** True if some only fill up the list. */
  readonly isFilledUp: boolean;
}

/** Orders products for one context, the same for every channel. */
export interface Ranker {
  rank(request: RankingRequest): Ranking;
}

/** The store that a product must be in stock in and the currency that it must have a price in. A null is no condition. */
interface Place {
  readonly storeId: string | null;
  readonly currency: string | null;
}

const anywhere: Place = { storeId: null, currency: null };

interface RankerParts {
  readonly recommenders: readonly (OwnRecommender & OwnModel)[];
  readonly models: Pick<Models, 'tie' | 'newest'>;
  readonly shelf: Shelf;
  readonly floor: Floor;
  readonly mayRepeat: MayRepeat;
  readonly exploration: Exploration;
}

export function createRanker(parts: RankerParts): Ranker {
  const { recommenders, models, shelf, floor, mayRepeat, exploration } = parts;
  const { inStore, isSoldIn } = shelf;
  const fusion = createFusion();

  function rank(request: RankingRequest): Ranking {
    const { storeId } = request.context;
    const here: Place = { storeId, currency: request.currency ?? null };
    const strict = attempt(request, true, here);
    if (strict.items.length > 0 || request.isContinued) return strict;
    const lenient = attempt(request, false, here);
    if (lenient.items.length > 0) return lenient;
    // Nothing can be bought here: better one product that must be ordered or has no price than none.
    const one = { ...request, first: 1 };
    let { items } = here.currency === null ? lenient : attempt(one, false, { storeId, currency: null });
    if (items.length === 0 && storeId !== null) items = attempt(one, false, anywhere).items;
    const unavailable = lenient.unavailable.filter(({ item }) => item !== items[0]?.item);
    return { items, unavailable, isFilledUp: true };
  }

  /** `strict`: products in the cart, or bought and not due, are left out. `at`: products that cannot be bought there are left out. */
  function attempt(request: RankingRequest, strict: boolean, at: Place): Ranking {
    const { reranking, trace } = request;
    trace?.attempt(objectionHere(trace.item, request, strict, at));
    const pins = reranking?.pins((item) => objectionHere(item, request, false, at) === null) ?? [];
    if (pins.length === 0) return unpinned(request, strict, at);
    trace?.pinned(pins.map(({ item }) => item));
    const excluded = new Set([...request.excluded, ...pins.map(({ item }) => item)]);
    const { items, unavailable, isFilledUp } = unpinned({ ...request, excluded }, strict, at);
    const pinned = withPins(
      items,
      pins.map(({ place, item }) => {
        // The score of the product below it, so that scores never rise down the list.
        const score = items[Math.min(place, items.length - 1)]?.score ?? 1;
        return { place, entry: { item, score, shares: [{ name: 'pinned', amount: score, cause: -1 }] } };
      }),
    );
    return { items: pinned.slice(0, request.first), unavailable, isFilledUp };
  }

  /** Blends, demotes, diversifies, explores and fills up. */
  function unpinned(request: RankingRequest, strict: boolean, at: Place): Ranking {
    const { placement, context, first, reranking, trace } = request;
    const unavailable: { item: number; reason: Unavailability }[] = [];
    const offered = new Set<number>();
    const seen = seenIn(request);
    const pool = blend(request);

    demote(pool, seen, seenDemotion);
    trace?.demoted(seen.has(trace.item) ? seenDemotion : 1);
    if (reranking?.hasFactors) {
      for (let place = 0; place < pool.length; place++)
        pool.scores[place]! *= reranking.factor(pool.items[place]!);
      trace?.boosted(reranking.factor(trace.item));
    }

    const diversity = request.diversity ?? diversityFor(placement, context);
    const items = place();
    trace?.diversified(items, diversity);
    if (strict && placement.explores) {
      exploration.place(items, {
        pool,
        newest: models.newest.items,
        // A product that a rule lowers is not explored either.
        suits: (item) =>
          objectionHere(item, request, strict, at) === null && (reranking?.factor(item) ?? 1) >= 1,
        placement: placement.name,
        storeId: at.storeId,
        nowMs: context.nowMs,
        first,
      });
      trace?.explored(items);
    }
    const own = items.length;
    if (items.length < first && (placement.floor === 'fill' || items.length === 0)) fillUp(items);
    trace?.filled(items);
    return { items, unavailable, isFilledUp: items.length > own };

    function takes(item: number): boolean {
      if (objectionTo(item, request, strict) !== null) return false;
      offered.add(item);
      const reason = unavailability(item, at);
      if (reason !== null && unavailable.length < unavailableMax) unavailable.push({ item, reason });
      return reason === null;
    }

    /** The best of the pool by score and diversity. Viewed products wait until the first products that are not viewed are placed. */
    function place(): Ranked[] {
      const placed: Ranked[] = [];
      const waiting: Ranked[] = [];
      let unseen = 0;
      function release(): void {
        const most = placed.at(-1)?.score ?? Number.POSITIVE_INFINITY;
        for (const each of waiting) placed.push({ ...each, score: Math.min(each.score, most) });
        waiting.length = 0;
      }
      diversify(pool, diversity, shelf, models.tie, first, (at, score) => {
        const item = pool.items[at]!;
        if (!takes(item)) return false;
        const isUnseen = !seen.has(item);
        const isPlaced = isUnseen || unseen >= unseenFirst;
        (isPlaced ? placed : waiting).push({ item, score, shares: pool.sharesOf(at) });
        if (isUnseen && ++unseen === unseenFirst) release();
        return isPlaced;
      });
      if (placed.length < first) release();
      placed.length = Math.min(placed.length, first);
      return placed;
    }

    function fillUp(list: Ranked[]): void {
      const shown = new Set(list.map(({ item }) => item));
      const lowest = list.at(-1)?.score ?? 1;
      function take(name: string, item: number): boolean {
        if (!offered.has(item) && !shown.has(item) && takes(item)) {
          const score = lowest / (1 + fallbackStep * (list.length + 1));
          list.push({ item, score, shares: [{ name, amount: score, cause: -1 }] });
        }
        return list.length < first;
      }
      const fill = (exhaustive: boolean) =>
        floor.offer({ ...context, storeId: at.storeId }, exhaustive, take);
      fill(false);
      if (list.length < first) request.further?.every((item) => take('newest', item));
      if (list.length === 0) fill(true);
    }
  }

  function blend(request: RankingRequest): Pool {
    const { placement, context, proposals = [], trace } = request;
    const blended: Part[] = [];
    for (const recommender of recommenders) {
      const weight = weightIn(placement, recommender);
      if (weight === 0) continue;
      const candidates = recommender.propose(context, proposalsMax);
      if (candidates.length > 0) blended.push({ name: recommender.name, weight, candidates });
    }
    blended.push(...proposals);
    const pool = fusion.fuse(blended);
    trace?.blended(pool, blended);
    return pool;
  }

  function objectionTo(item: number, request: RankingRequest, strict: boolean): Objection | null {
    const { placement, context, excluded, avoided } = request;
    if (excluded.has(item) || request.passes?.(item) === false) return 'EXCLUDED';
    if (!shelf.eligible(item)) return 'NOT_ELIGIBLE';
    if (request.reranking && !request.reranking.shows(item)) return 'HIDDEN_BY_RULE';
    if (!strict) return null;
    if (avoided.has(item)) return 'IN_CART';
    return mayRepeat(item, context.profile.purchases, placement.repeat, context.nowMs)
      ? null
      : 'BOUGHT_AND_NOT_DUE';
  }

  function objectionHere(
    item: number,
    request: RankingRequest,
    strict: boolean,
    at: Place,
  ): Objection | null {
    return objectionTo(item, request, strict) ?? unavailability(item, at);
  }

  function unavailability(item: number, { storeId, currency }: Place): Unavailability | null {
    if (storeId !== null && !inStore(item, storeId)) return 'OUT_OF_STOCK_IN_STORE';
    return currency === null || isSoldIn(item, currency) ? null : 'NO_PRICE';
  }

  return { rank };
}

function demote(pool: Pool, items: ReadonlySet<number>, factor: number): void {
  if (items.size === 0) return;
  for (let place = 0; place < pool.length; place++) {
    if (items.has(pool.items[place]!)) pool.scores[place]! *= factor;
  }
}

/** Products viewed, where the placement demotes them. */
function seenIn({ placement, context }: RankingRequest): ReadonlySet<number> {
  const { viewed } = context.profile;
  return placement.seen === 'lower' && viewed.length > 0 ? new Set(viewed) : nothing;
}

/** The fewer clicks there are, the less they prove: a list from a single one is diversified twice as much. */
function diversityFor({ diversity }: Placement, { profile }: RankingContext): number {
  const clicks = profile.session.length;
  return clicks === 0 ? diversity : diversity * (1 + 1 / clicks);
}
