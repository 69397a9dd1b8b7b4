/** The public types of the browser client. The gateway serves this file as `/client.d.ts`, so it declares types only and imports nothing. */

/** The purposes that a shopper decides about; see `ConsentPurpose` in the schema. */
export type ConsentPurpose =
  | 'PERSONALIZATION'
  | 'ANALYTICS'
  | 'MARKETING_EMAIL'
  | 'MARKETING_SMS'
  | 'MARKETING_PUSH';
export type ConsentStatus = 'GRANTED' | 'DENIED' | 'WITHDRAWN';
export type Channel = 'WEB' | 'APP' | 'KIOSK' | 'VOICE' | 'STORE';

export type EventType =
  | 'PRODUCT_VIEWED'
  | 'PRODUCT_ADDED_TO_CART'
  | 'PRODUCT_REMOVED_FROM_CART'
  | 'ORDER_COMPLETED'
  | 'PRODUCT_SEARCHED'
  | 'SEARCH_RESULT_CLICKED'
  | 'RECOMMENDATION_SHOWN'
  | 'RECOMMENDATION_CLICKED'
  | 'PRODUCT_RATED'
  | 'PRODUCT_DISMISSED'
  | 'CUSTOM'
  | 'ORDER_REFUNDED'
  | 'ORDER_CANCELLED'
  | 'ORDER_UPDATED'
  | 'PRODUCT_LIST_VIEWED'
  | 'WISHLIST_ADDED'
  | 'WISHLIST_REMOVED'
  | 'CHECKOUT_STARTED'
  | 'PRODUCT_UNDISMISSED';

/** The placements of Rapport. A shop or plugin may have further ones. */
export type Placement =
  | 'home'
  | 'product'
  | 'cart'
  | 'search-empty'
  | 'reorder'
  | 'post-purchase'
  | 'similar'
  | 'bought-together'
  | 'recently-viewed'
  | 'trending'
  | (string & {});

export interface ClientOptions {
  /** The address of the gateway, for example `https://rapport.shop.example`, or a path of the page's origin. */
  readonly url: string;
  /** A STOREFRONT key. Keys of other roles must never be in a page. */
  readonly key: string;
  /** If omitted, `WEB`. */
  readonly channel?: Channel;
  /** An ISO 4217 code. If omitted, the currency of the gateway's settings. */
  readonly currency?: string;
  /** A BCP 47 tag. If omitted, the language of the page (`<html lang>`), else that of the gateway's settings. */
  readonly locale?: string;
  /** Scopes stock and price. */
  readonly storeId?: string;
  /**
   * When the session id is stored on the device. `consent`: only while PERSONALIZATION is granted; until then each page view has an id of
   * its own in memory. `always`: at once, for shops in opt-out mode. `never`: for kiosks and shared devices. If omitted, `consent`.
   */
  readonly remember?: 'consent' | 'always' | 'never';
  /** Where the session id is stored: `storage` (localStorage) or `cookie`, which a server-rendered page can read. If omitted, `storage`. */
  readonly session?: 'storage' | 'cookie';
  /** The attributes of the cookie. If omitted: name `rapport_session`, path `/`, 365 days, the host of the page. */
  readonly cookie?: {
    readonly name?: string;
    readonly domain?: string;
    readonly path?: string;
    readonly maxAgeDays?: number;
  };
  /** The session id that a server-rendered page was made for. */
  readonly sessionId?: string;
  /** Returns the bearer token of the signed-in customer, or null. It is called for each request. */
  readonly token?: () => string | null | Promise<string | null>;
  /** The fields of `Product` that lists select. If omitted, those of `ProductCard`. */
  readonly productFields?: string;
  /** The time limit of a request, in milliseconds. If omitted, 10,000. */
  readonly timeoutMs?: number;
  /** The time in milliseconds that an event waits for others to be sent with it. If omitted, 1,000. */
  readonly flushAfterMs?: number;
  /** Receives failures that no promise reports: events that were dropped or refused, and parts of responses that are missing. */
  readonly onError?: (error: RapportClientError) => void;
}

/** A failure of a request. */
export interface RapportClientError extends Error {
  /** Stable, for example `CONTEXT_CURRENCY`; `CLIENT_NETWORK`, `CLIENT_TIMEOUT` and `CLIENT_…` are of the client. */
  readonly code: string;
  /** `invalid`, `denied`, `missing`, `conflict`, `limited`, `unavailable` or `defect`: what the caller can do about it. */
  readonly kind: string;
  /** When trying again makes sense; null if it is not known. */
  readonly retryAfterSeconds: number | null;
  /** The status of the HTTP response; 0 if there was none. */
  readonly status: number;
  /** The errors of GraphQL as they came. */
  readonly errors: readonly { readonly message: string; readonly path?: readonly (string | number)[] }[];
}

export interface Money {
  /** A decimal string with all digits of the currency, for example `12.50`. */
  readonly amount: string;
  readonly currency: string;
}

/** The fields of a product that lists select by default. */
export interface ProductCard {
  readonly id: string;
  readonly handle: string | null;
  readonly title: string;
  readonly brand: string | null;
  readonly price: Money | null;
  readonly listPrice: Money | null;
  readonly inStock: boolean;
  readonly image: {
    readonly url: string;
    readonly alt: string | null;
    readonly width: number | null;
    readonly height: number | null;
  } | null;
  readonly rating: { readonly average: number; readonly count: number } | null;
}

export interface RecommendationRequest {
  readonly placement: Placement;
  /** 1 to 100. If omitted, 12. */
  readonly first?: number;
  /** The `next` of the list before, for further products. */
  readonly after?: string;
  /** The product of the page. */
  readonly productId?: string;
  /** Ids of the products in the cart. If omitted, those that this shopper put into it. */
  readonly cart?: readonly string[];
  /** 0 (most likely first) to 1 (as different as possible). If omitted, the default of the placement. */
  readonly diversity?: number;
  readonly filter?: ProductFilter;
  /** Ids of products that are not shown, for example those of another list on the page. At most 1,000. */
  readonly exclude?: readonly string[];
}

export interface Recommendation<P = ProductCard> {
  readonly position: number;
  readonly source: string;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  readonly product: P;
}

export interface RecommendationList<P = ProductCard> {
  readonly decisionId: string;
  readonly personalized: boolean;
  readonly degraded: boolean;
  /** True if popular or new products fill the list, since the placement has too few of its own. */
  readonly fallback: boolean;
  readonly items: readonly Recommendation<P>[];
  /** Pass it as `after` for further products; null if there are none. */
  readonly next: string | null;
}

/** A `ProductFilter` of the schema. */
export type ProductFilter = Readonly<Record<string, unknown>>;
export type ProductSort = 'RELEVANCE' | 'PRICE_ASC' | 'PRICE_DESC' | 'NEWEST' | 'TITLE';

export interface SearchRequest {
  readonly filter?: ProductFilter;
  readonly sort?: ProductSort;
  /** `brand`, `category`, `price`, or names of attributes. */
  readonly facets?: readonly string[];
  /** If omitted, 20. */
  readonly first?: number;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Searches for the words as written. */
  readonly searchAsWritten?: boolean;
}

export interface Facet {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly label: string; readonly count: number }[];
  readonly min: number | null;
  readonly max: number | null;
}

export interface SearchHit<P = ProductCard> {
  readonly position: number;
  readonly product: P;
  /** The variant that the query or the filter names. */
  readonly variant: { readonly id: string } | null;
}

export interface SearchResult<P = ProductCard> {
  readonly queryId: string;
  readonly total: number;
  /** The query that was used instead of a misspelt one. */
  readonly correctedQuery: string | null;
  readonly degraded: boolean;
  readonly facets: readonly Facet[];
  readonly items: readonly SearchHit<P>[];
  /** Pass it as `after` for the next page; null on the last one. */
  readonly next: string | null;
}

export interface Suggestion {
  readonly text: string;
  readonly kind: 'QUERY' | 'PRODUCT' | 'CATEGORY' | 'BRAND';
  /** The id of a product or category. */
  readonly id: string | null;
}

export interface ListingRequest extends Pick<SearchRequest, 'filter' | 'sort' | 'first' | 'after'> {}

export interface Listing<P = ProductCard> {
  readonly total: number;
  readonly items: readonly P[];
  readonly next: string | null;
}

/** An `EventInput` of the schema; `messageId` and `at` are set if omitted. */
export interface ShopEvent {
  readonly type: EventType;
  readonly messageId?: string;
  readonly at?: string;
  readonly productIds?: readonly string[];
  /** One for each product, or one for all. */
  readonly quantity?: readonly number[];
  /** Products with quantities and prices, without `productIds` and `quantity`. */
  readonly lines?: readonly EventLine[];
  readonly orderId?: string;
  readonly value?: number;
  readonly currency?: string;
  readonly query?: string;
  readonly queryId?: string;
  readonly decisionId?: string;
  readonly position?: number;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface EventLine {
  readonly productId: string;
  /** If omitted, 1. */
  readonly quantity?: number;
  /** The price of one piece, for example "12.95". */
  readonly price?: string;
}

/** The list that a product was chosen from, so that the event counts for it. */
export type ListOrigin =
  | Pick<RecommendationList<unknown>, 'decisionId'>
  | Pick<SearchResult<unknown>, 'queryId'>;

/** Sends events in batches. Each is sent at least once and counts once. They return the `messageId`. */
export interface Events {
  /** Any event of the schema. */
  track(event: ShopEvent): string;
  /** A product page was opened. */
  viewed(productId: string, origin?: ListOrigin): string;
  /** The items of a list came into view. */
  shown(list: RecommendationList<{ readonly id: string }>): string;
  /** An item of a recommendation list or of search results was clicked. */
  clicked(
    list: ListOrigin,
    item: { readonly position: number; readonly product: { readonly id: string } },
  ): string;
  addedToCart(productId: string, quantity?: number, origin?: ListOrigin): string;
  removedFromCart(productId: string, quantity?: number): string;
  /** `orderId`: a browser and a server that report one order count once. `value`: if omitted, the sum of the lines if each has a price. */
  ordered(order: {
    readonly orderId: string;
    readonly lines: readonly EventLine[];
    readonly value?: number;
    readonly currency?: string;
  }): string;
  searched(query: string, queryId?: string): string;
  /** 1 to 5. */
  rated(productId: string, rating: number): string;
  /** "Not for me". */
  dismissed(productId: string): string;
  /** Sends the events that wait. Resolves when they are acknowledged, and also when the gateway cannot be reached: they stay queued then. */
  flush(): Promise<void>;
  /** The number of events that are not acknowledged yet. */
  readonly waiting: number;
}

export interface ConsentState {
  readonly purpose: ConsentPurpose;
  /** Null if it was never decided, or has lapsed. */
  readonly status: ConsentStatus | null;
}

/** Facts that prove what the shopper agreed to. */
export interface ConsentNotice {
  /** The version of the wording that the shopper saw. */
  readonly noticeVersion?: string;
  /** The way in which the shopper expressed the decision. */
  readonly evidence?: string;
  /** RFC 3339: when a grant lapses. */
  readonly expiresAt?: string;
}

/** The decisions of the shopper. */
export interface Consent {
  /** The decisions made on this device, without a request. */
  readonly decisions: Readonly<Partial<Record<ConsentPurpose, ConsentStatus>>>;
  /** True until the shopper decided about the purpose on this device: show the notice. */
  mustAsk(purpose?: ConsentPurpose): boolean;
  /** Sends refusals that wait first. Rejects if the decision could not be entered; ask again then. */
  grant(purposes: readonly ConsentPurpose[], notice?: ConsentNotice): Promise<void>;
  /** Refuses, or withdraws what was granted. It holds at once on this device, and is sent again until the gateway has it. */
  refuse(purposes: readonly ConsentPurpose[], notice?: ConsentNotice): Promise<void>;
  /** The state in the ledger. */
  read(): Promise<readonly ConsentState[]>;
  /** Calls back after each decision. Returns the function that stops it. */
  onChange(listener: () => void): () => void;
}

/** A stream of a subscription. */
export interface Subscription {
  close(): void;
}

export interface SubscriptionHandlers<T> {
  next(data: T): void;
  /** The stream was refused for good. Interruptions are not reported: the client connects again. */
  error?(error: RapportClientError): void;
  /** The gateway ended the stream. */
  complete?(): void;
}

/** A client of one gateway. */
export interface Client {
  readonly events: Events;
  readonly consent: Consent;
  /** The session id of the requests that follow. */
  readonly sessionId: string;
  /** One list of a placement. */
  recommend<P = ProductCard>(request: RecommendationRequest): Promise<RecommendationList<P>>;
  /** Several lists of a page in one request, each under the name that it was given. */
  recommendAll<P = ProductCard, Names extends string = string>(
    requests: Readonly<Record<Names, RecommendationRequest>>,
  ): Promise<Record<Names, RecommendationList<P>>>;
  search<P = ProductCard>(query: string, request?: SearchRequest): Promise<SearchResult<P>>;
  suggest(prefix: string, first?: number): Promise<readonly Suggestion[]>;
  /** A listing that is the same for everybody. Outside browsers it is sent as GET, so that shared caches can keep it. */
  products<P = ProductCard>(request?: ListingRequest): Promise<Listing<P>>;
  /** A product by its id, SKU, GTIN or variant id; null if there is none. */
  product<P = ProductCard>(id: string): Promise<P | null>;
  /** Any other operation. Its variable `$context` is set if it declares one. */
  query<T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A subscription over server-sent events. Its variable `$context` is set if it declares one. */
  subscribe<T>(
    document: string,
    variables: Readonly<Record<string, unknown>>,
    handlers: SubscriptionHandlers<T>,
  ): Subscription;
  /** Links the session to the customer of the token. Ask for consent again afterwards: an anonymous grant does not count for a customer. */
  signIn(customer: {
    readonly id: string;
    readonly email?: string;
    readonly firstName?: string;
    readonly lastName?: string;
    readonly traits?: Readonly<Record<string, string | number | boolean | null>>;
  }): Promise<void>;
  signOut(): Promise<void>;
  /** Sends what waits and stops all timers and streams. */
  close(): Promise<void>;
}

export type CreateClient = (options: ClientOptions) => Client;
/** Creates a client. It sends nothing by itself until it is used. */
export declare const createClient: CreateClient;
