/** Times between purchases: how many, and the sum of the logarithms of their days. */
export interface Gaps {
  count: number;
  sumOfLogs: number;
}

export const dayMs = 86_400_000;
/** What is bought within half a day is bought at once. */
export const gapMinMs = dayMs / 2;

export function noGaps(): Gaps {
  return { count: 0, sumOfLogs: 0 };
}

export function addGap(gaps: Gaps, log: number): void {
  gaps.count++;
  gaps.sumOfLogs += log;
}

/** Of times newest first. */
export function gapsOf(timesMs: readonly number[]): Gaps {
  const gaps = noGaps();
  for (let at = 1; at < timesMs.length; at++) {
    addGap(gaps, Math.log(Math.max(gapMinMs, timesMs[at - 1]! - timesMs[at]!) / dayMs));
  }
  return gaps;
}

/** The mean logarithm, as if `weight` more gaps had been `prior`. */
export function meanLog(gaps: Gaps, prior: number, weight: number): number {
  return (gaps.sumOfLogs + weight * prior) / (gaps.count + weight);
}

/** Times between orders; those within half a day are one. */
export function ordersOf(timesMs: ReadonlySet<number>): Gaps {
  const gaps = noGaps();
  let lastMs = Number.NaN;
  for (const timeMs of Float64Array.from(timesMs).sort()) {
    if (timeMs - lastMs < gapMinMs) continue;
    if (!Number.isNaN(lastMs)) addGap(gaps, Math.log((timeMs - lastMs) / dayMs));
    lastMs = timeMs;
  }
  return gaps;
}
