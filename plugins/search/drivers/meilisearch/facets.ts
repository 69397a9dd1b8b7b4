import type { SearchResponse } from 'meilisearch';
import type { Facet, FacetCount } from '../../../../src/ports/search.js';
import type { DriverQuery, LiveCatalog } from '../../../../src/ports/search-driver.js';
import { isFilteredBy, withoutFilterOf } from '../shared/facet-filters.js';
import { decoded, encoded } from './documents.js';
import { filterOf, ownPriceOf } from './filter.js';

export type FacetResponse = Pick<SearchResponse, 'facetDistribution' | 'facetStats'>;

/** A facet that must be counted over other products than were found. */
export interface FacetRequest {
  readonly name: string;
  readonly query: DriverQuery;
  readonly filter: readonly string[];
  readonly attributes: readonly string[];
}

const valuesMax = 100;

/** The attributes of the index that answer the facets of a query over what it found. */
export function facetAttributes(query: DriverQuery): string[] {
  return query.facets
    .filter((name) => !isFilteredBy(query, name) && !isOfStore(query, name))
    .flatMap((name) => attributesOf(query, name));
}

/** Facets that ignore their own filter, and the two halves of prices in a store: those it has itself, and the general ones. */
export function facetRequests(query: DriverQuery): FacetRequest[] {
  return query.facets.flatMap((name) => {
    const filtered = isFilteredBy(query, name);
    if (!filtered && !isOfStore(query, name)) return [];
    const over = filtered ? withoutFilterOf(query, name) : query;
    const filter = filterOf(over);
    const request = { name, query: over, filter };
    if (!isOfStore(query, name)) return [{ ...request, attributes: attributesOf(query, name) }];
    const { own, general } = ownPriceOf(query.currency, query.storeId);
    return [
      { ...request, attributes: [own!] },
      { ...request, filter: [...filter, `${own} NOT EXISTS`], attributes: [general] },
    ];
  });
}

function isOfStore({ storeId }: DriverQuery, name: string): boolean {
  return name === 'price' && storeId !== null;
}

function attributesOf({ currency }: DriverQuery, name: string): string[] {
  if (name === 'brand') return ['f.brand'];
  if (name === 'category') return ['f.category'];
  if (name === 'price') return [ownPriceOf(currency, null).general];
  return [`a.${encoded(name)}`, `n.${encoded(name)}`];
}

/** The facets of an answer, from its own response and those of `facetRequests`. */
export function facetsOf(
  query: DriverQuery,
  catalog: LiveCatalog,
  response: FacetResponse,
  others: readonly { readonly request: FacetRequest; readonly response: FacetResponse }[],
): Facet[] {
  return query.facets.map((name) => {
    const own = others.filter(({ request }) => request.name === name);
    const responses = own.length > 0 ? own.map((other) => other.response) : [response];
    const none = { min: null, max: null };
    if (name === 'brand') return { name, values: counts(responses, 'f.brand'), ...none };
    if (name === 'category') {
      const labelOf = (id: string): string => catalog.categoryName(id, query.locale);
      return { name, values: counts(responses, 'f.category', labelOf), ...none };
    }
    if (name === 'price') {
      const { own, general } = ownPriceOf(query.currency, query.storeId);
      return { name, values: [], ...range(responses, own === null ? [general] : [own, general]) };
    }
    const values = counts(responses, `a.${encoded(name)}`);
    const numeric = range(responses, [`n.${encoded(name)}`]);
    const onlyNumbers = numeric.min !== null && values.every(({ value }) => Number.isFinite(Number(value)));
    return { name, values: onlyNumbers ? [] : values, ...numeric };
  });
}

function counts(
  [response]: readonly FacetResponse[],
  attribute: string,
  labelOf: (value: string) => string = (value) => value,
): FacetCount[] {
  return Object.entries(response?.facetDistribution?.[attribute] ?? {})
    .map(([code, count]) => ({ value: decoded(code), label: labelOf(decoded(code)), count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, valuesMax);
}

function range(
  responses: readonly FacetResponse[],
  attributes: readonly string[],
): Pick<Facet, 'min' | 'max'> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const { facetStats } of responses) {
    for (const attribute of attributes) {
      const stat = facetStats?.[attribute];
      if (!stat) continue;
      min = Math.min(min, stat.min);
      max = Math.max(max, stat.max);
    }
  }
  return { min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
}
