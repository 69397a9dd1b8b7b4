import type { Context } from '../../src/context.js';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events, RecordOptions, ShopEvent } from '../../src/ports/events.js';
import type { Collection } from '../../src/ports/store.js';
import { type Batch, bySession, distinct, filtered, type Print } from './batch.js';
import { bodyDigest, unknownBody } from './body-digest.js';
import { happenedAtMs } from './device-clock.js';
import { createIdPrefixes } from './event-ids.js';
import { type EventDraft, isFault, readEvent } from './event-input.js';
import { createInFlight } from './in-flight.js';
import { bodyIn, idsOf, type LogEntry, toEntries } from './log-entry.js';
import { newOrders, orderIdOf, orderKeysIn } from './orders.js';
import type { Seen } from './seen.js';
import { createStamping, type Element } from './stamping.js';

/** In one call of `record`. */
export const eventsMax = 2_500;
const entriesPerInsert = 1_000;
/** A clock set back by less does not disturb the order of receipt. */
const setBackMaxMs = 60_000;

/** A call of `record`. */
interface Call {
  readonly receivedAtMs: number;
  /** Stamps new events and leaves out those that may not be recorded. */
  prepare(fresh: Batch): Promise<Batch>;
  /** Hears of an event that is stored already, and of the digest of what was stored. */
  repeated(print: Print, storedBody: number): void;
  /** Hears of an order under a known id that orders something else. */
  orderReused(event: ShopEvent, print: Print): void;
}

/** Takes events in: checks, stamps and dates them, leaves out what is known, and writes the rest. */
export interface Recording {
  readonly record: Events['record'];
  /** What this process is writing into the entry of this id; undefined: another process wrote it. */
  underway(entryId: string): Batch | undefined;
  /** The receipt of the oldest event that is still being written, or Infinity. */
  oldestMs(): number;
  /** Receipts of this process are never before this one. */
  receivedUntil(ms: number): void;
}

export function createRecording(parts: {
  readonly customers: Customers;
  readonly consent: Consent;
  readonly clock: Clock;
  readonly seen: () => Seen;
  readonly log: () => Collection<LogEntry>;
}): Recording {
  const { clock, seen, log } = parts;
  const stamping = createStamping(parts.customers, parts.consent);
  /** Calls of `record` that are being written, in the order of their receipt. */
  const pending = new Set<Call>();
  const writing = createInFlight();
  /** A call that holds some waits for nothing but the store, so that no two calls wait for each other. */
  const ordering = createInFlight();
  /** Events of entries on their way, by the entry's id, so that they need not be read back. */
  const own = new Map<string, Batch>();
  const prefixOf = createIdPrefixes();
  let lastReceiptMs = 0;

  function receiptMs(): number {
    const nowMs = clock.nowMs();
    if (nowMs > lastReceiptMs || lastReceiptMs - nowMs > setBackMaxMs) lastReceiptMs = nowMs;
    return lastReceiptMs;
  }

  /** Prepares and writes events that nobody else is writing; resolves to how many turned out to be stored already. */
  async function write(fresh: Batch, call: Call): Promise<number> {
    const release = writing.hold(fresh.prints);
    try {
      return await insertNew(await call.prepare(fresh), call);
    } finally {
      release();
    }
  }

  /** Stores events but orders that are known; resolves to how many turned out to be. */
  async function insertNew(batch: Batch, call: Call): Promise<number> {
    const keys = orderKeysIn(batch);
    if (keys.size === 0) return insert(batch, call);
    const prints = [...keys.values()];
    for (let busy = ordering.busy(prints); busy !== null; busy = ordering.busy(prints)) await busy;
    const memory = seen();
    const rest = newOrders(batch, keys, (key) => memory.bodyOf(key.text, key), call.orderReused);
    const release = ordering.hold(prints);
    try {
      return batch.events.length - rest.events.length + (await insert(rest, call));
    } finally {
      release();
    }
  }

  /** Stores events that this call has reserved; resolves to how many turned out to be stored already. */
  async function insert(batch: Batch, call: Call): Promise<number> {
    const all = toEntries(batch);
    for (const part of all) own.set(part.entry.id, part.batch);
    const again: { events: ShopEvent[]; prints: Print[] } = { events: [], prints: [] };
    let duplicates = 0;
    try {
      for (let i = 0; i < all.length; i += entriesPerInsert) {
        const parts = all.slice(i, i + entriesPerInsert);
        const added = await log().insert(parts.map((part) => part.entry));
        const taken = parts.filter((_, index) => !added[index]);
        if (taken.length === 0) continue;
        // Another process was faster, or these were first seen longer ago than is remembered.
        const stored = await log().getMany(taken.map((part) => part.entry.id));
        for (const [index, part] of taken.entries()) {
          const entry = stored[index];
          const bodies = new Map(entry ? idsOf(entry).map((id, n) => [id, bodyIn(entry, n)]) : []);
          const rest = unstored(part.batch, call, ({ id }) => bodies.get(id) ?? -1);
          duplicates += part.batch.events.length - rest.events.length;
          again.events.push(...rest.events);
          again.prints.push(...rest.prints);
        }
      }
    } finally {
      for (const part of all) own.delete(part.entry.id);
    }
    if (again.events.length === 0) return duplicates;
    const rest = unstored(again, call, ({ id }, print) => seen().bodyOf(id, print));
    return duplicates + again.events.length - rest.events.length + (await insert(rest, call));
  }

  /** Writes those not known yet; answers how many were. */
  async function settleAll(batch: Batch, call: Call): Promise<number> {
    const { prints } = batch;
    for (let busy = writing.busy(prints); busy !== null; busy = writing.busy(prints)) await busy;
    const memory = seen();
    const fresh = unstored(batch, call, ({ id }, print) => memory.bodyOf(id, print));
    const known = batch.events.length - fresh.events.length;
    return fresh.events.length > 0 ? known + (await write(fresh, call)) : known;
  }

  return {
    underway: (entryId) => own.get(entryId),
    oldestMs: () => pending.values().next().value?.receivedAtMs ?? Number.POSITIVE_INFINITY,
    receivedUntil(ms) {
      lastReceiptMs = ms;
    },

    async record(contexts, inputs, options: RecordOptions = {}) {
      if (inputs.length > eventsMax) {
        throw new RapportError(
          'limited',
          'EVENTS_TOO_MANY',
          `at most ${eventsMax} events a call, these are ${inputs.length}`,
          { path: ['events'] },
        );
      }
      const several = isList(contexts) ? contexts : null;
      if (several !== null && several.length !== inputs.length) {
        throw new RapportError(
          'invalid',
          'EVENTS_CONTEXTS',
          'there must be one context for all events or one for each',
        );
      }
      const userErrors: UserError[] = [];
      const drafts: EventDraft[] = [];
      const bodies: number[] = [];
      /** Which of the inputs each draft is. */
      const places: number[] = [];
      const used = new Set<Context>();
      const contextAt = (place: number) => (several === null ? (contexts as Context) : several[place]!);
      for (let i = 0; i < inputs.length; i++) {
        const context = contextAt(i);
        const read = readEvent(inputs[i], context.currency, options.measured);
        if (isFault(read)) {
          userErrors.push(userError(read.code, read.message, ['events', i, ...read.path]));
          continue;
        }
        used.add(context);
        drafts.push(read);
        bodies.push(bodyDigest(read, options.beside?.[i]));
        places.push(i);
      }
      if (drafts.length === 0) return { accepted: 0, duplicates: 0, userErrors, warnings: [] };

      const receivedAtMs = receiptMs();
      const idPrefixes = new Map<Context, string>();
      for (const context of used) idPrefixes.set(context, prefixOf(context, options.withoutSession ?? false));
      const events = drafts.map((draft, i) => {
        const context = contextAt(places[i]!);
        const id = idPrefixes.get(context)! + draft.messageId;
        return toEvent(id, draft, context, receivedAtMs, sentOf(options, places[i]!));
      });
      const reused = new Set<number>();
      const repeated = ({ place, body }: Print, stored: number): void => {
        if (stored !== body && stored !== unknownBody) reused.add(place);
      };
      const batch = distinct(events, bodies, (print, first) => repeated(print, first.body));
      const refused = new Set<ShopEvent>();
      const prepare = async (fresh: Batch): Promise<Batch> => {
        const elements = fresh.events.map((event, at): Element => {
          const place = places[fresh.prints[at]!.place]!;
          return { event, context: contextAt(place), effect: options.effects?.[place] ?? null, place };
        });
        await stamping.stamp(elements, ({ event, place }, errors) => {
          refused.add(event);
          for (const { code, message, path } of errors)
            userErrors.push(userError(code, message, ['events', place, ...path]));
        });
        const kept = refused.size === 0 ? fresh : filtered(fresh, (event) => !refused.has(event));
        return used.size > 1 ? bySession(kept) : kept;
      };
      const ordersReused: UserError[] = [];
      const orderReused = (event: ShopEvent, { place }: Print): void =>
        void ordersReused.push(orderIdReused(event, places[place]!));
      const call: Call = { receivedAtMs, prepare, repeated, orderReused };
      pending.add(call);
      try {
        const duplicates = events.length - batch.events.length + (await settleAll(batch, call));
        const warnings = [...reused]
          .sort((a, b) => a - b)
          .map((at) => idReused(drafts[at]!.messageId, places[at]!))
          .concat(ordersReused);
        return { accepted: drafts.length - duplicates - refused.size, duplicates, userErrors, warnings };
      } finally {
        pending.delete(call);
      }
    },
  };
}

/** Those that are not stored yet; the call hears of the others. `bodyOf` returns the digest of what is stored, or -1. */
function unstored(batch: Batch, call: Call, bodyOf: (event: ShopEvent, print: Print) => number): Batch {
  return filtered(batch, (event, print) => {
    const stored = bodyOf(event, print);
    if (stored >= 0) call.repeated(print, stored);
    return stored < 0;
  });
}

function idReused(messageId: string, place: number): UserError {
  return userError(
    'EVENTS_MESSAGE_ID_REUSED',
    `messageId ${JSON.stringify(messageId)} was sent before with another body, so this one changes nothing and counts as a duplicate; give each event a messageId of its own`,
    ['events', place, 'messageId'],
  );
}

function orderIdReused(event: ShopEvent, place: number): UserError {
  return userError(
    'EVENTS_ORDER_ID_REUSED',
    `order ${JSON.stringify(orderIdOf(event))} of this shopper was recorded before with other products or another value, so this one counts as a duplicate; give each order an id of its own`,
    ['events', place, 'properties'],
  );
}

function isList(contexts: Context | readonly Context[]): contexts is readonly Context[] {
  return Array.isArray(contexts);
}

function sentOf(options: RecordOptions, index: number): number | null {
  const { sentAtMs } = options;
  return typeof sentAtMs === 'number' ? sentAtMs : (sentAtMs?.[index] ?? null);
}

/** The event, not yet stamped. */
function toEvent(
  id: string,
  draft: EventDraft,
  context: Context,
  receivedAtMs: number,
  sentAtMs: number | null,
): ShopEvent {
  return {
    id,
    type: draft.type,
    sessionId: context.sessionId,
    customerId: null,
    channel: context.channel,
    storeId: context.storeId,
    productIds: draft.productIds,
    quantities: draft.quantities,
    value: draft.value,
    currency: draft.currency,
    query: draft.query,
    queryId: draft.queryId,
    decisionId: draft.decisionId,
    position: draft.position,
    properties: draft.properties,
    atMs: happenedAtMs(draft.atMs, sentAtMs, receivedAtMs),
    receivedAtMs,
    learn: false,
    permitted: false,
  };
}
