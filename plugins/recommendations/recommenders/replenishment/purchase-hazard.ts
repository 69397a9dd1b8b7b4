import { dayMs } from './gaps.js';

/** What counts as soon: the chance that a product is bought within so many days orders what a person may buy again. */
const soonDays = 14;
/**
 * How steeply products come due. Intervals are known of those who came back only; who has not yet makes the true distribution wider
 * than theirs.
 */
const steepness = 1.2;
/** What the chance counts for right after a purchase; it counts fully when the product is due. */
const early = 0.6;
/** A product is due a little before the interval is over: it has to be delivered. */
export const dueFrom = 0.8;

/** How soon a product comes, for many products at one time. */
export function createPurchaseHazard() {
  // Products of one order have waited as long: their powers are the same.
  const since = { lastMs: Number.NaN, nowMs: Number.NaN, days: 0.5, power: 0.5, soonPower: 0.5 };

  return {
    /** To be asked about products last bought then. */
    get days() {
      return since.days;
    },
    since(lastMs: number, nowMs: number): void {
      if (lastMs === since.lastMs && nowMs === since.nowMs) return;
      since.lastMs = lastMs;
      since.nowMs = nowMs;
      since.days = Math.max(0, nowMs - lastMs) / dayMs;
      since.power = since.days ** steepness;
      since.soonPower = (since.days + soonDays) ** steepness;
    },
    /**
     * The chance that a purchase comes within two weeks if it has not come since then, intervals being log-logistic, and less before it is
     * due: nobody wants to be reminded of what has just arrived, even who might take more of it. The interval as its logarithm, in days.
     */
    chance(logInterval: number, dueRatio: number): number {
      const scale = Math.exp(-steepness * logInterval);
      const coming = ((since.soonPower - since.power) * scale) / (1 + since.soonPower * scale);
      return coming * (dueRatio >= dueFrom ? 1 : early + ((1 - early) * dueRatio) / dueFrom);
    },
  };
}
