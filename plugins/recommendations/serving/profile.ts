import type { Shelf } from '../../../src/ports/catalog.js';
import type { EventType, ShopEvent } from '../../../src/ports/events.js';
import type { Favourite, Order, ShopperProfile } from '../../../src/ports/recommenders.js';

const dayMs = 86_400_000;
const sessionMax = 30;
const viewedMax = 100;
const cartMax = 20;
const cartKeptMs = 14 * dayMs;
const purchasedMax = 200;
const ordersMax = 100;
const timesMax = 12;
const tasteHalfLifeMs = 14 * dayMs;
const favouritesMax = 3;
/** What weighs less than this part of the weightiest event changes no favourite. */
const tasteShareMin = 1e-3;
const dislikedRatingMax = 2;

/** Products of a history that are read, the newest; reading one takes a fifth of a microsecond. Of a usual history all are read. */
const productsMax = {
  /** Lists of 30, 100 and 20 products are made of them. */
  browsed: 2_000,
  /** 100 orders of 40 lines: the largest lists are of 100 orders and 200 products. */
  ordered: 4_000,
  /** Dismissed ones included. */
  rated: 2_000,
};
type Kind = keyof typeof productsMax;

function kindOf(type: EventType): Kind {
  switch (type) {
    case 'ORDER_COMPLETED':
      return 'ordered';
    case 'PRODUCT_RATED':
    case 'PRODUCT_DISMISSED':
      return 'rated';
    default:
      return 'browsed';
  }
}

/** How much an event says about what a person, or the shop, cares for. */
export function interest(type: EventType): number {
  switch (type) {
    case 'PRODUCT_VIEWED':
      return 1;
    case 'SEARCH_RESULT_CLICKED':
    case 'RECOMMENDATION_CLICKED':
      return 0.5;
    // Between a view and a cart, as shops know of no rate at which wishes become orders; no public data set here has wishlists.
    case 'WISHLIST_ADDED':
      return 2;
    case 'PRODUCT_ADDED_TO_CART':
      return 3;
    case 'ORDER_COMPLETED':
      return 5;
    default:
      return 0;
  }
}

export const blankProfile: ShopperProfile = {
  blank: true,
  session: [],
  viewed: [],
  cart: [],
  takenOut: new Set(),
  lastOrder: [],
  orders: [],
  buyer: null,
  purchases: new Map(),
  unwanted: new Set(),
  categories: [],
  brands: [],
};

/** The fields of an event that a profile is made from. */
export type ProfileEvent = Pick<
  ShopEvent,
  'type' | 'sessionId' | 'customerId' | 'productIds' | 'quantities' | 'value' | 'atMs'
>;

/** Reads a history, newest first. Products that the shelf does not know are passed over. */
export function profileOf(
  history: readonly ProfileEvent[],
  shelf: Pick<Shelf, 'numberOf' | 'categories' | 'brand'>,
  nowMs: number,
): ShopperProfile {
  const session: number[] = [];
  const viewed = new Set<number>();
  const cart = new Set<number>();
  /** Not put in again since. */
  const takenOut = new Set<number>();
  /** Pieces taken out later than the events that are still to be read; a removal that names no quantity takes all. */
  const outOfCart = new Map<number, number>();
  const lastOrder: number[] = [];
  const orders: Order[] = [];
  let buyer: string | null = null;
  const purchases = new Map<number, number[]>();
  const unwanted = new Set<number>();
  const rated = new Set<number>();
  const categories = createTaste();
  const brands = createTaste();
  const left: Record<Kind, number> = { ...productsMax };
  let ordered = false;
  let hasLastOrder = false;
  let weightiest = 0;

  // Iterators over frozen arrays make an object for each element, so that it is read by index.
  for (let n = 0; n < history.length; n++) {
    const event = history[n]!;
    const kind = kindOf(event.type);
    if (left[kind] <= 0) continue;
    left[kind] -= event.productIds.length;
    // A clock that ran ahead for a moment leaves events from the future: they count as of now.
    const atMs = Math.min(event.atMs, nowMs);
    const weight = interest(event.type) * 0.5 ** ((nowMs - atMs) / tasteHalfLifeMs);
    weightiest = Math.max(weightiest, weight);
    const tells = weight > tasteShareMin * weightiest;
    for (let at = 0; at < event.productIds.length; at++) {
      const item = shelf.numberOf(event.productIds[at]!);
      if (item < 0) continue;
      if (tells) {
        const own = shelf.categories(item);
        for (let c = 0; c < own.length; c++) categories.add(own[c]!, item, weight);
        const brand = shelf.brand(item);
        if (brand !== null) brands.add(brand, item, weight);
      }
      switch (event.type) {
        case 'PRODUCT_VIEWED':
        case 'WISHLIST_ADDED':
        case 'SEARCH_RESULT_CLICKED':
        case 'RECOMMENDATION_CLICKED':
          if (viewed.size < viewedMax) viewed.add(item);
          break;
        case 'PRODUCT_ADDED_TO_CART': {
          if (ordered || cart.has(item)) break;
          const left = (event.quantities?.[at] ?? 1) - (outOfCart.get(item) ?? 0);
          outOfCart.set(item, Math.max(0, -left));
          if (left <= 0 || cart.size >= cartMax || nowMs - atMs >= cartKeptMs) break;
          cart.add(item);
          takenOut.delete(item);
          break;
        }
        case 'PRODUCT_REMOVED_FROM_CART':
          if (cart.has(item)) continue;
          outOfCart.set(
            item,
            (outOfCart.get(item) ?? 0) + (event.quantities?.[at] ?? Number.POSITIVE_INFINITY),
          );
          if (!ordered && nowMs - atMs < cartKeptMs) takenOut.add(item);
          continue;
        case 'ORDER_COMPLETED':
          if (!hasLastOrder) lastOrder.push(item);
          remember(purchases, item, atMs);
          continue;
        case 'PRODUCT_RATED':
          if (!rated.has(item) && event.value !== null && event.value <= dislikedRatingMax)
            unwanted.add(item);
          rated.add(item);
          continue;
        case 'PRODUCT_DISMISSED':
          unwanted.add(item);
          continue;
        default:
          continue;
      }
      if (session.length < sessionMax && session.at(-1) !== item) session.push(item);
    }
    if (event.type !== 'ORDER_COMPLETED') continue;
    ordered = true;
    // A returned order has no products left. It emptied the cart all the same.
    hasLastOrder ||= lastOrder.length > 0;
    buyer ??= event.customerId ?? event.sessionId;
    if (orders.length === ordersMax) continue;
    const basket = basketOf(event, atMs, shelf);
    if (basket.items.length > 0) orders.push(basket);
  }
  if (session.length === 0 && purchases.size === 0 && unwanted.size === 0) return blankProfile;
  return {
    blank: false,
    session: session.reverse(),
    viewed: [...viewed],
    cart: [...cart],
    takenOut,
    lastOrder,
    orders: orders.reverse(),
    buyer,
    purchases,
    unwanted,
    categories: categories.favourites(),
    brands: brands.favourites(),
  };
}

function basketOf({ productIds }: ProfileEvent, atMs: number, shelf: Pick<Shelf, 'numberOf'>): Order {
  const items = new Set(productIds.map((id) => shelf.numberOf(id)));
  items.delete(-1);
  return { items: [...items], atMs };
}

function remember(purchases: Map<number, number[]>, item: number, atMs: number): void {
  const times = purchases.get(item);
  if (!times) {
    if (purchases.size < purchasedMax) purchases.set(item, [atMs]);
    return;
  }
  const sameDay = times.at(-1)! - atMs < dayMs / 2;
  if (!sameDay && times.length < timesMax) times.push(atMs);
}

interface Taste {
  add(name: string, item: number, weight: number): void;
  favourites(): Favourite[];
}

/** One product looked at often is no liking for its category, so a favourite needs two. */
function createTaste(): Taste {
  const weights = new Map<string, { weight: number; readonly first: number; several: boolean }>();
  return {
    add(name, item, weight) {
      const known = weights.get(name);
      if (!known) weights.set(name, { weight, first: item, several: false });
      else {
        known.weight += weight;
        known.several ||= item !== known.first;
      }
    },
    favourites: () =>
      [...weights]
        .filter(([, { several }]) => several)
        .map(([name, { weight }]) => ({ name, weight }))
        .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
        .slice(0, favouritesMax),
  };
}
