import { LRUCache } from 'lru-cache';
import { atMost } from '../kit/bounded.js';
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
  /** Milliseconds until the bucket is full. */
  fullInMs(id: string): number;
  /** Sets the milliseconds until a bucket is full. */
  set(id: string, fullInMs: number): void;
  /** Makes each bucket and its rate one of this many equal parts. */
  divide(parts: number): void;
  /** The longest time after which a bucket is full again, whatever is owed. */
  readonly fullInMsMax: number;
}

/** What can be owed at most, in bursts. */
const owedBurstsMax = 6;
const inexactMs = 1e-6;

/**
 * The generic cell rate algorithm (ITU-T I.371): a bucket is one number, the time at which it will be full again. Units
 * that are taken move it on, and it may lie ahead of now by the time that a burst takes to flow in. `taken` is called with
 * everything that is taken, as the milliseconds in which it flows into an undivided bucket. `clock` must be monotonic.
 */
export function createBuckets(
  { perSecond, burst }: Rate,
  clock: Pick<Clock, 'nowMs'>,
  bucketsMax: number,
  taken?: (id: string, flowMs: number) => void,
): Buckets {
  const fullAt = new LRUCache<string, number>(atMost(bucketsMax));
  const msPerUnit = 1_000 / perSecond;
  const aheadMsMax = burst * msPerUnit;
  const fullInMsMax = owedBurstsMax * aheadMsMax;
  let parts = 1;

  function fullAtMs(id: string): number {
    return fullAt.get(id) ?? 0;
  }
  function after(id: string, units: number): number {
    return Math.max(fullAtMs(id), clock.nowMs()) + units * msPerUnit * parts;
  }
  /** Debts keep nobody out for longer than `fullInMsMax`. */
  function fill(id: string, atMs: number): void {
    fullAt.set(id, Math.min(atMs, clock.nowMs() + fullInMsMax));
  }
  function owe(id: string, units: number): void {
    fill(id, after(id, units));
    taken?.(id, units * msPerUnit);
  }
  return {
    take(id, units) {
      // What is larger than a whole bucket is let through when the bucket is full, and owed.
      const needed = Math.min(units, burst / parts);
      const waitMs = after(id, needed) - clock.nowMs() - aheadMsMax;
      // The parts of a burst are not exact numbers.
      if (waitMs > inexactMs) return Math.max(1, Math.ceil(waitMs / 1_000));
      owe(id, units);
      return 0;
    },
    owe,
    fullInMs: (id) => Math.max(0, fullAtMs(id) - clock.nowMs()),
    set: (id, fullInMs) => fill(id, clock.nowMs() + fullInMs),
    divide(into) {
      parts = into;
    },
    fullInMsMax,
  };
}
