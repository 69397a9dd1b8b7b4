import type { ShopEvent } from '../../src/ports/events.js';

/**
 * A session counts once it has gone on for so long, by the server's clock: 10 s. A batch that invents sessions takes none, and people
 * who look at a second product mostly take longer. What a session did before counts from then on.
 */
export const settledAfterMs = 10_000;
/** Sessions that have settled and are remembered: a power of two, 8 bytes each. When two meet, the older one begins anew. */
const settledMax = 1 << 16;
/** Sessions whose events are held back at once, and how many events of each. */
const waitingMax = 4_096;
const heldMax = 8;

/** Tells sessions that go on from sessions that were only made up, before anything is learned from them. */
export interface SettledSessions {
  /** Returns what counts now: nothing while the session is new, then all that was held back of it and this event. */
  enter(session: number, event: ShopEvent): readonly ShopEvent[];
}

interface Waiting {
  readonly firstMs: number;
  readonly events: ShopEvent[];
}

const nothing: readonly ShopEvent[] = [];

/**
 * The room for sessions that wait is shared by networks: where there is no more, one of the network that has most of it goes. So who makes
 * up sessions pushes out their own, and takes no place among the settled ones.
 */
export function createSettledSessions(): SettledSessions {
  const settled = new Float64Array(settledMax).fill(-1);
  /** By network, then by session, the one that has waited longest first. */
  const waiting = new Map<number, Map<number, Waiting>>();
  /** By session that waits, where it began. */
  const networks = new Map<number, number>();

  function remove(network: number, session: number): void {
    networks.delete(session);
    const sessions = waiting.get(network)!;
    sessions.delete(session);
    if (sessions.size === 0) waiting.delete(network);
  }

  function makeRoom(): void {
    let most: Map<number, Waiting> | null = null;
    let network = 0;
    for (const [each, sessions] of waiting) {
      if (most !== null && sessions.size <= most.size) continue;
      most = sessions;
      network = each;
    }
    if (most !== null) remove(network, most.keys().next().value!);
  }

  function begin(session: number, event: ShopEvent): void {
    const { network = 0 } = event;
    if (networks.size >= waitingMax) makeRoom();
    networks.set(session, network);
    const sessions = waiting.get(network) ?? new Map<number, Waiting>();
    waiting.set(network, sessions.set(session, { firstMs: event.receivedAtMs, events: [event] }));
  }

  return {
    enter(session, event) {
      // A fingerprint is mixed well already.
      const slot = (session | 0) & (settledMax - 1);
      if (settled[slot] === session) return [event];
      const network = networks.get(session);
      if (network === undefined) {
        begin(session, event);
        return nothing;
      }
      const known = waiting.get(network)!.get(session)!;
      if (event.receivedAtMs - known.firstMs < settledAfterMs) {
        if (known.events.length < heldMax) known.events.push(event);
        return nothing;
      }
      settled[slot] = session;
      remove(network, session);
      return [...known.events, event];
    },
  };
}
