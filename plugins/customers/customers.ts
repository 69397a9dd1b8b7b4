import type { Caller, Context } from '../../src/context.js';
import { isRapportError, RapportError, userError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Customer, Customers, Shopper } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Store } from '../../src/ports/store.js';
import { createLinks, type Link, type Links, linked, linksSpec, sessionsMax } from './links.js';
import { changed, idLengthMax, isReservedId, type ProfileChange, readProfile, traitsMax } from './profile.js';

const customersSpec: CollectionSpec<Customer> = { name: 'customers', indexes: {}, shardBy: 'id' };

/** Whether this caller may read and write the profile of a customer. */
export function speaksFor(caller: Caller, customerId: string): boolean {
  return caller.role === 'SERVER' || caller.role === 'ADMIN' || caller.customerId === customerId;
}

/** Recognises and identifies shoppers; `open` opens the collections, before anything else is called. */
export function createCustomers(
  needs: { readonly store: Store; readonly queue: Queue },
  host: Host,
): Customers & { open(): Promise<void>; close(): Promise<void> } {
  let profiles: Collection<Customer>;
  let sessions: Collection<Link>;
  let links: Links;
  const shoppers = new WeakMap<Context, Promise<Shopper>>();

  async function look(context: Context): Promise<Shopper> {
    const { sessionId } = context;
    const named =
      context.customerId !== null && !isReservedId(context.customerId) ? context.customerId : null;
    try {
      const link = await links.of(sessionId);
      const customerId = named ?? link?.customerId ?? null;
      if (customerId === null) return { context, sessionId, customerId, sessionIds: [sessionId] };
      const own = link === null || link.pastOf === customerId ? [sessionId] : [];
      const others = (await links.sessionsOf(customerId)).filter((id) => id !== sessionId);
      return { context, sessionId, customerId, sessionIds: [...own, ...others].slice(0, sessionsMax) };
    } catch (error) {
      if (!isRapportError(error, 'unavailable')) throw error;
      return { context, sessionId, customerId: named, sessionIds: [sessionId], uncertain: true };
    }
  }

  async function saveProfile(change: ProfileChange): Promise<Customer> {
    let tooMany = false;
    const saved = await profiles.update(change.id, (current) => {
      const next = changed(current, change, host.clock.nowMs());
      tooMany = next === null;
      return next === null || next === current ? undefined : next;
    });
    if (tooMany || !saved) throw new TooManyTraits();
    return saved;
  }

  return {
    recognise(context) {
      let shopper = shoppers.get(context);
      if (!shopper) {
        shopper = look(context);
        shoppers.set(context, shopper);
      }
      return shopper;
    },

    async identify(context, input) {
      const id = (input as { id?: unknown } | null)?.id;
      if (!speaksFor(context.caller, typeof id === 'string' ? id : '')) refuse();
      const read = readProfile(input);
      if ('userErrors' in read) return { customer: null, userErrors: read.userErrors };
      const { change } = read;
      if (context.customerId !== null && context.customerId !== change.id) {
        const message =
          'The context names another customer; name the same one in both, or none in the context.';
        return {
          customer: null,
          userErrors: [userError('CUSTOMERS_ID_CONFLICT', message, ['customer', 'id'])],
        };
      }
      try {
        const { sessionId } = context;
        const link = await sessions.get(sessionId);
        if (link?.customerId === change.id) return { customer: await saveProfile(change), userErrors: [] };
        const customer = await needs.queue.publishing(
          [{ type: 'customer.identified', customerId: change.id, sessionId }],
          async () => {
            const saved = await saveProfile(change);
            await sessions.update(sessionId, (current) =>
              linked(current, sessionId, change.id, host.clock.nowMs()),
            );
            return saved;
          },
        );
        return { customer, userErrors: [] };
      } catch (error) {
        if (!(error instanceof TooManyTraits)) throw error;
        const message = `A customer has at most ${traitsMax} traits; remove some by setting them to null.`;
        return {
          customer: null,
          userErrors: [userError('CUSTOMERS_TRAITS_TOO_MANY', message, ['customer', 'traits'])],
        };
      } finally {
        shoppers.delete(context);
      }
    },

    get: async (id) => (id.length >= 1 && id.length <= idLengthMax ? profiles.get(id) : null),

    async open() {
      [profiles, sessions] = await Promise.all([
        needs.store.collection(customersSpec),
        needs.store.collection(linksSpec),
      ]);
      links = createLinks(sessions, host.clock);
    },

    async close() {
      links?.close();
    },
  };
}

class TooManyTraits extends Error {}

/** One answer whether or not the customer exists. */
function refuse(): never {
  throw new RapportError(
    'denied',
    'CUSTOMERS_IDENTITY_UNPROVEN',
    "This key may not say who somebody is. Send the customer's bearer token and their own id, or ask with a SERVER key.",
  );
}
