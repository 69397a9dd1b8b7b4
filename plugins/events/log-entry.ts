import { channels } from '../../src/context.js';
import { eventTypes, type ShopEvent } from '../../src/ports/events.js';
import type { CollectionSpec } from '../../src/ports/store.js';
import type { Batch, Print } from './batch.js';
import { unknownBody } from './body-digest.js';
import { senderOf } from './event-ids.js';
import { frozenEvent } from './frozen-event.js';
import type { NewEvent } from './unstamped.js';

/** Events of one call share an entry: one document and its index entries instead of one for each event. */
export const entryEventsMax = 64;
/** An index holds at most 64 strings of a document. */
export const entryPeopleMax = 64;
/** Characters of an entry's ids and texts before the next one is begun: six bytes each at worst, of the store's 1 MiB. */
const entryCharsMax = 120_000;

/**
 * A stored piece of the log: events that one sender handed in together. Never changed once written.
 *
 * Events lie in columns, as most of one call's agree in most fields: that takes half the bytes of as many objects, and
 * half the time to write and to read them.
 */
export interface LogEntry {
  /** The id of its first event: handing in the same events again, through whatever process, meets the same entry. */
  readonly id: string;
  /** Sessions (`s` and the id) and customers (`c` and the id) that its events are about. */
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
  /** Digests of what was sent. Absent in entries of earlier versions. */
  readonly bodies?: Column<number>;
  /** One product is a text, several or none are a list. */
  readonly products: readonly (string | readonly string[])[];
  readonly more: readonly More[];
}

/** The values of all events, or the one they share. */
type Column<T> = T | readonly T[];

/** Fields that only some events have; absent ones are null. */
interface More {
  /** Which event of the entry. */
  readonly n: number;
  readonly quantities?: readonly number[];
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

const typeNumbers: ReadonlyMap<string, number> = new Map(eventTypes.map((type, number) => [type, number]));
const channelNumbers: ReadonlyMap<string, number> = new Map(channels.map((name, number) => [name, number]));

/** Names in `who`. */
export const sessionKey = (sessionId: string): string => `s${sessionId}`;
export const customerKey = (customerId: string): string => `c${customerId}`;

/** True if an event is about the session or customer of this name. */
export function isOf(person: string, event: ShopEvent): boolean {
  return (
    person === sessionKey(event.sessionId) ||
    (event.customerId !== null && person === customerKey(event.customerId))
  );
}

/** An entry, and the events in it. */
export interface EntryPart {
  readonly entry: LogEntry;
  readonly batch: Batch;
}

/** Cuts events of one receipt into entries, in their order. */
export function toEntries(batch: Batch): EntryPart[] {
  const { events, prints } = batch;
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
    // Events of one person follow each other, so that names need not be looked up for each.
    if (last !== null && event.sessionId === last.sessionId && event.customerId === last.customerId) {
      sessions.push(sessions.at(-1)!);
      customers.push(customers.at(-1)!);
    } else {
      if (who.length > entryPeopleMax - 2) break;
      sessions.push(numberOf(sessionKey(event.sessionId)));
      customers.push(event.customerId === null ? null : numberOf(customerKey(event.customerId)));
    }
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
  const entry: { -readonly [K in keyof LogEntry]: LogEntry[K] } = {
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

function valueAt<T extends string | number | boolean | null>(column: Column<T>, n: number): T {
  return Array.isArray(column) ? (column as readonly T[])[n]! : (column as T);
}

function moreOf(event: ShopEvent, n: number): More | null {
  const { quantities, value, query, queryId, decisionId, position, properties } = event;
  const nothing =
    properties === null &&
    decisionId === null &&
    position === null &&
    queryId === null &&
    value === null &&
    query === null &&
    quantities === null;
  if (nothing) return null;
  const more: { -readonly [K in keyof More]: More[K] } = { n };
  if (quantities !== null) more.quantities = quantities;
  if (value !== null) more.value = value;
  if (query !== null) more.query = query;
  if (queryId !== null) more.queryId = queryId;
  if (decisionId !== null) more.decisionId = decisionId;
  if (position !== null) more.position = position;
  if (properties !== null) more.properties = JSON.stringify(properties);
  return more;
}

export function idsOf(entry: LogEntry): string[] {
  const shared = entry.id.slice(0, entry.shared ?? senderOf(entry.id).length);
  return entry.ids.map((id) => shared + id);
}

/** The digest of the body of an entry's `n`-th event, or `unknownBody`. */
export function bodyIn({ bodies = unknownBody }: LogEntry, n: number): number {
  return valueAt(bodies, n);
}

/** Returns its events, frozen. */
export function fromEntry(entry: LogEntry): ShopEvent[] {
  const { receivedAtMs } = entry;
  let next = 0;
  return idsOf(entry).map((id, n) => {
    const more = entry.more[next]?.n === n ? entry.more[next++] : undefined;
    const customer = valueAt(entry.customers, n);
    const product = entry.products[n]!;
    const network = valueAt(entry.networks ?? 0, n);
    const event: NewEvent = {
      id,
      type: eventTypes[valueAt(entry.types, n)]!,
      sessionId: entry.who[valueAt(entry.sessions, n)]!.slice(1),
      customerId: customer === null ? null : entry.who[customer]!.slice(1),
      channel: channels[valueAt(entry.channels, n)]!,
      storeId: valueAt(entry.stores, n),
      productIds: typeof product === 'string' ? [product] : product,
      quantities: more?.quantities ?? null,
      value: more?.value ?? null,
      currency: valueAt(entry.currencies, n),
      query: more?.query ?? null,
      queryId: more?.queryId ?? null,
      decisionId: more?.decisionId ?? null,
      position: more?.position ?? null,
      properties:
        more?.properties === undefined
          ? null
          : (JSON.parse(more.properties) as Readonly<Record<string, unknown>>),
      atMs: receivedAtMs - valueAt(entry.agesMs, n),
      receivedAtMs,
      learn: valueAt(entry.learn, n),
      permitted: valueAt(entry.permitted ?? true, n),
    };
    if (network !== 0) event.network = network;
    return frozenEvent(event);
  });
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
