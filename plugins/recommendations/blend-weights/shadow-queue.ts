import type { Clock } from '../../../src/plugin.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { Family } from '../ranking/fusion-weights.js';
import type { Placement } from '../ranking/placements.js';
import type { SampledShopper } from './sampled-shoppers.js';

/** One ranking at a time beside serving: about sixteen a second, at most. */
const rankEveryMs = 60;
const waitingMax = 64;

/** A request to rank for a shopper as of now. It is dropped if the shopper does something else first. */
export interface ShadowRequest {
  readonly placement: Placement;
  readonly family: Family;
  /** null: on behalf of the next newcomer. */
  readonly of: SampledShopper | null;
  readonly after: ShopEvent;
}

/** Shadow rankings to be made, one by one. */
export interface ShadowQueue {
  /** Drops the request if too many wait. */
  add(request: ShadowRequest): void;
  /** Forgets all that wait. */
  stop(): void;
}

export function createShadowQueue(clock: Clock, rank: (request: ShadowRequest) => void): ShadowQueue {
  const waiting: ShadowRequest[] = [];
  let cancel: (() => void) | null = null;

  /** Of those that wait, the first that is still of use. */
  function rankNext(): void {
    cancel = null;
    let request = waiting.shift();
    while (request !== undefined && isStale(request)) request = waiting.shift();
    if (request) rank(request);
    if (waiting.length > 0) cancel = clock.after(rankEveryMs, rankNext);
  }

  return {
    add(request) {
      if (waiting.length >= waitingMax) return;
      waiting.push(request);
      cancel ??= clock.after(rankEveryMs, rankNext);
    },
    stop() {
      cancel?.();
      cancel = null;
      waiting.length = 0;
    },
  };
}

/** The person has done something else since, or has been shown something else. */
function isStale({ of, after }: ShadowRequest): boolean {
  return of !== null && of.events[0] !== after && of.shown !== after;
}
