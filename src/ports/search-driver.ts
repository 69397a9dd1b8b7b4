import type { Category, Product } from './catalog.js';
import type { Synonym } from './merchandising.js';
import type { Facet, ProductFilter, SearchQuery, Suggestion } from './search.js';
import type { VariantFilter } from './variants.js';

/** A product for the index. */
export interface SearchDocument {
  /** ACTIVE. */
  readonly product: Product;
  /** The product's own categories, then those above them, each once. */
  readonly categories: readonly Category[];
  /** Quantities by store; empty when it is not stock-kept. Only for drivers that cannot ask `LiveCatalog`. */
  readonly stock: Readonly<Record<string, number>>;
  /** The same of each variant, by its id; a variant that is not in it is not stock-kept. If omitted, none is. */
  readonly variantStock?: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Data that a driver in this process reads during a query, so that it is never out of date. */
export interface LiveCatalog {
  /** In this store, or anywhere for null. */
  inStock(productId: string, storeId: string | null): boolean;
  /** Returns whether the variant at this place of `variantsOf(product)` is ACTIVE and can be bought there. */
  available(productId: string, place: number, storeId: string | null): boolean;
  /** Makes a function that returns whether a variant of a product passes. Make it once a query. */
  matching(filter: VariantFilter): (productId: string) => boolean;
  /** The category itself, then those above it, nearest first. */
  lineage(categoryId: string): readonly string[];
  categoryName(categoryId: string, locale: string): string;
}

/** A change of a ranking rule that drivers apply. Pins are applied above the drivers (`rules.ts`). */
export interface DriverChange {
  /** The products that it is about, as in a query. */
  readonly filter: ProductFilter;
  readonly categoryIds: readonly string[] | null;
  /** A factor moves products among those that match equally well. `hide` and `only` decide which are found. */
  readonly effect: 'hide' | 'only' | { readonly factor: number };
}

/** The options of a completion. */
export interface CompletionOptions {
  /** At most as many suggestions of each kind. */
  readonly limit: number;
  readonly locale: string;
  /** Products that `hide` and `only` leave out are not named, and neither are brands and categories of such products alone. */
  readonly changes: readonly DriverChange[];
}

/** A query whose input the rules have bounded and whose category they have resolved. */
export interface DriverQuery extends SearchQuery {
  readonly atMs: number;
  /** The filter's category and all below it; null without one. */
  readonly categoryIds: readonly string[] | null;
  readonly changes: readonly DriverChange[];
  /** The order of the products that are found, applied above the drivers. If omitted, that of the driver. */
  readonly order?: readonly string[] | undefined;
}

export interface DriverAnswer {
  /** Best first, the page that was asked for. */
  readonly ids: readonly string[];
  readonly total: number;
  readonly facets: readonly Facet[];
  readonly correctedQuery: string | null;
  readonly appliedSynonyms: readonly string[];
}

/** The result of a driver or of its fallback. */
export interface EngineAnswer extends DriverAnswer {
  readonly degraded: boolean;
}

/** Every published product, best first, none of them returned. */
export const plainQuery = {
  text: '',
  filter: {},
  categoryIds: null,
  changes: [],
  sort: 'RELEVANCE',
  facets: [],
  limit: 0,
  offset: 0,
  locale: 'en',
  currency: 'EUR',
  storeId: null,
  atMs: 0,
  preferences: null,
} satisfies DriverQuery;

/** The size of a catalog that a fallback index in this process is built for: more would take too much memory (1.4 KB a product). */
export const indexedMax = 200_000;

/** A search server took all products of a `put` or `fill` but these, and will not take them as they are. */
export class ProductsRefused extends Error {
  override readonly name = 'ProductsRefused';
  readonly productIds: readonly string[];

  constructor(productIds: readonly string[], cause: unknown) {
    super(`the search server refused ${productIds.length} products`, { cause });
    this.productIds = productIds;
  }
}

/** Finds products by words. Log, preferences, pagination and index sync are above it, so that a driver stays small. */
export interface SearchDriver {
  /** True if it reads stock and categories from the live catalog, so that their changes need no `put`. */
  readonly live: boolean;
  /** Called once, before anything else. */
  connect(catalog: LiveCatalog): void;
  /** Resolves to true if it has the catalog from an earlier start, in this version's format, kept current since. */
  isFilled(): Promise<boolean>;
  /** The number of products; approximate while some are being written. */
  count(): Promise<number>;
  /**
   * Fills a new index with the whole catalog, in any order. The old index serves until the end and is then removed. Resolves to the number of
   * products. A driver that is not live does not write what is put meanwhile to the new index.
   */
  fill(documents: AsyncIterable<readonly SearchDocument[]>): Promise<number>;
  /**
   * Searchable when it returns, or, where that takes time, when the promise resolves. Replaces by product id. Rejects with
   * `ProductsRefused` when all but some were taken.
   */
  put(documents: readonly SearchDocument[]): void | Promise<void>;
  remove(ids: readonly string[]): void | Promise<void>;
  /** Replaces all synonyms; holds from the next search. */
  setSynonyms(synonyms: readonly Synonym[]): void;
  /** The parts of a synonym that it cannot apply, as messages for merchandisers; empty if it applies all. */
  limitsOf(synonym: Synonym): readonly string[];
  search(query: DriverQuery): Promise<DriverAnswer>;
  /** Completions from titles, brands and categories, best first. */
  complete(prefix: string, options: CompletionOptions): Promise<readonly Suggestion[]>;
  /** Rejects if it cannot search now. */
  check(): Promise<void>;
}
