import { LRUCache } from 'lru-cache';
import { heapBytesOfRecord } from '../../../src/kit/heap-bytes.js';
import type { Clock } from '../../../src/plugin.js';
import type { Permit } from '../../../src/ports/consent.js';
import type { Shopper } from '../../../src/ports/customers.js';
import type { Events, EventType, ShopEvent } from '../../../src/ports/events.js';

const recentMax = 200;
const lastingMax = 1000;
/** Bytes of the events kept of everybody together, as `heapBytesOfRecord` counts them. */
const keptBytesMax = 96 * 1024 * 1024;
const bytesOfPerson = 512;
/** What was erased from the log is gone from here after so long. */
const keptMs = 30_000;

/** What matters however long ago it was. */
const lastingTypes: readonly EventType[] = ['ORDER_COMPLETED', 'PRODUCT_RATED', 'PRODUCT_DISMISSED'];

/** Reads what a ranking needs of a person's history: the newest events, and of the older ones those that last. */
export interface HistoryReader {
  /** Newest first: at most 200 of all types and 1,000 orders, ratings and dismissals before them. */
  read(permit: Permit<'PERSONALIZATION'>): Promise<readonly ShopEvent[]>;
  /** Takes what has just been accepted. */
  arrived(events: readonly ShopEvent[]): void;
}

interface Kept {
  readonly found: Promise<readonly ShopEvent[]>;
  readonly atMs: number;
  /** Of the events that were found; 0 while they are being read. */
  readonly bytes: number;
}

/**
 * The newest events come from the log's own memory. Looking further back costs in proportion to the history, so
 * what it finds is kept for as long as nothing of the kind arrives.
 */
export function createHistoryReader(events: Events, clock: Clock): HistoryReader {
  const kept = new LRUCache<string, Kept>({
    maxSize: keptBytesMax,
    sizeCalculation: ({ bytes }, person) => bytes + bytesOfPerson + 8 * person.length,
    dispose: (_, person) => forget(person),
  });
  /** By session and customer: the people it belongs to. */
  const peopleOf = new Map<string, Set<string>>();

  function forget(person: string): void {
    for (const name of JSON.parse(person) as string[]) {
      const people = peopleOf.get(name);
      people?.delete(person);
      if (people?.size === 0) peopleOf.delete(name);
    }
  }

  async function lasting(permit: Permit<'PERSONALIZATION'>): Promise<readonly ShopEvent[]> {
    const names = namesOf(permit.shopper);
    const person = JSON.stringify(names);
    const known = kept.get(person);
    if (known && Math.abs(clock.nowMs() - known.atMs) < keptMs) return known.found;
    const found = events.history(permit, { limit: lastingMax, types: lastingTypes });
    const reading: Kept = { found, atMs: clock.nowMs(), bytes: 0 };
    // Kept before it is there, so that what arrives meanwhile drops it again.
    kept.set(person, reading);
    for (const name of names) {
      const people = peopleOf.get(name) ?? new Set();
      people.add(person);
      peopleOf.set(name, people);
    }
    try {
      let bytes = 0;
      for (const event of await found) bytes += heapBytesOfRecord(event);
      if (kept.peek(person) === reading) {
        kept.set(person, { ...reading, bytes }, { noDisposeOnSet: true });
      }
      return found;
    } catch (error) {
      if (kept.peek(person) === reading) kept.delete(person);
      throw error;
    }
  }

  return {
    async read(permit) {
      const recent = await events.history(permit, { limit: recentMax });
      if (recent.length < recentMax) return recent;
      const seen = new Set(recent.map(({ id }) => id));
      const before = (await lasting(permit)).filter(({ id }) => !seen.has(id));
      return [...recent, ...before];
    },
    arrived(batch) {
      if (kept.size === 0) return;
      for (const event of batch) {
        if (!lastingTypes.includes(event.type)) continue;
        for (const name of [sessionName(event.sessionId), customerName(event.customerId ?? '')]) {
          for (const person of [...(peopleOf.get(name) ?? [])]) kept.delete(person);
        }
      }
    },
  };
}

function namesOf({ customerId, sessionIds }: Shopper): string[] {
  const names = sessionIds.map(sessionName);
  if (customerId !== null) names.push(customerName(customerId));
  return names;
}

const sessionName = (id: string) => `s ${id}`;
const customerName = (id: string) => `c ${id}`;
