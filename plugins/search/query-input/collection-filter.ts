import type { Catalog } from '../../../src/ports/catalog.js';
import type { ProductCollection } from '../../../src/ports/collections.js';
import type { DriverAnswer, DriverChange, DriverQuery } from '../../../src/ports/search-driver.js';

/** The published collection of this id; null without one. */
export function publishedCollection({ collections }: Catalog, id: string): ProductCollection | null {
  const collection = collections.get(id);
  return collection?.published ? collection : null;
}

/** The change that narrows a query to a collection; null matches no product. */
export function onlyIn(collection: ProductCollection | null, catalog: Catalog): DriverChange {
  if (!collection?.filter) {
    return { filter: { ids: collection?.productIds ?? [] }, categoryIds: null, effect: 'only' };
  }
  const { categoryIds, ...filter } = collection.filter;
  return {
    filter,
    categoryIds: categoryIds?.flatMap((id) => [id, ...catalog.descendants(id)]) ?? null,
    effect: 'only',
  };
}

/** Answers a query whose products have an order of their own, at most 5,000 ids. `answer` may return them in any order. */
export async function inOrder<T extends DriverAnswer>(
  order: readonly string[],
  query: DriverQuery,
  answer: (query: DriverQuery) => Promise<T>,
): Promise<T> {
  const { offset, limit } = query;
  const found = await answer({ ...query, offset: 0, limit: limit === 0 ? 0 : order.length });
  const places = new Map(order.map((id, place) => [id, place]));
  const ids = [...found.ids].sort(
    (a, b) => (places.get(a) ?? order.length) - (places.get(b) ?? order.length),
  );
  return { ...found, ids: ids.slice(offset, offset + limit) };
}
