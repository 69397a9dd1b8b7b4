import type { Context } from '../context.js';
import type { UserError } from '../errors.js';
import type { Permit } from './consent.js';
import type { Shopper } from './customers.js';
import type { OptionFilter, ProductReference } from './variants.js';

/** A filter of listings and searches. All given parts must hold. */
export interface ProductFilter {
  readonly ids?: readonly string[] | null;
  /** The category and all below it. */
  readonly categoryId?: string | null;
  readonly brands?: readonly string[] | null;
  /** Bounds in minor units of the query's currency, inclusive. */
  readonly priceMinMinor?: number | null;
  readonly priceMaxMinor?: number | null;
  /** In the query's store, or anywhere without one. */
  readonly inStock?: boolean | null;
  readonly sellerIds?: readonly string[] | null;
  readonly attributes?:
    | readonly {
        readonly name: string;
        readonly values?: readonly string[] | null;
        readonly min?: number | null;
        readonly max?: number | null;
      }[]
    | null;
  /**
   * One variant has, for each option, one of the values. With `inStock` true that variant is in stock; with false none that has them is.
   * At most 5 options and 1,000 combinations of their values.
   */
  readonly options?: readonly OptionFilter[] | null;
  /** A published collection. Without a text and a sort, products that were chosen one by one are in their order. */
  readonly collectionId?: string | null;
  /** With one of the tags. */
  readonly tags?: readonly string[] | null;
  /** The lowest average of the ratings. A product without ratings does not pass. */
  readonly ratingMin?: number | null;
  /** true: with a price in the query's currency that holds now; false: without one. If omitted or null, both. */
  readonly purchasable?: boolean | null;
}

/** `ProductFilter` of the schema: prices are decimals of the shopper's currency. */
export interface ProductFilterInput extends Omit<ProductFilter, 'priceMinMinor' | 'priceMaxMinor'> {
  readonly priceMin?: string | null;
  readonly priceMax?: string | null;
}

export const productSorts = ['RELEVANCE', 'PRICE_ASC', 'PRICE_DESC', 'NEWEST', 'TITLE'] as const;
export type ProductSort = (typeof productSorts)[number];

/** Factors above 1 for brands, categories and products that a shopper prefers, below 1 for those that they avoid. */
export interface Preferences {
  readonly brands: ReadonlyMap<string, number>;
  readonly categories: ReadonlyMap<string, number>;
  readonly products: ReadonlyMap<string, number>;
}

/** The shopper and moment of a request, for contributions of other plugins. */
export interface Requester {
  /** null: the response is the same for every caller. */
  readonly shopper: Shopper | null;
  /** null: nothing personal may be used. */
  readonly permit: Permit<'PERSONALIZATION'> | null;
  readonly atMs: number;
}

export interface SearchQuery {
  /** Blank: everything that passes the filter. */
  readonly text: string;
  readonly filter: ProductFilter;
  readonly sort: ProductSort;
  /** Facets to count: `brand`, `category`, `price`, or the name of an attribute. */
  readonly facets: readonly string[];
  /** At most 5,000. */
  readonly limit: number;
  /** At most 10,000. */
  readonly offset: number;
  readonly locale: string;
  readonly currency: string;
  readonly storeId: string | null;
  /** The moment that prices hold at, in milliseconds since the epoch. If omitted, now. */
  readonly atMs?: number | undefined;
  /** If omitted or null, prices of customer groups do not hold. */
  readonly customerGroup?: string | null | undefined;
  /** null: the same for everybody. */
  readonly preferences: Preferences | null;
  /** Only products that hold every word as written, by a form of it or by a synonym: no completions, corrections or part matches. */
  readonly searchAsWritten?: boolean;
  /** If omitted, ranking rules get no shopper and the current time. */
  readonly requester?: Requester | undefined;
  /** Aborted when the response is no longer needed. */
  readonly signal?: AbortSignal | undefined;
}

export interface FacetCount {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

export interface Facet {
  readonly name: string;
  /** Most frequent first, at most 100. For `price` (in minor units) and numeric attributes empty, with `min` and `max` instead. */
  readonly values: readonly FacetCount[];
  readonly min: number | null;
  readonly max: number | null;
}

export interface SearchAnswer {
  /** Best first; only ACTIVE products. */
  readonly ids: readonly string[];
  readonly total: number;
  readonly facets: readonly Facet[];
  /** The product and variant that the text names by a SKU or GTIN: it is the first result. If omitted or null, it names none. */
  readonly named?: ProductReference | null;
  /** The query with corrections of misspelt words; null without corrections. */
  readonly correctedQuery: string | null;
  /** The price range that the query's words stated and that was used as a filter, in minor units. If omitted, they stated none. */
  readonly statedPrice?: { readonly minMinor: number | null; readonly maxMinor: number | null };
  /** The terms that synonyms added. */
  readonly appliedSynonyms: readonly string[];
  /** Ids of the ranking rules that hold for this answer. */
  readonly appliedRules: readonly string[];
  /** The page of the shop that a ranking rule leads this query to; null without one. */
  readonly redirect: string | null;
  /** Parts of the query that can match nothing: facets and attributes that no product has, empty lists, unknown categories. */
  readonly warnings: readonly UserError[];
  /** True if the backend was away or a ranking rule was left out, so that the result differs from the usual one. */
  readonly degraded: boolean;
}

export interface Suggestion {
  readonly text: string;
  readonly kind: 'QUERY' | 'PRODUCT' | 'CATEGORY' | 'BRAND';
  /** The id of a product or category; null otherwise. */
  readonly id: string | null;
}

export interface SuggestOptions {
  /** At most 20. */
  readonly limit: number;
  readonly locale: string;
  /** If omitted, ranking rules and suggestion sources get no shopper and the current time. */
  readonly requester?: Requester | undefined;
}

export interface SuggestAnswer {
  /** Best first. They name only published products and categories, and nothing that a ranking rule hides. */
  readonly suggestions: readonly Suggestion[];
  /** True if a suggestion source or a ranking rule was left out. */
  readonly degraded: boolean;
}

/** A query that many different people searched for. */
export interface FrequentQuery {
  readonly query: string;
  /** The language of its first search. */
  readonly locale: string;
  readonly searches: number;
}

export interface Search {
  search(query: SearchQuery): Promise<SearchAnswer>;
  /**
   * The ACTIVE products that a shopper's filter lets through, at most 5,000, and how many it lets through in all. `among`: only these, at most 1,000.
   * Throws `invalid` for a filter that is not allowed.
   */
  passing(
    filter: ProductFilterInput,
    context: Context,
    among?: readonly string[],
  ): Promise<Pick<SearchAnswer, 'ids' | 'total' | 'warnings' | 'degraded'>>;
  /**
   * The results that the field `Shopper.search` has for a shopper, in their order if they permit it. At most 5,000. Nothing is recorded.
   * Throws `invalid` for a filter that is not allowed.
   */
  forShopper(
    shopper: Shopper,
    text: string,
    options: {
      readonly limit: number;
      readonly filter?: ProductFilterInput;
      /** As in `SearchQuery`. If omitted, false. */
      readonly searchAsWritten?: boolean;
    },
  ): Promise<SearchAnswer & { readonly personalized: boolean }>;
  /** The results for a shopper without a history: for previews. `limit`: at most 100. */
  preview(shopper: Shopper, text: string, limit: number): Promise<SearchAnswer>;
  /** The queries of the last days, most frequent first; none that too few people searched for. At most 90 days and 1,000 queries. */
  frequentQueries(days: number, limit: number): Promise<readonly FrequentQuery[]>;
  /** Completions of the text that is being typed. Only its first 100 characters count; none for a blank one. */
  suggest(prefix: string, options: SuggestOptions): Promise<SuggestAnswer>;
}

/** The text that a shopper is typing, for a source of suggestions. */
export interface SuggestionRequest extends Requester {
  /** In lower case, with single spaces. 1 to 100 characters. */
  readonly prefix: string;
  /** 1 to 20. More suggestions than this are cut off. */
  readonly limit: number;
  readonly locale: string;
}

/** Adds suggestions to those from the query log and the catalog. */
export interface SuggestionSource {
  /** Names the source in errors. */
  readonly name: string;
  /** 1 to 1,000 ms; 100 if omitted. A source that throws, or that is later, is left out of the response, which is then degraded. */
  readonly deadlineMs?: number;
  /**
   * Best first. They stand before other suggestions of their kind. A text has 1 to 100 characters. A PRODUCT or CATEGORY needs an `id`
   * and is left out if shoppers cannot find it.
   */
  suggest(request: SuggestionRequest): readonly Suggestion[] | Promise<readonly Suggestion[]>;
}
