import type { ShopEvent } from '../../../src/ports/events.js';
import type { FamilyRanking, SampledShopper } from './sampled-shoppers.js';
import type { ShadowRanking } from './shadow-ranking.js';

/** Beyond it nobody is still on the page. */
const pageLeftMs = 30 * 60_000;

/** What somebody does with a product that they could have found in a list. */
export const choosing: ReadonlySet<ShopEvent['type']> = new Set([
  'PRODUCT_VIEWED',
  'PRODUCT_ADDED_TO_CART',
  'ORDER_COMPLETED',
  'RECOMMENDATION_CLICKED',
]);

const changesCart: ReadonlySet<ShopEvent['type']> = new Set([
  'PRODUCT_ADDED_TO_CART',
  'PRODUCT_REMOVED_FROM_CART',
  'ORDER_COMPLETED',
]);

/** The earlier shadow rankings among whose products the shopper chose the event's item. */
export function chosenFrom(event: ShopEvent, item: number, one: SampledShopper): FamilyRanking[] {
  if (event.type === 'RECOMMENDATION_CLICKED') {
    const { shown, shownFrom } = one;
    return shownFrom && shown?.decisionId === event.decisionId ? [shownFrom] : [];
  }
  const isNew = ({ profile }: ShadowRanking) =>
    !profile.viewed.includes(item) && !profile.session.includes(item);
  const from: FamilyRanking[] = [];
  const home = one.rankings.get('home');
  if (event.type === 'ORDER_COMPLETED') {
    if (home && isNew(home) && home.profile.cart.length === 0) from.push({ family: 'home', ranking: home });
    return from;
  }
  if (home && isNew(home)) from.push({ family: 'home', ranking: home });
  const isOpen = ({ atMs }: ShadowRanking) => event.atMs - atMs < pageLeftMs;
  const product = one.rankings.get('product');
  if (product && isNew(product) && isOpen(product)) from.push({ family: 'product', ranking: product });
  const cart = one.rankings.get('cart');
  if (event.type !== 'PRODUCT_ADDED_TO_CART' || !cart) return from;
  if (!cart.profile.cart.includes(item) && isOpen(cart)) from.push({ family: 'cart', ranking: cart });
  return from;
}

/** What lay beside the cart is looked at until the cart changes: between, the product that joins it next is looked at, which proves nothing. */
export function leavePage({ rankings }: SampledShopper, { type }: ShopEvent): void {
  rankings.delete('home');
  rankings.delete('product');
  if (changesCart.has(type)) rankings.delete('cart');
}
