import { LRUCache } from 'lru-cache';
import { RapportError, type UserError, userError } from '../../../src/errors.js';
import { atMost } from '../../../src/kit/bounded.js';
import { shownList } from '../../../src/kit/shown-value.js';
import { formatAmount } from '../../../src/money.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type { Facet, ProductFilter, SearchQuery } from '../../../src/ports/search.js';
import { publishedCollection } from './collection-filter.js';

/** The largest page. */
export const resultsMax = 100;
/** The results of one query: a page is chosen among those around it. */
export const limitMax = 5_000;
export const offsetMax = 10_000;
const facetsMax = 20;

const knownNamesMax = 10_000;
const nameShownMax = 40;

/** The integer, or `fallback` if it is missing. Throws `invalid` if it is not from 1 to `most`. */
export function argumentOf(
  name: string,
  value: number | null | undefined,
  fallback: number,
  most: number,
  code: string,
): number {
  const number = value ?? fallback;
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw invalid(code, `${name}: ${number}; 1 to ${most} is allowed`, [name]);
}

/** Throws `invalid` for a query that no catalog could answer. The error names the value received and what is allowed. */
export function checkQuery({ limit, offset, facets, filter, currency }: SearchQuery): void {
  if (!isWithin(limit, limitMax))
    throw invalid('LIMIT', `${limit} results at once; 0 to ${limitMax} are allowed`);
  checkOffset(offset);
  if (facets.length > facetsMax)
    throw invalid('FACETS', `${facets.length} facets; at most ${facetsMax} are allowed`, ['facets']);
  const { priceMinMinor, priceMaxMinor, attributes } = filter;
  if (isEmptyRange(priceMinMinor, priceMaxMinor)) {
    const [low, high] = [priceMinMinor!, priceMaxMinor!].map((minor) => formatAmount(minor, currency));
    throw invalid(
      'FILTER',
      `filter.priceMin: ${low} is more than priceMax, ${high}; a priceMin of at most priceMax is allowed`,
      ['filter', 'priceMin'],
    );
  }
  for (const { name, min, max } of attributes ?? []) {
    if (!isEmptyRange(min, max)) continue;
    throw invalid(
      'FILTER',
      `filter.attributes: "${name.slice(0, nameShownMax)}" has the min ${min} and the max ${max}; a min of at most max is allowed`,
      ['filter', 'attributes'],
    );
  }
}

/** Throws `invalid` for a place that cannot be paged to. */
export function checkOffset(offset: number): void {
  if (isWithin(offset, offsetMax)) return;
  throw invalid(
    'OFFSET',
    `after: place ${offset}; the first ${offsetMax} results can be paged through. Narrow the search by a filter instead`,
    ['after'],
  );
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function isEmptyRange(min: number | null | undefined, max: number | null | undefined): boolean {
  return (min ?? Number.NEGATIVE_INFINITY) > (max ?? Number.POSITIVE_INFINITY);
}

function invalid(code: string, message: string, path: readonly string[] = []): RapportError {
  return new RapportError('invalid', `SEARCH_${code}`, message, path.length > 0 ? { path } : {});
}

interface WarningParts {
  readonly catalog: Catalog;
  /** Counts facets over all published products. */
  countFacets(names: readonly string[], query: SearchQuery): Promise<readonly Facet[]>;
}

/** Finds the parts of a valid query that can match nothing: names that no product has, and empty lists. */
export function createQueryWarnings({ catalog, countFacets }: WarningParts) {
  /** Attributes that a product has or had. */
  const known = new LRUCache<string, true>(atMost(knownNamesMax));

  const isKnown = (name: string): boolean =>
    name === 'brand' || name === 'category' || name === 'price' || known.has(name);

  async function unknownOf(names: readonly string[], query: SearchQuery): Promise<readonly string[]> {
    const candidates = [...new Set(names.filter((name) => !isKnown(name)))].slice(0, facetsMax);
    if (candidates.length === 0) return [];
    for (const facet of await countFacets(candidates, query))
      if (!isEmpty(facet)) known.set(facet.name, true);
    return candidates.filter((name) => !isKnown(name));
  }

  return async (
    query: SearchQuery,
    { total, facets }: { readonly total: number; readonly facets: readonly Facet[] },
  ): Promise<readonly UserError[]> => {
    const { attributes, options, categoryId, collectionId = null } = query.filter;
    for (const facet of facets) if (!isEmpty(facet)) known.set(facet.name, true);
    const emptyFacets = facets.filter(isEmpty).map(({ name }) => name);
    const filtered = { attributes: namesIf(total === 0, attributes), options: namesIf(total === 0, options) };
    const unknown = await unknownOf([...emptyFacets, ...filtered.attributes, ...filtered.options], query);
    const warnings = emptyLists(query.filter);
    const facetNames = unknown.filter((name) => emptyFacets.includes(name));
    if (facetNames.length > 0) {
      const message = `facets: no product has ${shown(facetNames)}; use brand, category, price, or the name of an attribute or option`;
      warnings.push(userError('SEARCH_FACET_UNKNOWN', message, ['facets']));
    }
    for (const [part, names] of Object.entries(filtered)) {
      const unknownNames = names.filter((name) => unknown.includes(name));
      if (unknownNames.length === 0) continue;
      const allowed = part === 'options' ? 'an option' : 'an attribute or option';
      const message = `filter.${part}: no product has ${shown(unknownNames)}; use the name of ${allowed}`;
      warnings.push(userError('SEARCH_FILTER_UNKNOWN', message, ['filter', part]));
    }
    if ((categoryId ?? null) !== null && !catalog.isPublished(categoryId!)) {
      const message = `filter.categoryId: there is no published category "${categoryId!.slice(0, nameShownMax)}"`;
      warnings.push(userError('SEARCH_FILTER_UNKNOWN', message, ['filter', 'categoryId']));
    }
    if (collectionId !== null && !publishedCollection(catalog, collectionId)) {
      const message = `filter.collectionId: there is no published collection "${collectionId.slice(0, nameShownMax)}"`;
      warnings.push(userError('SEARCH_FILTER_UNKNOWN', message, ['filter', 'collectionId']));
    }
    return warnings;
  };
}

function namesIf(
  condition: boolean,
  parts: readonly { readonly name: string }[] | null | undefined,
): string[] {
  return condition ? (parts ?? []).map(({ name }) => name) : [];
}

function shown(names: readonly string[]): string {
  return shownList(names.map((name) => `"${name.slice(0, nameShownMax)}"`));
}

function isEmpty({ values, min }: Facet): boolean {
  return values.length === 0 && min === null;
}

function emptyLists({ ids, brands, sellerIds, tags, attributes, options }: ProductFilter): UserError[] {
  const lists = { ids, brands, sellerIds, tags };
  const empty = Object.entries(lists).flatMap(([name, list]) => (list?.length === 0 ? [name] : []));
  if (attributes?.some(({ values }) => values?.length === 0)) empty.push('attributes');
  if (options?.some(({ values }) => values.length === 0)) empty.push('options');
  return empty.map((name) => {
    const message = `filter.${name}: an empty list matches no product; leave it out to allow all`;
    return userError('SEARCH_FILTER_EMPTY', message, ['filter', name]);
  });
}
