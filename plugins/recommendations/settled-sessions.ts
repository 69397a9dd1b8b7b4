import type { ShopEvent } from '../../src/ports/events.js';

/**
 * A session counts once it has gone on for so long, by the server's clock: 10 s. A batch that invents sessions takes none, and people
 * who look at a second product mostly take longer. What a session did before counts from then on.
 */
export const settledAfterMs = 10_000;
/** Sessions whose first event is remembered: a power of two, 17 bytes each. When two meet, the older one begins anew. */
const sessionsMax = 1 << 16;
/** Sessions whose events are held back at once, and how many events of each. */
const waitingMax = 4_096;
const heldMax = 8;

/** Tells sessions that go on from sessions that were only made up, before anything is learned from them. */
export interface SettledSessions {
  /** Returns what counts now: nothing while the session is new, then all that was held back of it and this event. */
  enter(session: number, event: ShopEvent): readonly ShopEvent[];
}

const nothing: readonly ShopEvent[] = [];

export function createSettledSessions(): SettledSessions {
  const sessions = new Float64Array(sessionsMax).fill(-1);
  const firstMs = new Float64Array(sessionsMax);
  const settled = new Uint8Array(sessionsMax);
  /** By session, the one that has waited longest first. */
  const held = new Map<number, ShopEvent[]>();

  function hold(session: number, event: ShopEvent): void {
    const own = held.get(session);
    if (own !== undefined) {
      if (own.length < heldMax) own.push(event);
      return;
    }
    if (held.size >= waitingMax) held.delete(held.keys().next().value!);
    held.set(session, [event]);
  }

  return {
    enter(session, event) {
      // A fingerprint is mixed well already.
      const slot = (session | 0) & (sessionsMax - 1);
      const { receivedAtMs } = event;
      if (sessions[slot] !== session) {
        sessions[slot] = session;
        firstMs[slot] = receivedAtMs;
        settled[slot] = 0;
      }
      if (settled[slot] === 1) return [event];
      if (receivedAtMs - firstMs[slot]! < settledAfterMs) {
        hold(session, event);
        return nothing;
      }
      settled[slot] = 1;
      const before = held.get(session);
      held.delete(session);
      return before === undefined ? [event] : [...before, event];
    },
  };
}
