import { isFromStorefront, type ShopEvent } from '../../src/ports/events.js';
import { customerKey, sessionKey } from './log-entry.js';
import { orderIdOf } from './orders.js';
import type { ListSpec, Recent } from './recent.js';

/** The person of a history. */
export interface Person {
  readonly customerId: string | null;
  readonly sessionIds: readonly string[];
  /** For each session, the latest receipt of anonymous events that are this person's. */
  readonly pastUntilMs: readonly number[];
}

/** The lists in which a person's events are found. */
export function listsOf(person: Person, types: ListSpec['types']): ListSpec[] {
  return namesOf(person).map((name, i) => ({
    person: name,
    untilMs: person.pastUntilMs[i] ?? Number.POSITIVE_INFINITY,
    types,
  }));
}

/** The names in a log entry's `who` under which a person's events are found. */
export function namesOf(person: Person): string[] {
  const names = person.sessionIds.map(sessionKey);
  if (person.customerId !== null) names.push(customerKey(person.customerId));
  return names;
}

/**
 * The newest of several lists, each event once, newest first. The lists are those of `namesOf`. Null: a list ended before it was
 * known to be complete, so that longer lists are needed.
 */
export function mergeHistory(
  person: Person,
  lists: readonly Recent[],
  limit: number,
  isWanted: (event: ShopEvent) => boolean,
): readonly ShopEvent[] | null {
  const merged: ShopEvent[] = [];
  const next = lists.map(() => 0);
  const taken = lists.length > 1 ? new Set<string>() : null;
  while (merged.length < limit) {
    let best = -1;
    for (let i = 0; i < lists.length; i++) {
      const { events, complete } = lists[i]!;
      const untilMs = person.pastUntilMs[i] ?? Number.POSITIVE_INFINITY;
      let at = next[i]!;
      while (at < events.length && passesOver(events[at]!, person, untilMs)) at++;
      if (at < events.length && endsAt(events[at]!, person)) at = Number.POSITIVE_INFINITY;
      next[i] = at;
      const event = events[at];
      if (event === undefined) {
        if (!complete && at <= events.length) return null;
        continue;
      }
      if (best < 0 || isNewer(event, lists[best]!.events[next[best]!]!)) best = i;
    }
    if (best < 0) break;
    const event = lists[best]!.events[next[best]!]!;
    next[best] = next[best]! + 1;
    if (taken?.has(event.id)) continue;
    taken?.add(event.id);
    if (isWanted(event)) merged.push(event);
  }
  return withoutRepeatedOrders(merged);
}

/** Leaves out orders of a storefront that the shop sent, too. A storefront's counted when it came, since it proves no payment. */
function withoutRepeatedOrders(events: readonly ShopEvent[]): readonly ShopEvent[] {
  let ofShop: Set<string> | null = null;
  let isRepeated = false;
  for (let at = 0; at < events.length; at++) {
    const orderId = orderIdOf(events[at]!);
    if (orderId === null) continue;
    if (isFromStorefront(events[at]!)) isRepeated = true;
    else ofShop = (ofShop ?? new Set()).add(orderId);
  }
  const known = ofShop;
  if (!isRepeated || known === null) return events;
  return events.filter((event) => !isFromStorefront(event) || !known.has(orderIdOf(event) ?? ''));
}

/** An anonymous shopper is shown nothing of a customer, a customer nothing anonymous that came into the session after their sign-in. */
export function passesOver(event: ShopEvent, person: Person, untilMs: number): boolean {
  return event.customerId === null ? event.receivedAtMs > untilMs : person.customerId === null;
}

/** In the log of earlier versions a session may have had several customers. An event of another one ends what it says about this one. */
export function endsAt(event: ShopEvent, person: Person): boolean {
  return event.customerId !== null && event.customerId !== person.customerId;
}

function isNewer(event: ShopEvent, than: ShopEvent): boolean {
  return event.atMs > than.atMs || (event.atMs === than.atMs && event.receivedAtMs > than.receivedAtMs);
}
