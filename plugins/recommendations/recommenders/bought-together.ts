import { type Key, keyOf } from '../models/fingerprint.js';
import { clicksPerSessionMax, createSessionIndex } from '../models/session-index.js';
import {
  restoreSessionIndex,
  type SessionIndexPart,
  saveSessionIndex,
} from '../models/session-index-parts.js';
import type { Part, Storable } from '../models/stored.js';
import { createBasketCauses } from './basket-causes.js';
import { type Alike, basketKinds, createBasketReading } from './basket-reading.js';
import { createBasketVotes, featureNames, weighedMax } from './basket-votes.js';
import { createBasketWeights } from './basket-weights.js';
import { type Candidates, noCandidates, type Seed, type TieOrder } from './candidates.js';
import { seedsMax } from './lending.js';

const rowMax = 60;
const rowsKeptMax = 20_000;
const basketsMax = 2 ** 21;
const basketsPerItem = 1024;
const cartsMax = 20_000;
const cartItemsMax = 20;
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
const lessonsPerFold = 400;
const ordersBeforeLessons = 20;
/** A row that no new basket touched still grows old with the shop. */
const rowGrowth = 1.1;
/** One that is made of what others lent is touched by their baskets, too. */
const lentRowGrowth = 1.01;

/**
 * What is bought together, across sellers: products that the baskets with the given ones hold more often than chance
 * would have it (Dunning's log-likelihood ratio, 1993), by how likely they are to be the next in the basket. A product
 * with few baskets or none borrows those of products alike. What would do instead has to have been met more than once.
 */
export interface BoughtTogether extends Storable {
  /** Learns an order; it stands for the cart of the session, which is over. */
  order(session: Key, items: readonly number[]): void;
  cartAdded(session: Key, item: number): void;
  cartRemoved(session: Key, item: number): void;
  /** Complements of one item, best first, at most 60; scores are probabilities, lowered for what everybody buys. */
  row(item: number): Candidates;
  /**
   * What completes several, best first, at most 60; of the seeds the first twenty count. Each cause is the product whose baskets
   * said it loudest: a seed, or what lent to one.
   */
  complete(seeds: readonly Seed[]): Candidates;
}

interface LearnedPart extends Part {
  readonly name: 'learned';
  readonly orders: number;
  readonly nextLesson: number;
  readonly weights: readonly Float64Array[];
  readonly squares: readonly Float64Array[];
}

interface BasketsPart extends Part {
  readonly name: 'baskets';
  readonly kinds: Uint8Array;
  readonly cartKeys: Float64Array;
  readonly carts: Int32Array;
}

interface IndexPart extends Part {
  readonly name: 'index';
  readonly part: SessionIndexPart;
}

interface Row {
  readonly row: Candidates;
  readonly staleAt: number;
}

export interface BoughtTogetherOptions {
  readonly reach?: number;
  /** Of which products one with few baskets may borrow; by default of none. */
  readonly alike?: Alike;
}

export function createBoughtTogether(tie: TieOrder, options: BoughtTogetherOptions = {}): BoughtTogether {
  const index = createSessionIndex({ sessionsPerItem: basketsPerItem, sessionsMax: basketsMax });
  let kinds = new Uint8Array(1024);
  /** Of each session that has one: its basket. */
  const carts = new Map<number, number>();
  const reading = createBasketReading(index, (slot) => kinds[slot]!);
  const votes = createBasketVotes(index, reading);
  const causes = createBasketCauses(index, reading, votes);
  const alike = options.alike ?? (() => noCandidates);
  /** What one product says, and what several say together. */
  const [ofOne, ofSeveral] = [createBasketWeights(), createBasketWeights()];
  const rows = new Map<number, Row>();
  const chances = new Float32Array(weighedMax);
  const chanceBits = new Uint32Array(chances.buffer);
  const keys = new Float64Array(weighedMax);
  /** The places of what was weighed, best first. */
  const order = new Uint8Array(weighedMax);
  const lowered = -(options.reach ?? reach);
  let orders = 0;
  let nextLesson = ordersBeforeLessons;

  function begin(kind: number): number {
    const basket = index.begin();
    setKind(basket, kind);
    return basket;
  }

  function setKind(basket: number, kind: number): void {
    const slot = basket % basketsMax;
    if (slot >= kinds.length) {
      const grown = new Uint8Array(2 * slot);
      grown.set(kinds);
      kinds = grown;
    }
    kinds[slot] = kind;
  }

  function itemsOf(basket: number): number[] {
    const start = index.sessionStart[basket % basketsMax]!;
    return Array.from(index.sessionCells.subarray(start, start + index.lengthOf(basket)));
  }

  function put(basket: number, item: number): void {
    index.append(basket, item);
    rows.delete(item);
  }

  /** The cart of a session; one that was forgotten with the oldest baskets is none. */
  function cartOf(key: number): number {
    const basket = carts.get(key) ?? -1;
    return basket < index.sessions - basketsMax ? -1 : basket;
  }

  function forget(basket: number): void {
    setKind(basket, basketKinds.void);
    for (const item of itemsOf(basket)) rows.delete(item);
  }

  /** Before the order is learned it is a question: what goes with one of its products, and with its first half? */
  function learnWeights(items: readonly number[]): void {
    if (orders < nextLesson || items.length < 2) return;
    nextLesson = orders + Math.max(1, Math.floor(orders / lessonsPerFold));
    const half = items.length >> 1;
    // Any of them, and the same one after a restart: chosen by the number of the order.
    lesson(ofOne, [items[(Math.imul(orders, 0x9e3779b1) >>> 0) % items.length]!], items);
    if (half > 1) lesson(ofSeveral, items.slice(0, half).reverse(), items.slice(half));
  }

  function lesson(weights: typeof ofOne, seeds: readonly number[], answer: readonly number[]): void {
    const count = votes.gather(seeds, alike);
    const right: number[] = [];
    for (let at = 0; at < count; at++) if (answer.includes(votes.items[at]!)) right.push(at);
    if (right.length > 0) weights.learn(votes.features, count, right);
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
      certainty: reading.certainty,
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
    const growth = reading.places > reading.seeds ? lentRowGrowth : rowGrowth;
    if (kept === undefined && rows.size >= rowsKeptMax) rows.delete(rows.keys().next().value!);
    rows.set(item, { row: found, staleAt: index.sessions * growth + 1 });
    return found;
  }

  return {
    order(session, ordered) {
      const key = keyOf(session);
      const cart = cartOf(key);
      carts.delete(key);
      if (cart >= 0) forget(cart);
      const items = [...new Set(ordered)].slice(0, clicksPerSessionMax);
      if (items.length === 0) return;
      learnWeights(items);
      orders++;
      const held = cart < 0 ? [] : itemsOf(cart);
      const grows = cart >= 0 && held.every((item) => items.includes(item));
      if (grows) setKind(cart, basketKinds.order);
      const basket = grows ? cart : begin(basketKinds.order);
      for (const item of items) if (!grows || !held.includes(item)) put(basket, item);
    },
    cartAdded(session, item) {
      const key = keyOf(session);
      let basket = cartOf(key);
      if (basket < 0) {
        if (carts.size >= cartsMax) carts.delete(carts.keys().next().value!);
        basket = begin(basketKinds.cart);
        carts.set(key, basket);
      }
      const held = itemsOf(basket);
      if (held.includes(item) || held.length >= cartItemsMax) return;
      put(basket, item);
      for (const other of held) rows.delete(other);
    },
    cartRemoved(session, item) {
      const key = keyOf(session);
      const cart = cartOf(key);
      const held = cart < 0 ? [] : itemsOf(cart);
      if (!held.includes(item)) return;
      forget(cart);
      const basket = begin(basketKinds.cart);
      for (const other of held) if (other !== item) put(basket, other);
      carts.set(key, basket);
    },
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
        nextLesson,
        weights: [ofOne.weights.slice(), ofSeveral.weights.slice()],
        squares: [ofOne.squares.slice(), ofSeveral.squares.slice()],
      };
      const baskets: BasketsPart = {
        name: 'baskets',
        kinds: kinds.slice(0, Math.min(index.sessions, basketsMax)),
        cartKeys: Float64Array.from(carts.keys()),
        carts: Int32Array.from(carts.values()),
      };
      const parts = saveSessionIndex(index);
      return (function* (): Generator<LearnedPart | BasketsPart | IndexPart> {
        yield learned;
        yield baskets;
        for (const part of parts) yield { name: 'index', part };
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'index') restoreSessionIndex(index, (part as IndexPart).part, renumbering);
      else if (part.name === 'baskets') {
        const stored = part as BasketsPart;
        kinds = new Uint8Array(Math.max(1024, stored.kinds.length));
        kinds.set(stored.kinds);
        for (const [at, key] of stored.cartKeys.entries()) carts.set(key, stored.carts[at]!);
      } else if (part.name === 'learned') {
        const stored = part as LearnedPart;
        orders = stored.orders;
        nextLesson = stored.nextLesson;
        for (const [at, weights] of [ofOne, ofSeveral].entries()) {
          // What was stored when there were other features teaches nothing about these.
          if (stored.weights[at]?.length !== weights.weights.length) continue;
          weights.weights.set(stored.weights[at]!);
          weights.squares.set(stored.squares[at]!);
        }
      }
    },
  };
}
