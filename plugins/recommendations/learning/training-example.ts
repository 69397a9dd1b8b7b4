import { fingerprint } from '../../../src/kit/fingerprint.js';
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
 * correction of its times. All examples are the same object, since every event needs one: an example is valid until the next call.
 */
export function createExamples(): (
  event: ShopEvent,
  session: number,
  trusted: boolean,
  shiftMs: number,
) => TrainingExample {
  let example: Writable<TrainingExample> | null = null;
  /** Events of one customer follow each other. */
  let lastCustomerId = '';
  let lastCustomer = fingerprint('');

  function customerOf(id: string): number {
    if (id !== lastCustomerId) {
      lastCustomerId = id;
      lastCustomer = fingerprint(id);
    }
    return lastCustomer;
  }

  return (event, session, trusted, shiftMs) => {
    const { customerId, atMs, receivedAtMs, permitted } = event;
    const network = event.network ?? 0;
    const person = customerId === null ? session : customerOf(customerId);
    const limitedAtMs = (trusted ? atMs : receivedAtMs) + shiftMs;
    const witness = witnessOf({ person, network, permitted, trusted });
    const productWitness = witnessOf({ person, network, permitted, trusted: trusted || network === 0 });
    if (example === null) {
      example = { event, session, person, witness, productWitness, trusted, limitedAtMs, shiftMs };
      return example;
    }
    example.event = event;
    example.session = session;
    example.person = person;
    example.witness = witness;
    example.productWitness = productWitness;
    example.trusted = trusted;
    example.limitedAtMs = limitedAtMs;
    example.shiftMs = shiftMs;
    return example;
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const fillerOf = ({ witness, trusted }: TrainingExample): Filler => ({ witness, claimed: !trusted });
