import type { SearchResponse } from 'meilisearch';
import type { Facet, FacetCount } from '../../../../src/ports/search.js';
import type { DriverQuery, LiveCatalog } from '../../driver.js';
import { decoded, encoded } from './documents.js';

export type FacetResponse = Pick<SearchResponse, 'facetDistribution' | 'facetStats'>;

const valuesMax = 100;

/** The attributes of the index that answer the facets of a query. */
export function facetAttributes({ facets, currency }: DriverQuery): string[] {
  return facets.flatMap((name) => {
    if (name === 'brand') return ['f.brand'];
    if (name === 'category') return ['f.category'];
    if (name === 'price') return [`p.${currency}`];
    return [`a.${encoded(name)}`, `n.${encoded(name)}`];
  });
}

export function facetsOf(query: DriverQuery, catalog: LiveCatalog, response: FacetResponse): Facet[] {
  const { facetDistribution = {}, facetStats = {} } = response;
  const counts = (attribute: string, labelOf: (value: string) => string = (value) => value): FacetCount[] =>
    Object.entries(facetDistribution[attribute] ?? {})
      .map(([code, count]) => ({ value: decoded(code), label: labelOf(decoded(code)), count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, valuesMax);
  const range = (attribute: string): Pick<Facet, 'min' | 'max'> => ({
    min: facetStats[attribute]?.min ?? null,
    max: facetStats[attribute]?.max ?? null,
  });
  const none = { min: null, max: null };
  return query.facets.map((name) => {
    if (name === 'brand') return { name, values: counts('f.brand'), ...none };
    if (name === 'category') {
      return { name, values: counts('f.category', (id) => catalog.categoryName(id, query.locale)), ...none };
    }
    if (name === 'price') return { name, values: [], ...range(`p.${query.currency}`) };
    const values = counts(`a.${encoded(name)}`);
    const numeric = range(`n.${encoded(name)}`);
    const onlyNumbers = numeric.min !== null && values.every(({ value }) => Number.isFinite(Number(value)));
    return { name, values: onlyNumbers ? [] : values, ...numeric };
  });
}
