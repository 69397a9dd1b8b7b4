import type { Caller, Context } from '../../src/context.js';
import { isRapportError, RapportError, userError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Customer, Customers, Shopper } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Store } from '../../src/ports/store.js';
import { createLinks, type Link, type Links, linksSpec, type Past, sessionsMax } from './links.js';
import { changed, idLengthMax, isReservedId, type ProfileChange, readProfile, traitsMax } from './profile.js';
import { createSessions, type Sessions } from './sessions.js';

const customersSpec: CollectionSpec<Customer> = { name: 'customers', indexes: {}, shardBy: 'id' };

/** Whether this caller may name any customer. */
function isServer({ role }: Caller): boolean {
  return role === 'SERVER' || role === 'ADMIN';
}

/** Whether this caller may read and write the profile of a customer. */
export function speaksFor(caller: Caller, customerId: string): boolean {
  return isServer(caller) || caller.customerId === customerId;
}

export interface CustomersPlugin extends Customers {
  /** The session id to use after `identify` with this context, and the same again if it is asked again. */
  renew(context: Context, customerId: string): Promise<string>;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Recognises and identifies shoppers; `open` opens the collections, before anything else is called. */
export function createCustomers(
  needs: { readonly store: Store; readonly queue: Queue },
  host: Host,
): CustomersPlugin {
  let profiles: Collection<Customer>;
  let sessions: Sessions;
  let links: Links;
  const shoppers = new WeakMap<Context, Promise<Shopper>>();

  async function look(context: Context): Promise<Shopper> {
    const named =
      context.customerId !== null && !isReservedId(context.customerId) ? context.customerId : null;
    try {
      const { sessionId, link } = await links.resolve(context.sessionId);
      const linkedTo = link?.customerId ?? null;
      const customerId = named ?? (isServer(context.caller) ? linkedTo : null);
      const shopper = {
        context,
        sessionId,
        customerId,
        ...(linkedTo === null ? {} : { linkedTo }),
        ...(link?.signedInFrom === undefined ? {} : { signedInFrom: link.signedInFrom }),
      };
      const own = { sessionId, untilMs: Number.POSITIVE_INFINITY };
      if (customerId === null) return freeze({ ...shopper, ...listed([own]) });
      const others = (await links.pastsOf(customerId)).filter((past) => past.sessionId !== sessionId);
      const isOwn = link === null || link.pastOf === customerId;
      return freeze({ ...shopper, ...listed(isOwn ? [own, ...others] : others) });
    } catch (error) {
      if (!isRapportError(error) || error.kind !== 'unavailable') throw error;
      const { sessionId } = context;
      const past = listed([{ sessionId, untilMs: Number.POSITIVE_INFINITY }]);
      return freeze({ context, sessionId, customerId: named, ...past, uncertain: true });
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
        const { link } = await sessions.current(sessionId);
        if (link?.customerId === change.id) return { customer: await saveProfile(change), userErrors: [] };
        const customer = await needs.queue.publishing(
          [{ type: 'customer.identified', customerId: change.id, sessionId }],
          async () => {
            const saved = await saveProfile(change);
            await sessions.link(sessionId, change.id);
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

    renew: ({ sessionId }, customerId) => sessions.renew(sessionId, customerId),

    async signOut(context) {
      const { sessionId, caller } = context;
      const { link } = await sessions.current(sessionId);
      const customerId = link?.customerId ?? null;
      await sessions.end(sessionId, customerId !== null && speaksFor(caller, customerId) ? customerId : null);
      shoppers.delete(context);
      return host.ids.next();
    },

    get: async (id) => (id.length >= 1 && id.length <= idLengthMax ? profiles.get(id) : null),

    async open() {
      let collection: Collection<Link>;
      [profiles, collection] = await Promise.all([
        needs.store.collection(customersSpec),
        needs.store.collection(linksSpec),
      ]);
      sessions = createSessions(collection, host);
      links = createLinks(collection, host.clock);
    },

    async close() {
      links?.close();
    },
  };
}

class TooManyTraits extends Error {}

function listed(pasts: readonly Past[]): Pick<Shopper, 'sessionIds' | 'pastUntilMs'> {
  const kept = pasts.slice(0, sessionsMax);
  return {
    sessionIds: Object.freeze(kept.map(({ sessionId }) => sessionId)),
    pastUntilMs: Object.freeze(kept.map(({ untilMs }) => untilMs)),
  };
}

function freeze(shopper: Shopper): Shopper {
  return Object.freeze(shopper);
}

/** One answer whether or not the customer exists. */
function refuse(): never {
  throw new RapportError(
    'denied',
    'CUSTOMERS_IDENTITY_UNPROVEN',
    "This key may not say who somebody is. Send the customer's bearer token and their own id, or ask with a SERVER key.",
  );
}
