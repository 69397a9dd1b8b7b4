import { createHash } from 'node:crypto';
import { ratingOf } from '../../../../src/ports/catalog.js';
import { priceOf, pricesOf } from '../../../../src/ports/prices.js';
import type { SearchDocument } from '../../../../src/ports/search-driver.js';
import { optionTokens } from './option-tokens.js';

/** A product in Meilisearch: texts to search, and what filters, sorts and facets read. */
export interface IndexedProduct {
  readonly key: string;
  readonly productId: string;
  readonly title: string;
  readonly brand: string;
  readonly codes: readonly string[];
  readonly kinds: readonly string[];
  readonly attributes: readonly string[];
  readonly translations: readonly string[];
  readonly description: string;
  /** Without those above them. */
  readonly ownCategories: readonly string[];
  /** For suggestions. */
  readonly categories: readonly { readonly id: string; readonly name: string }[];
  readonly f: Readonly<Record<string, readonly string[] | boolean>>;
  /** Texts of attributes by encoded name, and numbers. */
  readonly a: Readonly<Record<string, readonly string[]>>;
  readonly n: Readonly<Record<string, readonly number[]>>;
  /** Prices in minor units by currency, and by currency and encoded store. */
  readonly p: Readonly<Record<string, number>>;
  readonly s: Readonly<Record<string, number>>;
  readonly createdAtMs: number;
  readonly sortTitle: string;
}

/** Longer facet values are cut by the engine without a word. */
const valueBytesMax = 200;

/**
 * Filter values and attribute names as hexadecimal: nothing in them can be read as syntax, and two that differ in case or accents stay two,
 * which the engine would otherwise fold into one.
 */
export function encoded(text: string): string {
  return `x${Buffer.from(text).toString('hex')}`;
}

export function decoded(text: string): string {
  return Buffer.from(text.slice(1), 'hex').toString();
}

/** Document ids are letters, digits, - and _, up to 511 bytes; ours are anything. */
export function keyOf(productId: string): string {
  const key = Buffer.from(productId).toString('base64url');
  return key.length <= 500 ? key : createHash('sha256').update(productId).digest('hex');
}

/** With the prices that hold at this moment. */
export function indexed(document: SearchDocument, atMs: number): IndexedProduct {
  const { product, categories, stock } = document;
  const own = new Set(product.categoryIds);
  const texts: Record<string, string[]> = Object.create(null);
  const numbers: Record<string, number[]> = Object.create(null);
  const add = (name: string, value: string | number | boolean): void => {
    if (Buffer.byteLength(String(value)) > valueBytesMax || Buffer.byteLength(name) > valueBytesMax) return;
    const key = encoded(name);
    texts[key] ??= [];
    texts[key].push(encoded(String(value)));
    if (typeof value !== 'number') return;
    numbers[key] ??= [];
    numbers[key].push(value);
  };
  for (const { name, value } of product.attributes) add(name, value);
  for (const { name, values } of product.options) for (const value of values) add(name, value);
  const rating = ratingOf(product);
  if (rating !== null) numbers[ratingKey] = [rating.average];
  const { prices, storePrices } = lowestPrices(document, atMs);
  const { variants, inStock } = optionTokens(product, document.variantStock);
  const stores = Object.entries(stock);
  return {
    key: keyOf(product.id),
    productId: product.id,
    title: clean(product.title),
    brand: clean(product.brand ?? ''),
    codes: product.sku === null ? [] : [clean(product.sku)],
    kinds: categories.map(({ name }) => clean(name)),
    attributes: product.attributes.flatMap(({ value }) => (typeof value === 'string' ? [clean(value)] : [])),
    translations: Object.values(product.translations).flatMap(({ title, description }) =>
      [title, description].filter((text) => text !== undefined).map(clean),
    ),
    description: clean(product.description),
    ownCategories: product.categoryIds.map(clean),
    categories: categories.map(({ id, name }) => ({ id, name: clean(name) })),
    f: {
      brand: product.brand === null ? [] : [encoded(product.brand)],
      category: categories.map(({ id }) => encoded(id)),
      ownCategory: [...own].map(encoded),
      seller: product.sellers.map(({ id }) => encoded(id)),
      tag: (product.tags ?? []).map(encoded),
      variant: variants,
      variantInStock: inStock,
      store: stores.filter(([, quantity]) => quantity > 0).map(([storeId]) => encoded(storeId)),
      stockKept: stores.length > 0,
    },
    a: texts,
    n: numbers,
    p: prices,
    s: storePrices,
    createdAtMs: product.createdAtMs,
    sortTitle: clean(product.title).toLocaleLowerCase('en'),
  };
}

/** No encoded name of an attribute is like it. */
export const ratingKey = 'rating';

/** The lowest prices of variants that can be bought, in each currency, and in each store with prices of its own. */
function lowestPrices({ product, variantStock }: SearchDocument, atMs: number) {
  const { variants = [] } = product;
  const prices: Record<string, number> = Object.create(null);
  const storePrices: Record<string, number> = Object.create(null);
  const isSold = (place: number, storeId: string | null): boolean => {
    const stock = variantStock?.get(variants[place]?.id ?? product.id);
    if (!stock) return true;
    return storeId === null ? Object.values(stock).some((count) => count > 0) : (stock[storeId] ?? 0) > 0;
  };
  for (const { currency, storeId } of pricesOf(product)) {
    const price = priceOf(product, { currency, storeId, atMs }, (place) => isSold(place, storeId));
    if (price === null) continue;
    if (storeId === null) prices[priceKey(currency)] = price.amountMinor;
    else storePrices[storePriceKey(currency, storeId)] = price.amountMinor;
  }
  return { prices, storePrices };
}

export function priceKey(currency: string): string {
  return /^[A-Z]{3}$/.test(currency) ? currency : encoded(currency);
}

export function storePriceKey(currency: string, storeId: string): string {
  return `${priceKey(currency)}_${encoded(storeId)}`;
}

/** Halves of characters are no JSON to the server. */
export function clean(text: string): string {
  return text.toWellFormed();
}
