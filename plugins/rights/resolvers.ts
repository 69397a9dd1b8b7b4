import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Customer, Customers } from '../../src/ports/customers.js';
import type { Rights } from './rights.js';

export function rightsResolvers(rights: Rights, customers: Customers): Resolvers {
  /** A server may name anybody; a storefront the customer of the token, and those who are one person with them. */
  async function requireOwn(id: string, request: Request): Promise<void> {
    const { customerId, role } = request.caller;
    request.personal();
    const isOwn = customerId !== null && (await customers.personOf(customerId)).members.includes(id);
    if (isOwn) return;
    if (customerId !== null && role === 'STOREFRONT') {
      const message =
        "The bearer token is another customer's than the id names; export its own customer, or use a SERVER key.";
      throw new RapportError('denied', 'AUTHENTICATION_ROLE', message, { path: ['id'] });
    }
    request.allow('SERVER');
  }

  return {
    Query: {
      verifyErasureReceipt(_: unknown, { signature }: { signature: string }, request: Request) {
        request.personal();
        return rights.verifyReceipt(signature);
      },
    },
    Customer: {
      processingRestricted: ({ id }: Customer) => rights.isRestricted(id),
    },
    RestrictProcessingPayload: {
      restrictedSince: ({ restrictedSinceMs }: { readonly restrictedSinceMs: number | null }) =>
        restrictedSinceMs === null ? null : new Date(restrictedSinceMs),
    },
    Mutation: {
      async exportCustomer(_: unknown, { id }: { id: string }, request: Request) {
        await requireOwn(id, request);
        return rights.exportCustomer(id);
      },
      restrictProcessing(
        _: unknown,
        { id, restricted }: { id: string; restricted: boolean },
        request: Request,
      ) {
        request.personal();
        return rights.restrictProcessing(id, restricted, request.caller.source);
      },
      eraseCustomer(
        _: unknown,
        { id, reason }: { id: string; reason: string | null | undefined },
        request: Request,
      ) {
        request.personal();
        return rights.eraseCustomer(id, reason ?? null);
      },
    },
  };
}
