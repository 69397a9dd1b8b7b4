import type { DriverQuery } from '../../../../src/ports/search-driver.js';

/** Facets are counted without their own part of the filter, so that a shopper who chose a brand sees the counts of the others. */
export function isFilteredBy({ filter, categoryIds }: DriverQuery, facet: string): boolean {
  if (facet === 'brand') return (filter.brands ?? null) !== null;
  if (facet === 'category') return categoryIds !== null;
  if (facet === 'price')
    return (filter.priceMinMinor ?? null) !== null || (filter.priceMaxMinor ?? null) !== null;
  const parts = [...(filter.attributes ?? []), ...(filter.options ?? [])];
  return parts.some(({ name }) => name === facet);
}

export function withoutFilterOf(query: DriverQuery, facet: string): DriverQuery {
  const { filter } = query;
  if (facet === 'brand') return { ...query, filter: { ...filter, brands: null } };
  if (facet === 'category') return { ...query, categoryIds: null, filter: { ...filter, categoryId: null } };
  if (facet === 'price') return { ...query, filter: { ...filter, priceMinMinor: null, priceMaxMinor: null } };
  const isOther = ({ name }: { readonly name: string }): boolean => name !== facet;
  const attributes = filter.attributes?.filter(isOther) ?? null;
  const options = filter.options?.filter(isOther) ?? null;
  return { ...query, filter: { ...filter, attributes, options } };
}
