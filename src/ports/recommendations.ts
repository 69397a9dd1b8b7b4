import type { UserError } from '../errors.js';
import type { Product } from './catalog.js';
import type { Shopper } from './customers.js';
import type { ExperimentAssignment } from './placements.js';
import type { RankingEffect } from './ranking.js';
import type { ProductFilterInput } from './search.js';
import type { Speech } from './speech.js';

export const recommendationSources = [
  'SESSION',
  'BOUGHT_TOGETHER',
  'SIMILAR',
  'RECENTLY_VIEWED',
  'BUY_AGAIN',
  'POPULAR',
  'NEW',
  'RELATED',
  'CURATED',
] as const;
export type RecommendationSource = (typeof recommendationSources)[number];

export const reasonCodes = [
  'VIEWED_TOGETHER',
  'BOUGHT_TOGETHER',
  'BOUGHT_BY_OTHERS_WHO_BOUGHT',
  'SIMILAR_TO',
  'ACCESSORY_OF',
  'SPARE_PART_OF',
  'SUBSTITUTE_FOR',
  'UPSELL_OF',
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
  /** Products that are out of stock in the store (at most 50), then those that the channel cannot use; each in the order of the ranking. */
  readonly omitted: readonly Omission[];
  /** True if the list follows the shopper's behaviour; false: it is the one for everybody. */
  readonly personalized: boolean;
  /** The shopper's history could not be read, so the list is the one for everybody; or a ranking rule was left out. */
  readonly degraded: boolean;
  /** Ids of the ranking rules that hold for this list. */
  readonly appliedRules: readonly string[];
  /** One for each part of the query that names something unknown: the product of the page, products of the cart. */
  readonly warnings: readonly UserError[];
  /** The variant of an experiment that the list is; null without one. */
  readonly experiment: ExperimentAssignment | null;
  /** True if the list is made as `home`, or holds products that only fill it up, since there are too few that its placement is about. */
  readonly fallback: boolean;
  /** Makes the cursor that the next list begins after; null for an empty one. */
  endCursor(): string | null;
  readonly hasNext: boolean;
}

export interface RecommendationQuery {
  /** `home`, `product`, `cart`, `search-empty`, `reorder`, `post-purchase`, `similar`, `bought-together`, `recently-viewed`, `trending`, or a contributed one. */
  readonly placement: string;
  /** 1 … 100. */
  readonly first: number;
  /** The product of the page; an unknown one counts as none and gives a warning. */
  readonly productId: string | null;
  /** At most 100 ids; unknown ones are passed over and give a warning. */
  readonly cart: readonly string[];
  /** The `endCursor` of the list before: this one goes on with products that were not in it, or in those before it. If omitted or null, the first. */
  readonly after?: string | null;
  /** Products that are not shown, at most 1,000; unknown ones are passed over. */
  readonly exclude?: readonly string[];
  /** Only products that this filter lets through. If omitted or null, all. */
  readonly filter?: ProductFilterInput | null;
  /** 0 … 1: how much products of the same brand or category as those above are lowered; absent: as the placement has it. */
  readonly diversity?: number | null;
}

/** Products in the history of an imagined shopper, to explain lists without personal data. */
export interface ExampleProfile {
  /** Oldest first. */
  readonly viewed: readonly string[];
  readonly cart: readonly string[];
  readonly dismissed: readonly string[];
  /** Products bought at one time are one order. */
  readonly bought: readonly { readonly productId: string; readonly atMs: number }[];
}

/** Reasons why a product is not in a list. */
export const absenceReasons = [
  ...omissionReasons,
  'NOT_PROPOSED',
  'RANKED_BELOW',
  'DISPLACED_BY_EXPLORATION',
  'NOT_ELIGIBLE',
  'HIDDEN_BY_RULE',
  'ON_PAGE',
  'IN_CART',
  'DISMISSED',
  'BOUGHT_AND_NOT_DUE',
] as const;
export type AbsenceReason = (typeof absenceReasons)[number];

/** The way of one product through the ranking of one list, recorded by the ranking itself. */
export interface RecommendationExplanation {
  readonly decisionId: string;
  readonly product: Product;
  /** From 1, in the list of the channel; null if it is not in it. */
  readonly position: number | null;
  readonly absence: AbsenceReason | null;
  /** Products that all recommenders proposed. */
  readonly candidates: number;
  /** Recommenders that proposed anything. Contributions add up to the blended score. */
  readonly recommenders: readonly {
    readonly name: string;
    readonly source: string;
    /** In the blend of the placement. */
    readonly weight: number;
    readonly candidates: number;
    /** 0 if it did not propose the product. */
    readonly contribution: number;
  }[];
  /** null if no recommender proposed it. */
  readonly blendedScore: number | null;
  /** From 1, among all candidates. */
  readonly blendedRank: number | null;
  /** Below 1 if it is demoted because the shopper viewed it. */
  readonly seenDemotion: number;
  /** The product of the factors of ranking rules. */
  readonly ruleFactor: number;
  /** Ranking rules that are about the product. */
  readonly rules: readonly { readonly ruleId: string; readonly effect: RankingEffect }[];
  readonly pinned: boolean;
  /** Strength of diversification in this list, 0 or more. */
  readonly diversity: number;
  /** Position and score after diversification; null if it was not among the first. */
  readonly diversifiedPosition: number | null;
  readonly diversifiedScore: number | null;
  /** Effect of an exploration slot on the product. */
  readonly exploration: 'PLACED' | 'DISPLACED' | null;
  /** True if it only fills up the list. */
  readonly fallback: boolean;
  /** The score of the last product of the list; null for an empty one. */
  readonly lastScore: number | null;
  readonly degraded: boolean;
}

/** The results of the recommendations of one placement. */
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
  /**
   * Ranks as `recommend` does and returns how `explainedId` was ranked; null for an unknown product. `example`: a history in place of the
   * shopper's; null for none.
   */
  explain(
    shopper: Shopper,
    query: RecommendationQuery,
    explainedId: string,
    example: ExampleProfile | null,
  ): Promise<RecommendationExplanation | null>;
  /** The first products of a list to be spoken, 1 to 10, in the same order, each with its first reason. */
  speech(shopper: Shopper, list: Pick<RecommendationList, 'items'>, first: number): Speech;
  /** Products that the person viewed, newest first, at most `first` (1 … 100), without what a ranking rule hides; empty without a permit. */
  recentlyViewed(shopper: Shopper, first: number): Promise<readonly Product[]>;
  /** A report of each placement with impressions, over the last days (1 … 90, today included, UTC), by name. */
  report(days: number): readonly PlacementReport[];
}
