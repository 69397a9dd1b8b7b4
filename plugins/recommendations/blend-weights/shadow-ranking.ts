import type { Shelf } from '../../../src/ports/catalog.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { ShopperProfile } from '../../../src/ports/recommenders.js';
import type { Placement } from '../ranking/placements.js';
import type { Ranker } from '../ranking/ranking.js';
import { rankingContextOf } from '../serving/ranking-context.js';
import { type Alternatives, alternativesOf } from './choices.js';

/** A ranking that was made beside serving and is shown to nobody: the alternatives that the shopper could have chosen from. */
export interface ShadowRanking {
  readonly alternatives: Alternatives;
  readonly profile: ShopperProfile;
  readonly atMs: number;
}

/** The context of a shadow ranking. */
export interface Moment {
  readonly placement: Placement;
  /** The shopper, the place and the time. */
  readonly event: ShopEvent;
  readonly profile: ShopperProfile;
  /** -1: no product of the page. */
  readonly pageItem: number;
  /** Oldest first. */
  readonly cart: readonly number[];
  /** What was shown, best placed first, where that is known. */
  readonly shown: readonly number[] | null;
}

/** Ranks as a response to a shopper begins: the proposals before cut, diversity and fallback. */
export function shadowRankingIn(moment: Moment, ranker: Pick<Ranker, 'gather'>, shelf: Shelf): ShadowRanking {
  const { placement, profile, pageItem, cart, shown } = moment;
  const { storeId, sessionId, customerId, atMs } = moment.event;
  const inThatMoment = rankingContextOf({
    placement,
    profile,
    pageItem,
    cart,
    storeId: storeId !== null && shelf.knowsStore(storeId) ? storeId : null,
    sessionKey: sessionId,
    customerId,
    nowMs: atMs,
    shelf,
  });
  const pool = ranker.gather({ placement, ...inThatMoment });
  return { alternatives: alternativesOf(pool, shown), profile, atMs };
}
