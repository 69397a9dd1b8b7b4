import type { Evidence } from '../../plugins/recommendations/evidence.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';

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
 * another product or bought with it, `cart` what joins a cart. `evidence` is of everything before the event, the newest of it `lastMs`.
 */
export function asksOf(event: ShopEvent, evidence: Evidence, lastMs: number, shelf: Shelf): Ask[] {
  const items = [...new Set(event.productIds.map((id) => shelf.numberOf(id)))].filter((item) => item >= 0);
  const [item] = items;
  if (item === undefined) return [];
  const asks: Ask[] = [];
  const ask = (placement: Ask['placement'], taken: number, pageItem = -1, cart: readonly number[] = []) =>
    asks.push({ placement, pageItem, cart, taken });
  switch (event.type) {
    case 'PRODUCT_VIEWED':
    case 'PRODUCT_ADDED_TO_CART': {
      const page = evidence.session.at(-1);
      const isNew = !evidence.viewed.includes(item) && !evidence.session.includes(item);
      if (isNew) ask('home', item);
      if (isNew && page !== undefined && event.atMs - lastMs < pageLeftMs) ask('product', item, page);
      if (
        event.type === 'PRODUCT_ADDED_TO_CART' &&
        evidence.cart.length > 0 &&
        !evidence.cart.includes(item)
      ) {
        ask('cart', item, -1, evidence.cart.toReversed());
      }
      return asks;
    }
    case 'ORDER_COMPLETED': {
      // An order that nobody was seen to fill a cart for: a till, a telephone, an import.
      if (evidence.cart.length > 0) return [];
      if (!evidence.session.includes(item)) ask('home', item);
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
