import type { Shelf } from '../../../src/ports/catalog.js';
import type { RankingContext } from '../../../src/ports/recommenders.js';

/**
 * What the weights of the recommenders may depend on, beside who proposes. The asking channel is none of them: one ranking
 * for all channels is a promise.
 */
export const contextFeatures = [
  'one click',
  'many clicks',
  'drift',
  'has bought',
  'known',
  'in a store',
  'weekend',
  'evening',
] as const;

const manyClicks = 6;
/** Clicks before the newest that say where the session came from. */
const driftMax = 8;
const eveningFromHour = 17;

/** The features of a context, each in 0 … 1, in the order of their names. Days and hours are UTC. */
export function featuresOf(context: RankingContext, shelf: Pick<Shelf, 'categories' | 'brand'>): number[] {
  const { profile, session, storeId, customerId, nowMs } = context;
  const now = new Date(nowMs);
  return [
    session.length === 1 ? 1 : 0,
    Math.min(1, session.length / manyClicks) * (session.length > 1 ? 1 : 0),
    driftOf(session, shelf),
    profile.purchases.size > 0 ? 1 : 0,
    customerId === null ? 0 : 1,
    storeId === null ? 0 : 1,
    now.getUTCDay() % 6 === 0 ? 1 : 0,
    now.getUTCHours() >= eveningFromHour ? 1 : 0,
  ];
}

/** How far the newest click has gone from those before: the share of them in another category, by half of another brand. */
export function driftOf(session: readonly number[], shelf: Pick<Shelf, 'categories' | 'brand'>): number {
  const newest = session.at(-1);
  const from = Math.max(0, session.length - 1 - driftMax);
  const before = session.length - 1 - from;
  if (newest === undefined || before === 0) return 0;
  const category = shelf.categories(newest)[0];
  const brand = shelf.brand(newest);
  let far = 0;
  for (let at = from; at < session.length - 1; at++) {
    const other = session[at]!;
    if (shelf.categories(other)[0] !== category) far++;
    else if (shelf.brand(other) !== brand) far += 0.5;
  }
  return far / before;
}
