import type { Alike } from './basket-reading.js';

/** Products that are asked with, the newest of a cart. */
export const seedsMax = 20;
/** Of these the newest may borrow, each from so many and all together from so many. */
export const borrowersMax = 5;
const lendersPerSeed = 8;
const lendersMax = 20;
/** Products whose baskets are read: those asked with and those that lend. */
export const placesMax = seedsMax + lendersMax;

/** A product whose own baskets weigh less borrows. */
export const enough = 20;
/** What is lent counts as so many baskets where the best lender is the same but for its number. */
const lentBaskets = 15;
/** Of products less alike nothing is lent, and of others by this power of the cosine. */
const likenessMin = 0.2;
const likenessPower = 3;
/** Lines of baskets that one lender is read for: where one product asks, and where several do. */
const linesLentAlone = 1_000;
const linesLent = 500;
/** Of a product that lives on loan. */
const certaintyMin = 0.1;

/** By place, as a `BasketReading` has it; the seeds' baskets have been read and weigh `weights`. */
export interface Places {
  readonly seeds: number;
  readonly items: Int32Array;
  readonly owners: Uint8Array;
  readonly shares: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Sets how much each basket counts. The share of a product's own n baskets in what is known of it is n / (n + 1 + lent), where
 * the one stands for what nobody knows: shrinkage to what goes with products alike, which fades as it gets baskets of its own.
 * The same product of another seller lends nearly all it has, and one that is new lives on loan.
 */
export interface Lending {
  /** Answers how many places are in use, and which part of what is known the seeds own, on average, in (0, 1]. */
  lend(places: Places, alike: Alike): { readonly places: number; readonly certainty: number };
}

/** `read` reads the newest baskets with a product until they have so many lines, and answers how much they weigh. */
export function createLending(read: (item: number, linesMax: number) => number): Lending {
  function borrow(seed: number, from: number, { seeds, items, owners, shares }: Places, alike: Alike) {
    const { items: others, scores, length } = alike(items[seed]!);
    const room = Math.min(placesMax, from + lendersPerSeed);
    let places = from;
    let sum = 0;
    let best = 0;
    for (let at = 0; at < length && places < room && scores[at]! >= likenessMin; at++) {
      const lender = others[at]!;
      if (isAmong(lender, items, places)) continue;
      const weight = read(lender, seeds === 1 ? linesLentAlone : linesLent);
      if (weight === 0) continue;
      const likeness = scores[at]! ** likenessPower;
      items[places] = lender;
      owners[places] = seed;
      shares[places++] = likeness / (weight + 1);
      sum += likeness;
      best = Math.max(best, likeness);
    }
    const lent = lentBaskets * best;
    for (let place = from; place < places; place++) shares[place]! *= lent / sum;
    return { places, lent };
  }

  return {
    lend(known, alike) {
      const { seeds, shares, weights } = known;
      let places = seeds;
      let asking = 0;
      let certain = 0;
      for (let seed = 0; seed < seeds; seed++) {
        const weight = weights[seed]!;
        const borrows = weight < enough && seed < borrowersMax;
        const loan = borrows ? borrow(seed, places, known, alike) : { places, lent: 0 };
        shares[seed] = 1 / (weight + 1 + loan.lent);
        if (weight + loan.lent > 0) {
          asking++;
          certain += Math.max(certaintyMin, weight / (weight + loan.lent));
        }
        for (let place = places; place < loan.places; place++) shares[place]! *= shares[seed]!;
        places = loan.places;
      }
      return { places, certainty: asking === 0 ? 1 : certain / asking };
    },
  };
}

function isAmong(item: number, items: Int32Array, count: number): boolean {
  for (let at = 0; at < count; at++) if (items[at] === item) return true;
  return false;
}
