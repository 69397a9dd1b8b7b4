import { createHash } from 'node:crypto';
import { RapportError } from '../../src/errors.js';
import { customerIdIn, customerName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { Identifier, Merge, Person } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import { createCachedReads } from './cache.js';
import { personFrom, single } from './person.js';

/** Customers of one person. Each costs a response to that person further reads of events and consents. */
export const membersMax = 50;
const mergesMax = 1_000;
const personsCachedMax = 100_000;
/** A person is believed for so long when notices of other processes do not arrive. */
const freshMs = 5_000;
const attemptsMax = 20;

/** A merge as it is stored: only `active` and `undone` change, once. */
export interface StoredMerge extends Document, Merge {
  /** The same for each merge of these two in this direction. */
  readonly pair: string;
  readonly both: readonly [string, string];
  /** `both` while the merge holds, else empty. */
  readonly active: readonly string[];
}

export const mergesSpec: CollectionSpec<StoredMerge> = {
  name: 'customer-merges',
  indexes: {
    byActive: { fields: ['active'] },
    byEither: { fields: ['both'] },
    byPair: { fields: ['pair'] },
  },
  person: {
    names: ({ both }) => both.map(customerName),
    find: { index: 'byEither', value: customerIdIn },
    // After a merge was undone, the other customer is somebody else.
    only: (merge, isTheirs) => (merge.both.map(customerName).every(isTheirs) ? merge : undefined),
  },
};

export interface Merges {
  /** At once while nobody is merged, since every request needs it. */
  personOf(customerId: string): Person | Promise<Person>;
  /** Merges of any of the customers, undone ones too, the newest first; at most 1,000 of each. */
  of(customerIds: readonly string[]): Promise<readonly Merge[]>;
  /** Returns the merge that holds if there is one. null: the person would have more than `membersMax` members. */
  merge(
    into: string,
    from: string,
    reason: string,
    source: string,
    evidence?: Identifier,
  ): Promise<Merge | null>;
  /** null: there is no such merge. */
  undo(mergeId: string, source: string): Promise<Merge | null>;
  close(): void;
}

/**
 * Merges customers by links and resolves them by following the links. A link is one document whose id follows from the two customers, so a
 * repeated merge meets its own link, and merges that arrive at once in several processes need not wait for each other.
 */
export function createMerges(
  collection: Collection<StoredMerge>,
  queue: Queue,
  { clock }: Pick<Host, 'clock'>,
): Merges {
  let anyMade: boolean | Promise<boolean> | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  /** Merges of this process wait for each other, so that they count each other's members. */
  let before: Promise<unknown> = Promise.resolve();

  const persons = createCachedReads<Person>({
    entriesMax: personsCachedMax,
    freshMs,
    clock,
    read: readPerson,
  });
  const close = collection.watch(() => {
    anyMade = null;
    persons.clear();
  });

  const activeOf = async (customerId: string): Promise<readonly StoredMerge[]> =>
    (await collection.find({ index: 'byActive', equals: [customerId], limit: mergesMax, skipDamaged: true }))
      .items;

  async function readPerson(id: string): Promise<Person> {
    const members = new Set([id]);
    const links = new Map<string, StoredMerge>();
    let next: readonly string[] = [id];
    while (next.length > 0) {
      const found = (await Promise.all(next.map(activeOf))).flat();
      const reached: string[] = [];
      for (const link of found) {
        links.set(link.id, link);
        for (const member of link.both) {
          if (members.has(member)) continue;
          members.add(member);
          reached.push(member);
        }
      }
      next = reached;
    }
    return members.size === 1 ? single(id) : personFrom(members, [...links.values()]);
  }

  /** False in a shop that merged nobody, whose persons need no reading. */
  function isAnyMade(): boolean | Promise<boolean> {
    const nowMs = clock.nowMs();
    if (anyMade === null || Math.abs(nowMs - readAtMs) >= freshMs) {
      readAtMs = nowMs;
      const reading = collection.find({ index: 'byPair', limit: 1, skipDamaged: true });
      const known: Promise<boolean> = reading.then(
        ({ items }) => {
          // Not after a change that arrived meanwhile.
          if (anyMade === known) anyMade = items.length > 0;
          return items.length > 0;
        },
        (error: unknown) => {
          if (anyMade === known) anyMade = null;
          throw error;
        },
      );
      anyMade = known;
    }
    return anyMade;
  }

  async function ofPair(pair: string): Promise<readonly StoredMerge[]> {
    return (await collection.find({ index: 'byPair', equals: [pair], limit: mergesMax })).items;
  }

  async function link(
    into: string,
    from: string,
    about: Pick<Merge, 'reason' | 'source' | 'evidence'>,
  ): Promise<Merge | null> {
    const pair = createHash('sha256')
      .update(JSON.stringify([into, from]))
      .digest('base64url')
      .slice(0, 22);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const known = await ofPair(pair);
      const holding = known.find(({ undone }) => undone === undefined);
      if (holding !== undefined) return holding;
      const [a, b] = await Promise.all([readPerson(into), readPerson(from)]);
      if (new Set([...a.members, ...b.members]).size > membersMax) return null;
      const merge: StoredMerge = {
        id: `${pair}-${known.length + 1}`,
        into,
        from,
        ...about,
        atMs: clock.nowMs(),
        pair,
        both: [from, into],
        active: [from, into],
      };
      const fact = { type: 'customer.merged', mergeId: merge.id, into, from } as const;
      const [added] = await queue.publishing([fact], () => collection.insert([merge]));
      if (added) return merge;
    }
    throw new RapportError(
      'conflict',
      'CUSTOMERS_CONTENDED',
      'Too many merges of these two customers arrive at once; send it again.',
    );
  }

  return {
    personOf(customerId) {
      const made = isAnyMade();
      if (made === false) return single(customerId);
      if (made === true) return persons.get(customerId);
      return made.then((any) => (any ? persons.get(customerId) : single(customerId)));
    },

    async of(customerIds) {
      const found = new Map<string, Merge>();
      const pages = customerIds.map((id) =>
        collection.find({ index: 'byEither', equals: [id], limit: mergesMax, skipDamaged: true }),
      );
      for (const { items } of await Promise.all(pages)) for (const merge of items) found.set(merge.id, merge);
      return [...found.values()].sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
    },

    merge(into, from, reason, source, evidence) {
      const about = { reason, source, ...(evidence && { evidence }) };
      const done = before.then(() => link(into, from, about));
      before = done.catch(() => undefined);
      return done;
    },

    async undo(mergeId, source) {
      const known = await collection.get(mergeId);
      if (known === null || known.undone !== undefined) return known;
      const { into, from } = known;
      const fact = { type: 'customer.unmerged', mergeId, into, from } as const;
      return queue.publishing([fact], () =>
        collection.update(mergeId, (current) =>
          current === null || current.undone !== undefined
            ? undefined
            : { ...current, active: [], undone: { atMs: clock.nowMs(), source } },
        ),
      );
    },

    close,
  };
}
