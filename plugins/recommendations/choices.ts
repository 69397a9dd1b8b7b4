import type { Pool } from './fusion.js';
import type { Family } from './fusion-weights.js';
import { recommenderNames } from './placements.js';

/** What somebody took out of what could have been shown: a choice set, as in a multinomial logit model. */
export interface Choice {
  readonly family: Family;
  readonly features: readonly number[];
  /** Of the recommenders that proposed anything, their places in `recommenderNames`. */
  readonly recommenders: readonly number[];
  readonly alternatives: number;
  /** By alternative, then by recommender: what it gave with the weight that the placement has by default. */
  readonly amounts: Float32Array;
  /** By alternative: what it lost by where it stood, as a logarithm; null where nothing had been shown. */
  readonly handicaps: Float32Array | null;
  /** Which alternative was taken. */
  readonly taken: number;
}

/**
 * Makes a choice of a pool with the weights by default; null when the pool does not hold the item that was taken. `shown`, where
 * it is known, are the only alternatives, best placed first: an item at position n is looked at n times less (after the
 * position-based model, Richardson, Dominowska, Ragno 2007), so taking it says more.
 */
export function choiceOf(
  pool: Pool,
  family: Family,
  features: readonly number[],
  item: number,
  shown: readonly number[] | null,
): Choice | null {
  const positions = shown === null ? null : new Map(shown.map((other, at) => [other, at + 1]));
  const places: number[] = [];
  let taken = -1;
  for (let place = 0; place < pool.length; place++) {
    const other = pool.items[place]!;
    if (other === item) taken = place;
    if (pool.scores[place]! > 0 && (positions === null || positions.has(other))) places.push(place);
  }
  if (taken < 0 || !places.includes(taken) || places.length < 2) return null;
  const recommenders: number[] = [];
  const shares = places.map((place) => pool.sharesOf(place));
  for (const of of shares) {
    for (const { name } of of) {
      const at = recommenderNames.indexOf(name);
      if (!recommenders.includes(at)) recommenders.push(at);
    }
  }
  const amounts = new Float32Array(places.length * recommenders.length);
  for (const [row, of] of shares.entries()) {
    for (const { name, amount } of of) {
      amounts[row * recommenders.length + recommenders.indexOf(recommenderNames.indexOf(name))] = amount;
    }
  }
  return {
    family,
    features,
    recommenders,
    alternatives: places.length,
    amounts,
    handicaps:
      positions && Float32Array.from(places, (place) => -Math.log(positions.get(pool.items[place]!)!)),
    taken: places.indexOf(taken),
  };
}
