import { RapportError } from '../../src/errors.js';
import type { Consent, Purpose } from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import type { ShopEvent } from '../../src/ports/events.js';

/** Decides whether an event may be used for a purpose now. */
export interface Permitted {
  /** The person of the event if they permit the purpose, null if they do not. Throws `unavailable` if that cannot be read. */
  shopperOf(event: ShopEvent): Promise<Shopper | null>;
}

/** An event is permitted if it was when it was recorded, for the purposes that are decided then, and if its person permits the purpose now. */
export function createPermitted(customers: Customers, consent: Consent, purpose: Purpose): Permitted {
  async function isPermitted(shopper: Shopper): Promise<boolean> {
    const permits = async () =>
      purpose === 'ANALYTICS'
        ? (await consent.mayLearn([shopper]))[0]!
        : (await consent.permit(shopper, purpose)) !== null;
    if (await permits()) return true;
    // Refused, or the store is away: this throws if it is.
    await consent.states(shopper);
    return permits();
  }

  async function read({ customerId, sessionId }: ShopEvent): Promise<Shopper | null> {
    const shopper = await customers.shopper({ customerId, sessionId });
    if (shopper.uncertain)
      throw new RapportError('unavailable', 'EVENTS_UNAVAILABLE', 'whose event this is cannot be read now');
    return (await isPermitted(shopper)) ? shopper : null;
  }

  return {
    shopperOf: async (event) => (wasPermitted(event, purpose) ? read(event) : null),
  };
}

function wasPermitted(event: ShopEvent, purpose: Purpose): boolean {
  if (purpose === 'ANALYTICS') return event.learn;
  return purpose === 'PERSONALIZATION' ? event.permitted : true;
}
