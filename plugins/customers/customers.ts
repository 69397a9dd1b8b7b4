import { type Caller, type Context, inCustomerGroup } from '../../src/context.js';
import { isRapportError, RapportError, type UserError, userError } from '../../src/errors.js';
import { customerIdFault, isId } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type {
  Customer,
  CustomerGroups,
  Customers,
  Handover,
  Identifier,
  IdentifierName,
  IdentifierType,
  Merge,
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
  type IdentifierChange,
  type Identifiers,
  identifiersSpec,
  type StoredIdentifier,
} from './identifiers.js';
import { createLinks, type Link, type Links, linksSpec, type Past, sessionsMax } from './links.js';
import { mergedProfile } from './merged-profile.js';
import { createMerges, type Merges, membersMax, mergesSpec, type StoredMerge } from './merges.js';
import { outsideRequest } from './outside-request.js';
import { changed, type ProfileChange, readProfile } from './profile.js';
import { createSessions, type Sessions } from './sessions.js';

const customersSpec: CollectionSpec<Customer> = { name: 'customers', indexes: {}, shardBy: 'id' };

const reasonLengthMax = 1_000;

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
  /** If omitted, the defaults. */
  readonly identifiers?: IdentifierPolicies;
  readonly identifierSalt?: string | undefined;
}

export interface CustomersPlugin extends Customers {
  /** The session id to use after `identify` with this context, and the same again if it is asked again. */
  renew(context: Context, customerId: string): Promise<string>;
  /** Both customers must have a profile. Throws `denied` unless the caller is a server. */
  merge(caller: Caller, into: string, from: string, reason: string): Promise<MergeResult>;
  unmerge(caller: Caller, mergeId: string): Promise<MergeResult>;
  /** Links an identifier to a customer with a profile. Throws `denied` unless the caller is a server. */
  link(caller: Caller, customerId: string, identifier: IdentifierName): Promise<IdentifierChange>;
  unlink(caller: Caller, customerId: string, identifier: IdentifierName): Promise<IdentifierChange>;
  /** The identifiers of a customer's person. */
  identifiersOf(customerId: string): Promise<readonly Identifier[]>;
  /** Merges of all members of a customer's person, the newest first, undone ones too. */
  mergesOf(customerId: string): Promise<readonly Merge[]>;
  /** Contributed to plugins that resolve prices. */
  readonly groups: CustomerGroups;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** A merge that was made or undone, or why it was not. */
export interface MergeResult {
  readonly merge: Merge | null;
  readonly userErrors: readonly UserError[];
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

    async merge(caller, into, from, reason) {
      if (!isServer(caller)) refuse();
      const userErrors = mergeFaults(into, from, reason);
      if (userErrors.length > 0) return { merge: null, userErrors };
      const found = await profiles.getMany([into, from], { skipDamaged: true });
      const unknown = [into, from].flatMap((id, i) =>
        found[i] === null ? [unknownCustomer(id, i === 0 ? 'into' : 'from')] : [],
      );
      if (unknown.length > 0) return { merge: null, userErrors: unknown };
      const merge = await merges.merge(into, from, reason.trim(), caller.source);
      if (merge === null) return { merge, userErrors: [tooMany(into, from)] };
      const excess = await identifiers.excessOf(await merges.personOf(into));
      return { merge, userErrors: excess.map((type) => conflict(type, policies)) };
    },

    async link(caller, customerId, identifier) {
      if (!isServer(caller)) refuse();
      const customer = isId(customerId) ? await profiles.get(customerId) : null;
      return customer === null
        ? { identifier: null, userErrors: [unknownCustomer(customerId, 'customerId')] }
        : identifiers.link(customer, identifier, caller.source);
    },

    async unlink(caller, customerId, identifier) {
      if (!isServer(caller)) refuse();
      return isId(customerId)
        ? identifiers.unlink(await merges.personOf(customerId), identifier)
        : { identifier: null, userErrors: [unknownCustomer(customerId, 'customerId')] };
    },

    identifiersOf: async (customerId) => identifiers.of(await merges.personOf(customerId)),
    peopleWith: (identifier) => identifiers.find(identifier),

    async unmerge(caller, mergeId) {
      if (!isServer(caller)) refuse();
      const merge = isId(mergeId) ? await merges.undo(mergeId, caller.source) : null;
      if (merge === null) {
        const message = `mergeId ${JSON.stringify(mergeId.slice(0, 40))} is not the id of a merge; \`Customer.merges\` lists them`;
        return { merge, userErrors: [userError('CUSTOMERS_MERGE_UNKNOWN', message, ['mergeId'])] };
      }
      const { members } = await merges.personOf(merge.into);
      if (!members.includes(merge.from)) return { merge, userErrors: [] };
      const message = `${JSON.stringify(merge.from)} and ${JSON.stringify(merge.into)} are still one person by other merges; undo those too`;
      return { merge, userErrors: [userError('CUSTOMERS_STILL_MERGED', message, ['mergeId'])] };
    },

    mergesOf: async (customerId) => merges.of((await merges.personOf(customerId)).members),
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

function mergeFaults(into: string, from: string, reason: string): UserError[] {
  const faults = [into, from].flatMap((id, i) => {
    const field = i === 0 ? 'into' : 'from';
    const fault = customerIdFault(id);
    return fault === null ? [] : [userError(`CUSTOMERS_${fault.code}`, `${field} ${fault.message}`, [field])];
  });
  if (faults.length > 0) return faults;
  if (into === from) {
    const message = `into and from are both ${JSON.stringify(into)}; name two customers`;
    return [userError('CUSTOMERS_MERGE_OF_ITSELF', message, ['from'])];
  }
  if (isReason(reason)) return [];
  const message = `reason must be a text of 1 to ${reasonLengthMax} printable characters, for example "same loyalty card", and has ${reason.length}`;
  return [userError('CUSTOMERS_REASON_INVALID', message, ['reason'])];
}

function isReason(reason: string): boolean {
  return (
    reason.trim() !== '' && reason.length <= reasonLengthMax && /^[^\p{Cc}\p{Surrogate}]*$/u.test(reason)
  );
}

function unknownCustomer(id: string, field: string): UserError {
  const message = `customer ${JSON.stringify(id.slice(0, 40).toWellFormed())} has no profile; identify them first`;
  return userError('CUSTOMERS_CUSTOMER_UNKNOWN', message, [field]);
}

/** The merge was made all the same, since a person decided it. */
function conflict(type: IdentifierType, policies: IdentifierPolicies): UserError {
  const message = `the merged person has more than ${policies[type].maxPerPerson} identifiers of the type ${type}; unlink some, or undo the merge`;
  return userError('CUSTOMERS_IDENTIFIERS_CONFLICT', message, ['from']);
}

function tooMany(into: string, from: string): UserError {
  const message = `${JSON.stringify(from)} and ${JSON.stringify(into)} together would be one person of more than ${membersMax} customers`;
  return userError('CUSTOMERS_MERGED_TOO_MANY', message, ['from']);
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
