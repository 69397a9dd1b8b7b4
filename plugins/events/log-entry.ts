import { channels } from '../../src/context.js';
import { customerName, type PersonName, sessionName } from '../../src/person-ids.js';
import { eventTypes, type ShopEvent } from '../../src/ports/events.js';
import type { CollectionSpec } from '../../src/ports/store.js';
import { unknownBody } from './body-digest.js';
import { senderOf } from './event-ids.js';
import { frozenEvent } from './frozen-event.js';
import { isOrderChange } from './order-changes.js';
import { orderIdIn } from './order-id.js';
import type { NewEvent } from './unstamped.js';

/**
 * A stored piece of the log: events that one sender handed in together. Never changed once written.
 *
 * Events lie in columns, as most of one call's agree in most fields: that takes half the bytes of as many objects, and
 * half the time to write and to read them.
 */
export interface LogEntry {
  /** The id of its first event: handing in the same events again, through whatever process, meets the same entry. */
  readonly id: string;
  /**
   * Sessions (`s` and the id), customers (`c` and the id) and orders (`o` and the id) that its events are about; `o` alone if one changes
   * an order. Entries of earlier versions have no orders.
   */
  readonly who: readonly string[];
  /** The latest `atMs` of its events. */
  readonly untilMs: number;
  readonly receivedAtMs: number;
  /** Behind what all have in common: the first `shared` characters of `id`. */
  readonly ids: readonly string[];
  /** Absent: the sender. */
  readonly shared?: number;
  /** Numbers in `eventTypes`. */
  readonly types: Column<number>;
  /** Numbers in `who`. */
  readonly sessions: Column<number>;
  /** Numbers in `who`; null: nobody. */
  readonly customers: Column<number | null>;
  /** Numbers in `channels`. */
  readonly channels: Column<number>;
  readonly stores: Column<string | null>;
  /** Time between each event and its receipt. */
  readonly agesMs: Column<number>;
  readonly currencies: Column<string | null>;
  readonly learn: Column<boolean>;
  /** Absent: true for all. */
  readonly permitted?: Column<boolean>;
  /** Prints of the shoppers' networks, 0 where one is not known. Absent: 0 for all. */
  readonly networks?: Column<number>;
  /** True if events of people who were erased have been taken out of it since it was written. */
  readonly rewritten?: true;
  /** Digests of what was sent. Absent in entries of earlier versions. */
  readonly bodies?: Column<number>;
  /** One product is a text, several or none are a list. */
  readonly products: readonly (string | readonly string[])[];
  readonly more: readonly More[];
}

/** The values of all events, or the one they share. */
export type Column<T> = T | readonly T[];

/** Fields that only some events have; absent ones are null. */
export interface More {
  /** Which event of the entry. */
  readonly n: number;
  readonly quantities?: readonly number[];
  readonly prices?: readonly (number | null)[];
  /** If omitted, that in the properties. */
  readonly orderId?: string;
  readonly value?: number;
  readonly query?: string;
  readonly queryId?: string;
  readonly decisionId?: string;
  readonly position?: number;
  /** As JSON text: a database would not take all of their names. */
  readonly properties?: string;
}

export const logSpec: CollectionSpec<LogEntry> = {
  name: 'events',
  indexes: {
    byPerson: { fields: ['who', 'untilMs'] },
    byReceipt: { fields: ['receivedAtMs'] },
  },
  shardBy: 'id',
};

/** The person whose an event is: a customer in whatever session, or an anonymous session. */
export function personIn({ customerId, sessionId }: Pick<ShopEvent, 'sessionId' | 'customerId'>): PersonName {
  return customerId === null ? sessionName(sessionId) : customerName(customerId);
}

/** The people whose events an entry has. */
export function peopleIn(entry: LogEntry): readonly PersonName[] {
  const { who, ids, sessions, customers } = entry;
  const people = new Set<PersonName>();
  for (let n = 0; n < ids.length; n++) {
    const customer = valueAt(customers, n);
    const sessionId = who[valueAt(sessions, n)]!.slice(1);
    people.add(personIn({ sessionId, customerId: customer === null ? null : who[customer]!.slice(1) }));
    if (!Array.isArray(sessions) && !Array.isArray(customers)) break;
  }
  return [...people];
}

/** Names in `who`. */
export const sessionKey = (sessionId: string): string => `s${sessionId}`;
export const customerKey = (customerId: string): string => `c${customerId}`;

/** In `who` of all entries with a change of an order. */
export const changesKey = 'o';
/** In `who` of entries with an order or a change of one. */
export const orderKey = (orderId: string): string => `o${orderId}`;

/** The names that an order, or a change of one, has in `who` beside its person. */
export function orderNamesOf(event: Pick<ShopEvent, 'type' | 'orderId'>): readonly string[] {
  const { type, orderId } = event;
  if (isOrderChange(event)) return orderId === null ? [changesKey] : [changesKey, orderKey(orderId)];
  return type === 'ORDER_COMPLETED' && orderId !== null ? [orderKey(orderId)] : noNames;
}
const noNames: readonly string[] = [];

/** True if an event is about the session or customer of this name. */
export function isOf(person: string, event: Pick<ShopEvent, 'sessionId' | 'customerId'>): boolean {
  return (
    person === sessionKey(event.sessionId) ||
    (event.customerId !== null && person === customerKey(event.customerId))
  );
}

function valueAt<T extends string | number | boolean | null>(column: Column<T>, n: number): T {
  return Array.isArray(column) ? (column as readonly T[])[n]! : (column as T);
}

export function idsOf(entry: LogEntry): string[] {
  const shared = entry.id.slice(0, entry.shared ?? senderOf(entry.id).length);
  return entry.ids.map((id) => shared + id);
}

/** The digest of the body of an entry's `n`-th event, or `unknownBody`. */
export function bodyIn({ bodies = unknownBody }: LogEntry, n: number): number {
  return valueAt(bodies, n);
}

/** The part of an event that can be known without reading all of it. */
export type EventHead = Pick<ShopEvent, 'type' | 'sessionId' | 'customerId'>;

/** Returns its events, frozen. `isWanted`: only those. */
export function fromEntry(entry: LogEntry, isWanted?: (head: EventHead) => boolean): ShopEvent[] {
  const { receivedAtMs } = entry;
  const events: ShopEvent[] = [];
  let next = 0;
  for (const [n, id] of idsOf(entry).entries()) {
    const more = entry.more[next]?.n === n ? entry.more[next++] : undefined;
    const customer = valueAt(entry.customers, n);
    const type = eventTypes[valueAt(entry.types, n)]!;
    const customerId = customer === null ? null : entry.who[customer]!.slice(1);
    const sessionId = entry.who[valueAt(entry.sessions, n)]!.slice(1);
    if (isWanted && !isWanted({ type, sessionId, customerId })) continue;
    const product = entry.products[n]!;
    const network = valueAt(entry.networks ?? 0, n);
    const properties =
      more?.properties === undefined
        ? null
        : (JSON.parse(more.properties) as Readonly<Record<string, unknown>>);
    const event: NewEvent = {
      id,
      type,
      sessionId,
      customerId,
      channel: channels[valueAt(entry.channels, n)]!,
      storeId: valueAt(entry.stores, n),
      productIds: typeof product === 'string' ? [product] : product,
      quantities: more?.quantities ?? null,
      prices: more?.prices ?? null,
      orderId: more?.orderId ?? orderIdIn(properties),
      value: more?.value ?? null,
      currency: valueAt(entry.currencies, n),
      query: more?.query ?? null,
      queryId: more?.queryId ?? null,
      decisionId: more?.decisionId ?? null,
      position: more?.position ?? null,
      properties,
      atMs: receivedAtMs - valueAt(entry.agesMs, n),
      receivedAtMs,
      learn: valueAt(entry.learn, n),
      permitted: valueAt(entry.permitted ?? true, n),
    };
    if (network !== 0) event.network = network;
    events.push(frozenEvent(event));
  }
  return events;
}
