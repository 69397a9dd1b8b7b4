import { isCurrency } from '../../src/money.js';
import type { EventType } from '../../src/ports/events.js';
import type { LeaveOut, LeftOut } from './left-out.js';

export const productsMax = 100;
const ratingRule = 'rating must be a number from 1 to 5';
const inProperties = ['properties'] as const;

type Fields = Readonly<Record<string, unknown>>;

interface Line {
  readonly productId: string;
  readonly quantity?: number;
  readonly price?: number;
}

/** An `EventInput` of the schema in the making. */
export interface Draft {
  type: EventType;
  messageId?: string;
  /** Milliseconds since the epoch. */
  at?: number;
  productIds?: string[];
  quantity?: number[];
  /** Of an order with prices, instead of productIds and quantity. */
  lines?: Line[];
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
export function draftOfTrack(name: string, properties: Fields, leaveOut: LeaveOut): Draft {
  const type = types.get(name) ?? types.get(name.trim().toLowerCase());
  if (type === undefined) return customDraft(name, properties);
  if (type === 'PRODUCT_RATED') {
    const rating = numberOf(properties.rating);
    if (rating === null || rating < 1 || rating > 5) {
      if (isSaid(properties.rating)) leaveOut(properties.rating, ratingRule, ['properties', 'rating']);
      return customDraft(name, properties);
    }
    const draft = commonDraft(type, properties, leaveOut);
    draft.value = rating;
    keepRest(draft, properties);
    return draft;
  }
  const draft = commonDraft(type, properties, leaveOut);
  if (type === 'ORDER_COMPLETED') {
    takePrices(draft, properties);
    for (const field of ['total', 'value', 'revenue']) {
      const said = properties[field];
      const value = numberOf(said);
      if (value !== null && value >= 0) {
        draft.value = value;
        break;
      }
      if (isSaid(said)) leaveOut(said, `${field} must be a number from 0`, ['properties', field]);
    }
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
export function draftOfPage(
  kind: 'page' | 'screen',
  name: unknown,
  properties: Fields,
  leaveOut: LeaveOut,
): Draft {
  if (properties.products === undefined && idOf(properties) !== null) {
    const draft = commonDraft('PRODUCT_VIEWED', properties, leaveOut);
    keepRest(draft, properties);
    return draft;
  }
  return customDraft(kind, typeof name === 'string' ? { name, ...properties } : properties);
}

/** An event of the shop's own: what its properties mean is the shop's affair, and all of them are kept. */
export function customDraft(name: string, properties: Fields): Draft {
  const draft = commonDraft('CUSTOM', properties, () => {});
  draft.properties = { ...properties, event: name };
  return draft;
}

function commonDraft(type: EventType, properties: Fields, leaveOut: LeaveOut): Draft {
  const draft: Draft = { type };
  if (Array.isArray(properties.products)) {
    for (const [i, product] of (properties.products.slice(0, productsMax) as unknown[]).entries()) {
      const path = ['properties', 'products', i] as const;
      if (isFields(product)) addProduct(draft, product, leaveOut, path);
      else leaveOut(product, 'a product must be an object with a product_id or sku', path);
    }
  } else {
    addProduct(draft, properties, leaveOut, inProperties);
  }
  if (draft.quantity !== undefined && draft.quantity.length !== draft.productIds?.length)
    delete draft.quantity;
  const { currency } = properties;
  const code = typeof currency !== 'string' || isCurrency(currency) ? currency : currency.toUpperCase();
  if (typeof code === 'string' && isCurrency(code)) draft.currency = code;
  else if (isSaid(currency))
    leaveOut(currency, 'currency must be an ISO 4217 code, e.g. EUR', ['properties', 'currency']);
  const queryId = textOf(properties.query_id ?? properties.queryId);
  if (queryId !== null) draft.queryId = queryId;
  const decisionId = textOf(properties.decision_id ?? properties.decisionId);
  if (decisionId !== null) draft.decisionId = decisionId;
  const position = numberOf(properties.position);
  if (position !== null && isCount(position)) draft.position = position;
  else if (isSaid(properties.position))
    leaveOut(properties.position, 'position must be a whole number from 1', ['properties', 'position']);
  return draft;
}

function addProduct(draft: Draft, product: Fields, leaveOut: LeaveOut, path: LeftOut['path']): void {
  const id = idOf(product);
  if (id === null) return;
  draft.productIds ??= [];
  draft.productIds.push(id);
  const count = numberOf(product.quantity);
  if (count === null || !isCount(count)) {
    if (isSaid(product.quantity))
      leaveOut(product.quantity, 'quantity must be a whole number from 1', [...path, 'quantity']);
    return;
  }
  draft.quantity ??= [];
  draft.quantity.push(count);
}

/** Makes lines of the products of an order, if it has a price for one. */
function takePrices(draft: Draft, properties: Fields): void {
  const { productIds = [], quantity } = draft;
  const products = Array.isArray(properties.products)
    ? (properties.products.slice(0, productsMax) as unknown[])
    : [properties];
  const named = products.filter(isFields).filter((product) => idOf(product) !== null);
  const prices = named.map(({ price }) => numberOf(price));
  if (!prices.some((price) => price !== null && price >= 0)) return;
  draft.lines = productIds.map((productId, at) => {
    const price = prices[at] ?? -1;
    return {
      productId,
      ...(quantity === undefined ? {} : { quantity: quantity[at]! }),
      ...(price < 0 ? {} : { price }),
    };
  });
  delete draft.productIds;
  delete draft.quantity;
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

function idOf(product: Fields): string | null {
  return textOf(product.product_id ?? product.productId ?? product.sku);
}

/** Clients send null and empty texts for what they do not know. */
export function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function isCount(number: number): boolean {
  return Number.isInteger(number) && number >= 1;
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
