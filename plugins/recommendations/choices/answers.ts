import type { Shelf } from '../../../src/ports/catalog.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import { type Alternatives, alternativesOf } from '../choices.js';
import type { Evidence } from '../evidence.js';
import type { Placement } from '../placements.js';
import type { Ranker } from '../ranking.js';
import { situationOf } from '../situation.js';
import { featuresOf } from '../situation-features.js';

/** What would have been recommended. */
export interface Answer {
  readonly alternatives: Alternatives;
  readonly features: readonly number[];
  readonly evidence: Evidence;
  readonly atMs: number;
}

/** The moment that a placement is asked in. */
export interface Moment {
  readonly placement: Placement;
  /** Says who asks, where and when. */
  readonly event: ShopEvent;
  readonly evidence: Evidence;
  /** -1: no product of the page. */
  readonly pageItem: number;
  /** Oldest first. */
  readonly cart: readonly number[];
  /** What was shown, best placed first, where that is known. */
  readonly shown: readonly number[] | null;
}

/** As an answer to a shopper begins: what is proposed, before it is cut, put side by side and filled up. */
export function answerIn(moment: Moment, ranker: Pick<Ranker, 'gather'>, shelf: Shelf): Answer {
  const { placement, evidence, pageItem, cart, shown } = moment;
  const { storeId, sessionId, customerId, atMs } = moment.event;
  const inThatMoment = situationOf({
    placement,
    evidence,
    pageItem,
    cart,
    storeId: storeId !== null && shelf.knowsStore(storeId) ? storeId : null,
    sessionKey: sessionId,
    known: customerId !== null,
    nowMs: atMs,
    shelf,
  });
  const pool = ranker.gather({ placement, ...inThatMoment });
  const features = featuresOf(inThatMoment.situation, shelf);
  return { alternatives: alternativesOf(pool, shown), features, evidence, atMs };
}
