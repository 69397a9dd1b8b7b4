import type { DriverQuery } from '../../../../src/ports/search-driver.js';
import { encoded, keyOf, priceKey, ratingKey, storePriceKey } from './documents.js';
import { wantedInStock, wantedTokens } from './option-tokens.js';

/** A filter that no document passes. */
const nothing = 'key = ""';

/** The attributes with prices in a currency: those of a store (null without a store), and the general ones. */
export function ownPriceOf(
  currency: string,
  storeId: string | null,
): { readonly own: string | null; readonly general: string } {
  return {
    own: storeId === null ? null : `s.${storePriceKey(currency, storeId)}`,
    general: `p.${priceKey(currency)}`,
  };
}

/** The filter expression of a query; every value in it is encoded, so that none can be read as syntax. */
export function filterOf(
  query: Pick<DriverQuery, 'filter' | 'categoryIds' | 'changes' | 'currency' | 'storeId'>,
): string[] {
  const { filter, currency, storeId } = query;
  const parts: string[] = [];
  if (filter.ids) parts.push(anyOf('key', filter.ids.map(keyOf)));
  if (query.categoryIds) parts.push(anyOf('f.ownCategory', query.categoryIds.map(encoded)));
  if (filter.brands) parts.push(anyOf('f.brand', filter.brands.map(encoded)));
  if (filter.sellerIds) parts.push(anyOf('f.seller', filter.sellerIds.map(encoded)));
  if (filter.tags) parts.push(anyOf('f.tag', filter.tags.map(encoded)));
  const rated = boundsOf(`n.${ratingKey}`, filter.ratingMin, null);
  if (rated) parts.push(rated);
  for (const { name, values, min, max } of filter.attributes ?? []) {
    const key = encoded(name);
    if (values) parts.push(anyOf(`a.${key}`, values.map(encoded)));
    const bounds = boundsOf(`n.${key}`, min, max);
    if (bounds) parts.push(bounds);
  }
  const { own, general } = ownPriceOf(currency, storeId);
  const bounded = (attribute: string): string | null =>
    boundsOf(attribute, filter.priceMinMinor, filter.priceMaxMinor);
  const generally = bounded(general);
  if (generally) {
    parts.push(
      own === null
        ? generally
        : `(${own} EXISTS AND ${bounded(own)!}) OR (${own} NOT EXISTS AND ${generally})`,
    );
  }
  const { purchasable = null, options = null } = filter;
  if (purchasable !== null) {
    const priced = own === null ? `${general} EXISTS` : `(${own} EXISTS OR ${general} EXISTS)`;
    parts.push(purchasable ? priced : `NOT ${priced}`);
  }
  if (options && options.length > 0) {
    const tokens = wantedTokens(options);
    const available = anyOf('f.variantInStock', wantedInStock(tokens, storeId));
    if (filter.inStock !== true) parts.push(anyOf('f.variant', tokens));
    if ((filter.inStock ?? null) !== null) parts.push(filter.inStock ? available : `NOT ${available}`);
  } else if ((filter.inStock ?? null) !== null) {
    const there = storeId === null ? 'f.store IS NOT EMPTY' : `f.store = "${encoded(storeId)}"`;
    const inStock = `(f.stockKept = false OR ${there})`;
    parts.push(filter.inStock ? inStock : `NOT ${inStock}`);
  }
  return [...parts, ...visibilityOf(query.changes)];
}

/** The filter expression of the ranking rules that hide products. */
export function visibilityOf(changes: DriverQuery['changes']): string[] {
  return changes.flatMap(({ filter: target, categoryIds, effect }) => {
    if (typeof effect === 'object') return [];
    const matches = filterOf({ filter: target, categoryIds, changes: [], currency: '', storeId: null })
      .map((part) => `(${part})`)
      .join(' AND ');
    return [effect === 'hide' ? `NOT (${matches})` : matches];
  });
}

function anyOf(attribute: string, values: readonly string[]): string {
  return values.length === 0
    ? nothing
    : `${attribute} IN [${values.map((value) => `"${value}"`).join(', ')}]`;
}

/** Quoted, since the sign of an exponent ("1e+21") would end a bare number. */
function boundsOf(
  attribute: string,
  min: number | null | undefined,
  max: number | null | undefined,
): string | null {
  const parts: string[] = [];
  if ((min ?? null) !== null) parts.push(`${attribute} >= "${min}"`);
  if ((max ?? null) !== null) parts.push(`${attribute} <= "${max}"`);
  return parts.length === 0 ? null : parts.join(' AND ');
}
