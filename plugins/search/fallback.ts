import type { Catalog, Product } from '../../src/ports/catalog.js';
import type { SearchAnswer, SearchQuery } from '../../src/ports/search.js';

/** How many products are looked at when the search server does not answer. */
const productsMax = 20_000;
const wordsMax = 8;

/**
 * What the catalog alone can answer while the search server is down: products whose title or brand holds every word,
 * narrowed by ids, category, brand and stock, in the catalog's order. No facets, no typos.
 */
export async function scanCatalog(catalog: Catalog, query: SearchQuery): Promise<SearchAnswer> {
  const words = query.text.toLowerCase().split(/\s+/u).filter(Boolean).slice(0, wordsMax);
  const { ids, brands, categoryId, inStock } = query.filter;
  const allowed = (categoryId ?? null) === null ? null : new Set(catalog.descendants(categoryId!));
  const { shelf } = catalog;

  function passes(product: Product): boolean {
    if (product.status !== 'ACTIVE') return false;
    if (ids && !ids.includes(product.id)) return false;
    if (brands && !brands.includes(product.brand ?? '')) return false;
    if (allowed && !product.categoryIds.some((id) => allowed.has(id))) return false;
    if ((inStock ?? null) !== null) {
      const number = shelf.numberOf(product.id);
      const there = query.storeId === null ? shelf.inStock(number) : shelf.inStore(number, query.storeId);
      if (there !== inStock) return false;
    }
    const text = `${product.title} ${product.brand ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  const found: string[] = [];
  let seen = 0;
  for await (const page of catalog.scan()) {
    for (const product of page) if (passes(product)) found.push(product.id);
    seen += page.length;
    if (seen >= productsMax) break;
  }
  return {
    ids: found.slice(query.offset, query.offset + query.limit),
    total: found.length,
    facets: [],
    correctedQuery: null,
    appliedSynonyms: [],
    degraded: true,
  };
}
