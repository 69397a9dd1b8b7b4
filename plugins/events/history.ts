import { customersOf, type Person as MergedPerson } from '../../src/ports/customers.js';
import { type EventType, isFromStorefront, type ShopEvent } from '../../src/ports/events.js';
import { undoneTypes } from './changing-types.js';
import { frozenEvent } from './frozen-event.js';
import { customerKey, sessionKey } from './log-entry.js';
import { addChange, isOrderChange, isProven, type OrderChanges } from './order-changes.js';
import { orderIdOf } from './orders.js';
import type { ListSpec, Recent } from './recent.js';

/** The person of a history. */
export interface Person {
  readonly customerId: string | null;
  /** Absent if the customer is not merged with another one. */
  readonly person?: MergedPerson;
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
  for (const customerId of customersOf(person)) names.push(customerKey(customerId));
  return names;
}

/**
 * The newest of several lists, each event once, newest first, as `read` returns it: null leaves it out. The lists are those of `namesOf`. Null: a list ended before it was
 * known to be complete, so that longer lists are needed.
 */
export function mergeHistory(
  person: Person,
  lists: readonly Recent[],
  limit: number,
  read: (event: ShopEvent) => ShopEvent | null,
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
    const wanted = read(event);
    if (wanted !== null) merged.push(wanted);
  }
  return withoutRepeatedOrders(merged);
}

/** The changes of orders among a person's events, which may be older than their orders; null without any. */
export function changesIn(person: Person, lists: readonly Recent[]): OrderChanges | null {
  const changes = new Map<string, ShopEvent[]>();
  for (const [i, { events, changing }] of lists.entries()) {
    if (changing === false) continue;
    const untilMs = person.pastUntilMs[i] ?? Number.POSITIVE_INFINITY;
    for (let at = 0; at < events.length; at++) {
      const event = events[at]!;
      if (passesOver(event, person, untilMs)) continue;
      if (endsAt(event, person)) break;
      if (isOrderChange(event)) addChange(changes, event);
    }
  }
  return changes.size === 0 ? null : changes;
}

/** Takes out of a person's events the products that newer events undid. Pass it the events newest first. */
export interface Undoing {
  /** The event without the products that a newer event undid; null: nothing is left of it. */
  remaining(event: ShopEvent): ShopEvent | null;
}

/** `productOf` returns the same text for all codes of a product. */
export function createUndoing(productOf: (code: string) => string): Undoing {
  /** By type; for each product, whether a proven event undid it. */
  let products: Map<EventType, Map<string, boolean>> | null = null;
  return {
    remaining(event) {
      const type = undoneTypes[event.type];
      if (type !== undefined) {
        products ??= new Map();
        const ofType = products.get(type) ?? new Map<string, boolean>();
        products.set(type, ofType);
        for (const code of event.productIds) {
          const product = productOf(code);
          ofType.set(product, isProven(event) || ofType.get(product) === true);
        }
        return event;
      }
      const known = products?.get(event.type);
      if (known === undefined) return event;
      const kept = event.productIds.map((code) => {
        const proven = known.get(productOf(code));
        return proven === undefined || !(proven || event.customerId === null);
      });
      if (kept.every(Boolean)) return event;
      if (!kept.some(Boolean)) return null;
      const ofKept = <T>(values: readonly T[]): T[] => values.filter((_, at) => kept[at]);
      return frozenEvent({
        ...event,
        productIds: ofKept(event.productIds),
        quantities: event.quantities && ofKept(event.quantities),
        prices: event.prices && ofKept(event.prices),
      });
    },
  };
}

/**
 * Leaves each order only once that came several times, such as before and after a sign-in: as the shop sent it first, else as a storefront
 * did, since a storefront proves no payment.
 */
function withoutRepeatedOrders(events: readonly ShopEvent[]): readonly ShopEvent[] {
  let counting: Map<string, ShopEvent> | null = null;
  let isRepeated = false;
  for (let at = events.length - 1; at >= 0; at--) {
    const event = events[at]!;
    const orderId = orderIdOf(event);
    if (orderId === null) continue;
    counting ??= new Map();
    const known = counting.get(orderId);
    if (known !== undefined) isRepeated = true;
    if (known === undefined || (isFromStorefront(known) && !isFromStorefront(event)))
      counting.set(orderId, event);
  }
  const kept = counting;
  if (!isRepeated || kept === null) return events;
  return events.filter((event) => {
    const orderId = orderIdOf(event);
    return orderId === null || kept.get(orderId) === event;
  });
}

/** An anonymous shopper is shown nothing of a customer, a customer nothing anonymous that came into the session after their sign-in. */
export function passesOver(event: ShopEvent, person: Person, untilMs: number): boolean {
  return event.customerId === null ? event.receivedAtMs > untilMs : person.customerId === null;
}

/** In the log of earlier versions a session may have had several customers. An event of another one ends what it says about this one. */
export function endsAt(event: ShopEvent, person: Person): boolean {
  return event.customerId !== null && !isOwn(event.customerId, person);
}

function isOwn(customerId: string, { customerId: known, person }: Person): boolean {
  return customerId === known || (known !== null && person?.members.includes(customerId) === true);
}

function isNewer(event: ShopEvent, than: ShopEvent): boolean {
  return event.atMs > than.atMs || (event.atMs === than.atMs && event.receivedAtMs > than.receivedAtMs);
}
