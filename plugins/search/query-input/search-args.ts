import type { Context } from '../../../src/context.js';
import type { ProductFilterInput, ProductSort } from '../../../src/ports/search.js';
import type { PageArgs } from '../paging/pages.js';

/** The arguments of `Query.products`. */
export interface ListingArgs extends PageArgs {
  readonly filter?: ProductFilterInput | null;
  readonly sort?: ProductSort | null;
}

/** The arguments of `Shopper.search`. `exact`, `facets`, `first` and `after` are deprecated. */
export interface SearchArgs extends Omit<ListingArgs, 'last' | 'before'> {
  readonly query: string;
  readonly searchAsWritten?: boolean | null;
  readonly exact?: boolean | null;
  readonly facets?: readonly string[] | null;
}

/** The listing of a cursor: the query and the place, but not the session, which may begin or change while a shopper pages. */
export function listingOf(kind: string, args: Partial<SearchArgs>, context: Context | null): string {
  const { query, filter, sort } = args;
  const place = context && [context.locale, context.currency, context.storeId];
  return JSON.stringify([kind, query, isAsWritten(args), filter ?? null, sort ?? null, place]);
}

export function isAsWritten({ searchAsWritten, exact }: Partial<SearchArgs>): boolean {
  return searchAsWritten === true || exact === true;
}

/** The arguments of a search as they identify its result. */
export type ResultKey = readonly [
  query: string,
  searchAsWritten: boolean,
  sort: ProductSort | null,
  filter: ProductFilterInput | null,
  facets: readonly string[] | null,
  first: number | null,
  after: string | null,
];

export function keyOf(args: SearchArgs): ResultKey {
  const { query, sort, filter, facets, first, after } = args;
  const asWritten = isAsWritten(args);
  return [query, asWritten, sort ?? null, filter ?? null, facets ?? null, first ?? null, after ?? null];
}

export function argsOf([query, searchAsWritten, sort, filter, facets, first, after]: ResultKey): SearchArgs {
  return { query, searchAsWritten, sort, filter, facets, first, after };
}
