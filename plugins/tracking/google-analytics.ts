import type { EventType } from '../../src/ports/events.js';
import { googleAnalyticsType } from './event-names.js';
import { type Fields, isFields, textOf } from './fields.js';

/** Types that mean something without an item. */
const withoutItems: ReadonlySet<EventType> = new Set([
  'ORDER_REFUNDED',
  'CHECKOUT_STARTED',
  'PRODUCT_LIST_VIEWED',
]);

/**
 * Reads the properties of an event of Google Analytics 4 as Segment's specification names them. Null for other events, for one that
 * means nothing here, and for one without an item or a search term: a shop may mean something else by a name as common as `search`.
 */
export function fromGoogleAnalytics(
  name: string,
  { items, search_term: term, transaction_id: orderId, ...properties }: Fields,
): { readonly type: EventType; readonly properties: Fields } | null {
  const type = googleAnalyticsType(name);
  if (type === undefined || type === 'CUSTOM') return null;
  if (type === 'PRODUCT_SEARCHED') {
    const query = textOf(term);
    return query === null ? null : { type, properties: { ...properties, query } };
  }
  const products = Array.isArray(items)
    ? (items as unknown[]).map((item) =>
        isFields(item) ? { ...item, product_id: item.item_id ?? item.product_id } : item,
      )
    : [];
  const hasProduct = products.some((product) => isFields(product) && textOf(product.product_id) !== null);
  if (!hasProduct && !withoutItems.has(type)) return null;
  if (type === 'ORDER_REFUNDED' && textOf(orderId) === null) return null;
  return {
    type,
    properties: {
      ...properties,
      ...(hasProduct ? { products } : {}),
      ...(orderId === undefined ? {} : { order_id: orderId }),
    },
  };
}
