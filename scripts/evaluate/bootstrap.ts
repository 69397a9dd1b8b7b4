import { seeded, shuffle } from '../../src/kit/random.js';
import type { Interval } from './evaluation.js';

const resamples = 1_000;
/** More clusters than this are thrown into so many bags by lot, and bags are drawn: as honest, and its cost is bounded. */
const bagsMax = 4_000;
const tail = 0.025;

export interface Sample {
  /** One value per query for each figure whose mean is asked for. */
  readonly columns: readonly ArrayLike<number>[];
  /** For each query the session or person that it came from: queries of one are not independent. */
  readonly clusters: ArrayLike<number>;
  /** Only these queries. */
  readonly among?: ArrayLike<number>;
}

/**
 * 95 % confidence intervals of means over queries by the cluster bootstrap: whole sessions (or people) are drawn with
 * replacement, 1,000 times, and the interval is that between the 2.5th and the 97.5th percentile (Efron, Tibshirani:
 * An Introduction to the Bootstrap, 1993, chapters 8 and 13). All columns are drawn together; give a column of differences
 * for a paired comparison. The same sample gives the same intervals. NaN where there is only one cluster.
 */
export function bootstrap({ columns, clusters, among }: Sample): Interval[] {
  const { sums, counts, bags } = bagged({ columns, clusters, ...(among ? { among } : {}) });
  if (bags < 2) return columns.map(() => [Number.NaN, Number.NaN]);
  const width = columns.length;
  const means = columns.map(() => new Float64Array(resamples));
  const random = seeded(1);
  const total = new Float64Array(width);
  for (let resample = 0; resample < resamples; resample++) {
    total.fill(0);
    let drawn = 0;
    for (let draw = 0; draw < bags; draw++) {
      const bag = Math.floor(random() * bags);
      drawn += counts[bag]!;
      for (let column = 0; column < width; column++) total[column]! += sums[bag * width + column]!;
    }
    for (let column = 0; column < width; column++) means[column]![resample] = total[column]! / drawn;
  }
  return means.map((values): Interval => {
    values.sort();
    return [
      values[Math.floor(tail * resamples)]!,
      values[Math.min(resamples - 1, Math.ceil((1 - tail) * resamples))]!,
    ];
  });
}

function bagged({ columns, clusters, among }: Sample) {
  const queries = among ?? Array.from({ length: clusters.length }, (_, query) => query);
  const numbers = new Map<number, number>();
  for (let at = 0; at < queries.length; at++) {
    const cluster = clusters[queries[at]!]!;
    if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
  }
  const bags = Math.min(numbers.size, bagsMax);
  const bagOf = Int32Array.from({ length: numbers.size }, (_, number) => number % Math.max(1, bags));
  if (numbers.size > bagsMax) shuffle(bagOf, seeded(2));
  const sums = new Float64Array(bags * columns.length);
  const counts = new Float64Array(bags);
  for (let at = 0; at < queries.length; at++) {
    const query = queries[at]!;
    const bag = bagOf[numbers.get(clusters[query]!)!]!;
    counts[bag]!++;
    for (let column = 0; column < columns.length; column++)
      sums[bag * columns.length + column]! += columns[column]![query]!;
  }
  return { sums, counts, bags };
}
