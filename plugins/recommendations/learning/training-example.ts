import { fingerprint } from '../../../src/kit/fingerprint.js';
import { rememberingLast } from '../../../src/kit/remembering-last.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import { type Witness, witnessOf } from '../limits/witnesses.js';
import type { Filler } from '../recommenders/bought-together/baskets.js';

/** An admitted event with the fingerprints and witnesses that models and limits count by. */
export interface TrainingExample {
  readonly event: ShopEvent;
  /** Fingerprints of the session, and of the customer or, without one, of the session. */
  readonly session: number;
  readonly person: number;
  /** The witness of associations between products. */
  readonly witness: Witness;
  /** The witness of interest in one product. It reveals less about a person, so the network may be unknown. */
  readonly productWitness: Witness;
  /** Written by the shop's server. */
  readonly trusted: boolean;
  /** The time that limits are counted at: a storefront can choose when something happened, but not when it was received. */
  readonly limitedAtMs: number;
  /** The correction of its times, if a wrong clock may have written them (`log-clock.ts`). */
  readonly shiftMs: number;
}

/**
 * Creates a function that makes an example of an event, the fingerprint of its session, whether the shop's server wrote it, and the
 * correction of its times.
 */
export function createExamples() {
  const customerOf = rememberingLast(fingerprint);

  return (event: ShopEvent, session: number, trusted: boolean, shiftMs: number): TrainingExample => {
    const { customerId, atMs, receivedAtMs, permitted, network = 0 } = event;
    const person = customerId === null ? session : customerOf(customerId);
    return {
      event,
      session,
      person,
      witness: witnessOf({ person, network, permitted, trusted }),
      productWitness: witnessOf({ person, network, permitted, trusted: trusted || network === 0 }),
      trusted,
      limitedAtMs: (trusted ? atMs : receivedAtMs) + shiftMs,
      shiftMs,
    };
  };
}

export const fillerOf = ({ witness, trusted }: TrainingExample): Filler => ({ witness, claimed: !trusted });
