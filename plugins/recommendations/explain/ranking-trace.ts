import type { Part, Pool } from '../ranking/fusion.js';
import type { Objection, Ranked } from '../ranking/ranked.js';

/** The contribution of one recommender to a product. */
export interface TracedRecommender {
  readonly name: string;
  /** In the blend of the placement. */
  readonly weight: number;
  /** Products that it proposed. */
  readonly candidates: number;
  /** Added to the product's score; 0 if it did not propose the product. */
  readonly amount: number;
}

/**
 * Records how one product is ranked. The ranking calls it at each step; a list that would be empty is tried again with fewer policies, and
 * then the last attempt counts.
 */
export interface RankingTrace {
  readonly item: number;
  attempt(strict: boolean, objection: Objection | null): void;
  pinned(items: readonly number[]): void;
  blended(pool: Pool, parts: readonly Part[]): void;
  demoted(factor: number): void;
  boosted(factor: number): void;
  diversified(items: readonly Ranked[], diversity: number): void;
  explored(items: readonly Ranked[]): void;
  filled(items: readonly Ranked[]): void;
}

export interface Traced {
  /** False if the list would be empty with all policies: products in the cart or bought may come then. */
  strict: boolean;
  objection: Objection | null;
  pinned: boolean;
  recommenders: readonly TracedRecommender[];
  /** Score after blending; null if no recommender proposed the product. */
  blendedScore: number | null;
  /** Rank by that score among all candidates, from 1. */
  blendedRank: number | null;
  candidates: number;
  seenDemotion: number;
  ruleFactor: number;
  /** Position and score after diversity, from 1; null if it is not among the first. */
  diversityPosition: number | null;
  diversityScore: number | null;
  diversity: number;
  exploration: 'PLACED' | 'DISPLACED' | null;
  fallback: boolean;
}

export function createRankingTrace(item: number): RankingTrace & { readonly traced: Traced } {
  const traced = untraced(true, null);
  const positionIn = (items: readonly Ranked[]) => items.findIndex((each) => each.item === item) + 1 || null;
  const placeIn = (pool: Pool) => pool.items.subarray(0, pool.length).indexOf(item);

  return {
    item,
    traced,
    attempt: (strict, objection) => void Object.assign(traced, untraced(strict, objection)),
    pinned(items) {
      traced.pinned = items.includes(item);
    },
    blended(pool, parts) {
      const place = placeIn(pool);
      traced.candidates = pool.length;
      traced.recommenders = parts.map(({ name, weight, candidates }) => ({
        name,
        weight,
        candidates: candidates.length,
        amount: place < 0 ? 0 : pool.amountOf(place, pool.names.indexOf(name)),
      }));
      if (place < 0) return;
      const score = pool.scores[place]!;
      traced.blendedScore = score;
      traced.blendedRank = 1 + pool.scores.subarray(0, pool.length).filter((other) => other > score).length;
    },
    demoted(factor) {
      traced.seenDemotion = factor;
    },
    boosted(factor) {
      traced.ruleFactor = factor;
    },
    diversified(items, diversity) {
      traced.diversity = diversity;
      traced.diversityPosition = positionIn(items);
      traced.diversityScore = items[(traced.diversityPosition ?? 0) - 1]?.score ?? null;
    },
    explored(items) {
      const position = positionIn(items);
      if (position !== null && traced.diversityPosition === null) traced.exploration = 'PLACED';
      if (position === null && traced.diversityPosition !== null) traced.exploration = 'DISPLACED';
    },
    filled(items) {
      traced.fallback =
        traced.diversityPosition === null && traced.exploration === null && positionIn(items) !== null;
    },
  };
}

function untraced(strict: boolean, objection: Objection | null): Traced {
  return {
    strict,
    objection,
    pinned: false,
    recommenders: [],
    blendedScore: null,
    blendedRank: null,
    candidates: 0,
    seenDemotion: 1,
    ruleFactor: 1,
    diversityPosition: null,
    diversityScore: null,
    diversity: 0,
    exploration: null,
    fallback: false,
  };
}
