/** Times between purchases: how many, and the sum of the logarithms of their days. */
export interface Gaps {
  count: number;
  sumOfLogs: number;
}

export const dayMs = 86_400_000;
/** What is bought within half a day is bought at once. */
export const gapMinMs = dayMs / 2;
/** So many gaps, in days, may be multiplied: of a hundred years each. */
const factorsMax = 48;

export function noGaps(): Gaps {
  return { count: 0, sumOfLogs: 0 };
}

/** `weight`: 0 to 1. */
export function addGap(gaps: Gaps, log: number, weight = 1): void {
  gaps.count += weight;
  gaps.sumOfLogs += weight * log;
}

/** Of times newest first, into `gaps`. */
export function readGaps(gaps: Gaps, timesMs: readonly number[]): void {
  gaps.count = Math.max(0, timesMs.length - 1);
  gaps.sumOfLogs = 0;
  // A logarithm costs as much as ten products.
  for (let at = 1; at < timesMs.length; ) {
    const end = Math.min(timesMs.length, at + factorsMax);
    let days = 1;
    for (; at < end; at++) days *= Math.max(gapMinMs, timesMs[at - 1]! - timesMs[at]!) / dayMs;
    gaps.sumOfLogs += Math.log(days);
  }
}

/** The mean logarithm, as if `weight` more gaps had been `prior`. */
export function meanLog(gaps: Readonly<Gaps>, prior: number, weight: number): number {
  return (gaps.sumOfLogs + weight * prior) / (gaps.count + weight);
}
