import { type Fields, isFields, textOf } from './fields.js';

/** E-commerce events of Google Analytics 4, and what Segment's specification calls them. */
const segmentNames: ReadonlyMap<string, string> = new Map([
  ['view_item', 'Product Viewed'],
  ['select_item', 'Product Clicked'],
  ['add_to_cart', 'Product Added'],
  ['remove_from_cart', 'Product Removed'],
  ['purchase', 'Order Completed'],
]);
const searchNames: ReadonlySet<string> = new Set(['search', 'view_search_results']);

/**
 * Reads an event of Google Analytics 4 as one of Segment's specification. Null for other events, and for one without an item or a search
 * term: a shop may mean something else by a name as common as `search`.
 */
export function fromGoogleAnalytics(
  name: string,
  { items, search_term: term, transaction_id: orderId, ...properties }: Fields,
): { readonly name: string; readonly properties: Fields } | null {
  if (searchNames.has(name)) {
    const query = textOf(term);
    return query === null ? null : { name: 'Products Searched', properties: { ...properties, query } };
  }
  const segmentName = segmentNames.get(name);
  if (segmentName === undefined || !Array.isArray(items)) return null;
  const products = (items as unknown[]).map((item) =>
    isFields(item) ? { ...item, product_id: item.item_id ?? item.product_id } : item,
  );
  if (!products.some((product) => isFields(product) && textOf(product.product_id) !== null)) return null;
  return {
    name: segmentName,
    properties: { ...properties, products, ...(orderId === undefined ? {} : { order_id: orderId }) },
  };
}
