import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import { type Key, keyOf } from '../../../../src/kit/fingerprint.js';
import { type Witness, witnessOfKey } from '../../limits/witnesses.js';
import { clicksPerSessionMax, createSessionIndex } from '../../session-knn/session-index.js';
import {
  restoreSessionIndex,
  type SessionIndexPart,
  saveSessionIndex,
} from '../../session-knn/session-index-parts.js';
import type { Part, Storable } from '../../snapshots/stored.js';
import { basketKinds } from './basket-reading.js';

const basketsMax = 2 ** 21;
const basketsPerItem = 1024;
const cartsMax = 20_000;
const cartItemsMax = 20;

/** Who fills a basket. */
export interface Filler {
  readonly witness: Witness;
  /** True if only a storefront reported it. */
  readonly claimed: boolean;
}

/** Orders and carts, the newest: which products went into one, in which order. */
export interface Baskets extends Storable {
  readonly index: ReturnType<typeof createSessionIndex>;
  /** Of the basket in a slot of the index (`basketKinds`). */
  kindOf(slot: number): number;
  /**
   * Takes up an order; it stands for the cart of the session, which is over. `before` is called with its distinct products while they
   * are not among the baskets yet, neither as order nor as cart; not at all for an empty order.
   */
  order(
    session: Key,
    items: readonly number[],
    before: (distinct: readonly number[]) => void,
    filler?: Filler,
  ): void;
  cartAdded(session: Key, item: number, filler?: Filler): void;
  cartRemoved(session: Key, item: number, filler?: Filler): void;
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

const somebody = (key: number): Filler => ({ witness: witnessOfKey(key), claimed: false });

/** `changed` is told each product whose baskets are others now. */
export function createBaskets(changed: (item: number) => void): Baskets {
  const index = createSessionIndex({ sessionsPerItem: basketsPerItem, sessionsMax: basketsMax });
  let kinds = new Uint8Array(1024);
  /** Of each session that has one: its basket. */
  const carts = new Map<number, number>();
  /** Goes on from the last one that went: beginning anew would pass all that are gone. */
  const oldestCarts = carts.keys();

  function begin(kind: number, witness: Witness): number {
    const basket = index.begin(witness);
    setKind(basket, kind);
    return basket;
  }

  function setKind(basket: number, kind: number): void {
    const slot = basket % basketsMax;
    kinds = ensureCapacity(Uint8Array, kinds, slot + 1);
    kinds[slot] = kind;
  }

  function itemsOf(basket: number): number[] {
    const start = index.sessionStart[basket % basketsMax]!;
    return Array.from(index.sessionCells.subarray(start, start + index.lengthOf(basket)));
  }

  function put(basket: number, item: number): void {
    index.append(basket, item);
    changed(item);
  }

  /** The cart of a session; one that was forgotten with the oldest baskets is none. */
  function cartOf(key: number): number {
    const basket = carts.get(key) ?? -1;
    return basket < index.sessions - basketsMax ? -1 : basket;
  }

  function forget(basket: number): void {
    setKind(basket, basketKinds.void);
    for (const item of itemsOf(basket)) changed(item);
  }

  return {
    index,
    kindOf: (slot) => kinds[slot]!,
    order(session, items, before, filler) {
      const key = keyOf(session);
      const { witness, claimed } = filler ?? somebody(key);
      const kind = claimed ? basketKinds.claimedOrder : basketKinds.order;
      const cart = cartOf(key);
      carts.delete(key);
      if (cart >= 0) forget(cart);
      const distinct = [...new Set(items)].slice(0, clicksPerSessionMax);
      if (distinct.length === 0) return;
      before(distinct);
      const held = cart < 0 ? [] : itemsOf(cart);
      const grows = cart >= 0 && held.every((item) => distinct.includes(item));
      if (grows) {
        setKind(cart, kind);
        index.vouch(cart, witness);
      }
      const basket = grows ? cart : begin(kind, witness);
      for (const item of distinct) if (!grows || !held.includes(item)) put(basket, item);
    },
    cartAdded(session, item, filler) {
      const key = keyOf(session);
      const { witness, claimed } = filler ?? somebody(key);
      let basket = cartOf(key);
      if (basket < 0) {
        if (carts.size >= cartsMax) carts.delete(oldestCarts.next().value!);
        basket = begin(claimed ? basketKinds.claimedCart : basketKinds.cart, witness);
        carts.set(key, basket);
      } else index.vouch(basket, witness);
      const held = itemsOf(basket);
      if (held.includes(item) || held.length >= cartItemsMax) return;
      put(basket, item);
      for (const other of held) changed(other);
    },
    cartRemoved(session, item, filler) {
      const key = keyOf(session);
      const { witness, claimed } = filler ?? somebody(key);
      const cart = cartOf(key);
      const held = cart < 0 ? [] : itemsOf(cart);
      if (!held.includes(item)) return;
      forget(cart);
      const basket = begin(claimed ? basketKinds.claimedCart : basketKinds.cart, witness);
      for (const other of held) if (other !== item) put(basket, other);
      carts.set(key, basket);
    },

    save() {
      const baskets: BasketsPart = {
        name: 'baskets',
        kinds: kinds.slice(0, Math.min(index.sessions, basketsMax)),
        cartKeys: Float64Array.from(carts.keys()),
        carts: Int32Array.from(carts.values()),
      };
      const parts = saveSessionIndex(index);
      return (function* (): Generator<BasketsPart | IndexPart> {
        yield baskets;
        for (const part of parts) yield { name: 'index', part };
      })();
    },
    restore(part, remap) {
      if (part.name === 'index') restoreSessionIndex(index, (part as IndexPart).part, remap);
      else {
        const stored = part as BasketsPart;
        kinds = new Uint8Array(Math.max(1024, stored.kinds.length));
        kinds.set(stored.kinds);
        for (const [at, key] of stored.cartKeys.entries()) carts.set(key, stored.carts[at]!);
      }
    },
  };
}
