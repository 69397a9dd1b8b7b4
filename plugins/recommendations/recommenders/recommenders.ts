import { habitOf } from './buy-again.js';
import { buyAgainCause } from './buy-again-cause.js';
import { bySeeds } from './candidates.js';
import { nextPurchaseRecommender } from './next-purchase.js';
import type { OwnModel, OwnRecommender, Sources } from './own-recommender.js';
import { byRank, popularRecommenders } from './popular.js';
import { relatedRecommenders } from './related/related.js';
import { sessionRecommender } from './session.js';

/** The recommenders of this plugin. To add one, write its file and its entry here. */
export function createRecommenders(sources: Sources): readonly (OwnRecommender & OwnModel)[] {
  const { models, shelf } = sources;
  const recommenders: readonly OwnRecommender[] = [
    sessionRecommender(models),
    {
      name: 'boughtTogether',
      source: 'BOUGHT_TOGETHER',
      reason: 'BOUGHT_TOGETHER',
      blend: { home: 0.2, product: 0.3, cart: 1, 'post-purchase': 1, 'bought-together': 1 },
      create: () => ({ propose: ({ seeds }) => models.boughtTogether.complete(seeds) }),
    },
    {
      name: 'similar',
      source: 'SIMILAR',
      reason: 'SIMILAR_TO',
      blend: { home: 0.2, product: 0.5, cart: 0.1, 'search-empty': 0.2, 'post-purchase': 0.05, similar: 1 },
      create: () => ({ propose: ({ seeds }) => bySeeds(seeds, models.content.row) }),
    },
    {
      name: 'recentlyViewed',
      source: 'RECENTLY_VIEWED',
      reason: 'RECENTLY_VIEWED',
      blend: { 'recently-viewed': 1 },
      create: () => ({ propose: ({ profile }, limit) => byRank(profile.viewed, limit) }),
    },
    {
      name: 'buyAgain',
      source: 'BUY_AGAIN',
      reason: 'BUY_AGAIN',
      blend: { home: 0.35, cart: 0.2, reorder: 1 },
      create: () => ({
        propose({ profile: { purchases }, nowMs }, limit) {
          const { replenishment, tie } = models;
          const habit = habitOf(purchases, replenishment, shelf);
          return replenishment.first(purchases, shelf.categories, { nowMs, habit, limit, tie });
        },
        causeOf: (item, _, { profile }) => buyAgainCause(item, profile),
      }),
    },
    nextPurchaseRecommender(models),
    ...relatedRecommenders(models),
    ...popularRecommenders(sources),
    {
      name: 'newest',
      source: 'NEW',
      reason: 'NEW_ARRIVAL',
      blend: { home: 0.02, 'search-empty': 0.02 },
      create: () => ({ propose: (_, limit) => byRank(models.newest.items, limit) }),
    },
  ];
  return recommenders.map((each) => ({ ...each, ...each.create() }));
}
