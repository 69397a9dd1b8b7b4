import { isCurrency } from '../../src/money.js';
import type { EventType } from '../../src/ports/events.js';

export const productsMax = 100;

type Fields = Readonly<Record<string, unknown>>;

/** An `EventInput` of the schema in the making. */
export interface Draft {
  type: EventType;
  messageId?: string;
  /** Milliseconds since the epoch. */
  at?: number;
  productIds?: string[];
  quantity?: number[];
  value?: number;
  currency?: string;
  query?: string;
  queryId?: string;
  decisionId?: string;
  position?: number;
  properties?: Fields;
}

/** Names of Segment's e-commerce specification (v2, and v1 with its words turned round), and our own. */
const spokenTypes: readonly (readonly [name: string, type: EventType])[] = [
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
];
/** In small letters, and with capitals as the specification has them, so that most names need no change. */
const types: ReadonlyMap<string, EventType> = new Map(
  spokenTypes.flatMap(([name, type]) => [
    [name, type],
    [name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()), type],
  ]),
);

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
export function draftOfTrack(name: string, properties: Fields): Draft {
  const type = types.get(name) ?? types.get(name.trim().toLowerCase());
  if (type === undefined) return customDraft(name, properties);
  const draft = commonDraft(type, properties);
  if (type === 'PRODUCT_RATED') {
    const rating = numberOf(properties.rating);
    if (rating === null || rating < 1 || rating > 5) return customDraft(name, properties);
    draft.value = rating;
  } else if (type === 'ORDER_COMPLETED') {
    const value = numberOf(properties.total) ?? numberOf(properties.value) ?? numberOf(properties.revenue);
    if (value !== null && value >= 0) draft.value = value;
  } else if (type === 'PRODUCT_SEARCHED') {
    if (typeof properties.query === 'string') draft.query = properties.query;
  } else if (type === 'PRODUCT_VIEWED' && /click/i.test(name)) {
    // A click on a product of a recommendation or a search.
    if (draft.decisionId !== undefined) draft.type = 'RECOMMENDATION_CLICKED';
    else if (draft.queryId !== undefined) draft.type = 'SEARCH_RESULT_CLICKED';
  }
  keepRest(draft, properties);
  return draft;
}

/** A page or screen with a product on it is a view of the product. */
export function draftOfPage(kind: 'page' | 'screen', name: unknown, properties: Fields): Draft {
  if (properties.products === undefined) {
    const draft = commonDraft('PRODUCT_VIEWED', properties);
    if (draft.productIds !== undefined) {
      keepRest(draft, properties);
      return draft;
    }
  }
  return customDraft(kind, typeof name === 'string' ? { name, ...properties } : properties);
}

export function customDraft(name: string, properties: Fields): Draft {
  const draft = commonDraft('CUSTOM', properties);
  draft.properties = { ...properties, event: name };
  return draft;
}

function commonDraft(type: EventType, properties: Fields): Draft {
  const draft: Draft = { type };
  if (Array.isArray(properties.products)) {
    for (const product of properties.products.slice(0, productsMax) as unknown[]) {
      if (isFields(product)) addProduct(draft, product);
    }
  } else {
    addProduct(draft, properties);
  }
  if (draft.quantity !== undefined && draft.quantity.length !== draft.productIds?.length)
    delete draft.quantity;
  const { currency } = properties;
  if (typeof currency === 'string') {
    const code = isCurrency(currency) ? currency : currency.toUpperCase();
    if (isCurrency(code)) draft.currency = code;
  }
  const queryId = textOf(properties.query_id ?? properties.queryId);
  if (queryId !== null) draft.queryId = queryId;
  const decisionId = textOf(properties.decision_id ?? properties.decisionId);
  if (decisionId !== null) draft.decisionId = decisionId;
  const position = numberOf(properties.position);
  if (position !== null && Number.isInteger(position) && position >= 1) draft.position = position;
  return draft;
}

function addProduct(draft: Draft, product: Fields): void {
  const id = textOf(product.product_id ?? product.productId ?? product.sku);
  if (id === null) return;
  draft.productIds ??= [];
  draft.productIds.push(id);
  const count = numberOf(product.quantity);
  if (count === null || !Number.isInteger(count) || count < 1) return;
  draft.quantity ??= [];
  draft.quantity.push(count);
}

function keepRest(draft: Draft, properties: Fields): void {
  let kept: [string, unknown][] | null = null;
  for (const name of Object.keys(properties)) {
    if (dropped.has(name)) continue;
    kept ??= [];
    kept.push([name, properties[name]]);
  }
  if (Array.isArray(properties.products) && properties.products.length > productsMax) {
    kept ??= [];
    kept.push(['productsTotal', properties.products.length]);
  }
  // fromEntries defines what it is given and sets no prototype.
  if (kept !== null) draft.properties = Object.fromEntries(kept);
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
