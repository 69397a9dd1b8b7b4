import type { Shelf } from './catalog.js';
import type { ShopEvent } from './events.js';

/** Products that a recommender proposes, by their internal ids, each once and in any order. Arrays are read up to `length`. */
export interface Candidates {
  readonly items: ArrayLike<number>;
  /** Positive; comparable within this list only. */
  readonly scores: ArrayLike<number>;
  /** The anchor item of each: the product that contributed most; -1 if there is none. */
  readonly causes: ArrayLike<number>;
  readonly length: number;
  /** The sum of which the scores are shares. If omitted, their sum. */
  readonly mass?: number;
}

/** A product that recommendations are based on, for example the product of the page or one in the cart. */
export interface Seed {
  readonly item: number;
  /** In (0, 1]. */
  readonly weight: number;
}

/** Distinct products that were bought together. */
export interface Order {
  readonly items: readonly number[];
  readonly atMs: number;
}

export interface Favourite {
  readonly name: string;
  readonly weight: number;
}

/** What the permitted history of a shopper tells, by internal ids of products. Without a permit it is blank. */
export interface ShopperProfile {
  /** True if nothing is known: the list is the one for everybody. */
  readonly blank: boolean;
  /** Products viewed or added to the cart, oldest first, at most 30, never the same twice in a row. */
  readonly session: readonly number[];
  /** Distinct, newest first, at most 100. */
  readonly viewed: readonly number[];
  /** Products in the cart, newest first. */
  readonly cart: readonly number[];
  /** Taken out of the cart and not put in again, since the last order. */
  readonly takenOut: ReadonlySet<number>;
  readonly lastOrder: readonly number[];
  /** Oldest first, at most 100. */
  readonly orders: readonly Order[];
  /** The customer of the newest order or, without one, its session; null without orders. */
  readonly buyer: string | null;
  /** By product: the times of its purchases, newest first. */
  readonly purchases: ReadonlyMap<number, readonly number[]>;
  /** Products dismissed or rated 2 and below. */
  readonly unwanted: ReadonlySet<number>;
  /** Categories and brands in which the shopper was interested in at least two products, strongest first. */
  readonly categories: readonly Favourite[];
  readonly brands: readonly Favourite[];
}

/** Everything that a ranking depends on, except models and the catalog. */
export interface RankingContext {
  readonly profile: ShopperProfile;
  /** The products that recommendations are based on, by falling weight. */
  readonly seeds: readonly Seed[];
  /** Products viewed in the session, oldest first, then the product of the page and the cart of the request. */
  readonly session: readonly number[];
  /** Names the shopper's session, to tell their own clicks in a model from those of others; null if nothing personal may be used. */
  readonly sessionKey: string | null;
  /** null if the shopper is no customer or nothing personal may be used. */
  readonly customerId: string | null;
  /** null: no store, or an unknown one. */
  readonly storeId: string | null;
  /** Categories of the product of the page, or else of the newest product of the cart. */
  readonly categoryIds: readonly string[];
  readonly nowMs: number;
}

/** A reason before it is put into words. */
export interface Cause {
  /** A value of `ReasonCode`. */
  readonly code: string;
  /** A value of `RecommendationSource`. If omitted, the source of the recommender. */
  readonly source?: string;
  /** The anchor item that the phrase names; -1 for none. */
  readonly because: number;
  /** What the phrase names if it names no product: a category, by its id, or a text; null for nothing. */
  readonly subject: { readonly categoryId: string } | { readonly text: string } | null;
}

/** A phrase for a reason, by language. */
export type Phrases = Readonly<Record<string, Phrase>>;

export interface Phrase {
  /** `%` stands for the name of a product, a category or a text. If omitted, `without` is used. */
  readonly with?: string;
  readonly without: string;
}

/** A recommender's state: what it learned from events. */
export interface RecommenderModel {
  /**
   * Proposes at most `limit` products, best ones included. What cannot be sold, is hidden by a rule, in the cart or dismissed is left out
   * afterwards. Throws or rejects if it cannot.
   */
  propose(context: RankingContext, limit: number): Candidates | Promise<Candidates>;
  /** The reason for one of the products it proposed. If omitted, the recommender's `reason` with the anchor item. */
  causeOf?(item: number, anchor: number, context: RankingContext): Cause;
  /**
   * Learns from events in the order of the log, each once for each model. Events that may teach and for which personalization was
   * permitted are passed, in every process. Must be quick: the event is acknowledged afterwards.
   */
  learn?(events: readonly ShopEvent[]): void;
  /** The state as plain values and typed arrays, taken at once. */
  save?(): unknown;
  /** Takes over a state that was saved with the same version. `itemOf` maps a saved internal id to the present one; -1 if it is gone. */
  restore?(state: never, itemOf: (saved: number) => number): void;
}

/**
 * Proposes products in placements, under a source and with reasons of its own. Proposals are blended with those of all other recommenders;
 * rules, filters, diversity and channel policy apply to them as to any.
 */
export interface Recommender {
  /** Camel case, 1 to 40 letters and digits; no other recommender has it. Names it in logs, explanations and snapshots. */
  readonly name: string;
  /** A value of `RecommendationSource`. Declare a new one with `extend enum RecommendationSource` in the plugin's SDL. */
  readonly source: string;
  /** A value of `ReasonCode`, given unless `causeOf` names another. Declare a new one with `extend enum ReasonCode`. */
  readonly reason: string;
  /** Phrases of reason codes that Rapport does not have. Each has English (`en`), which other languages fall back to. */
  readonly phrases?: Readonly<Record<string, Phrases>>;
  /** Weight by placement, above 0 and at most 10. In other placements it is not called. */
  readonly blend: Readonly<Record<string, number>>;
  /** Time for `propose` in milliseconds, 1 to 1,000. If omitted, 100. */
  readonly deadlineMs?: number;
  /** Of the state that `save` returns, from 1. A state of another version is not restored; the model is learned from the log again. If omitted, 1. */
  readonly version?: number;
  /** Creates a model that has learned nothing. `index`: the catalog's products by internal id. */
  create(index: Shelf): RecommenderModel;
}

export const noCandidates: Candidates = { items: [], scores: [], causes: [], length: 0 };

/** A proposal by ids of products, for recommenders that do not work with internal ids. */
export interface Proposal {
  readonly productId: string;
  /** Positive; comparable within one list only. */
  readonly score: number;
  /** The product that the reason names. */
  readonly because?: string | undefined;
}

/** Makes candidates of proposals. Leaves out unknown products. */
export function candidatesOf(index: Pick<Shelf, 'numberOf'>, proposals: readonly Proposal[]): Candidates {
  const known = proposals.filter(({ productId }) => index.numberOf(productId) >= 0);
  return {
    items: known.map(({ productId }) => index.numberOf(productId)),
    scores: known.map(({ score }) => score),
    causes: known.map(({ because }) => (because === undefined ? -1 : index.numberOf(because))),
    length: known.length,
  };
}
