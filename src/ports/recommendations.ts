import type { Product } from './catalog.js';
import type { Shopper } from './customers.js';
import type { Speech } from './speech.js';

export const recommendationSources = [
  'SESSION',
  'BOUGHT_TOGETHER',
  'SIMILAR',
  'RECENTLY_VIEWED',
  'BUY_AGAIN',
  'POPULAR',
  'NEW',
  'CURATED',
] as const;
export type RecommendationSource = (typeof recommendationSources)[number];

export const reasonCodes = [
  'VIEWED_TOGETHER',
  'BOUGHT_TOGETHER',
  'BOUGHT_BY_OTHERS_WHO_BOUGHT',
  'SIMILAR_TO',
  'RECENTLY_VIEWED',
  'BUY_AGAIN',
  'FAVOURITE_CATEGORY',
  'FAVOURITE_BRAND',
  'POPULAR_IN_STORE',
  'POPULAR_IN_CATEGORY',
  'POPULAR',
  'NEW_ARRIVAL',
  'CURATED',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
  /** One of `reasonCodes`, or one that a contributed recommender declares. */
  readonly code: string;
  /** In the shopper's language. */
  readonly text: string;
  /** The product that caused it; null where none did. */
  readonly because: Product | null;
}

/** When something is bought again, if it is, as of the moment of asking: none of it is past. */
export interface ExpectedPurchase {
  /** Before and after it equally likely. */
  readonly atMs: number;
  /** Between these two with 80 %. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Recommendation {
  readonly product: Product;
  /** From 1. */
  readonly position: number;
  /** Comparable within one list only. */
  readonly score: number;
  /** One of `recommendationSources`, or one that a contributed recommender declares. */
  readonly source: string;
  /** True causes only, weightiest first; at least one. */
  readonly reasons: readonly Reason[];
  /**
   * When the shopper will buy it again, where having bought it is among the reasons; null while nothing can be expected: nobody has
   * bought anything twice, or hardly anybody who comes back takes as long as it has been.
   */
  readonly expected: ExpectedPurchase | null;
}

export const omissionReasons = [
  'OUT_OF_STOCK_IN_STORE',
  'NOT_SPEAKABLE',
  'CHANNEL_LIMIT',
  'NO_PRICE',
] as const;
export type OmissionReason = (typeof omissionReasons)[number];

export interface Omission {
  readonly product: Product;
  readonly reason: OmissionReason;
}

export interface RecommendationList {
  /** Opaque: the same decision on the same evidence has the same id. Events that name another id than one of these count as naming none. */
  readonly decisionId: string;
  readonly items: readonly Recommendation[];
  /** What would stand in the ranking were it in stock in the store (at most 50), then what of the ranking the channel cannot use; each in order. */
  readonly omitted: readonly Omission[];
  /** Whether the list follows what the shopper did; false: it is the one for everybody. */
  readonly personalized: boolean;
  /** The shopper's history could not be read, so the list is the one for everybody; or a ranking rule was left out. */
  readonly degraded: boolean;
  /** Ids of the ranking rules that hold for this list. */
  readonly appliedRules: readonly string[];
}

export interface RecommendationQuery {
  /** `home`, `product`, `cart`, `search-empty`, `reorder`, `post-purchase`, `similar`, `bought-together`, `recently-viewed`, `trending`. */
  readonly placement: string;
  /** 1 … 100. */
  readonly first: number;
  /** The product of the page; an unknown one counts as none. */
  readonly productId: string | null;
  /** At most 100 ids; unknown ones are passed over. */
  readonly cart: readonly string[];
  /** 0 … 1: how much products of the same brand or category as those above are lowered; absent: as the placement has it. */
  readonly diversity?: number | null;
}

/** What recommendations of one placement led to. */
export interface PlacementReport {
  readonly placement: string;
  /** Products shown. */
  readonly shown: number;
  readonly clicked: number;
  /** Bought by the same session within 7 days of a click on them. */
  readonly bought: number;
}

export interface Recommendations {
  /** Never empty while one product is eligible and no ranking rule hides it. Throws `invalid` for an unknown placement, naming those there are. */
  recommend(shopper: Shopper, query: RecommendationQuery): Promise<RecommendationList>;
  /** The first products of a list to be spoken, 1 to 10, in the same order, each with its first reason. */
  speech(shopper: Shopper, list: Pick<RecommendationList, 'items'>, first: number): Speech;
  /** What the person looked at, newest first, at most `first` (1 … 100); empty without a permit. */
  recentlyViewed(shopper: Shopper, first: number): Promise<readonly Product[]>;
  /** Of each placement with any, over the last days (1 … 90, today included, UTC), by name. */
  report(days: number): readonly PlacementReport[];
}
