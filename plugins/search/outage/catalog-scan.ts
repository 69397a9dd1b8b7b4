import { type Catalog, type Product, ratingOf } from '../../../src/ports/catalog.js';
import { priceOf } from '../../../src/ports/prices.js';
import type { ProductFilter } from '../../../src/ports/search.js';
import type { DriverChange, DriverQuery, EngineAnswer } from '../../../src/ports/search-driver.js';
import { liveCatalog } from '../index-sync/documents.js';

const productsMax = 20_000;
const wordsMax = 8;
const betweenWords = /[^\p{L}\p{N}\p{M}]+/u;

/**
 * Searches without an index: products whose title or brand has every word, in the catalog's order. It counts no facets, corrects no words, and reads the first 20,000 products.
 */
export async function scanCatalog(catalog: Catalog, query: DriverQuery): Promise<EngineAnswer> {
  const words = query.text.toLowerCase().split(/\s+/u).filter(Boolean).slice(0, wordsMax);
  const { filter, categoryIds, storeId } = query;
  const { inStock = null, purchasable = null, ratingMin = null } = filter;
  const low = filter.priceMinMinor ?? Number.NEGATIVE_INFINITY;
  const high = filter.priceMaxMinor ?? Number.POSITIVE_INFINITY;
  const isPriced = Number.isFinite(low) || Number.isFinite(high) || purchasable !== null;
  const live = liveCatalog(catalog);
  const options = filter.options ?? [];
  const hasOptions = live.matching({ options });
  const isInStock = live.matching({ options, inStock: true, storeId });

  function hasPrice(product: Product): boolean {
    if (!isPriced) return true;
    const price = priceOf(product, query, (place) => live.available(product.id, place, storeId));
    if (price === null) return purchasable === false && low === Number.NEGATIVE_INFINITY && high === -low;
    return purchasable !== false && price.amountMinor >= low && price.amountMinor <= high;
  }

  function hasWords(product: Product): boolean {
    const text = `${product.title} ${product.brand ?? ''}`.toLowerCase();
    if (query.searchAsWritten !== true) return words.every((word) => text.includes(word));
    const whole = new Set(text.split(betweenWords));
    return words.every((word) => whole.has(word));
  }

  function passes(product: Product): boolean {
    return (
      product.status === 'ACTIVE' &&
      isAbout(product, { filter, categoryIds }) &&
      (ratingMin === null || (ratingOf(product)?.average ?? 0) >= ratingMin) &&
      (options.length === 0 || hasOptions(product.id)) &&
      (inStock === null || isInStock(product.id) === inStock) &&
      hasPrice(product) &&
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
  const { ids, brands, sellerIds, tags, attributes } = filter;
  if (ids && !ids.includes(product.id)) return false;
  if (brands && !brands.includes(product.brand ?? '')) return false;
  if (sellerIds && !product.sellers.some(({ id }) => sellerIds.includes(id))) return false;
  if (tags && !product.tags?.some((tag) => tags.includes(tag))) return false;
  if (categoryIds && !product.categoryIds.some((id) => categoryIds.includes(id))) return false;
  return (attributes ?? []).every((wanted) => hasAttribute(product, wanted));
}

/** Options count as attributes, as in the indexes. */
function hasAttribute(
  { attributes, options }: Product,
  { name, values, min, max }: NonNullable<ProductFilter['attributes']>[number],
): boolean {
  const own = [
    ...attributes.filter((attribute) => attribute.name === name).map(({ value }) => value),
    ...options.filter((option) => option.name === name).flatMap((option) => option.values),
  ];
  if (values && !own.some((value) => values.includes(String(value)))) return false;
  if ((min ?? null) === null && (max ?? null) === null) return true;
  return own.some((value) => typeof value === 'number' && value >= (min ?? value) && value <= (max ?? value));
}
