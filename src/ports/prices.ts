import type { Price, Product, ProductVariant } from './catalog.js';

/** The shopper and moment that a price is resolved for. A `Context` is one. */
export interface PriceContext {
  /** ISO 4217. */
  readonly currency: string;
  readonly storeId: string | null;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** If omitted or null, prices of customer groups do not hold. */
  readonly customerGroup?: string | null | undefined;
  /** Pieces of one order line. If omitted, 1. */
  readonly quantity?: number | undefined;
}

/**
 * The price that holds; null without one. A price of the store and the customer group goes before one of the store, that before one
 * of the group, and that before a general one. Among equally specific prices the lowest amount holds, so that a sale needs no write
 * when it ends; of equal amounts the one with the higher list price, then the earlier in the list.
 */
export function resolvePrice(prices: readonly Price[], context: PriceContext): Price | null {
  let best: Price | null = null;
  let bestRank = 0;
  // An iterator over a frozen array makes an object for each element.
  for (let at = 0; at < prices.length; at++) {
    const price = prices[at]!;
    const rank = priceRank(price, context);
    if (rank < 0 || (best !== null && rank < bestRank)) continue;
    if (best === null || rank > bestRank || isBelow(price, best)) {
      best = price;
      bestRank = rank;
    }
  }
  return best;
}

/** Every price of a product and of its variants, whatever its conditions. */
export function pricesOf({ prices, variants }: Product): readonly Price[] {
  if (variants === undefined) return prices;
  return [...prices, ...variants.flatMap((variant) => variant.prices ?? [])];
}

/** The conditions that a price holds under. */
export type PriceCondition = Omit<Price, 'amountMinor' | 'listAmountMinor' | 'taxIncluded'>;

/** -1 if the price does not hold; otherwise higher for a more specific one. */
export function priceRank(
  price: PriceCondition,
  { currency, storeId, atMs, customerGroup, quantity = 1 }: PriceContext,
): number {
  if (price.currency !== currency) return -1;
  let rank = 0;
  if (price.storeId !== null) {
    if (price.storeId !== storeId) return -1;
    rank = 2;
  }
  if (price.customerGroup !== undefined) {
    if (price.customerGroup !== customerGroup) return -1;
    rank += 1;
  }
  if (price.minQuantity !== undefined && price.minQuantity > quantity) return -1;
  if (price.validFromMs !== undefined && atMs < price.validFromMs) return -1;
  if (price.validUntilMs !== undefined && atMs >= price.validUntilMs) return -1;
  return rank;
}

function isBelow(price: Price, other: Price): boolean {
  if (price.amountMinor !== other.amountMinor) return price.amountMinor < other.amountMinor;
  return (price.listAmountMinor ?? 0) > (other.listAmountMinor ?? 0);
}

/** The price of one variant: one of its own that holds, otherwise one of the product. */
export function variantPrice(product: Product, variant: ProductVariant, context: PriceContext): Price | null {
  const own = variant.prices === undefined ? null : resolvePrice(variant.prices, context);
  return own ?? resolvePrice(product.prices, context);
}

/**
 * The price of a product: the lowest of its variants that `canBuy` accepts, or of all ACTIVE ones if it accepts none. Null without a
 * price in the currency. `canBuy` is called with the place of the variant in `variantsOf(product)`; if omitted, all can be bought.
 */
export function priceOf(
  product: Product,
  context: PriceContext,
  canBuy: (place: number) => boolean = () => true,
): Price | null {
  const { variants } = product;
  if (variants === undefined || !hasOwnPrices(variants)) return resolvePrice(product.prices, context);
  let lowest: Price | null = null;
  let lowestOfAll: Price | null = null;
  for (const [place, variant] of variants.entries()) {
    if ((variant.status ?? 'ACTIVE') !== 'ACTIVE') continue;
    const price = variantPrice(product, variant, context);
    if (price === null) continue;
    if (lowestOfAll === null || isBelow(price, lowestOfAll)) lowestOfAll = price;
    if ((lowest === null || isBelow(price, lowest)) && canBuy(place)) lowest = price;
  }
  return lowest ?? lowestOfAll;
}

function hasOwnPrices(variants: readonly ProductVariant[]): boolean {
  for (let at = 0; at < variants.length; at++) if (variants[at]!.prices !== undefined) return true;
  return false;
}

/** The lowest and the highest price of the ACTIVE variants; null without a price in the currency. */
export function priceRangeOf(
  product: Product,
  context: PriceContext,
): { readonly min: Price; readonly max: Price } | null {
  let min: Price | null = null;
  let max: Price | null = null;
  const variants = product.variants?.filter(({ status = 'ACTIVE' }) => status === 'ACTIVE');
  const found = variants
    ? variants.map((variant) => variantPrice(product, variant, context))
    : [resolvePrice(product.prices, context)];
  for (const price of found) {
    if (price === null) continue;
    if (min === null || isBelow(price, min)) min = price;
    if (max === null || price.amountMinor > max.amountMinor) max = price;
  }
  return min && max && { min, max };
}
