import { dayMs } from './gaps.js';
import type { Quantiles } from './quantiles.js';

/** The logarithm of the odds of nine tenths. */
const logOdds = Math.log(9);
/** An interval is never told more exactly than this part of it. */
const spreadMin = 0.02;
/** If no more than this share of those who come back take as long as it has been, nothing can be expected. */
const waitingMin = 0.02;

/** When something is bought again, if it is. */
export interface ExpectedTimes {
  /** Before and after it equally likely. */
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * From quantiles of the logarithm of days between two purchases, taken as those of a log-logistic distribution whose halves differ in
 * width. What is known since the purchase is that it has not come again: the rest of the distribution is what is left to expect, in
 * between with 80 %; null where hardly anybody takes so long.
 */
export function expectedTimes(
  { low, median, high }: Readonly<Quantiles>,
  lastMs: number,
  nowMs: number,
): ExpectedTimes | null {
  const below = Math.max(spreadMin, median - low) / logOdds;
  const above = Math.max(spreadMin, high - median) / logOdds;
  const elapsedDays = Math.max(0, nowMs - lastMs) / dayMs;
  const distance = Math.log(elapsedDays) - median;
  /** The share of those who come back that take longer. */
  const waiting = 1 / (1 + Math.exp(distance / (distance < 0 ? below : above)));
  if (waiting < waitingMin) return null;

  /** When the share of those still waiting who have come is so large. */
  function timeAt(share: number): number {
    const longer = waiting * (1 - share);
    const distance = Math.log((1 - longer) / longer);
    return lastMs + dayMs * Math.exp(median + distance * (distance < 0 ? below : above));
  }

  return { atMs: timeAt(0.5), fromMs: timeAt(0.1), toMs: timeAt(0.9) };
}
