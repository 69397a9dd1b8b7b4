import type { Caller } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';

/** True if this caller may name any customer. */
export function isServer({ role }: Caller): boolean {
  return role === 'SERVER' || role === 'ADMIN';
}

/** True if this caller may read and write the profile of a customer. */
export function speaksFor(caller: Caller, customerId: string): boolean {
  return isServer(caller) || caller.customerId === customerId;
}

/** One answer whether or not the customer exists. */
export function refuse(): never {
  throw new RapportError(
    'denied',
    'CUSTOMERS_IDENTITY_UNPROVEN',
    "This key may not say who somebody is. Send the customer's bearer token and their own id, or ask with a SERVER key.",
  );
}
