import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { ShopperProfile } from '../../src/ports/recommenders.js';

/** Beyond it nobody is still on the page. */
const pageLeftMs = 30 * 60_000;

/** A list that could have been asked for just before an event, and what the shopper took then. */
export interface Ask {
  readonly placement: 'home' | 'product' | 'cart';
  /** -1: none. */
  readonly pageItem: number;
  readonly cart: readonly number[];
  readonly taken: number;
}

/**
 * Which lists an event answers: `home` what is looked at for the first time or bought, `product` what is looked at after
 * another product or bought with it, `cart` what joins a cart. `profile` is of everything before the event, the newest of it `lastMs`.
 */
export function asksOf(event: ShopEvent, profile: ShopperProfile, lastMs: number, shelf: Shelf): Ask[] {
  const items = [...new Set(event.productIds.map((id) => shelf.numberOf(id)))].filter((item) => item >= 0);
  const [item] = items;
  if (item === undefined) return [];
  const asks: Ask[] = [];
  const ask = (placement: Ask['placement'], taken: number, pageItem = -1, cart: readonly number[] = []) =>
    asks.push({ placement, pageItem, cart, taken });
  switch (event.type) {
    case 'PRODUCT_VIEWED':
    case 'PRODUCT_ADDED_TO_CART': {
      const page = profile.session.at(-1);
      const isNew = !profile.viewed.includes(item) && !profile.session.includes(item);
      if (isNew) ask('home', item);
      if (isNew && page !== undefined && event.atMs - lastMs < pageLeftMs) ask('product', item, page);
      if (event.type === 'PRODUCT_ADDED_TO_CART' && profile.cart.length > 0 && !profile.cart.includes(item)) {
        ask('cart', item, -1, profile.cart.toReversed());
      }
      return asks;
    }
    case 'ORDER_COMPLETED': {
      // An order that nobody was seen to fill a cart for: a till, a telephone, an import.
      if (profile.cart.length > 0) return [];
      if (!profile.session.includes(item)) ask('home', item);
      if (items.length > 1) {
        ask('product', items[1]!, item);
        ask('cart', items.at(-1)!, -1, items.slice(0, -1));
      }
      return asks;
    }
    default:
      return [];
  }
}
