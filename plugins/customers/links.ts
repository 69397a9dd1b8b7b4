import type { Clock } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import { createCachedReads } from './cache.js';

/** How many sessions of a person are looked at. */
export const sessionsMax = 50;
const linksCachedMax = 100_000;
const listsCachedMax = 20_000;
/** How long a link may be believed when notices of other processes do not arrive. */
const freshMs = 5_000;

/** A session and the customer it belongs to now; the id is the session's. */
export interface Link extends Document {
  readonly customerId: string;
  readonly linkedAtMs: number;
  /** Who was identified in this session first. */
  readonly firstCustomerId: string;
  /**
   * Whose the anonymous part of the session is: the customer's, if they were the first one here and are here
   * now. null once somebody else was identified in it, so that nobody inherits what a stranger looked at.
   */
  readonly pastOf: string | null;
}

export const linksSpec: CollectionSpec<Link> = {
  name: 'customer-links',
  indexes: { byPast: { fields: ['pastOf', 'linkedAtMs'] } },
  shardBy: 'id',
};

export function linked(
  current: Link | null,
  sessionId: string,
  customerId: string,
  nowMs: number,
): Link | undefined {
  if (current?.customerId === customerId) return undefined;
  const firstCustomerId = current?.firstCustomerId ?? customerId;
  return {
    id: sessionId,
    customerId,
    linkedAtMs: nowMs,
    firstCustomerId,
    pastOf: firstCustomerId === customerId ? customerId : null,
  };
}

export interface Links {
  /** The link of a session; null: anonymous. */
  of(sessionId: string): Promise<Link | null>;
  /** Sessions whose anonymous part is this customer's, the newest link first, at most 50. */
  sessionsOf(customerId: string): Promise<readonly string[]>;
  close(): void;
}

/** Reads links through caches that follow every change of the collection. */
export function createLinks(collection: Collection<Link>, clock: Clock): Links {
  const links = createCachedReads({
    entriesMax: linksCachedMax,
    freshMs,
    clock,
    read: (id) => collection.get(id),
  });
  const lists = createCachedReads({
    entriesMax: listsCachedMax,
    freshMs,
    clock,
    async read(customerId) {
      const page = await collection.find({
        index: 'byPast',
        equals: [customerId],
        descending: true,
        limit: sessionsMax,
      });
      return page.items.map((link) => link.id);
    },
  });
  const close = collection.watch((changes) => {
    for (const { id, document } of changes) {
      links.forget(id);
      // Only the list of the first customer ever holds a session; of a removed link we no longer know who that was.
      if (document) lists.forget(document.firstCustomerId);
      else lists.clear();
    }
  });
  return { of: links.get, sessionsOf: lists.get, close };
}
