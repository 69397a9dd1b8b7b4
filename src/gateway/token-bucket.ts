import { LRUCache } from 'lru-cache';
import type { Clock } from '../plugin.js';

/** `perSecond` units flow into a bucket until it holds `burst`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Token buckets of equal size, one for each id. The least recently used ones are forgotten, so their number is bounded. */
export interface Buckets {
  /** Takes units out of the bucket and returns 0, or takes nothing and returns after how many seconds to try again. */
  take(id: string, units: number): number;
  /** Takes units although there may not be enough left: they are owed. */
  owe(id: string, units: number): void;
}

/** What can be owed at most, in bursts. */
const owedBurstsMax = 6;

/**
 * The generic cell rate algorithm (ITU-T I.371): a bucket is one number, the time at which it will be full again. Units
 * that are taken move it on, and it may lie ahead of now by the time that a burst takes to flow in.
 */
export function createBuckets(
  { perSecond, burst }: Rate,
  clock: Pick<Clock, 'nowMs'>,
  bucketsMax: number,
): Buckets {
  const fullAt = new LRUCache<string, number>({ max: bucketsMax });
  const msPerUnit = 1_000 / perSecond;
  const aheadMsMax = burst * msPerUnit;

  function fullAtMs(id: string): number {
    // Neither debts nor a clock that was set back keep anybody out for long.
    return Math.min(fullAt.get(id) ?? 0, clock.nowMs() + owedBurstsMax * aheadMsMax);
  }
  function after(id: string, units: number): number {
    return Math.max(fullAtMs(id), clock.nowMs()) + units * msPerUnit;
  }
  return {
    take(id, units) {
      // What is larger than a whole bucket is let through when the bucket is full, and owed.
      const needed = Math.min(units, burst);
      const waitMs = after(id, needed) - clock.nowMs() - aheadMsMax;
      if (waitMs > 0) return Math.max(1, Math.ceil(waitMs / 1_000));
      fullAt.set(id, after(id, units));
      return 0;
    },
    owe: (id, units) => void fullAt.set(id, after(id, units)),
  };
}
