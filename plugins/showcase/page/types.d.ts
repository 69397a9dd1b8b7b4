/** The responses of the graph to the page; the fields are those of `operations.js`. */

export type ChannelName = 'web' | 'app' | 'kiosk' | 'voice';

export interface Money {
  readonly amount: string;
  readonly currency: string;
}

export interface Product {
  readonly id: string;
  readonly title: string;
  readonly brand: string | null;
  readonly inStock: boolean;
  readonly price: Money | null;
  readonly listPrice: Money | null;
  readonly categories: readonly { readonly id: string; readonly name: string }[];
  readonly image: { readonly url: string } | null;
  readonly rating: { readonly average: number; readonly count: number } | null;
  /** Present for recommendations on the web only. */
  readonly options?: readonly {
    readonly label: string;
    readonly values: readonly { readonly label: string; readonly available: boolean }[];
  }[];
}

export interface Item {
  readonly position: number;
  readonly source: string;
  readonly product: Product;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
}

export interface List {
  readonly decisionId: string;
  readonly personalized: boolean;
  readonly degraded: boolean;
  readonly items: readonly Item[];
  readonly omitted: readonly {
    readonly reason: string;
    readonly product: { readonly id: string; readonly title: string };
  }[];
  readonly speech?: { readonly text: string; readonly ssml: string; readonly reprompt: string };
}

export interface Shopper {
  readonly personalization?: { readonly applied: boolean; readonly reason: string };
  readonly known?: boolean;
  readonly consents?: readonly { readonly purpose: string; readonly status: string | null }[] | null;
  readonly recentlyViewed?: readonly Product[] | null;
  readonly recommendations: List | null;
  readonly basket?: List | null;
}

export type Everywhere = Readonly<Record<ChannelName, Shopper | null>>;

export interface Facet {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly label: string; readonly count: number }[];
  readonly min: number | null;
  readonly max: number | null;
}

export interface SearchResult {
  readonly queryId: string;
  readonly total: number;
  readonly correctedQuery: string | null;
  readonly appliedSynonyms: readonly string[];
  readonly personalized: boolean;
  readonly degraded: boolean;
  readonly products: { readonly nodes: readonly Product[] };
  readonly facets: readonly Facet[];
}

export interface SearchAnswer {
  readonly search: SearchResult | null;
  /** Shown where nothing was found. */
  readonly instead: List | null;
}

export interface Suggestion {
  readonly text: string;
  readonly kind: 'QUERY' | 'PRODUCT' | 'CATEGORY' | 'BRAND';
  readonly id: string | null;
}

/** Fields of the current shopper. */
export interface OfShopper<T> {
  readonly shopper: T | null;
}

export interface UserErrors {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

/** A query or mutation, and the type of its data. */
export interface Operation<Data> {
  readonly name: string;
  readonly query: string;
  /** Never set; it keeps the type. */
  readonly data?: Data;
}

/** One request and what came back, for the panel that shows it. */
export interface Exchange {
  readonly name: string;
  readonly query: string;
  readonly variables: unknown;
  readonly answer: unknown;
  readonly milliseconds: number;
}

/** An action of a shopper on a product in a channel. */
export interface Deed {
  readonly kind: 'view' | 'dismiss' | 'cart' | 'uncart' | 'buy';
  readonly product: Product;
  /** Bought in the same order. */
  readonly others?: readonly Product[];
  readonly channel: ChannelName;
  /** Of the list that showed it; absent for a search result. */
  readonly decisionId?: string;
  readonly queryId?: string;
  readonly position?: number;
}

export interface State {
  key: string;
  /** A session id. */
  shopper: string;
  store: string;
  currency: string;
  locale: string;
}

/** The move of a product in a list since the list before. */
export type Change = { readonly kind: 'up' | 'down'; readonly by: number } | { readonly kind: 'new' };
