import type { EventType, ShopEvent } from '../../src/ports/events.js';
import { customerKey, sessionKey } from './log-entry.js';
import type { Recent } from './recent.js';

/** Whose history it is. */
export interface Person {
  readonly customerId: string | null;
  readonly sessionIds: readonly string[];
}

/** The names in a log entry's `who` under which a person's events are found. */
export function namesOf(person: Person): string[] {
  const names = person.sessionIds.map(sessionKey);
  if (person.customerId !== null) names.push(customerKey(person.customerId));
  return names;
}

/**
 * The newest of several lists, each event once, newest first. Null: a list ended before it was known to be
 * complete, so that longer lists are needed.
 *
 * A session may have been used by several people. What it holds of somebody else ends what it says about
 * this person: what lies before belongs to the other one.
 */
export function mergeHistory(
  person: Person,
  lists: readonly Recent[],
  limit: number,
  types: readonly EventType[] | undefined,
): readonly ShopEvent[] | null {
  const merged: ShopEvent[] = [];
  if (lists.length === 1) {
    const { events, complete } = lists[0]!;
    for (const event of events) {
      if (isForeign(event, person)) return merged;
      if (types !== undefined && !types.includes(event.type)) continue;
      merged.push(event);
      if (merged.length === limit) return merged;
    }
    return complete ? merged : null;
  }
  const next = lists.map(() => 0);
  const taken = new Set<string>();
  while (merged.length < limit) {
    let best = -1;
    for (let i = 0; i < lists.length; i++) {
      const { events, complete } = lists[i]!;
      const event = events[next[i]!];
      if (event === undefined) {
        if (!complete && next[i]! <= events.length) return null;
        continue;
      }
      if (isForeign(event, person)) {
        next[i] = Number.POSITIVE_INFINITY;
        continue;
      }
      if (best < 0 || isNewer(event, lists[best]!.events[next[best]!]!)) best = i;
    }
    if (best < 0) break;
    const event = lists[best]!.events[next[best]!]!;
    next[best] = next[best]! + 1;
    if (taken.has(event.id)) continue;
    taken.add(event.id);
    if (types === undefined || types.includes(event.type)) merged.push(event);
  }
  return merged;
}

function isForeign(event: ShopEvent, person: Person): boolean {
  return event.customerId !== null && event.customerId !== person.customerId;
}

function isNewer(event: ShopEvent, than: ShopEvent): boolean {
  return event.atMs > than.atMs || (event.atMs === than.atMs && event.receivedAtMs > than.receivedAtMs);
}
