import { noCandidates } from '../../../src/ports/recommenders.js';
import type { Models } from '../learning/models.js';
import { buyAgainCause } from './buy-again-cause.js';
import type { OwnRecommender } from './own-recommender.js';
import { anchored } from './predicted.js';

/** Products that people with similar purchases bought next, and the shopper's own that are due. */
export function nextPurchaseRecommender(models: Pick<Models, 'people'>): OwnRecommender {
  return {
    name: 'nextPurchase',
    source: 'BOUGHT_TOGETHER',
    reason: 'BOUGHT_BY_OTHERS_WHO_BOUGHT',
    blend: { home: 0.35, cart: 0.2, 'post-purchase': 0.3 },
    create: () => ({
      propose({ profile: { orders, buyer }, nowMs }, limit) {
        if (buyer === null) return noCandidates;
        const predicted = models.people.predict(orders, nowMs, limit, buyer);
        return anchored(predicted, (place) => predicted.causes[place]!);
      },
      causeOf: (item, anchor, { profile }) =>
        anchor === item
          ? buyAgainCause(item, profile)
          : { code: 'BOUGHT_BY_OTHERS_WHO_BOUGHT', because: anchor, subject: null },
    }),
  };
}
