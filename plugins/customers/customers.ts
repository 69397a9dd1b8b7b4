import { type Context, inCustomerGroup } from '../../src/context.js';
import { isRapportError, RapportError, type UserError, userError } from '../../src/errors.js';
import {
  customerIdsIn,
  customerName,
  customerSessionId,
  isId,
  type PersonName,
  sessionName,
} from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type {
  Customer,
  CustomerGroups,
  Customers,
  Handover,
  Origin,
  Person,
  Shopper,
} from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Store } from '../../src/ports/store.js';
import { createCustomerGroups } from './groups.js';
import { defaultPolicies, type IdentifierPolicies } from './identifier-policies.js';
import {
  createIdentifiers,
  type Identifiers,
  identifiersSpec,
  type StoredIdentifier,
} from './identifiers.js';
import { createLinks, type Link, type Links, linksSpec, type Past } from './links.js';
import { mergedProfile } from './merged-profile.js';
import { createMerges, type Merges, mergesSpec, type StoredMerge } from './merges.js';
import { outsideRequest } from './outside-request.js';
import { createPersonChanges, type PersonChanges } from './person-changes.js';
import { changed, type ProfileChange, readProfile } from './profile.js';
import { isServer, refuse, speaksFor } from './proof.js';
import { createSessions, type Sessions } from './sessions.js';
import { frozenShopper, pastOf } from './shopper.js';

const listMax = 1_000;
const customersSpec: CollectionSpec<Customer> = {
  name: 'customers',
  indexes: {},
  shardBy: 'id',
  person: { names: ({ id }) => [customerName(id)], find: { ids: customerIdsIn } },
};

export interface CustomersSettings {
  readonly overwriteServerTraits: boolean;
  /** Whether, for a server, a session id stands for its customer although a sign-in has returned a new one. If omitted, true. */
  readonly trustOldSessionIds?: boolean;
  /** If omitted, the defaults. */
  readonly identifiers?: IdentifierPolicies;
  readonly identifierSalt?: string | undefined;
}

export interface CustomersPlugin extends Customers, PersonChanges {
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
  const policies = settings.identifiers ?? defaultPolicies;
  let profiles: Collection<Customer>;
  let sessions: Sessions;
  let links: Links;
  let groups: CustomerGroups;
  let merges: Merges;
  let identifiers: Identifiers;
  let changes: PersonChanges;
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
      const anybody = customerId ?? linkedTo;
      const found = anybody === null ? null : merges.personOf(anybody);
      const person = found instanceof Promise ? await found : found;
      const members = customerId === null ? [] : person!.members;
      const others = members.length === 0 ? [] : await pastsOf(members);
      const isOwn =
        customerId === null || link === null || (link.pastOf !== null && members.includes(link.pastOf));
      const { sessionIds, pastUntilMs } = pastOf(sessionId, isOwn, others);
      const shopper = {
        context: await inGroup(context, customerId),
        sessionId,
        customerId,
        sessionIds,
        pastUntilMs,
        ...(person === null || person.members.length === 1 ? {} : { person }),
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

  /** The sessions of all members of a person, the newest link first. */
  function pastsOf(members: readonly string[]): Promise<readonly Past[]> {
    return members.length === 1 ? links.pastsOf(members[0]!) : pastsOfAll(members);
  }

  async function pastsOfAll(members: readonly string[]): Promise<readonly Past[]> {
    const found = (await Promise.all(members.map(links.pastsOf))).flat();
    return found.sort((a, b) => b.linkedAtMs - a.linkedAtMs || (a.sessionId < b.sessionId ? -1 : 1));
  }

  async function profileOf(id: string): Promise<Customer | null> {
    const { members } = await merges.personOf(id);
    if (members.length === 1) return profiles.get(id);
    const found = await profiles.getMany(members);
    const known = found.filter((profile) => profile !== null);
    return mergedProfile(id, known, settings.overwriteServerTraits);
  }

  /** The reason why an erased person cannot be identified; null: neither the customer nor the session was erased. */
  async function erasedIn(context: Context, customerId: string): Promise<UserError | null> {
    const { people } = needs.store;
    if (people.isErased(customerName(customerId))) {
      const message =
        'This customer was erased, so nothing is stored about them any more; a new customer needs a new id.';
      return userError('CUSTOMERS_CUSTOMER_ERASED', message, ['customer', 'id']);
    }
    if (!people.isErased(sessionName(context.sessionId))) return null;
    // The id may stand for another session since a sign-out.
    const { sessionId } = await links.resolve(context.sessionId);
    if (!people.isErased(sessionName(sessionId))) return null;
    const message =
      'This session was erased with its customer, so nothing is stored about it any more; begin a new session.';
    return userError('CUSTOMERS_SESSION_ERASED', message, ['context', 'sessionId']);
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
      const erased = await erasedIn(context, change.id);
      if (erased !== null) return { customer: null, userErrors: [erased] };
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
        const { members } = await merges.personOf(change.id);
        const customer = members.length === 1 ? saved.customer : await profileOf(change.id);
        return { customer, userErrors: faults };
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

    merge: (...args) => changes.merge(...args),
    unmerge: (...args) => changes.unmerge(...args),
    link: (...args) => changes.link(...args),
    unlink: (...args) => changes.unlink(...args),
    identifiersOf: (customerId) => changes.identifiersOf(customerId),
    mergesOf: (customerId) => changes.mergesOf(customerId),
    peopleWith: (identifier) => identifiers.find(identifier),

    async list({ after, limit }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > listMax) {
        const message = `limit must be a whole number from 1 to ${listMax}, not ${limit}`;
        throw new RapportError('invalid', 'CUSTOMERS_LIMIT_INVALID', message);
      }
      const pages = profiles.scan({ pageSize: limit, ...(after === undefined ? {} : { after }) });
      for await (const page of pages) return page.map(({ id }) => id);
      return [];
    },
    async namesOf(customerId) {
      const { members } = await merges.personOf(customerId);
      const names: PersonName[] = [];
      for (const member of members) {
        names.push(customerName(member), sessionName(customerSessionId(member)));
        for await (const sessionId of links.sessionsOf(member)) names.push(sessionName(sessionId));
      }
      return names;
    },
    personOf: async (customerId): Promise<Person> => merges.personOf(customerId),
    get: async (id) => (isId(id) ? profileOf(id) : null),
    linkedTo: (sessionIds) => links.linkedTo(sessionIds),
    sessionOf: async (id) => (await sessions.current(id)).sessionId,
    groups: { groupOf: (customerId) => groups.groupOf(customerId) },
    onHandover: (carry) => void carriers.push(carry),

    async open() {
      let collection: Collection<Link>;
      let merged: Collection<StoredMerge>;
      let identified: Collection<StoredIdentifier>;
      [profiles, collection, merged, identified] = await Promise.all([
        needs.store.collection(customersSpec),
        needs.store.collection(linksSpec),
        needs.store.collection(mergesSpec),
        needs.store.collection(identifiersSpec),
      ]);
      merges = createMerges(merged, needs.queue, host);
      identifiers = createIdentifiers(
        { collection: identified, merges, profileOf: (id) => profiles.get(id) },
        policies,
        settings.identifierSalt,
        host,
      );
      changes = createPersonChanges({ profiles, merges, identifiers, policies });
      sessions = createSessions(collection, host, async (handover) => {
        for (const carry of carriers) await carry(handover);
      });
      links = createLinks(collection, host.clock);
      groups = createCustomerGroups(profiles, async (id) => merges.personOf(id), host.clock);
    },

    async close() {
      links?.close();
      merges?.close();
    },
  };
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
