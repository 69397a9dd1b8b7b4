import type { DriverQuery } from '../../../../src/ports/search-driver.js';

/**
 * Who has chosen a brand wants to see how many the other brands have: a facet is counted as if its own part of the filter
 * were not there, and all other parts hold.
 */
export function isFilteredBy({ filter, categoryIds }: DriverQuery, facet: string): boolean {
  if (facet === 'brand') return (filter.brands ?? null) !== null;
  if (facet === 'category') return categoryIds !== null;
  if (facet === 'price')
    return (filter.priceMinMinor ?? null) !== null || (filter.priceMaxMinor ?? null) !== null;
  return filter.attributes?.some(({ name }) => name === facet) ?? false;
}

export function withoutFilterOf(query: DriverQuery, facet: string): DriverQuery {
  const { filter } = query;
  if (facet === 'brand') return { ...query, filter: { ...filter, brands: null } };
  if (facet === 'category') return { ...query, categoryIds: null, filter: { ...filter, categoryId: null } };
  if (facet === 'price') return { ...query, filter: { ...filter, priceMinMinor: null, priceMaxMinor: null } };
  const attributes = filter.attributes?.filter(({ name }) => name !== facet) ?? null;
  return { ...query, filter: { ...filter, attributes } };
}
