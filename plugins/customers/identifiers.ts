import { RapportError, type UserError, userError } from '../../src/errors.js';
import { customerIdIn, customerName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type {
  Customer,
  Identifier,
  IdentifierName,
  IdentifierType,
  Person,
} from '../../src/ports/customers.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import type { IdentifierPolicies } from './identifier-policies.js';
import { type NormalisedIdentifier, normalised } from './identifier-values.js';
import { type Merges, membersMax } from './merges.js';

const linkedMax = 1_000;
/** People of a shared identifier that are returned. */
const sharersMax = 100;

/** One document for each identifier of a customer, so that two customers who link one at once do not write the same document. */
export interface StoredIdentifier extends Document, Identifier {
  readonly key: string;
}

export const identifiersSpec: CollectionSpec<StoredIdentifier> = {
  name: 'customer-identifiers',
  indexes: { byKey: { fields: ['key'] }, byCustomer: { fields: ['customerId'] } },
  person: {
    names: ({ customerId }) => [customerName(customerId)],
    find: { index: 'byCustomer', value: customerIdIn },
  },
};

/** The result of a change of identifiers. */
export interface IdentifierChange {
  readonly identifier: Identifier | null;
  readonly userErrors: readonly UserError[];
}

export interface Identifiers {
  /** Those of all members: their customer ids, the surviving one first, then by the priority of their types. */
  of(person: Person): Promise<readonly Identifier[]>;
  link(customer: Customer, name: IdentifierName, source: string): Promise<IdentifierChange>;
  unlink(person: Person, name: IdentifierName): Promise<IdentifierChange>;
  /** The people who have it; several only if it is shared, or a conflict was not resolved. Throws `invalid`. */
  find(name: IdentifierName): Promise<readonly Person[]>;
  /** Types of which the person has more than their policy allows, other than customer ids. */
  excessOf(person: Person): Promise<readonly IdentifierType[]>;
}

/** Links identifiers to customers, and merges customers who have one in common where the policies allow it. */
export function createIdentifiers(
  needs: {
    readonly collection: Collection<StoredIdentifier>;
    readonly merges: Merges;
    profileOf(customerId: string): Promise<Customer | null>;
  },
  policies: IdentifierPolicies,
  salt: string | undefined,
  { clock }: Pick<Host, 'clock'>,
): Identifiers {
  const { collection, merges } = needs;
  /** Changes of this process wait for each other, so that they count each other's identifiers. */
  let before: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = before.then(work);
    before = done.catch(() => undefined);
    return done;
  }

  async function linkedOf(members: readonly string[]): Promise<readonly StoredIdentifier[]> {
    const pages = members.map((id) =>
      collection.find({ index: 'byCustomer', equals: [id], limit: linkedMax, skipDamaged: true }),
    );
    return (await Promise.all(pages)).flatMap(({ items }) => items);
  }

  async function holdersOf(key: string): Promise<readonly StoredIdentifier[]> {
    return (await collection.find({ index: 'byKey', equals: [key], limit: sharersMax, skipDamaged: true }))
      .items;
  }

  /** The type that keeps two people from being merged because both have this identifier; null: none. */
  async function obstacle(type: IdentifierType, a: Person, b: Person): Promise<IdentifierType | null> {
    const members = [...new Set([...a.members, ...b.members])];
    const counts = countsOf(await linkedOf(members));
    counts.set('CUSTOMER_ID', members.length);
    if (members.length > membersMax) return 'CUSTOMER_ID';
    for (const [each, count] of counts) {
      const { maxPerPerson, priority } = policies[each];
      if (count > maxPerPerson && priority <= policies[type].priority) return each;
    }
    return null;
  }

  /** Merges two customers who have an identifier in common. Which id survives depends on their profiles alone. */
  async function mergeBy(
    identifier: Identifier,
    holder: StoredIdentifier,
    customer: Customer,
  ): Promise<void> {
    const other = await needs.profileOf(holder.customerId);
    const ids = [customer.id, holder.customerId];
    const isOlder =
      other !== null &&
      (other.createdAtMs < customer.createdAtMs ||
        (other.createdAtMs === customer.createdAtMs && holder.customerId < customer.id));
    const [from, into] = (isOlder ? ids : ids.reverse()) as [string, string];
    const { type, value, customerId, source, atMs } = identifier;
    const evidence = { type, value, customerId, source, atMs };
    await merges.merge(into, from, `the same ${type}`, source!, evidence);
  }

  async function linkOne(
    customer: Customer,
    name: NormalisedIdentifier,
    source: string,
  ): Promise<IdentifierChange> {
    const { type, key, value } = name;
    const person = await merges.personOf(customer.id);
    const own = await collection.getMany(person.members.map((member) => idOf(key, member)));
    const known = own.find((identifier) => identifier !== null);
    if (known) return { identifier: known, userErrors: [] };
    const { maxPerPerson, shared } = policies[type];
    const count = countsOf(await linkedOf(person.members)).get(type) ?? 0;
    if (count >= maxPerPerson) {
      return fault(
        'TOO_MANY',
        `a person has at most ${maxPerPerson} identifiers of the type ${type}; unlink one`,
      );
    }
    const holder = shared ? undefined : (await holdersOf(key))[0];
    if (holder !== undefined) {
      const obstructing = await obstacle(type, person, await merges.personOf(holder.customerId));
      if (obstructing !== null) {
        const max = policies[obstructing].maxPerPerson;
        return fault(
          'CONFLICT',
          `this ${type} is of customer ${JSON.stringify(holder.customerId)}, who is not merged with ${JSON.stringify(customer.id)}, since one person would have more than ${max} of the type ${obstructing}; merge the customers, or unlink it from the other one`,
        );
      }
    }
    const identifier: StoredIdentifier = {
      id: idOf(key, customer.id),
      key,
      type,
      value,
      customerId: customer.id,
      source,
      atMs: clock.nowMs(),
    };
    // In this order, a process that dies in between leaves nothing that a retry would not complete.
    if (holder !== undefined) await mergeBy(identifier, holder, customer);
    await collection.insert([identifier]);
    return { identifier, userErrors: [] };
  }

  return {
    async of({ id, members }) {
      const linked = [...(await linkedOf(members))];
      const rankOf = ({ type }: Identifier) => policies[type].priority;
      linked.sort(
        (a, b) => rankOf(a) - rankOf(b) || order(a.type, b.type) || a.atMs! - b.atMs! || order(a.id, b.id),
      );
      const ids = [id, ...members.filter((member) => member !== id)];
      const own = ids.map(
        (value): Identifier => ({ type: 'CUSTOMER_ID', value, customerId: value, source: null, atMs: null }),
      );
      return [...own, ...linked];
    },

    async link(customer, name, source) {
      const read = normalised(name, policies, salt);
      return 'userErrors' in read ? read : inTurn(() => linkOne(customer, read, source));
    },

    async unlink({ members }, name) {
      const read = normalised(name, policies, salt);
      if ('userErrors' in read) return read;
      return inTurn(async () => {
        const ids = members.map((member) => idOf(read.key, member));
        const found = (await collection.getMany(ids)).filter((one) => one !== null);
        if (found.length === 0) return fault('UNKNOWN', `the customer has no such ${read.type}`);
        await collection.remove(found.map(({ id }) => id));
        return { identifier: found[0]!, userErrors: [] };
      });
    },

    async find(name) {
      if (name.type === 'CUSTOMER_ID') {
        const person = await merges.personOf(name.value);
        const known = await Promise.all(person.members.map(needs.profileOf));
        return known.some((profile) => profile !== null) ? [person] : [];
      }
      const read = normalised(name, policies, salt);
      if ('userErrors' in read) {
        const { code, message } = read.userErrors[0]!;
        throw new RapportError('invalid', code, message);
      }
      const people = new Map<string, Person>();
      for (const { customerId } of await holdersOf(read.key)) {
        const person = await merges.personOf(customerId);
        people.set(person.id, person);
      }
      return [...people.values()];
    },

    async excessOf({ members }) {
      const counts = countsOf(await linkedOf(members));
      return [...counts].flatMap(([type, count]) => (count > policies[type].maxPerPerson ? [type] : []));
    },
  };
}

const idOf = (key: string, customerId: string) => `${key} ${customerId}`;

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** An identifier that two members linked before their merge counts once. */
function countsOf(linked: readonly StoredIdentifier[]): Map<IdentifierType, number> {
  const counts = new Map<IdentifierType, number>();
  const keys = new Set<string>();
  for (const { type, key } of linked) {
    if (keys.has(key)) continue;
    keys.add(key);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

function fault(code: string, message: string): IdentifierChange {
  return {
    identifier: null,
    userErrors: [userError(`CUSTOMERS_IDENTIFIER_${code}`, message, ['identifier'])],
  };
}
