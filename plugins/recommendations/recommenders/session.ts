import { type Candidates, noCandidates } from '../../../src/ports/recommenders.js';
import type { Models } from '../learning/models.js';
import { floorProbability } from '../ranking/fusion.js';
import type { OwnRecommender } from './own-recommender.js';
import { anchored } from './predicted.js';

/**
 * Probability of products that too few people viewed in one session, as a share of the one that counts next to nothing, by their order: they
 * stand behind all others, since one made-up session could put them there, and their anchor item is not named.
 */
const [unvouchedMin, unvouchedMax] = [0.4, 0.6];

/** Products that follow in sessions like this one. */
export function sessionRecommender(models: Pick<Models, 'session'>): OwnRecommender {
  return {
    name: 'session',
    source: 'SESSION',
    reason: 'VIEWED_TOGETHER',
    blend: {
      home: 1,
      product: 1,
      cart: 0.5,
      'search-empty': 1,
      'post-purchase': 0.3,
      similar: 0.4,
      'bought-together': 0.05,
    },
    create: () => ({
      propose({ session, sessionKey }, limit): Candidates {
        if (session.length === 0) return noCandidates;
        const predicted = models.session.predict(session, limit, sessionKey ?? undefined);
        const all = anchored(predicted, (place) => session[predicted.causes[place]!] ?? -1);
        if (!predicted.vouched.includes(0)) return all;
        let mass = 0;
        for (let at = 0; at < all.length; at++) mass += all.scores[at]!;
        let best: number | null = null;
        for (let at = 0; at < all.length; at++) {
          if (predicted.vouched[all.places[at]!] !== 0) continue;
          const score = all.scores[at]!;
          best ??= score;
          const share = unvouchedMin + (unvouchedMax - unvouchedMin) * (score / best);
          all.scores[at] = mass * floorProbability * share;
          all.causes[at] = -1;
        }
        return { ...all, mass };
      },
      // A session also proposes the products viewed in it: nothing else is the reason then.
      causeOf: (item, anchor) => ({
        code: anchor === item ? 'RECENTLY_VIEWED' : 'VIEWED_TOGETHER',
        because: anchor === item ? -1 : anchor,
        subject: null,
      }),
    }),
  };
}
