import { type Candidates, type Favourite, noCandidates } from '../../../src/ports/recommenders.js';
import type { OwnRecommender, Sources } from './own-recommender.js';

const perFavouriteMax = 20;

/** Popular products: overall, lately, in the store, in the category of the page, in favourite categories and of favourite brands. */
export function popularRecommenders({ models, shelf }: Sources): readonly OwnRecommender[] {
  const isIn = (item: number, categoryId: string) => shelf.categories(item).includes(categoryId);
  const isOf = (item: number, brand: string) => shelf.brand(item) === brand;
  return [
    {
      name: 'favouriteCategories',
      source: 'POPULAR',
      reason: 'FAVOURITE_CATEGORY',
      blend: { home: 0.2, 'search-empty': 0.3 },
      create: () => ({
        propose: ({ profile }) => ofFavourites(profile.categories, models.popularity.inCategory, isIn),
        causeOf(item, _, { profile }) {
          const favourite = profile.categories.find(({ name }) => isIn(item, name));
          const subject = favourite === undefined ? null : { categoryId: favourite.name };
          return { code: 'FAVOURITE_CATEGORY', because: -1, subject };
        },
      }),
    },
    {
      name: 'favouriteBrands',
      source: 'POPULAR',
      reason: 'FAVOURITE_BRAND',
      blend: { home: 0.1 },
      create: () => ({
        propose: ({ profile }) => ofFavourites(profile.brands, models.popularity.ofBrand, isOf),
        causeOf(item) {
          const brand = shelf.brand(item);
          return {
            code: 'FAVOURITE_BRAND',
            because: -1,
            subject: brand === null ? null : { text: brand },
          };
        },
      }),
    },
    {
      name: 'popularInStore',
      source: 'POPULAR',
      reason: 'POPULAR_IN_STORE',
      blend: { home: 0.2, 'search-empty': 0.2, trending: 0.2 },
      create: () => ({
        propose: ({ storeId }, limit) =>
          storeId === null ? noCandidates : models.popularity.inStore(storeId, limit),
      }),
    },
    {
      name: 'popularInCategory',
      source: 'POPULAR',
      reason: 'POPULAR_IN_CATEGORY',
      blend: { product: 0.1 },
      create: () => ({
        propose({ categoryIds: [id] }, limit) {
          if (id === undefined) return noCandidates;
          return filtered(models.popularity.inCategory(id, limit), isIn, id);
        },
        causeOf(item, _, { categoryIds }) {
          const categoryId = categoryIds.find((id) => isIn(item, id));
          const subject = categoryId === undefined ? null : { categoryId };
          return { code: 'POPULAR_IN_CATEGORY', because: -1, subject };
        },
      }),
    },
    {
      name: 'popular',
      source: 'POPULAR',
      reason: 'POPULAR',
      blend: { home: 0.1, cart: 0.05, 'search-empty': 0.2, 'post-purchase': 0.05 },
      create: () => ({ propose: (_, limit) => models.popularity.overall(limit) }),
    },
    {
      name: 'trending',
      source: 'POPULAR',
      reason: 'POPULAR',
      blend: { trending: 1 },
      create: () => ({ propose: (_, limit) => models.trend.overall(limit) }),
    },
  ];
}

/** The popular products of each favourite; a favourite's weight is divided among its products. */
function ofFavourites(
  favourites: readonly Favourite[],
  leaderboard: (name: string, limit: number) => Candidates,
  belongs: (item: number, name: string) => boolean,
): Candidates {
  const items: number[] = [];
  const scores: number[] = [];
  for (const { name, weight } of favourites) {
    const popular = filtered(leaderboard(name, perFavouriteMax), belongs, name);
    let sum = 0;
    for (let at = 0; at < popular.length; at++) sum += popular.scores[at]!;
    for (let at = 0; at < popular.length; at++) {
      const item = popular.items[at]!;
      if (items.includes(item)) continue;
      items.push(item);
      scores.push((weight * popular.scores[at]!) / sum);
    }
  }
  return { items, scores, causes: noAnchors, length: items.length };
}

/** A leaderboard may still hold products that have left its category or brand since. */
function filtered(
  all: Candidates,
  belongs: (item: number, name: string) => boolean,
  name: string,
): Candidates {
  let first = 0;
  while (first < all.length && belongs(all.items[first]!, name)) first++;
  if (first === all.length) return all;
  const items: number[] = [];
  const scores: number[] = [];
  for (let at = 0; at < all.length; at++) {
    const item = all.items[at]!;
    if (at >= first && !belongs(item, name)) continue;
    items.push(item);
    scores.push(all.scores[at]!);
  }
  return { items, scores, causes: noAnchors, length: items.length };
}

const rankedMax = 60;
const scoresByRank = Float64Array.from({ length: rankedMax }, (_, place) => 1 / (place + 5));
const noAnchors = new Int32Array(rankedMax).fill(-1);

/** Scores by rank alone. `limit`: at most 60. */
export function byRank(items: readonly number[], limit: number): Candidates {
  return { items, scores: scoresByRank, causes: noAnchors, length: Math.min(items.length, limit, rankedMax) };
}
