import type { RecommenderName } from './placements.js';
import type { Candidates } from './recommenders/candidates.js';

/** A probability below it counts next to nothing. */
const floorProbability = 1e-3;

/** One recommender's proposals and its weight in the mixture. */
export interface Part {
  readonly name: RecommenderName;
  readonly weight: number;
  readonly candidates: Candidates;
}

/** What one recommender gave to one item. */
export interface Share {
  readonly name: RecommenderName;
  readonly amount: number;
  /** The item that caused it, -1 where none did. */
  readonly cause: number;
}

export interface Fused {
  readonly item: number;
  /** Positive; the sum of the shares. */
  score: number;
  readonly shares: Share[];
}

/**
 * A logarithmic opinion pool: each recommender's scores are made probabilities p over its own list, and an item gets
 * the sum of weight · ln(1 + p / 0.001). That is the logarithm of a weighted product, in which several who agree
 * outdo one who is loud, and an item that a recommender does not name costs it nothing. In no promised order.
 */
export function fuse(parts: readonly Part[]): Fused[] {
  const pool = new Map<number, Fused>();
  for (const { name, weight, candidates } of parts) {
    let sum = 0;
    for (let i = 0; i < candidates.length; i++) sum += candidates.scores[i]!;
    if (!(sum > 0)) continue;
    const unit = 1 / (sum * floorProbability);
    for (let i = 0; i < candidates.length; i++) {
      const item = candidates.items[i]!;
      const amount = weight * Math.log1p(candidates.scores[i]! * unit);
      const share: Share = { name, amount, cause: candidates.causes[i]! };
      const fused = pool.get(item);
      if (fused) {
        fused.score += amount;
        fused.shares.push(share);
      } else {
        pool.set(item, { item, score: amount, shares: [share] });
      }
    }
  }
  return [...pool.values()];
}
