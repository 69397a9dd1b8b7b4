import { type Catalog, variantsOf } from '../../src/ports/catalog.js';
import type { Facet } from '../../src/ports/search.js';
import type { DriverQuery, EngineAnswer } from '../../src/ports/search-driver.js';
import type { ProductReference } from '../../src/ports/variants.js';
import type { FoundProducts, RuledSearch } from './ranking-rules.js';

/** Longer texts are no codes. */
const codeCharsMax = 128;
const facetValuesMax = 100;

/**
 * The product and variant that a text names by SKU, as written, in capitals or in small letters, or by a GTIN in any of its forms. Null
 * without one, and for a variant that is not ACTIVE.
 */
export async function namedByCode(catalog: Catalog, text: string): Promise<ProductReference | null> {
  const code = text.trim();
  if (code === '' || code.length > codeCharsMax) return null;
  const named =
    catalog.resolve(code, 'sku') ??
    catalog.resolve(code.toUpperCase(), 'sku') ??
    catalog.resolve(code.toLowerCase(), 'sku') ??
    catalog.resolve(code, 'gtin');
  if (named === null) return null;
  const [product = null] = await catalog.products([named.productId]);
  if (product === null) return null;
  const variant = variantsOf(product).find(({ id }) => id === named.variantId);
  return (variant?.status ?? 'ACTIVE') === 'ACTIVE' ? named : null;
}

export interface CodeMatchParts {
  readonly ruled: RuledSearch;
  answer(query: DriverQuery): Promise<EngineAnswer>;
}

/**
 * Searches for a text that is a code: first the product that it names, if it passes the filter and no rule hides it, then what the words
 * find. So a code is found whatever the text index has of it.
 */
export async function codeFirst(
  { ruled, answer }: CodeMatchParts,
  named: ProductReference,
  query: DriverQuery,
): Promise<FoundProducts> {
  const { productId } = named;
  const { offset, limit, filter } = query;
  const isAllowed = !filter.ids || filter.ids.includes(productId);
  const { changes, degraded } = await ruled.visibility(query.text, query.requester);
  const own = await answer({
    ...query,
    text: '',
    sort: 'NEWEST',
    filter: { ...filter, ids: isAllowed ? [productId] : [] },
    changes: [...query.changes, ...changes],
    offset: 0,
    limit: 1,
  });
  if (own.total === 0) return ruled.search(query);
  const isFirstPage = offset === 0;
  const others = await ruled.search({
    ...query,
    changes: [...query.changes, { filter: { ids: [productId] }, categoryIds: null, effect: 'hide' }],
    offset: Math.max(0, offset - 1),
    limit: isFirstPage ? Math.max(0, limit - 1) : limit,
  });
  return {
    ...others,
    ids: isFirstPage && limit > 0 ? [productId, ...others.ids] : others.ids,
    total: others.total + 1,
    facets: others.facets.map((facet, i) => sum(facet, own.facets[i])),
    correctedQuery: null,
    degraded: others.degraded || own.degraded || degraded,
    named,
  };
}

/** The counts of a facet over two sets of products that have none in common. */
function sum(facet: Facet, other: Facet | undefined): Facet {
  const added = new Map(facet.values.map((each) => [each.value, each]));
  for (const each of other?.values ?? []) {
    const count = each.count + (added.get(each.value)?.count ?? 0);
    added.set(each.value, { ...each, count });
  }
  const values = [...added.values()].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const bounds = [facet, other ?? facet];
  const mins = bounds.flatMap(({ min }) => (min === null ? [] : [min]));
  const maxs = bounds.flatMap(({ max }) => (max === null ? [] : [max]));
  return {
    name: facet.name,
    values: values.slice(0, facetValuesMax),
    min: mins.length > 0 ? Math.min(...mins) : null,
    max: maxs.length > 0 ? Math.max(...maxs) : null,
  };
}
