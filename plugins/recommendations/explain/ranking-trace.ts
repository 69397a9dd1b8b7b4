import type { RecommendationExplanation } from '../../../src/ports/recommendations.js';
import type { Part, Pool } from '../ranking/fusion.js';
import type { Objection, Ranked } from '../ranking/ranked.js';

/**
 * Records how one product is ranked. The ranking calls it at each step; a list that would be empty is tried again with fewer policies, and
 * then the last attempt counts.
 */
export interface RankingTrace {
  readonly item: number;
  attempt(objection: Objection | null): void;
  pinned(items: readonly number[]): void;
  blended(pool: Pool, parts: readonly Part[]): void;
  demoted(factor: number): void;
  boosted(factor: number): void;
  diversified(items: readonly Ranked[], diversity: number): void;
  explored(items: readonly Ranked[]): void;
  filled(items: readonly Ranked[]): void;
}

type Recorded = Pick<
  RecommendationExplanation,
  | 'candidates'
  | 'blendedScore'
  | 'blendedRank'
  | 'seenDemotion'
  | 'ruleFactor'
  | 'pinned'
  | 'diversity'
  | 'diversifiedPosition'
  | 'diversifiedScore'
  | 'exploration'
  | 'fallback'
> & { readonly recommenders: readonly Omit<RecommendationExplanation['recommenders'][number], 'source'>[] };

export interface Traced extends Recorded {
  /** The reason why the product cannot be shown. */
  readonly objection: Objection | null;
}

export function createRankingTrace(item: number): RankingTrace & { readonly traced: Traced } {
  const traced: { -readonly [K in keyof Traced]: Traced[K] } = { ...unrecorded, objection: null };
  const positionIn = (items: readonly Ranked[]) => items.findIndex((each) => each.item === item) + 1 || null;
  const placeIn = (pool: Pool) => pool.items.subarray(0, pool.length).indexOf(item);

  return {
    item,
    traced,
    attempt: (objection) => void Object.assign(traced, unrecorded, { objection }),
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
        contribution: place < 0 ? 0 : pool.amountOf(place, pool.names.indexOf(name)),
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
      traced.diversifiedPosition = positionIn(items);
      traced.diversifiedScore = items[(traced.diversifiedPosition ?? 0) - 1]?.score ?? null;
    },
    explored(items) {
      const position = positionIn(items);
      if (position !== null && traced.diversifiedPosition === null) traced.exploration = 'PLACED';
      if (position === null && traced.diversifiedPosition !== null) traced.exploration = 'DISPLACED';
    },
    filled(items) {
      traced.fallback =
        traced.diversifiedPosition === null && traced.exploration === null && positionIn(items) !== null;
    },
  };
}

const unrecorded: Recorded = {
  pinned: false,
  recommenders: [],
  blendedScore: null,
  blendedRank: null,
  candidates: 0,
  seenDemotion: 1,
  ruleFactor: 1,
  diversifiedPosition: null,
  diversifiedScore: null,
  diversity: 0,
  exploration: null,
  fallback: false,
};
