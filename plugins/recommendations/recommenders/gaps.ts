/** Times between purchases: how many, and the sum of the logarithms of their days. */
export interface Gaps {
  count: number;
  sumOfLogs: number;
}

export const dayMs = 86_400_000;
/** What is bought within half a day is bought at once. */
export const gapMinMs = dayMs / 2;

export function addGap(gaps: Gaps, log: number): void {
  gaps.count++;
  gaps.sumOfLogs += log;
}

/** Of one product's purchases, newest first. */
export function gapsOf(timesMs: readonly number[]): Gaps {
  const gaps = { count: 0, sumOfLogs: 0 };
  for (let at = 1; at < timesMs.length; at++) {
    addGap(gaps, Math.log(Math.max(gapMinMs, timesMs[at - 1]! - timesMs[at]!) / dayMs));
  }
  return gaps;
}
