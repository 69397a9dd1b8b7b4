import type { ShopEvent } from '../../../src/ports/events.js';
import type { Answer } from './answers.js';
import type { FamilyAnswer, Watched } from './watched-shoppers.js';

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

/** From which of the answers that somebody was given before, the item of the event is a choice. */
export function chosenFrom(event: ShopEvent, item: number, one: Watched): FamilyAnswer[] {
  if (event.type === 'RECOMMENDATION_CLICKED') {
    const { shown, shownFrom } = one;
    return shownFrom && shown?.decisionId === event.decisionId ? [shownFrom] : [];
  }
  const isNew = ({ profile }: Answer) => !profile.viewed.includes(item) && !profile.session.includes(item);
  const from: FamilyAnswer[] = [];
  const home = one.answers.get('home');
  if (event.type === 'ORDER_COMPLETED') {
    if (home && isNew(home) && home.profile.cart.length === 0) from.push({ family: 'home', answer: home });
    return from;
  }
  if (home && isNew(home)) from.push({ family: 'home', answer: home });
  const isOpen = ({ atMs }: Answer) => event.atMs - atMs < pageLeftMs;
  const product = one.answers.get('product');
  if (product && isNew(product) && isOpen(product)) from.push({ family: 'product', answer: product });
  const cart = one.answers.get('cart');
  if (event.type !== 'PRODUCT_ADDED_TO_CART' || !cart) return from;
  if (!cart.profile.cart.includes(item) && isOpen(cart)) from.push({ family: 'cart', answer: cart });
  return from;
}

/** What lay beside the cart is looked at until the cart changes: between, the product that joins it next is looked at, which proves nothing. */
export function leavePage({ answers }: Watched, { type }: ShopEvent): void {
  answers.delete('home');
  answers.delete('product');
  if (changesCart.has(type)) answers.delete('cart');
}
