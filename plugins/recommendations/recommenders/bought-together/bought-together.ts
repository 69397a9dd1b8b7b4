import type { Key } from '../../../../src/kit/fingerprint.js';
import { type Candidates, noCandidates, type Seed } from '../../../../src/ports/recommenders.js';
import type { Part, Storable } from '../../snapshots/stored.js';
import type { TieOrder } from '../candidates.js';
import { createBasketCauses } from './basket-causes.js';
import { type Alike, createBasketReading, seedsMax } from './basket-reading.js';
import { createBasketVotes, featureNames, weighedMax } from './basket-votes.js';
import { createBasketWeights } from './basket-weights.js';
import { createBaskets, type Filler } from './baskets.js';

const rowMax = 60;
const rowsKeptMax = 20_000;
/**
 * What is so much alike would do instead: that it was bought with the other once proves nothing, unless the shop's orders have
 * taught that likes go together there (then the weight of likeness is this large).
 */
const substituteLikeness = 0.5;
const substitutesMet = 2;
const likesGoTogether = 0.25;
/**
 * Probabilities are divided by this power of how often a product is bought anyway: what everybody buys needs no
 * recommendation, and more of the range is shown. Its price in hits is what `evaluate orders` draws as a curve.
 */
const reach = 0.1;
const alikeAt = featureNames.indexOf('alike');
/** Weights are learned from every order at first, then from fewer: at most so many for each e-fold of orders. */
const examplesPerFold = 400;
const ordersBeforeExamples = 20;
/** A row that no new basket touched still grows old with the shop. */
const rowGrowth = 1.1;

/**
 * What is bought together, across sellers: products that the baskets with the given ones hold more often than chance
 * would have it (Dunning's log-likelihood ratio, 1993), by how likely they are to be the next in the basket. A
 * substitute has to have been met more than once.
 */
export interface BoughtTogether extends Storable {
  /** Learns an order; it stands for the cart of the session, which is over. */
  order(session: Key, items: readonly number[], filler?: Filler): void;
  cartAdded(session: Key, item: number, filler?: Filler): void;
  cartRemoved(session: Key, item: number, filler?: Filler): void;
  /** Complements of one item, best first, at most 60; scores are probabilities, lowered for what everybody buys. */
  row(item: number): Candidates;
  /**
   * What completes several, best first, at most 60; of the seeds the first twenty count. Each cause is the seed
   * whose baskets contributed most.
   */
  complete(seeds: readonly Seed[]): Candidates;
}

interface LearnedPart extends Part {
  readonly name: 'learned';
  readonly orders: number;
  readonly nextExample: number;
  readonly weights: Float64Array;
  readonly squares: Float64Array;
}

interface Row {
  readonly row: Candidates;
  readonly staleAt: number;
}

export interface BoughtTogetherOptions {
  readonly reach?: number;
  /** The products that are similar to one, which may be substitutes. If omitted, none are. */
  readonly alike?: Alike;
  /** The number of independent people who must stand behind a product that is shown and its cause (`witnesses.ts`); by default one. */
  readonly peopleMin?: number;
  /** How much what only a storefront says counts, of what the shop's server says; by default as much. */
  readonly claimedShare?: number;
}

export function createBoughtTogether(tie: TieOrder, options: BoughtTogetherOptions = {}): BoughtTogether {
  const rows = new Map<number, Row>();
  const baskets = createBaskets((item) => rows.delete(item));
  const { index } = baskets;
  const reading = createBasketReading(index, baskets.kindOf, options.claimedShare);
  const votes = createBasketVotes(index, reading);
  const causes = createBasketCauses(index, reading, votes, options.peopleMin);
  const alike = options.alike ?? (() => noCandidates);
  /** The weights for one product are learned; several products together have the default weights. */
  const [ofOne, ofSeveral] = [createBasketWeights(), createBasketWeights()];
  const chances = new Float32Array(weighedMax);
  const chanceBits = new Uint32Array(chances.buffer);
  const keys = new Float64Array(weighedMax);
  /** The places of what was weighed, best first. */
  const order = new Uint8Array(weighedMax);
  const lowered = -(options.reach ?? reach);
  let orders = 0;
  let nextExample = ordersBeforeExamples;

  /** Before an order is learned it is a training example: what goes with one of its products? */
  function learnWeights(items: readonly number[]): void {
    if (orders < nextExample || items.length < 2) return;
    nextExample = orders + Math.max(1, Math.floor(orders / examplesPerFold));
    // Any of them, and the same one after a restart: chosen by the number of the order.
    const count = votes.gather([items[(Math.imul(orders, 0x9e3779b1) >>> 0) % items.length]!], alike);
    const right: number[] = [];
    for (let at = 0; at < count; at++) if (items.includes(votes.items[at]!)) right.push(at);
    if (right.length > 0) ofOne.learn(votes.features, count, right);
  }

  function answer(seeds: readonly number[]): Candidates {
    const count = votes.gather(seeds, alike);
    if (count === 0) return noCandidates;
    const { items, features } = votes;
    (seeds.length > 1 ? ofSeveral : ofOne).weigh(features, count, lowered, chances);
    causes.find(count);
    rankByChance(count);
    const row = {
      items: new Int32Array(rowMax),
      scores: new Float32Array(rowMax),
      causes: new Int32Array(rowMax),
    };
    let length = 0;
    for (let place = 0; place < count && length < rowMax; place++) {
      const at = order[place]!;
      causes.judge(at);
      if (!isProven(at)) continue;
      row.items[length] = items[at]!;
      row.scores[length] = chances[at]!;
      row.causes[length++] = causes.because[at]!;
    }
    return {
      items: row.items.subarray(0, length),
      scores: row.scores.subarray(0, length),
      causes: row.causes.subarray(0, length),
      length,
    };
  }

  /** Fills `order`; of equal chances the tie decides. */
  function rankByChance(count: number): void {
    // Sorting numbers without a comparison of one's own is several times as fast: positive floats are ordered as their bits are.
    for (let at = 0; at < count; at++) keys[at] = chanceBits[at]! * weighedMax + at;
    keys.subarray(0, count).sort();
    for (let place = 0; place < count; place++) {
      const at = keys[count - 1 - place]! % weighedMax;
      let to = place;
      for (; to > 0 && chances[order[to - 1]!] === chances[at]; to--) {
        if (tie(votes.items[order[to - 1]!]!, votes.items[at]!) <= 0) break;
        order[to] = order[to - 1]!;
      }
      order[to] = at;
    }
  }

  function isProven(at: number): boolean {
    if (causes.proven[at] === 0) return false;
    if (votes.likeness[at]! < substituteLikeness || causes.met[at]! >= substitutesMet) return true;
    return ofOne.weights[alikeAt]! >= likesGoTogether;
  }

  function row(item: number): Candidates {
    const kept = rows.get(item);
    if (kept !== undefined && index.sessions < kept.staleAt) return kept.row;
    const found = answer([item]);
    // A product that has nothing yet may have it with the next change of the catalog.
    if (found.length === 0) return found;
    if (kept === undefined && rows.size >= rowsKeptMax) rows.delete(rows.keys().next().value!);
    rows.set(item, { row: found, staleAt: index.sessions * rowGrowth + 1 });
    return found;
  }

  return {
    order(session, items, filler) {
      const before = (distinct: readonly number[]): void => {
        learnWeights(distinct);
        orders++;
      };
      baskets.order(session, items, before, filler);
    },
    cartAdded: baskets.cartAdded,
    cartRemoved: baskets.cartRemoved,
    row,
    complete(seeds) {
      const [only] = seeds;
      if (only === undefined) return noCandidates;
      return seeds.length === 1 ? row(only.item) : answer(seeds.slice(0, seedsMax).map(({ item }) => item));
    },

    save() {
      const learned: LearnedPart = {
        name: 'learned',
        orders,
        nextExample,
        weights: ofOne.weights.slice(),
        squares: ofOne.squares.slice(),
      };
      const stored = baskets.save();
      return (function* (): Generator<Part> {
        yield learned;
        yield* stored;
      })();
    },
    restore(part, remap) {
      if (part.name === 'learned') {
        const stored = part as LearnedPart;
        orders = stored.orders;
        nextExample = stored.nextExample;
        ofOne.weights.set(stored.weights);
        ofOne.squares.set(stored.squares);
      } else baskets.restore(part, remap);
    },
  };
}
