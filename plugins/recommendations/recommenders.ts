import type { Shelf } from '../../src/ports/catalog.js';
import type { ReasonCode, RecommendationSource } from '../../src/ports/recommendations.js';
import { habitOf } from './buy-again.js';
import type { Evidence } from './evidence.js';
import { floorProbability, type Share } from './fusion.js';
import type { Prediction } from './models/session-model.js';
import type { Models } from './models.js';
import type { RecommenderName } from './placements.js';
import { bySeeds, type Candidates, noCandidates, type Seed } from './recommenders/candidates.js';

const proposalsMax = 60;
const sessionProposalsMax = 60;
const favouriteProposalsMax = 20;

/** What a recommendation says about where it comes from. */
interface Origin {
  readonly source: RecommendationSource;
  readonly code: ReasonCode;
}

const origins: Readonly<Record<Share['name'], Origin>> = {
  pinned: { source: 'CURATED', code: 'CURATED' },
  session: { source: 'SESSION', code: 'VIEWED_TOGETHER' },
  boughtTogether: { source: 'BOUGHT_TOGETHER', code: 'BOUGHT_TOGETHER' },
  similar: { source: 'SIMILAR', code: 'SIMILAR_TO' },
  recentlyViewed: { source: 'RECENTLY_VIEWED', code: 'RECENTLY_VIEWED' },
  buyAgain: { source: 'BUY_AGAIN', code: 'BUY_AGAIN' },
  nextPurchase: { source: 'BOUGHT_TOGETHER', code: 'BOUGHT_BY_OTHERS_WHO_BOUGHT' },
  favouriteCategories: { source: 'POPULAR', code: 'FAVOURITE_CATEGORY' },
  favouriteBrands: { source: 'POPULAR', code: 'FAVOURITE_BRAND' },
  popularInStore: { source: 'POPULAR', code: 'POPULAR_IN_STORE' },
  popularInCategory: { source: 'POPULAR', code: 'POPULAR_IN_CATEGORY' },
  popularAtThisTime: { source: 'POPULAR', code: 'POPULAR_AT_THIS_TIME' },
  popularThisSeason: { source: 'POPULAR', code: 'POPULAR_THIS_SEASON' },
  popular: { source: 'POPULAR', code: 'POPULAR' },
  trending: { source: 'POPULAR', code: 'POPULAR' },
  newest: { source: 'NEW', code: 'NEW_ARRIVAL' },
};

/** Where an item comes from that a recommender gave. Of what a person buys next, what they bought before is bought again. */
export function originOf(item: number, { name, cause }: Pick<Share, 'name' | 'cause'>): Origin {
  return name === 'nextPurchase' && cause === item ? origins.buyAgain : origins[name];
}

/** All that a ranking may depend on, beside the models and the shelf. */
export interface Situation {
  readonly evidence: Evidence;
  /** What asks for others, weightiest first. */
  readonly seeds: readonly Seed[];
  /** What was looked at, oldest first, with the page's product and the cart last. */
  readonly session: readonly number[];
  /** Of this shopper's own clicks among those the models have learned; null when they are not known. */
  readonly sessionKey: string | null;
  /** null: no store, or one that the shelf does not know. */
  readonly storeId: string | null;
  /** Whether the shopper is a customer with a profile. */
  readonly known: boolean;
  /** Of the product of the page, else of the newest in the cart. */
  readonly categoryIds: readonly string[];
  readonly nowMs: number;
}

/** What recommenders read. */
export interface Sources {
  readonly models: Models;
  readonly shelf: Shelf;
}

/** What one recommender proposes in a situation; at most 150. */
export function propose(name: RecommenderName, situation: Situation, { models, shelf }: Sources): Candidates {
  const { evidence, seeds, nowMs } = situation;
  switch (name) {
    case 'session':
      return fromSession(situation, models);
    case 'boughtTogether':
      return models.boughtTogether.complete(seeds);
    case 'similar':
      return bySeeds(seeds, models.content.row);
    case 'recentlyViewed':
      return byRank(evidence.viewed);
    case 'buyAgain':
      return fromPurchases(situation, models, shelf);
    case 'nextPurchase':
      return fromPeople(situation, models);
    case 'favouriteCategories':
      return fromFavourites(evidence.categories, models.popularity.inCategory, (item, id) =>
        shelf.categories(item).includes(id),
      );
    case 'favouriteBrands':
      return fromFavourites(
        evidence.brands,
        models.popularity.ofBrand,
        (item, brand) => shelf.brand(item) === brand,
      );
    case 'popularInStore':
      return situation.storeId === null
        ? noCandidates
        : models.popularity.inStore(situation.storeId, proposalsMax);
    case 'popularInCategory': {
      const [id] = situation.categoryIds;
      if (id === undefined) return noCandidates;
      return those(models.popularity.inCategory(id, proposalsMax), (item) =>
        shelf.categories(item).includes(id),
      );
    }
    case 'popularAtThisTime':
      return models.moments.ofTheWeek(nowMs);
    case 'popularThisSeason':
      return models.moments.ofTheYear(nowMs);
    case 'popular':
      return models.popularity.overall(proposalsMax);
    case 'trending':
      return models.trend.overall(proposalsMax);
    case 'newest':
      return byRank(models.newest.items);
  }
}

/**
 * What too few people looked at in one session stands behind all that is vouched for or alike, since one made-up session would put it there:
 * by order among itself its probability counts as this part of the one that counts next to nothing, and its cause is not told. Most of what
 * is seldom looked at is found so.
 */
const [loneMin, loneMax] = [0.4, 0.6];

function withLone(predicted: Prediction, causeAt: (place: number) => number): Candidates {
  const all = caused(predicted, causeAt);
  let mass = 0;
  for (let at = 0; at < all.length; at++) mass += all.scores[at]!;
  const isLone = (at: number): boolean => predicted.vouched[all.places[at]!] === 0;
  const best = all.scores[all.scores.findIndex((_, at) => isLone(at))] ?? 1;
  return {
    items: all.items,
    scores: all.scores.map((score, at) =>
      isLone(at) ? mass * floorProbability * (loneMin + (loneMax - loneMin) * (score / best)) : score,
    ),
    causes: all.causes.map((cause, at) => (isLone(at) ? -1 : cause)),
    length: all.length,
    mass,
  };
}

type Predicted = Pick<Prediction, 'items' | 'scores' | 'length'>;

function fromSession({ session, sessionKey }: Situation, models: Models): Candidates {
  if (session.length === 0) return noCandidates;
  const predicted = models.session.predict(session, sessionProposalsMax, sessionKey ?? undefined);
  return withLone(predicted, (place) => session[predicted.causes[place]!] ?? -1);
}

function fromPeople({ evidence, nowMs }: Situation, models: Models): Candidates {
  const { orders, buyer } = evidence;
  if (buyer === null) return noCandidates;
  const predicted = models.people.predict(orders, nowMs, proposalsMax, buyer);
  return caused(predicted, (place) => predicted.causes[place]!);
}

/**
 * Models score by the logarithm of a likelihood. What they add for want of anything that others went on to
 * has no cause, and popularity says it better.
 */
function caused({ items, scores, length }: Predicted, causeAt: (place: number) => number) {
  const places: number[] = [];
  for (let place = 0; place < length; place++) if (causeAt(place) >= 0) places.push(place);
  return {
    items: places.map((place) => items[place]!),
    scores: places.map((place) => Math.exp(scores[place]! - scores[0]!)),
    causes: places.map(causeAt),
    length: places.length,
    places,
  };
}

function fromPurchases({ evidence, nowMs }: Situation, models: Models, shelf: Shelf): Candidates {
  const { purchases } = evidence;
  const { replenishment, tie } = models;
  const habit = habitOf(purchases, replenishment, shelf);
  return replenishment.first(purchases, shelf.categories, { nowMs, habit, limit: proposalsMax, tie });
}

function fromFavourites(
  favourites: Evidence['categories'],
  board: (name: string, limit: number) => Candidates,
  belongs: (item: number, name: string) => boolean,
): Candidates {
  const items: number[] = [];
  const scores: number[] = [];
  for (const { name, weight } of favourites) {
    const popular = those(board(name, favouriteProposalsMax), (item) => belongs(item, name));
    let sum = 0;
    for (let i = 0; i < popular.length; i++) sum += popular.scores[i]!;
    for (let i = 0; i < popular.length; i++) {
      const item = popular.items[i]!;
      if (items.includes(item)) continue;
      items.push(item);
      scores.push((weight * popular.scores[i]!) / sum);
    }
  }
  return { items, scores, causes: items.map(() => -1), length: items.length };
}

/** A board remembers products that have left its category or brand since. */
function those({ items, scores, length }: Candidates, belongs: (item: number) => boolean): Candidates {
  const places: number[] = [];
  for (let i = 0; i < length; i++) if (belongs(items[i]!)) places.push(i);
  return {
    items: places.map((place) => items[place]!),
    scores: places.map((place) => scores[place]!),
    causes: places.map(() => -1),
    length: places.length,
  };
}

/** Scores by place alone. */
function byRank(items: readonly number[]): Candidates {
  const length = Math.min(items.length, proposalsMax);
  return {
    items,
    scores: byPlace,
    causes: noCauses,
    length,
  };
}

const byPlace = Float64Array.from({ length: proposalsMax }, (_, place) => 1 / (place + 5));
const noCauses = new Int32Array(proposalsMax).fill(-1);
