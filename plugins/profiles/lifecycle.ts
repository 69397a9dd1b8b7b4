import type { Lifecycle, LifecycleStage } from '../../src/ports/profiles.js';

export const dayMs = 86_400_000;
/** Customers with so many orders are regular: two intervals are the fewest that can agree. */
export const regularOrders = 3;
/**
 * The silence, in expected intervals, from which a customer is lapsing or lost. If intervals are exponential, as in the Pareto/NBD model of
 * Schmittlein, Morrison and Colombo (1987), a customer who still buys is silent for 2 intervals with a probability of 14 %, and for 4 of 1.8 %.
 */
export const lapsingIntervals = 2;
export const lostIntervals = 4;
/** Weight of the shop's interval, in intervals: a customer's own counts as much once they have two. */
export const priorIntervals = 2;

/**
 * The expected days between two orders: the mean of the customer's intervals, shrunk towards that of the shop. Orders of one day are one
 * purchase.
 */
export function expectedIntervalDays(orderTimesMs: readonly number[], shopIntervalDays: number): number {
  const days = purchaseDays(orderTimesMs);
  const intervals = Math.max(0, days.length - 1);
  const spanDays = intervals === 0 ? 0 : days.at(-1)! - days[0]!;
  return (priorIntervals * shopIntervalDays + spanDays) / (priorIntervals + intervals);
}

/** Days since the epoch on which something was bought, ascending. */
export function purchaseDays(orderTimesMs: readonly number[]): readonly number[] {
  return [...new Set(orderTimesMs.map((atMs) => Math.floor(atMs / dayMs)))].sort((a, b) => a - b);
}

/** The stage of a customer. `sinceMs`: their last order, or without one when they were first known. */
export function lifecycleStage(
  purchases: number,
  intervalDays: number,
  sinceMs: number,
  nowMs: number,
): LifecycleStage {
  const silence = silenceAt(nowMs, sinceMs, intervalDays);
  if (silence >= lostIntervals) return 'LOST';
  if (silence >= lapsingIntervals) return 'LAPSING';
  if (purchases === 0) return 'NEW';
  return purchases < regularOrders ? 'ACTIVE' : 'REGULAR';
}

/** In expected intervals. */
const silenceAt = (atMs: number, sinceMs: number, intervalDays: number): number =>
  (atMs - sinceMs) / dayMs / intervalDays;

/** The first millisecond in which the silence is so many intervals, as `silenceAt` rounds. */
function firstMsOf(intervals: number, sinceMs: number, intervalDays: number): number {
  let atMs = Math.ceil(sinceMs + intervals * intervalDays * dayMs);
  while (silenceAt(atMs - 1, sinceMs, intervalDays) >= intervals) atMs--;
  while (silenceAt(atMs, sinceMs, intervalDays) < intervals) atMs++;
  return atMs;
}

/** The stage, and the moment of the next one if the customer does nothing until then. */
export function lifecycleAt(
  orderTimesMs: readonly number[],
  shopIntervalDays: number,
  knownSinceMs: number,
  nowMs: number,
): Lifecycle {
  const purchases = purchaseDays(orderTimesMs).length;
  const intervalDays = expectedIntervalDays(orderTimesMs, shopIntervalDays);
  const sinceMs = orderTimesMs.length === 0 ? knownSinceMs : Math.max(...orderTimesMs);
  const stage = lifecycleStage(purchases, intervalDays, sinceMs, nowMs);
  for (const intervals of [lapsingIntervals, lostIntervals]) {
    const untilMs = firstMsOf(intervals, sinceMs, intervalDays);
    if (untilMs > nowMs) return { stage, untilMs };
  }
  return { stage, untilMs: null };
}
