import { LRUCache } from 'lru-cache';
import { heapBytesOfRecord } from '../../src/kit/heap-bytes.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { Collection } from '../../src/ports/store.js';
import { customerKey, fromEntry, isOf, type LogEntry, sessionKey } from './log-entry.js';

/** Events kept of one session or customer; who asks for more reads the store. */
export const recentMax = 256;
/** Bytes of the events kept of everybody together, as `heapBytesOfRecord` counts them: those of about 200,000 usual events. */
export const recentBytesMax = 192 * 1024 * 1024;
const bytesOfPerson = 256;
/** Bytes of one person's events that are read at most, by the same count. Those of 10,000 usual events fit. */
export const readBytesMax = 16 * 1024 * 1024;
/** Events of one person that are looked through at most, the newest. */
export const readEventsMax = 10_000;
const entriesPerRead = 64;

/** A session's or a customer's events, newest first; `complete`: there are no others. */
export interface Recent {
  readonly events: readonly ShopEvent[];
  readonly complete: boolean;
}

interface Kept {
  events: ShopEvent[];
  complete: boolean;
  bytes: number;
}

/**
 * The newest events of those who are active now, read once and then kept right by what arrives. People are named
 * as in a log entry's `who`.
 */
export interface RecentEvents {
  /** At once if it is kept. */
  kept(person: string): Recent | undefined;
  of(person: string): Promise<Recent>;
  /** Takes what has just been accepted. */
  arrived(events: readonly ShopEvent[]): void;
  /** Forgets everything, after something was removed from the log. */
  clear(): void;
}

export function createRecentEvents(
  read: (person: string) => Promise<ReadEvents>,
  isUsable: (event: ShopEvent) => boolean = () => true,
): RecentEvents {
  const cache = new LRUCache<string, Kept>({
    maxSize: recentBytesMax,
    sizeCalculation: ({ bytes }) => bytes + bytesOfPerson,
  });
  const reading = new Map<string, { readonly done: Promise<Recent>; readonly arrived: ShopEvent[] }>();

  function add(person: string, event: ShopEvent): void {
    reading.get(person)?.arrived.push(event);
    const kept = cache.get(person);
    if (kept === undefined) return;
    place(kept, event);
    // Another object, since the cache counts the size of the same one only once.
    cache.set(person, { ...kept });
  }

  return {
    kept: (person) => cache.get(person),
    of(person) {
      const kept = cache.get(person);
      if (kept !== undefined) return Promise.resolve(kept);
      const under = reading.get(person);
      if (under !== undefined) return under.done;
      const arrived: ShopEvent[] = [];
      const done = read(person)
        .then((stored) => {
          const { events, complete, isFull } = stored;
          // Older events than those are never read.
          const loaded: Kept = { events: [...events], complete: complete || isFull, bytes: bytesOf(events) };
          for (const event of arrived) place(loaded, event);
          // Otherwise the cache was cleared in between, and what was read may be gone.
          if (reading.get(person)?.arrived === arrived) cache.set(person, loaded);
          return loaded;
        })
        .finally(() => {
          if (reading.get(person)?.arrived === arrived) reading.delete(person);
        });
      reading.set(person, { done, arrived });
      return done;
    },
    arrived(events) {
      if (cache.size === 0 && reading.size === 0) return;
      for (const event of events) {
        if (!isUsable(event)) continue;
        add(sessionKey(event.sessionId), event);
        if (event.customerId !== null) add(customerKey(event.customerId), event);
      }
    },
    clear() {
      cache.clear();
      reading.clear();
    },
  };
}

/** Newest first; of those at one moment the later received first. */
export function newestFirst(a: ShopEvent, b: ShopEvent): number {
  return b.atMs - a.atMs || b.receivedAtMs - a.receivedAtMs;
}

function place(kept: Kept, event: ShopEvent): void {
  const { events } = kept;
  let at = 0;
  while (at < events.length && newestFirst(events[at]!, event) < 0) at++;
  for (let i = at; i < events.length && newestFirst(events[i]!, event) === 0; i++) {
    if (events[i]!.id === event.id) return;
  }
  if (at === events.length && !kept.complete) return;
  events.splice(at, 0, event);
  kept.bytes += heapBytesOfRecord(event);
  while (events.length > recentMax || (kept.bytes > readBytesMax && events.length > 1)) {
    kept.bytes -= heapBytesOfRecord(events.pop()!);
    kept.complete = false;
  }
}

function bytesOf(events: readonly ShopEvent[]): number {
  return events.reduce((sum, event) => sum + heapBytesOfRecord(event), 0);
}

/** The part of a person's events that was read. `isFull`: it has as many events or bytes as are allowed; older events are not read. */
export interface ReadEvents extends Recent {
  readonly isFull: boolean;
}

/**
 * The newest usable events of a person, at least `wanted` of them while there are so many, exactly in order. Of a person with more than
 * `readEventsMax` events or `readBytesMax` bytes of them fewer are read, and some may be missing among the oldest.
 */
export async function readPerson(
  log: Collection<LogEntry>,
  person: string,
  wanted: number,
  isUsable: (event: ShopEvent) => boolean = () => true,
): Promise<ReadEvents> {
  const found: ShopEvent[] = [];
  let bytes = 0;
  let looked = 0;
  let after: string | null = null;
  do {
    const page = await log.find({
      index: 'byPerson',
      skipDamaged: true,
      equals: [person],
      descending: true,
      limit: entriesPerRead,
      ...(after === null ? {} : { after }),
    });
    for (const entry of page.items) {
      if (found.length >= wanted) {
        found.sort(newestFirst);
        // Entries come by their latest event: all that follow are older than this one's.
        if (found[wanted - 1]!.atMs >= entry.untilMs)
          return { events: found.slice(0, wanted), complete: false, isFull: false };
      }
      for (const event of fromEntry(entry).reverse()) {
        if (!isOf(person, event)) continue;
        looked++;
        if (!isUsable(event)) continue;
        found.push(event);
        bytes += heapBytesOfRecord(event);
      }
      if (bytes > readBytesMax || looked >= readEventsMax) {
        found.sort(newestFirst);
        return { events: found.slice(0, wanted), complete: false, isFull: true };
      }
    }
    after = page.next;
  } while (after !== null);
  found.sort(newestFirst);
  return { events: found, complete: true, isFull: false };
}
