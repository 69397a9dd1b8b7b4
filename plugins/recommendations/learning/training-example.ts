import { fingerprint } from '../../../src/kit/fingerprint.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import { type Witness, witnessOf } from '../limits/witnesses.js';
import type { Filler } from '../recommenders/bought-together/baskets.js';

/** An event that counts, and whose it is. */
export interface TrainingExample {
  readonly event: ShopEvent;
  /** Fingerprints of the session, and of the customer or, without one, of the session. */
  readonly session: number;
  readonly person: number;
  /** Who stands behind what is associated; and behind what one product is looked at, which says less of anybody. */
  readonly witness: Witness;
  readonly somebody: Witness;
  /** Written by the shop's server. */
  readonly trusted: boolean;
  /** The time that limits are counted at: a storefront can choose when something happened, but not when it was received. */
  readonly limitedAtMs: number;
  /** The correction of its times, if a wrong clock may have written them (`log-clock.ts`). */
  readonly shiftMs: number;
}

export function exampleOf(
  event: ShopEvent,
  session: number,
  trusted: boolean,
  shiftMs: number,
): TrainingExample {
  const { customerId, atMs, receivedAtMs } = event;
  const person = customerId === null ? session : fingerprint(customerId);
  const limitedAtMs = (trusted ? atMs : receivedAtMs) + shiftMs;
  const { network = 0, permitted } = event;
  const witness = witnessOf({ person, network, permitted, trusted });
  const somebody = witnessOf({ person, network, permitted, trusted: trusted || network === 0 });
  return { event, session, person, witness, somebody, trusted, limitedAtMs, shiftMs };
}

export const fillerOf = ({ witness, trusted }: TrainingExample): Filler => ({ witness, claimed: !trusted });
