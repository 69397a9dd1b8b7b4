import { heapBytesOfRecord } from '../../../src/kit/heap-bytes.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import { withoutProperties } from '../learning/without-properties.js';

/**
 * A session counts once it has gone on for so long, by the server's clock: 10 s. A batch that invents sessions takes none, and people
 * who look at a second product mostly take longer. What a session did before counts from then on.
 */
export const settledAfterMs = 10_000;
/** Sessions that have settled and are remembered: a power of two, 8 bytes each. When two meet, the older one begins anew. */
const settledMax = 1 << 16;
/** Sessions whose first event is remembered until they settle. */
const newMax = 1 << 16;
/** Sessions whose events are held back at once, and how many events of each. */
const waitingMax = 4_096;
const heldMax = 8;
/** Bytes of the events that are held back of one session, as `heapBytesOfRecord` counts them: an order of 100 products fits. */
const heldBytesMax = 32 * 1_024;

const nothing: readonly ShopEvent[] = [];

/** Distinguishes sessions that go on from sessions that were made up, before anything is learned from them. */
export function createSettledSessions() {
  /** Empty until the first session settles. */
  let settled = new Float64Array(0);
  const firstMs = createSharedRoom<number>(newMax);
  const held = createSharedRoom<{ readonly events: ShopEvent[]; bytes: number }>(waitingMax);

  function hold(session: number, event: ShopEvent): void {
    const kept = withoutProperties(event);
    const bytes = heapBytesOfRecord(kept);
    const own = held.get(session);
    if ((own?.bytes ?? 0) + bytes > heldBytesMax) return;
    if (own === undefined) held.add(session, event.network ?? 0, { events: [kept], bytes });
    else if (own.events.length < heldMax) {
      own.events.push(kept);
      own.bytes += bytes;
    }
  }

  // A fingerprint is mixed well already.
  const slotOf = (session: number) => (session | 0) & (settledMax - 1);
  const has = (session: number) => settled[slotOf(session)] === session;

  return {
    /** True if the events of a session count at once. */
    has,
    /** Returns the events of a session that count now: none while it is new, then all that were held back and this one. */
    enter(session: number, event: ShopEvent): readonly ShopEvent[] {
      if (has(session)) return [event];
      const sinceMs = firstMs.get(session);
      if (sinceMs === undefined) firstMs.add(session, event.network ?? 0, event.receivedAtMs);
      if (sinceMs === undefined || event.receivedAtMs - sinceMs < settledAfterMs) {
        hold(session, event);
        return nothing;
      }
      const before = held.get(session)?.events ?? nothing;
      if (settled.length === 0) settled = new Float64Array(settledMax).fill(-1);
      settled[slotOf(session)] = session;
      firstMs.remove(session);
      held.remove(session);
      return [...before, event];
    },
  };
}

/**
 * Room for `max` sessions, shared by networks. If it is full, the oldest session of a network that has its share of the room or more is
 * dropped, of the newcomer's network if that has. So made-up sessions replace those of their own network.
 */
function createSharedRoom<T>(max: number) {
  const networks = new Map<number, number>();
  /** By network, then by session. */
  const rooms = new Map<number, Room<T>>();
  /** Continues where the last room with its share was found, so that few rooms are searched in vain. */
  let next = rooms.values();

  function remove(session: number): void {
    const network = networks.get(session);
    if (network === undefined) return;
    networks.delete(session);
    const { sessions } = rooms.get(network)!;
    sessions.delete(session);
    if (sessions.size === 0) rooms.delete(network);
  }

  function hasShare(room: Room<T>): boolean {
    return room.sessions.size * rooms.size >= networks.size;
  }

  function makeRoom(network: number): void {
    const own = rooms.get(network);
    const full = own !== undefined && hasShare(own) ? own : nextWithShare();
    remove(full.oldest.next().value!);
  }

  /** There is one: the largest room has the mean or more. */
  function nextWithShare(): Room<T> {
    for (;;) {
      const { value, done } = next.next();
      if (done) next = rooms.values();
      else if (hasShare(value)) return value;
    }
  }

  function roomOf(network: number): Room<T> {
    let room = rooms.get(network);
    if (room === undefined) {
      const sessions = new Map<number, T>();
      room = { sessions, oldest: sessions.keys() };
      rooms.set(network, room);
    }
    return room;
  }

  return {
    get: (session: number): T | undefined => rooms.get(networks.get(session) ?? -1)?.sessions.get(session),
    add(session: number, network: number, value: T): void {
      if (networks.size >= max) makeRoom(network);
      networks.set(session, network);
      roomOf(network).sessions.set(session, value);
    },
    remove,
  };
}

interface Room<T> {
  readonly sessions: Map<number, T>;
  /** Goes on from the last one that went: beginning anew would pass all that are gone. */
  readonly oldest: Iterator<number, undefined>;
}
