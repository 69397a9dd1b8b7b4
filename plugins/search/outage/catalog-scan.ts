import type { Catalog, Product } from '../../../src/ports/catalog.js';
import type { DriverChange, DriverQuery, EngineAnswer } from '../../../src/ports/search-driver.js';

const productsMax = 20_000;
const wordsMax = 8;
const betweenWords = /[^\p{L}\p{N}\p{M}]+/u;

/**
 * Searches without an index: products whose title or brand has every word, filtered by ids, category, brand and stock, in the catalog's
 * order. It counts no facets, corrects no words, and reads the first 20,000 products.
 */
export async function scanCatalog(catalog: Catalog, query: DriverQuery): Promise<EngineAnswer> {
  const words = query.text.toLowerCase().split(/\s+/u).filter(Boolean).slice(0, wordsMax);
  const { ids = null, brands = null, categoryId, inStock } = query.filter;
  const categoryIds = (categoryId ?? null) === null ? null : catalog.descendants(categoryId!);

  function isInStock({ id }: Product): boolean {
    const { shelf } = catalog;
    const item = shelf.numberOf(id);
    return query.storeId === null ? shelf.inStock(item) : shelf.inStore(item, query.storeId);
  }

  function hasWords(product: Product): boolean {
    const text = `${product.title} ${product.brand ?? ''}`.toLowerCase();
    if (query.exact !== true) return words.every((word) => text.includes(word));
    const whole = new Set(text.split(betweenWords));
    return words.every((word) => whole.has(word));
  }

  function passes(product: Product): boolean {
    return (
      product.status === 'ACTIVE' &&
      isAbout(product, { filter: { ids, brands }, categoryIds }) &&
      ((inStock ?? null) === null || isInStock(product) === inStock) &&
      query.changes.every(({ effect, ...target }) =>
        effect === 'hide' ? !isAbout(product, target) : effect !== 'only' || isAbout(product, target),
      ) &&
      hasWords(product)
    );
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

function isAbout(product: Product, { filter, categoryIds }: Omit<DriverChange, 'effect'>): boolean {
  if (filter.ids && !filter.ids.includes(product.id)) return false;
  if (filter.brands && !filter.brands.includes(product.brand ?? '')) return false;
  return !categoryIds || product.categoryIds.some((id) => categoryIds.includes(id));
}
