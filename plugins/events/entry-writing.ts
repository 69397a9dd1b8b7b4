import { channels } from '../../src/context.js';
import { eventTypes, type ShopEvent } from '../../src/ports/events.js';
import type { Batch, Print } from './batch.js';
import { senderOf } from './event-ids.js';
import { type Column, customerKey, type LogEntry, type More, orderNamesOf, sessionKey } from './log-entry.js';
import { orderIdIn } from './order-id.js';

/** Events of one call share an entry: one document and its index entries instead of one for each event. */
const entryEventsMax = 64;
/** An index holds at most 64 strings of a document. */
const entryPeopleMax = 64;
/** A session, a customer, an order and the name of all changes. */
const eventNamesMax = 4;
/** Characters of an entry's ids and texts before the next one is begun: six bytes each at worst, of the store's 1 MiB. */
const entryCharsMax = 120_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const none: readonly never[] = [];
const typeNumbers: ReadonlyMap<string, number> = new Map(eventTypes.map((type, number) => [type, number]));
const channelNumbers: ReadonlyMap<string, number> = new Map(channels.map((name, number) => [name, number]));

/** An entry, and the events in it. */
export interface EntryPart {
  readonly entry: LogEntry;
  readonly batch: Batch;
}

/** Cuts events of one receipt into entries, in their order. */
export function toEntries(batch: Batch): EntryPart[] {
  const { events, prints } = batch;
  if (events.length === 1) return [{ entry: entryOf(events[0]!, prints[0]!), batch }];
  const parts: EntryPart[] = [];
  for (let start = 0; start < events.length; ) {
    const { entry, end } = cutEntry(events, prints, start);
    const whole = end - start === events.length;
    parts.push({
      entry,
      batch: whole ? batch : { events: events.slice(start, end), prints: prints.slice(start, end) },
    });
    start = end;
  }
  return parts;
}

/** The entry of an event that came alone, as a storefront sends most: without columns to compare. */
function entryOf(event: ShopEvent, { body }: Print): LogEntry {
  const { id, sessionId, customerId, productIds, permitted, network = 0 } = event;
  const more = moreOf(event, 0);
  const shared = sharedLength([id]);
  const entry: Writable<LogEntry> = {
    id,
    who: [
      sessionKey(sessionId),
      ...(customerId === null ? [] : [customerKey(customerId)]),
      ...orderNamesOf(event),
    ],
    untilMs: Math.max(0, event.atMs),
    receivedAtMs: event.receivedAtMs,
    ids: [id.slice(shared)],
    shared,
    types: typeNumbers.get(event.type)!,
    sessions: 0,
    customers: customerId === null ? null : 1,
    channels: channelNumbers.get(event.channel)!,
    stores: event.storeId,
    agesMs: event.receivedAtMs - event.atMs,
    currencies: event.currency,
    learn: event.learn,
    bodies: body,
    products: [productIds.length === 1 ? productIds[0]! : productIds],
    more: more === null ? none : [more],
  };
  if (permitted !== true) entry.permitted = permitted;
  if (network !== 0) entry.networks = network;
  return entry;
}

/** The entry that begins with an event, and which event the next one begins with. */
function cutEntry(
  events: readonly ShopEvent[],
  prints: readonly Print[],
  start: number,
): { readonly entry: LogEntry; readonly end: number } {
  const first = events[start]!;
  const sender = senderOf(first.id);
  const who: string[] = [];
  const ids: string[] = [];
  const bodies: number[] = [];
  const sessions: number[] = [];
  const customers: (number | null)[] = [];
  const products: (string | readonly string[])[] = [];
  const more: More[] = [];
  let chars = 0;
  let untilMs = 0;
  let last: ShopEvent | null = null;

  function numberOf(name: string): number {
    const known = who.indexOf(name);
    return known >= 0 ? known : who.push(name) - 1;
  }

  let end = start;
  for (; end < events.length; end++) {
    const event = events[end]!;
    if (ids.length === entryEventsMax || chars > entryCharsMax || !event.id.startsWith(sender)) break;
    const orderNames = orderNamesOf(event);
    const isSame =
      last !== null && event.sessionId === last.sessionId && event.customerId === last.customerId;
    if ((!isSame || orderNames.length > 0) && who.length > entryPeopleMax - eventNamesMax) break;
    // Events of one person follow each other, so that names need not be looked up for each.
    if (isSame) {
      sessions.push(sessions.at(-1)!);
      customers.push(customers.at(-1)!);
    } else {
      sessions.push(numberOf(sessionKey(event.sessionId)));
      customers.push(event.customerId === null ? null : numberOf(customerKey(event.customerId)));
    }
    for (const name of orderNames) numberOf(name);
    const { productIds } = event;
    products.push(productIds.length === 1 ? productIds[0]! : productIds);
    if (productIds.length > 1) for (const id of productIds) chars += id.length;
    const rest = moreOf(event, ids.length);
    if (rest !== null) {
      more.push(rest);
      chars += (rest.properties?.length ?? 0) + (rest.query?.length ?? 0);
    }
    bodies.push(prints[end]!.body);
    ids.push(event.id);
    chars += event.id.length;
    if (event.atMs > untilMs) untilMs = event.atMs;
    last = event;
  }
  const column = <T>(value: (event: ShopEvent) => T): Column<T> => columnOf(events, start, end, value);
  const permitted = column((event) => event.permitted);
  const networks = column((event) => event.network ?? 0);
  const shared = sharedLength(ids);
  const entry: Writable<LogEntry> = {
    id: first.id,
    who,
    untilMs,
    receivedAtMs: first.receivedAtMs,
    ids: ids.map((id) => id.slice(shared)),
    shared,
    types: column((event) => typeNumbers.get(event.type)!),
    sessions: folded(sessions),
    customers: folded(customers),
    channels: column((event) => channelNumbers.get(event.channel)!),
    stores: column((event) => event.storeId),
    agesMs: column((event) => event.receivedAtMs - event.atMs),
    currencies: column((event) => event.currency),
    learn: column((event) => event.learn),
    bodies: folded(bodies),
    products,
    more,
  };
  if (permitted !== true) entry.permitted = permitted;
  if (networks !== 0) entry.networks = networks;
  return { entry, end };
}

/** A list only where they differ: mostly they do not. */
function columnOf<T>(
  events: readonly ShopEvent[],
  start: number,
  end: number,
  value: (event: ShopEvent) => T,
): Column<T> {
  const first = value(events[start]!);
  for (let at = start + 1; at < end; at++) {
    if (value(events[at]!) !== first) return events.slice(start, end).map(value);
  }
  return first;
}

function folded<T>(values: readonly T[]): Column<T> {
  const first = values[0]!;
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return values;
  return first;
}

function moreOf(event: ShopEvent, n: number): More | null {
  const { quantities, prices, value, query, queryId, decisionId, position, properties } = event;
  // That in the properties is read from there again.
  const orderId = event.orderId === null || event.orderId === orderIdIn(properties) ? null : event.orderId;
  const nothing =
    properties === null &&
    decisionId === null &&
    position === null &&
    queryId === null &&
    value === null &&
    query === null &&
    quantities === null &&
    prices === null &&
    orderId === null;
  if (nothing) return null;
  const more: { -readonly [K in keyof More]: More[K] } = { n };
  if (quantities !== null) more.quantities = quantities;
  if (prices !== null) more.prices = prices;
  if (orderId !== null) more.orderId = orderId;
  if (value !== null) more.value = value;
  if (query !== null) more.query = query;
  if (queryId !== null) more.queryId = queryId;
  if (decisionId !== null) more.decisionId = decisionId;
  if (position !== null) more.position = position;
  if (properties !== null) more.properties = JSON.stringify(properties);
  return more;
}

/** The number of characters with which all ids begin; of one id, its length. */
function sharedLength(ids: readonly string[]): number {
  const first = ids[0]!;
  let shared = first.length;
  for (const id of ids) {
    let at = 0;
    while (at < shared && id.charCodeAt(at) === first.charCodeAt(at)) at++;
    shared = at;
  }
  // Never between the halves of a character.
  const last = first.charCodeAt(shared - 1);
  return last >= 0xd800 && last <= 0xdbff ? shared - 1 : shared;
}
