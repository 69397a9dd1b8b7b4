import type { Pool } from '../ranking/fusion.js';
import type { Family } from '../ranking/fusion-weights.js';
import { recommenderNames } from '../recommenders/recommender-names.js';

const names: readonly string[] = recommenderNames;

/** What could have been taken, as it stood before anything was. */
export interface Alternatives {
  readonly items: Int32Array;
  /** Of the recommenders that proposed anything, their places in `recommenderNames`. */
  readonly recommenders: readonly number[];
  /** By alternative, then by recommender: what it gave with the weight that the placement has by default. */
  readonly amounts: Float32Array;
  /** By alternative: what it lost by where it stood, as a logarithm; null where nothing had been shown. */
  readonly handicaps: Float32Array | null;
}

/** What somebody took out of what could have been shown: a choice set, as in a multinomial logit model. */
export interface Choice extends Omit<Alternatives, 'items'> {
  readonly family: Family;
  readonly alternatives: number;
  /** Which alternative was taken. */
  readonly taken: number;
  /** The network that it came from if that is known and the shop's server did not write it, else a fingerprint of the person. */
  readonly source: number;
}

/**
 * Copies a pool with the weights by default. `shown`, where it is known, are the only alternatives, best placed first: an item at
 * position n is looked at n times less (after the position-based model, Richardson, Dominowska, Ragno 2007), so taking it says more.
 */
export function alternativesOf(pool: Pool, shown: readonly number[] | null): Alternatives {
  const positions = shown === null ? null : new Map(shown.map((other, at) => [other, at + 1]));
  const places: number[] = [];
  for (let place = 0; place < pool.length; place++) {
    if (pool.scores[place]! > 0 && (positions === null || positions.has(pool.items[place]!)))
      places.push(place);
  }
  const proposing = pool.names
    .map((_, column) => column)
    .filter((column) => places.some((place) => pool.amountOf(place, column) > 0));
  const amounts = new Float32Array(places.length * proposing.length);
  for (const [row, place] of places.entries()) {
    for (const [at, column] of proposing.entries())
      amounts[row * proposing.length + at] = pool.amountOf(place, column);
  }
  const items = Int32Array.from(places, (place) => pool.items[place]!);
  return {
    items,
    recommenders: proposing.map((column) => names.indexOf(pool.names[column]!)),
    amounts,
    handicaps: positions && Float32Array.from(items, (item) => -Math.log(positions.get(item)!)),
  };
}

/** null when the item that was taken is not among the alternatives, or the only one. */
export function choiceOf(
  { items, ...rest }: Alternatives,
  family: Family,
  item: number,
  source: number,
): Choice | null {
  const taken = items.indexOf(item);
  return taken < 0 || items.length < 2
    ? null
    : { ...rest, family, alternatives: items.length, taken, source };
}
