import { LRUCache } from 'lru-cache';
import { heapBytesOfRecord } from '../../src/kit/heap-bytes.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import type { Collection } from '../../src/ports/store.js';
import { changesOthers } from './changing-types.js';
import { customerKey, type EventHead, fromEntry, isOf, type LogEntry, sessionKey } from './log-entry.js';

/** Bounds of the events of one session or customer that are kept, the newest. */
interface ListBounds {
  readonly events: number;
  /** As `heapBytesOfRecord` counts them. */
  readonly bytes: number;
}

const mib = 1_024 * 1_024;
/** For all types: 256 usual events take 0.2 MiB, and those of 100 products 1.5. */
export const recentBounds: ListBounds = { events: 256, bytes: 4 * mib };
/** For some types: more than `history` lists at most; 1,000 usual orders take 1 MiB, and 160 orders of 100 products. */
const typedBounds: ListBounds = { events: 1_024, bytes: mib };
/** Bytes of the events kept of everybody together, by the same count: those of about 200,000 usual events. */
export const recentBytesMax = 192 * mib;
const bytesOfList = 256;
/** Events of one person that are looked through at most, the newest. */
const readEventsMax = 10_000;
const entriesPerRead = 64;

/**
 * The events of a session or customer that a list has: of a customer all; of a session the anonymous ones, and of each customer
 * the newest, behind which the session may be another customer's. So the events of a customer never fill the lists of their sessions.
 */
export interface ListSpec {
  /** As in a log entry's `who`. */
  readonly person: string;
  /** Anonymous events that were received later are left out. */
  readonly untilMs: number;
  /** null: of all types. */
  readonly types: readonly EventType[] | null;
}

/** Newest first; `complete`: there are no others. */
export interface Recent {
  readonly events: readonly ShopEvent[];
  readonly complete: boolean;
  /** False if none of the events changes how others are listed, so that nothing need be looked for. If omitted, some may. */
  readonly changing?: boolean;
}

interface Kept {
  readonly spec: ListSpec;
  events: ShopEvent[];
  complete: boolean;
  changing: boolean;
  bytes: number;
}

/** The newest events of those who are active now, read once and then kept right by what arrives. */
export interface RecentEvents {
  /** At once if it is kept. */
  kept(spec: ListSpec): Recent | undefined;
  of(spec: ListSpec): Promise<Recent>;
  /** Takes what has just been accepted. */
  arrived(events: readonly ShopEvent[]): void;
  /** Forgets everything, after something was removed from the log. */
  clear(): void;
}

interface Reading {
  readonly done: Promise<Recent>;
  readonly arrived: ShopEvent[];
}

export function createRecentEvents(
  read: (spec: ListSpec, bounds: ListBounds) => Promise<ReadEvents>,
  isUsable: (event: ShopEvent) => boolean = () => true,
): RecentEvents {
  const cache = new LRUCache<string, Kept>({
    maxSize: recentBytesMax,
    sizeCalculation: ({ bytes }, key) => bytes + bytesOfList + 4 * key.length,
    dispose: (kept, key) => forget(kept.spec, key),
    noDisposeOnSet: true,
  });
  const reading = new Map<string, Reading>();
  /** The lists that are kept or read, by person and key. */
  const listsOf = new Map<string, Map<string, ListSpec>>();

  function forget({ person }: ListSpec, key: string): void {
    const lists = listsOf.get(person);
    lists?.delete(key);
    if (lists?.size === 0) listsOf.delete(person);
  }

  function add(person: string, event: ShopEvent): void {
    for (const [key, spec] of listsOf.get(person) ?? []) {
      if (!has(spec, event, isUsable)) continue;
      reading.get(key)?.arrived.push(event);
      const kept = cache.get(key);
      if (kept === undefined) continue;
      place(kept, event);
      // Another object, since the cache counts the size of the same one only once.
      cache.set(key, { ...kept });
    }
  }

  async function load(key: string, spec: ListSpec, arrived: ShopEvent[]): Promise<Recent> {
    try {
      const { events, complete, isFull } = await read(spec, boundsOf(spec));
      // Older events than those are never read.
      const loaded: Kept = {
        spec,
        events: [...events],
        complete: complete || isFull,
        changing: events.some(changesOthers),
        bytes: bytesOf(events),
      };
      for (const event of arrived) place(loaded, event);
      // Otherwise everything was forgotten in between, and what was read may be gone.
      if (reading.get(key)?.arrived === arrived) cache.set(key, loaded);
      return loaded;
    } finally {
      if (reading.get(key)?.arrived === arrived) {
        reading.delete(key);
        if (!cache.has(key)) forget(spec, key);
      }
    }
  }

  return {
    kept: (spec) => cache.get(keyOf(spec)),
    of(spec) {
      const key = keyOf(spec);
      const kept = cache.get(key);
      if (kept !== undefined) return Promise.resolve(kept);
      const under = reading.get(key);
      if (under !== undefined) return under.done;
      const lists = listsOf.get(spec.person) ?? new Map<string, ListSpec>();
      listsOf.set(spec.person, lists.set(key, spec));
      const arrived: ShopEvent[] = [];
      const done = Promise.resolve().then(() => load(key, spec, arrived));
      reading.set(key, { done, arrived });
      return done;
    },
    arrived(events) {
      if (listsOf.size === 0) return;
      for (const event of events) {
        add(sessionKey(event.sessionId), event);
        if (event.customerId !== null) add(customerKey(event.customerId), event);
      }
    },
    clear() {
      cache.clear();
      reading.clear();
      listsOf.clear();
    },
  };
}

function keyOf({ person, untilMs, types }: ListSpec): string {
  return `${untilMs} ${types?.join() ?? ''} ${person}`;
}

function boundsOf({ types }: ListSpec): ListBounds {
  return types === null ? recentBounds : typedBounds;
}

/** True if an event is of a customer in the list of a session, which keeps only the newest of them. */
function isOfCustomerIn({ person }: ListSpec, { customerId }: Pick<ShopEvent, 'customerId'>): boolean {
  return customerId !== null && person !== customerKey(customerId);
}

function has(spec: ListSpec, event: ShopEvent, isUsable: (event: ShopEvent) => boolean): boolean {
  if (isOfCustomerIn(spec, event)) return true;
  if (!isUsable(event) || (spec.types !== null && !spec.types.includes(event.type))) return false;
  return event.customerId !== null || event.receivedAtMs <= spec.untilMs;
}

/** Newest first; of those at one moment the later received first. */
export function newestFirst(a: ShopEvent, b: ShopEvent): number {
  return b.atMs - a.atMs || b.receivedAtMs - a.receivedAtMs;
}

function place(kept: Kept, event: ShopEvent): void {
  const { events, spec } = kept;
  if (isOfCustomerIn(spec, event)) {
    const before = events.findIndex(({ customerId }) => customerId === event.customerId);
    if (before >= 0) {
      if (newestFirst(events[before]!, event) <= 0) return;
      kept.bytes -= bytesOf(events.splice(before, 1));
    }
  }
  let at = 0;
  while (at < events.length && newestFirst(events[at]!, event) < 0) at++;
  for (let i = at; i < events.length && newestFirst(events[i]!, event) === 0; i++) {
    if (events[i]!.id === event.id) return;
  }
  if (at === events.length && !kept.complete) return;
  events.splice(at, 0, event);
  kept.changing ||= changesOthers(event);
  kept.bytes += heapBytesOfRecord(event);
  const bounds = boundsOf(spec);
  // Events beyond the bytes are not read either, so the list stays complete.
  if (events.length > bounds.events) kept.complete = false;
  while (events.length > bounds.events || (kept.bytes > bounds.bytes && events.length > 1))
    kept.bytes -= heapBytesOfRecord(events.pop()!);
}

function bytesOf(events: readonly ShopEvent[]): number {
  return events.reduce((sum, event) => sum + heapBytesOfRecord(event), 0);
}

/** The part of a person's events that was read. `isFull`: it has as many bytes, or as many events were looked through, as are allowed; older events are not read. */
export interface ReadEvents extends Recent {
  readonly isFull: boolean;
}

/**
 * The newest usable events of a list, at least `events` of them while there are so many, exactly in order. Of a person with more than
 * `readEventsMax` events or `bytes` of them fewer are read, and some may be missing among the oldest.
 */
export async function readPerson(
  log: Collection<LogEntry>,
  spec: ListSpec,
  { events: wanted, bytes: bytesMax }: ListBounds,
  isUsable: (event: ShopEvent) => boolean = () => true,
): Promise<ReadEvents> {
  const { person, types } = spec;
  const found: ShopEvent[] = [];
  /** In the list of a session: of each customer. */
  const newest = new Map<string, ShopEvent>();
  let bytes = 0;
  let looked = 0;
  let after: string | null = null;

  function take(entry: LogEntry): void {
    function isWanted(head: EventHead): boolean {
      if (!isOf(person, head)) return false;
      looked++;
      if (!isOfCustomerIn(spec, head)) return types === null || types.includes(head.type);
      const known = newest.get(head.customerId!);
      return known === undefined || known.atMs < entry.untilMs;
    }
    for (const event of fromEntry(entry, isWanted).reverse()) {
      if (!has(spec, event, isUsable)) continue;
      if (isOfCustomerIn(spec, event)) {
        const known = newest.get(event.customerId!);
        if (known === undefined || newestFirst(event, known) < 0) newest.set(event.customerId!, event);
        continue;
      }
      found.push(event);
      bytes += heapBytesOfRecord(event);
    }
  }

  function taken(complete: boolean, isFull: boolean): ReadEvents {
    found.sort(newestFirst);
    const events = found.slice(0, complete ? found.length : wanted);
    const oldest = complete || isFull ? undefined : events.at(-1);
    for (const event of newest.values())
      if (oldest === undefined || newestFirst(event, oldest) < 0) events.push(event);
    return { events: events.sort(newestFirst), complete, isFull };
  }

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
        if (found[wanted - 1]!.atMs >= entry.untilMs) return taken(false, false);
      }
      take(entry);
      if (bytes > bytesMax || looked >= readEventsMax) return taken(false, true);
    }
    after = page.next;
  } while (after !== null);
  return taken(true, false);
}
