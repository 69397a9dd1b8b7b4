import { type Channel, channels } from '../../src/context.js';
import { eventTypes, type ShopEvent } from '../../src/ports/events.js';
import type { CollectionSpec } from '../../src/ports/store.js';

/** Events of one call share an entry: one document and its index entries instead of one for each event. */
export const entryEventsMax = 64;
/** An index holds at most 64 strings of a document. */
export const entryPeopleMax = 64;
/** Characters of an entry's ids and texts before the next one is begun: six bytes each at worst, of the store's 1 MiB. */
const entryCharsMax = 120_000;

/** A stored piece of the log: events that one sender handed in together. Never changed once written. */
export interface LogEntry {
  /** The id of its first event: handing in the same events again, through whatever process, meets the same entry. */
  readonly id: string;
  /** Sessions (`s` and the id) and customers (`c` and the id) that its events are about. */
  readonly who: readonly string[];
  /** The latest `atMs` of its events. */
  readonly untilMs: number;
  readonly receivedAtMs: number;
  readonly events: readonly StoredEvent[];
}

export const logSpec: CollectionSpec<LogEntry> = {
  name: 'events',
  indexes: {
    byPerson: { fields: ['who', 'untilMs'] },
    byReceipt: { fields: ['receivedAtMs'] },
  },
};

/** A `ShopEvent` without what its entry says and without nulls, under short names. */
export interface StoredEvent {
  /** The id behind the sender, who is the same for all of an entry. */
  readonly i: string;
  /** type, as its number in `eventTypes`. */
  readonly t: number;
  /** session, as its number in `who`. */
  readonly s: number;
  /** customer, as its number in `who`. */
  readonly c?: number;
  /** channel, as its number in `channels`. */
  readonly h: number;
  /** atMs, as milliseconds before the receipt. */
  readonly a: number;
  readonly store?: string;
  readonly p?: readonly string[];
  readonly n?: readonly number[];
  readonly v?: number;
  readonly cur?: string;
  readonly q?: string;
  readonly qid?: string;
  readonly did?: string;
  readonly pos?: number;
  /** properties, as JSON text: a database would not take all of their names. */
  readonly x?: string;
  /** Present when it may not be learned from. */
  readonly private?: 1;
}

const typeNumbers: ReadonlyMap<string, number> = new Map(eventTypes.map((type, number) => [type, number]));
const channelNumbers: ReadonlyMap<string, number> = new Map(channels.map((name, number) => [name, number]));

/** Names in `who`. */
export const sessionKey = (sessionId: string): string => `s${sessionId}`;
export const customerKey = (customerId: string): string => `c${customerId}`;

/** Cuts events of one receipt into entries, in their order. */
export function toEntries(
  events: readonly ShopEvent[],
): { readonly entry: LogEntry; readonly events: readonly ShopEvent[] }[] {
  const entries: { readonly entry: LogEntry; readonly events: readonly ShopEvent[] }[] = [];
  for (let start = 0; start < events.length; ) {
    const { entry, end } = cutEntry(events, start);
    entries.push({ entry, events: end - start === events.length ? events : events.slice(start, end) });
    start = end;
  }
  return entries;
}

/** The entry that begins with an event, and which event the next one begins with. */
function cutEntry(
  events: readonly ShopEvent[],
  start: number,
): { readonly entry: LogEntry; readonly end: number } {
  const first = events[start]!;
  const senderLength = senderEnd(first.id);
  const sender = first.id.slice(0, senderLength);
  const who: string[] = [];
  const numbers = new Map<string, number>();
  const stored: StoredEvent[] = [];
  let chars = 0;
  let untilMs = 0;
  let last: ShopEvent | null = null;
  let session = 0;
  let customer = 0;

  function numberOf(name: string): number {
    let number = numbers.get(name);
    if (number === undefined) {
      number = who.push(name) - 1;
      numbers.set(name, number);
    }
    return number;
  }

  let end = start;
  for (; end < events.length; end++) {
    const event = events[end]!;
    if (stored.length === entryEventsMax || chars > entryCharsMax || !event.id.startsWith(sender)) break;
    // Events of one person follow each other, so that names need not be looked up for each.
    if (last === null || event.sessionId !== last.sessionId || event.customerId !== last.customerId) {
      if (who.length > entryPeopleMax - 2) break;
      session = numberOf(sessionKey(event.sessionId));
      customer = event.customerId === null ? -1 : numberOf(customerKey(event.customerId));
    }
    const next = toStored(event, senderLength, session, customer);
    stored.push(next);
    chars += charsOf(event, next);
    if (event.atMs > untilMs) untilMs = event.atMs;
    last = event;
  }
  return { entry: { id: first.id, who, untilMs, receivedAtMs: first.receivedAtMs, events: stored }, end };
}

/** What can be long in an event. */
function charsOf(event: ShopEvent, stored: StoredEvent): number {
  let chars = event.id.length + (stored.x?.length ?? 0) + (stored.q?.length ?? 0);
  if (event.productIds.length > 1) for (const id of event.productIds) chars += id.length;
  return chars;
}

export function fromEntry(entry: LogEntry): ShopEvent[] {
  const sender = entry.id.slice(0, senderEnd(entry.id));
  return entry.events.map((event) => fromStored(event, entry, sender));
}

export function idsOf(entry: LogEntry): string[] {
  const sender = entry.id.slice(0, senderEnd(entry.id));
  return entry.events.map((event) => sender + event.i);
}

function toStored(event: ShopEvent, senderLength: number, session: number, customer: number): StoredEvent {
  const stored: { -readonly [K in keyof StoredEvent]: StoredEvent[K] } = {
    i: event.id.slice(senderLength),
    t: typeNumbers.get(event.type)!,
    s: session,
    h: channelNumbers.get(event.channel)!,
    a: event.receivedAtMs - event.atMs,
  };
  if (customer >= 0) stored.c = customer;
  if (event.storeId !== null) stored.store = event.storeId;
  if (event.productIds.length > 0) stored.p = event.productIds;
  if (event.quantities !== null) stored.n = event.quantities;
  if (event.value !== null) stored.v = event.value;
  if (event.currency !== null) stored.cur = event.currency;
  if (event.query !== null) stored.q = event.query;
  if (event.queryId !== null) stored.qid = event.queryId;
  if (event.decisionId !== null) stored.did = event.decisionId;
  if (event.position !== null) stored.pos = event.position;
  if (event.properties !== null) stored.x = JSON.stringify(event.properties);
  if (!event.learn) stored.private = 1;
  return stored;
}

/** Behind the colon: the sender's name is encoded and holds none. */
function senderEnd(id: string): number {
  return id.indexOf(':') + 1;
}

const none: readonly string[] = [];

function fromStored(stored: StoredEvent, entry: LogEntry, sender: string): ShopEvent {
  return {
    id: sender + stored.i,
    type: eventTypes[stored.t]!,
    sessionId: entry.who[stored.s]!.slice(1),
    customerId: stored.c === undefined ? null : entry.who[stored.c]!.slice(1),
    channel: channels[stored.h] as Channel,
    storeId: stored.store ?? null,
    productIds: stored.p ?? none,
    quantities: stored.n ?? null,
    value: stored.v ?? null,
    currency: stored.cur ?? null,
    query: stored.q ?? null,
    queryId: stored.qid ?? null,
    decisionId: stored.did ?? null,
    position: stored.pos ?? null,
    properties: stored.x === undefined ? null : (JSON.parse(stored.x) as Readonly<Record<string, unknown>>),
    atMs: entry.receivedAtMs - stored.a,
    receivedAtMs: entry.receivedAtMs,
    learn: stored.private === undefined,
  };
}
