import type { Channel } from '../../src/context.js';
import type { Catalog, Product } from '../../src/ports/catalog.js';
import type { Order, ShopEvent } from '../../src/ports/events.js';
import { dayMs, expectedIntervalDays } from './lifecycle.js';

/** An amount as the type `Money` of the graph needs it, in minor units. */
export interface Amount {
  readonly minor: number;
  readonly currency: string;
}

/** The response of a customer to recommendations in one channel. */
export interface ChannelResponse {
  readonly channel: Channel;
  readonly shown: number;
  readonly clicked: number;
  readonly orders: number;
}

export interface Metrics {
  readonly orders: number;
  readonly lastOrderAtMs: number | null;
  readonly recencyDays: number | null;
  readonly expectedIntervalDays: number;
  readonly spent: readonly Amount[];
  readonly favouriteCategoryId: string | null;
  readonly favouriteBrand: string | null;
  readonly favouriteSize: string | null;
  readonly priceLevel: Amount | null;
  readonly channels: readonly ChannelResponse[];
}

/** A favourite is in so many orders at least, as one purchase is no preference. */
export const favouriteOrders = 2;

/** Orders of which a piece is left. */
export function keptOrders(orders: readonly Order[]): readonly Order[] {
  return orders.filter(({ status }) => status !== 'CANCELLED' && status !== 'RETURNED');
}

/** Computes the metrics of a person. `orders`: newest first; `responses`: their shown and clicked recommendations. */
export function metricsOf(
  all: readonly Order[],
  responses: readonly ShopEvent[],
  products: ReadonlyMap<string, Product>,
  catalog: Pick<Catalog, 'resolve'>,
  settings: { readonly intervalDays: number; readonly sizeOptions: ReadonlySet<string> },
  nowMs: number,
): Metrics {
  const orders = keptOrders(all);
  const timesMs = orders.map(({ atMs }) => atMs);
  const lastOrderAtMs = timesMs.length === 0 ? null : Math.max(...timesMs);
  const categories = createVote();
  const brands = createVote();
  const sizes = createVote();
  const prices = new Map<string, number[]>();
  const spent = new Map<string, number>();
  for (const { lines, value, currency } of orders) {
    if (value !== null && currency !== null) spent.set(currency, (spent.get(currency) ?? 0) + value);
    const inOrder = { categories: new Set<string>(), brands: new Set<string>(), sizes: new Set<string>() };
    for (const { productId: code, quantity, returned, price } of lines) {
      const pieces = quantity - returned;
      if (pieces <= 0) continue;
      if (price !== null && currency !== null)
        prices.set(currency, [
          ...(prices.get(currency) ?? []),
          ...new Array<number>(Math.min(pieces, piecesMax)).fill(price),
        ]);
      const reference = catalog.resolve(code);
      const product = reference === null ? undefined : products.get(reference.productId);
      if (product === undefined) continue;
      for (const id of product.categoryIds) inOrder.categories.add(id);
      if (product.brand !== null) inOrder.brands.add(product.brand);
      const size = sizeOf(product, reference!.variantId, settings.sizeOptions);
      if (size !== null) inOrder.sizes.add(size);
    }
    categories.add(inOrder.categories);
    brands.add(inOrder.brands);
    sizes.add(inOrder.sizes);
  }
  const [mostPrices] = [...prices].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  return {
    orders: orders.length,
    lastOrderAtMs,
    recencyDays: lastOrderAtMs === null ? null : Math.max(0, nowMs - lastOrderAtMs) / dayMs,
    expectedIntervalDays: expectedIntervalDays(timesMs, settings.intervalDays),
    spent: [...spent].sort().map(([currency, minor]) => ({ currency, minor })),
    favouriteCategoryId: categories.favourite(),
    favouriteBrand: brands.favourite(),
    favouriteSize: sizes.favourite(),
    priceLevel: mostPrices === undefined ? null : { currency: mostPrices[0], minor: medianOf(mostPrices[1]) },
    channels: responsesOf(orders, responses),
  };
}

/** Pieces of one line that count in the price level, so that one bulk order does not decide it. */
const piecesMax = 10;

/** Counts the orders that each value is in. Of equal counts, the one in the newest order wins, since orders come newest first. */
function createVote(): { add(values: ReadonlySet<string>): void; favourite(): string | null } {
  const counts = new Map<string, number>();
  return {
    add(values) {
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    },
    favourite() {
      let best: string | null = null;
      let most = favouriteOrders - 1;
      for (const [value, count] of counts) {
        if (count <= most) continue;
        best = value;
        most = count;
      }
      return best;
    },
  };
}

function sizeOf(product: Product, variantId: string | null, names: ReadonlySet<string>): string | null {
  const variant = product.variants?.find(({ id }) => id === variantId);
  return variant?.selectedOptions.find(({ name }) => names.has(name.toLowerCase()))?.value ?? null;
}

/** The lower of the two in the middle of an even number, since that price was paid. */
function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;
}

function responsesOf(orders: readonly Order[], responses: readonly ShopEvent[]): readonly ChannelResponse[] {
  const found = new Map<Channel, { shown: number; clicked: number; orders: number }>();
  const of = (channel: Channel) => {
    const known = found.get(channel) ?? { shown: 0, clicked: 0, orders: 0 };
    found.set(channel, known);
    return known;
  };
  for (const { type, channel } of responses) {
    if (type === 'RECOMMENDATION_SHOWN') of(channel).shown++;
    else if (type === 'RECOMMENDATION_CLICKED') of(channel).clicked++;
  }
  for (const { channel } of orders) of(channel).orders++;
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([channel, counts]) => ({ channel, ...counts }));
}
