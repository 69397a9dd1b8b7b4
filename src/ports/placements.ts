import type { RankingRequest } from './ranking.js';

/** Treats products that the shopper has bought: leaves them out, shows them like the others, or leaves them out until they are due. */
export type RepeatPolicy = 'exclude' | 'allow' | 'replenish';

/** The products that recommendations are based on. */
export type SeedKind = 'page' | 'cart' | 'lastOrder' | 'session';

/** A place where recommendations are shown, and its policies. */
export interface PlacementSpec {
  /** Kebab case, at most 24 characters; no other placement has it. */
  readonly name: string;
  /** Weights by recommender, 0 to 10, in place of those that recommenders have for the placement. Required of contributed placements. */
  readonly blend?: Readonly<Record<string, number>>;
  /** The first kind of which there are any is used. If omitted, none. */
  readonly seeds?: readonly SeedKind[];
  /** If omitted, `replenish`. */
  readonly repeat?: RepeatPolicy;
  /** How much a product is lowered for each one of the same brand or category above it, 0 to 1. If omitted, 0. */
  readonly diversity?: number;
  /** Whether products that the shopper viewed are demoted. If omitted, `as-is`. */
  readonly seen?: 'lower' | 'as-is';
  /** Whether popular and new products fill up the list, or only replace an empty one. If omitted, `fill`. */
  readonly floor?: 'fill' | 'stand-in';
  /** True if the list is that of `home` when the request names neither a product nor a cart. If omitted, false. */
  readonly needsPage?: boolean;
}

/** The variant of an experiment that a shopper is in. */
export interface ExperimentAssignment {
  /** 1 to 60 characters. */
  readonly experiment: string;
  readonly variant: string;
}

/** Changes of a placement for one request. */
export interface PlacementVariant {
  /** A part of the decision id and of `RecommendationList.experiment`. */
  readonly assignment: ExperimentAssignment;
  /** Weights by recommender, 0 to 10; others keep theirs. */
  readonly blend?: Readonly<Record<string, number>> | undefined;
  /** In place of the placement's, 0 to 1. */
  readonly diversity?: number | undefined;
}

/** Contributes placements, and variants of any placement for single requests. */
export interface PlacementProvider {
  readonly placements?: readonly PlacementSpec[];
  /**
   * Returns the variant for a request, or null. The first provider that returns one decides. One that throws, or is not there within 100 ms,
   * is left out of the response, which is then degraded. Without a permit, the same for everybody, or the list depends on the visitor.
   */
  variant?(request: RankingRequest): PlacementVariant | null | Promise<PlacementVariant | null>;
}
