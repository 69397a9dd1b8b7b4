import { isCurrency } from '../../src/money.js';
import type { EventType } from '../../src/ports/events.js';

export const productsMax = 100;

type Fields = Readonly<Record<string, unknown>>;

/** What a named event says, in the words of `EventInput`, its id and time aside. */
export interface Meaning {
  readonly type: EventType;
  readonly productIds?: readonly string[];
  readonly quantity?: readonly number[];
  readonly value?: number;
  readonly currency?: string;
  readonly query?: string;
  readonly queryId?: string;
  readonly decisionId?: string;
  readonly position?: number;
  readonly properties?: Fields;
}

/** Names of Segment's e-commerce specification (v2, and v1 with its words turned round), and our own. */
const types: ReadonlyMap<string, EventType> = new Map([
  ['product viewed', 'PRODUCT_VIEWED'],
  ['viewed product', 'PRODUCT_VIEWED'],
  ['product clicked', 'PRODUCT_VIEWED'],
  ['clicked product', 'PRODUCT_VIEWED'],
  ['product added', 'PRODUCT_ADDED_TO_CART'],
  ['added product', 'PRODUCT_ADDED_TO_CART'],
  ['product removed', 'PRODUCT_REMOVED_FROM_CART'],
  ['removed product', 'PRODUCT_REMOVED_FROM_CART'],
  ['order completed', 'ORDER_COMPLETED'],
  ['completed order', 'ORDER_COMPLETED'],
  ['products searched', 'PRODUCT_SEARCHED'],
  ['searched products', 'PRODUCT_SEARCHED'],
  ['search result clicked', 'SEARCH_RESULT_CLICKED'],
  ['recommendation shown', 'RECOMMENDATION_SHOWN'],
  ['recommendation clicked', 'RECOMMENDATION_CLICKED'],
  ['product reviewed', 'PRODUCT_RATED'],
  ['product rated', 'PRODUCT_RATED'],
  ['product dismissed', 'PRODUCT_DISMISSED'],
]);

/** What the catalog knows better, and what has a field of its own: not kept a second time with the event. */
const dropped: ReadonlySet<string> = new Set([
  'product_id',
  'productId',
  'products',
  'sku',
  'name',
  'brand',
  'category',
  'variant',
  'price',
  'image_url',
  'url',
  'quantity',
  'currency',
  'total',
  'query',
  'query_id',
  'queryId',
  'decision_id',
  'decisionId',
  'position',
  'rating',
]);

/** Reads `track`: known names become the shop's own events, all others stay what they are, with their name in `properties.event`. */
export function meaningOfTrack(name: string, properties: Fields): Meaning {
  const type = types.get(name.trim().toLowerCase());
  const read = common(properties);
  if (type === undefined) return custom(name, properties, read);
  const rating = type === 'PRODUCT_RATED' ? numberOf(properties.rating) : null;
  if (type === 'PRODUCT_RATED' && (rating === null || rating < 1 || rating > 5)) {
    return custom(name, properties, read);
  }
  const value = rating ?? (type === 'ORDER_COMPLETED' ? orderValue(properties) : null);
  return {
    ...read,
    type: clickOf(name, read) ?? type,
    ...(value === null ? {} : { value }),
    ...(type === 'PRODUCT_SEARCHED' && typeof properties.query === 'string'
      ? { query: properties.query }
      : {}),
    ...rest(properties),
  };
}

/** A page or screen with a product on it is a view of the product. */
export function meaningOfPage(kind: 'page' | 'screen', name: unknown, properties: Fields): Meaning {
  const read = common(properties);
  if (read.productIds !== undefined && properties.products === undefined) {
    return { ...read, type: 'PRODUCT_VIEWED', ...rest(properties) };
  }
  return custom(kind, typeof name === 'string' ? { name, ...properties } : properties, read);
}

export function custom(name: string, properties: Fields, read: Partial<Meaning> = {}): Meaning {
  return { ...read, type: 'CUSTOM', properties: { ...properties, event: name } };
}

/** A click on a product of a search or a recommendation. */
function clickOf(name: string, read: Partial<Meaning>): EventType | null {
  if (!/click/i.test(name)) return null;
  if (read.decisionId !== undefined) return 'RECOMMENDATION_CLICKED';
  return read.queryId === undefined ? null : 'SEARCH_RESULT_CLICKED';
}

function common(properties: Fields): Partial<Meaning> {
  const products: readonly unknown[] = Array.isArray(properties.products)
    ? properties.products.slice(0, productsMax)
    : [properties];
  const productIds: string[] = [];
  const quantity: number[] = [];
  for (const product of products) {
    const fields = isFields(product) ? product : {};
    const id = textOf(fields.product_id) ?? textOf(fields.productId) ?? textOf(fields.sku);
    if (id === null) continue;
    productIds.push(id);
    const count = numberOf(fields.quantity);
    if (count !== null && Number.isInteger(count) && count >= 1) quantity.push(count);
  }
  const currency = properties.currency;
  const queryId = textOf(properties.query_id) ?? textOf(properties.queryId);
  const decisionId = textOf(properties.decision_id) ?? textOf(properties.decisionId);
  const position = numberOf(properties.position);
  return {
    ...(productIds.length > 0 ? { productIds } : {}),
    ...(quantity.length > 0 && quantity.length === productIds.length ? { quantity } : {}),
    ...(typeof currency === 'string' && isCurrency(currency.toUpperCase())
      ? { currency: currency.toUpperCase() }
      : {}),
    ...(queryId === null ? {} : { queryId }),
    ...(decisionId === null ? {} : { decisionId }),
    ...(position !== null && Number.isInteger(position) && position >= 1 ? { position } : {}),
  };
}

function orderValue(properties: Fields): number | null {
  const value = numberOf(properties.total) ?? numberOf(properties.value) ?? numberOf(properties.revenue);
  return value !== null && value >= 0 ? value : null;
}

function rest(properties: Fields): { readonly properties?: Fields } {
  const kept: [string, unknown][] = [];
  for (const name of Object.keys(properties)) {
    if (!dropped.has(name)) kept.push([name, properties[name]]);
  }
  if (Array.isArray(properties.products) && properties.products.length > productsMax) {
    kept.push(['productsTotal', properties.products.length]);
  }
  return kept.length === 0 ? {} : { properties: Object.fromEntries(kept) };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text, or a number as one; null for anything else and for nothing. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
