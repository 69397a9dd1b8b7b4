import type { Caller } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import { customerIdFault, isId } from '../../src/person-ids.js';
import type {
  Customer,
  Identifier,
  IdentifierName,
  IdentifierType,
  Merge,
} from '../../src/ports/customers.js';
import type { Collection } from '../../src/ports/store.js';
import type { IdentifierPolicies } from './identifier-policies.js';
import type { IdentifierChange, Identifiers } from './identifiers.js';
import { type Merges, membersMax } from './merges.js';
import { isServer, refuse } from './proof.js';

const reasonLengthMax = 1_000;

/** A merge that was made or undone, or why it was not. */
export interface MergeResult {
  readonly merge: Merge | null;
  readonly userErrors: readonly UserError[];
}

/** Merges of customers, and identifiers of people, as servers change them. */
export interface PersonChanges {
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
}

interface PersonChangesParts {
  readonly profiles: Pick<Collection<Customer>, 'get' | 'getMany'>;
  readonly merges: Merges;
  readonly identifiers: Identifiers;
  readonly policies: IdentifierPolicies;
}

export function createPersonChanges({
  profiles,
  merges,
  identifiers,
  policies,
}: PersonChangesParts): PersonChanges {
  return {
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
    mergesOf: async (customerId) => merges.of((await merges.personOf(customerId)).members),
  };
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
