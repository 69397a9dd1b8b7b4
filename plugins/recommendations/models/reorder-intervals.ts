import { grownFloat32, grownInt32 } from './block-arena.js';

/** How many gaps of one's own weigh as much as what everybody does. */
const cohortWeight = 1.5;

/**
 * After how long something is bought again: geometric means of the gaps between purchases, a person's own drawn
 * toward everybody's as far as they are few. Cohort first, then the shop as a whole where an item has hardly any.
 */
export interface ReorderIntervals {
  learn(item: number, gapMs: number): void;
  /** For a person with these gaps of their own (milliseconds); null while nobody bought anything twice. */
  expectMs(item: number, ownGapsMs: readonly number[]): number | null;
}

export function createReorderIntervals(): ReorderIntervals {
  let counts: Int32Array = new Int32Array(64);
  let sums: Float32Array = new Float32Array(64);
  let allCount = 0;
  let allSum = 0;

  return {
    learn(item, gapMs) {
      if (!(gapMs > 0)) return;
      if (item >= counts.length) {
        counts = grownInt32(counts, item + 1);
        sums = grownFloat32(sums, item + 1);
      }
      const log = Math.log(gapMs);
      counts[item]!++;
      sums[item]! += log;
      allCount++;
      allSum += log;
    },
    expectMs(item, ownGapsMs) {
      if (allCount === 0) return null;
      const count = item < counts.length ? counts[item]! : 0;
      const cohort = ((item < sums.length ? sums[item]! : 0) + 3 * (allSum / allCount)) / (count + 3);
      let sum = cohort * cohortWeight;
      for (const gapMs of ownGapsMs) sum += Math.log(Math.max(1, gapMs));
      return Math.exp(sum / (cohortWeight + ownGapsMs.length));
    },
  };
}
