import { isCurrency } from '../../src/money.js';
import type { EventType } from '../../src/ports/events.js';
import { segmentType } from './event-names.js';
import { type Fields, isFields, isSaid, numberOf, textOf } from './fields.js';
import { fromGoogleAnalytics } from './google-analytics.js';
import type { LeaveOut, LeftOut } from './left-out.js';

export const productsMax = 100;
const ratingRule = 'rating must be a number from 1 to 5';
const inProperties = ['properties'] as const;

interface Line {
  readonly productId: string;
  quantity?: number;
  price?: number;
}

/** An `EventInput` of the schema in the making. */
export interface Draft {
  type: EventType;
  messageId?: string;
  /** Milliseconds since the epoch. */
  at?: number;
  lines?: Line[];
  value?: number;
  currency?: string;
  query?: string;
  queryId?: string;
  decisionId?: string;
  position?: number;
  properties?: Fields;
}

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

/** Types about an order: their value may be called `total` or `revenue`. */
const ordering: ReadonlySet<EventType> = new Set([
  'ORDER_COMPLETED',
  'ORDER_UPDATED',
  'ORDER_REFUNDED',
  'ORDER_CANCELLED',
  'CHECKOUT_STARTED',
]);
/** Types that keep the prices of their lines. */
const pricing: ReadonlySet<EventType> = new Set(['ORDER_COMPLETED', 'ORDER_UPDATED']);

/** Reads `track`: known names become the shop's own events, all others stay what they are, with their name in `properties.event`. */
export function draftOfTrack(name: string, properties: Fields, leaveOut: LeaveOut): Draft {
  const type = segmentType(name);
  if (type === 'CUSTOM') return customDraft(name, properties);
  if (type !== undefined) return draftOfType(type, name, properties, leaveOut);
  const known = fromGoogleAnalytics(name, properties);
  if (known === null) return customDraft(name, properties);
  return draftOfType(known.type, name, known.properties, (value, rule, path) =>
    leaveOut(
      value,
      rule,
      path.map((step) => (step === 'products' ? 'items' : step)),
    ),
  );
}

function draftOfType(type: EventType, name: string, properties: Fields, leaveOut: LeaveOut): Draft {
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
  if (ordering.has(type)) {
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
  } else if (type === 'PRODUCT_VIEWED' && /click|select/i.test(name)) {
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
  const productId = idOf(product);
  if (productId === null) return;
  const line: Line = { productId };
  const quantity = numberOf(product.quantity);
  if (quantity !== null && isCount(quantity)) line.quantity = quantity;
  else if (isSaid(product.quantity))
    leaveOut(product.quantity, 'quantity must be a whole number from 1', [...path, 'quantity']);
  if (pricing.has(draft.type)) {
    const price = numberOf(product.price);
    if (price !== null && price >= 0) line.price = price;
    else if (isSaid(product.price))
      leaveOut(product.price, 'price must be a number from 0', [...path, 'price']);
  }
  draft.lines ??= [];
  draft.lines.push(line);
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

function isCount(number: number): boolean {
  return Number.isInteger(number) && number >= 1;
}
