import { type Caller, type Context, inCustomerGroup } from '../../src/context.js';
import { isRapportError, RapportError, type UserError, userError } from '../../src/errors.js';
import { isId } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type {
  Customer,
  CustomerGroups,
  Customers,
  Handover,
  Origin,
  Shopper,
} from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Store } from '../../src/ports/store.js';
import { createCustomerGroups } from './groups.js';
import { createLinks, type Link, type Links, linksSpec, type Past, sessionsMax } from './links.js';
import { outsideRequest } from './outside-request.js';
import { changed, type ProfileChange, readProfile } from './profile.js';
import { createSessions, type Sessions } from './sessions.js';

const customersSpec: CollectionSpec<Customer> = { name: 'customers', indexes: {}, shardBy: 'id' };

/** True if this caller may name any customer. */
function isServer({ role }: Caller): boolean {
  return role === 'SERVER' || role === 'ADMIN';
}

/** Whether this caller may read and write the profile of a customer. */
export function speaksFor(caller: Caller, customerId: string): boolean {
  return isServer(caller) || caller.customerId === customerId;
}

export interface CustomersSettings {
  readonly overwriteServerTraits: boolean;
  /** Whether, for a server, a session id stands for its customer although a sign-in has returned a new one. If omitted, true. */
  readonly trustOldSessionIds?: boolean;
}

export interface CustomersPlugin extends Customers {
  /** The session id to use after `identify` with this context, and the same again if it is asked again. */
  renew(context: Context, customerId: string): Promise<string>;
  /** Contributed to plugins that resolve prices. */
  readonly groups: CustomerGroups;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Recognises and identifies shoppers; `open` opens the collections, before anything else is called. */
export function createCustomers(
  needs: { readonly store: Store; readonly queue: Queue },
  host: Host,
  settings: CustomersSettings,
): CustomersPlugin {
  let profiles: Collection<Customer>;
  let sessions: Sessions;
  let links: Links;
  let groups: CustomerGroups;
  const carriers: ((handover: Handover) => Promise<void>)[] = [];
  const shoppers = new WeakMap<Context, Promise<Shopper>>();

  async function inGroup(context: Context, customerId: string | null): Promise<Context> {
    if (customerId === null || context.customerGroup) return context;
    const group = await groups.groupOf(customerId);
    return group === null ? context : inCustomerGroup(context, group);
  }

  async function look(given: Context): Promise<Shopper> {
    const context = await inGroup(given, given.customerId);
    const named = context.customerId;
    try {
      const { sessionId, link } = await links.resolve(context.sessionId);
      const linkedTo = link?.customerId ?? null;
      const isOld = link?.renewedAs !== undefined && settings.trustOldSessionIds === false;
      const vouchedFor = link?.byToken === true || isOld ? null : linkedTo;
      const customerId = named ?? (isServer(context.caller) ? vouchedFor : null);
      const others = customerId === null ? [] : await links.pastsOf(customerId);
      const isOwn = customerId === null || link === null || link.pastOf === customerId;
      const { sessionIds, pastUntilMs } = pastOf(sessionId, isOwn, others);
      const shopper = {
        context: await inGroup(context, customerId),
        sessionId,
        customerId,
        sessionIds,
        pastUntilMs,
      };
      if (linkedTo === null) return frozenShopper(shopper);
      return frozenShopper({ ...shopper, linkedTo, ...(vouchedFor === null ? {} : { vouched: true }) });
    } catch (error) {
      if (!isRapportError(error) || error.kind !== 'unavailable') throw error;
      const { sessionId } = context;
      const past = pastOf(sessionId, true, []);
      return frozenShopper({ context, sessionId, customerId: named, ...past, uncertain: true });
    }
  }

  /** Saves what differs, and publishes it if a value does. */
  async function saveProfile(
    change: ProfileChange,
    origin: Origin,
  ): Promise<{ customer: Customer; userErrors: readonly UserError[] }> {
    const after = (current: Customer | null) =>
      changed(current, change, origin, settings.overwriteServerTraits, host.clock.nowMs());
    // A damaged profile is lost. It begins again with what is known now, so that its customer can sign in.
    const [before] = await profiles.getMany([change.id], { skipDamaged: true });
    let result = after(before ?? null);
    const save = async () => {
      const stored = await profiles.update(
        change.id,
        (current) => {
          result = after(current);
          return result.customer === current ? undefined : result.customer;
        },
        { skipDamaged: true },
      );
      return { customer: stored ?? result.customer, userErrors: result.userErrors };
    };
    return result.differs
      ? needs.queue.publishing([{ type: 'customer.changed', customerId: change.id }], save)
      : save();
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

    shopper: async (names) => look(outsideRequest(names, host)),

    async identify(context, input, said) {
      const id = (input as { id?: unknown } | null)?.id;
      if (!speaksFor(context.caller, typeof id === 'string' ? id : '')) refuse();
      const { change, userErrors } = readProfile(input);
      if (change === null) return { customer: null, userErrors };
      if (context.customerId !== null && context.customerId !== change.id) {
        const message =
          'The context names another customer; name the same one in both, or none in the context.';
        return {
          customer: null,
          userErrors: [userError('CUSTOMERS_ID_CONFLICT', message, ['customer', 'id'])],
        };
      }
      try {
        const { sessionId, caller } = context;
        const { source } = caller;
        const atMs = said?.atMs ?? host.clock.nowMs();
        const claim = {
          customerId: change.id,
          atMs: said?.linkAtMs ?? atMs,
          source,
          byToken: !isServer(caller),
          ...(said?.deviceAtMs === undefined ? {} : { deviceAtMs: said.deviceAtMs }),
        };
        const saved = await saveProfile(change, { atMs, source, server: isServer(caller) });
        const link = () => sessions.link(context, claim);
        const fact = { type: 'customer.identified', customerId: change.id, sessionId } as const;
        const isLinked = (await sessions.wouldLink(sessionId, claim))
          ? await needs.queue.publishing([fact], link)
          : await link();
        const faults = [...userErrors, ...saved.userErrors, ...(isLinked ? [] : [outdated()])];
        return { customer: saved.customer, userErrors: faults };
      } finally {
        shoppers.delete(context);
      }
    },

    renew: (context, customerId) =>
      sessions.renew(context, {
        customerId,
        atMs: host.clock.nowMs(),
        source: context.caller.source,
        byToken: !isServer(context.caller),
      }),

    async signOut(context) {
      const { sessionId, caller } = context;
      const { link } = await sessions.current(sessionId);
      const customerId = link?.customerId ?? null;
      const isProven = customerId !== null && speaksFor(caller, customerId);
      const fresh = await sessions.end(context, isProven ? customerId : null);
      shoppers.delete(context);
      return fresh;
    },

    get: async (id) => (isId(id) ? profiles.get(id) : null),
    linkedTo: (sessionIds) => links.linkedTo(sessionIds),
    sessionOf: async (id) => (await sessions.current(id)).sessionId,
    groups: { groupOf: (customerId) => groups.groupOf(customerId) },
    onHandover: (carry) => void carriers.push(carry),

    async open() {
      let collection: Collection<Link>;
      [profiles, collection] = await Promise.all([
        needs.store.collection(customersSpec),
        needs.store.collection(linksSpec),
      ]);
      sessions = createSessions(collection, host, async (handover) => {
        for (const carry of carriers) await carry(handover);
      });
      links = createLinks(collection, host.clock);
      groups = createCustomerGroups(profiles, host.clock);
    },

    async close() {
      links?.close();
    },
  };
}

/** Freezes a shopper with all in it. `deepFreeze` would look at each field, for every request. */
function frozenShopper(shopper: Shopper): Shopper {
  Object.freeze(shopper.sessionIds);
  Object.freeze(shopper.pastUntilMs);
  Object.freeze(shopper.context.caller);
  Object.freeze(shopper.context);
  return Object.freeze(shopper);
}

/** This session first, if it is theirs, then others of theirs. */
function pastOf(
  own: string,
  isOwn: boolean,
  others: readonly Past[],
): Pick<Shopper, 'sessionIds' | 'pastUntilMs'> {
  const sessionIds = isOwn ? [own] : [];
  const pastUntilMs = isOwn ? [Number.POSITIVE_INFINITY] : [];
  for (const { sessionId, untilMs } of others) {
    if (sessionIds.length === sessionsMax) break;
    if (sessionId === own) continue;
    sessionIds.push(sessionId);
    pastUntilMs.push(untilMs);
  }
  return { sessionIds, pastUntilMs };
}

/** One answer whether the session was signed out or has another customer by now. */
function outdated(): UserError {
  const since = 'it was signed out, or another customer signed in,';
  return userError(
    'CUSTOMERS_LINK_OUTDATED',
    `The session was not linked to the customer: ${since} after the time that this identification gives. If it is new, send its present time or none.`,
    ['context', 'sessionId'],
  );
}

/** One answer whether or not the customer exists. */
function refuse(): never {
  throw new RapportError(
    'denied',
    'CUSTOMERS_IDENTITY_UNPROVEN',
    "This key may not say who somebody is. Send the customer's bearer token and their own id, or ask with a SERVER key.",
  );
}
