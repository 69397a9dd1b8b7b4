import type { Context } from '../../src/context.js';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events, RecordOptions, ShopEvent } from '../../src/ports/events.js';
import type { Collection, StoredPeople } from '../../src/ports/store.js';
import { type Batch, bySession, distinct, filtered, type Print, printOf } from './batch.js';
import { bodyDigest, unknownBody } from './body-digest.js';
import { giveToOrders } from './changed-orders.js';
import { type EntryPart, toEntries } from './entry-writing.js';
import { createIdPrefixes, messageIdIn } from './event-ids.js';
import { isFault, readEvent } from './event-input.js';
import { createInFlight } from './in-flight.js';
import { bodyIn, idsOf, type LogEntry, personIn } from './log-entry.js';
import { networkPrint } from './network-print.js';
import { newOrders, type OrderKey, orderIdOf, orderKeysIn } from './orders.js';
import type { Seen } from './seen.js';
import { createSenderClocks } from './sender-clocks.js';
import { createStamping, isList, type Stamped } from './stamping.js';
import { unstamped } from './unstamped.js';

/** In one call of `record`. */
export const eventsMax = 2_500;
const entriesPerInsert = 1_000;
const noEffects: readonly null[] = [];
/** A clock set back by less does not disturb the order of receipt. */
const setBackMaxMs = 60_000;

/** A call of `record`, and what became of it so far. */
interface Call extends Stamped {
  readonly receivedAtMs: number;
  readonly userErrors: UserError[];
  /** Events that are stored with another body. */
  readonly reused: { readonly messageId: string; readonly place: number }[];
  readonly ordersReused: UserError[];
  /** The number of events that an effect refused. */
  refused: number;
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
  readonly people: Pick<StoredPeople, 'isErased' | 'erasedUntilMs'>;
  readonly clock: Clock;
  readonly seen: () => Seen;
  readonly log: () => Collection<LogEntry>;
}): Recording {
  const { clock, people, seen, log } = parts;
  const stamping = createStamping(parts.customers, parts.consent);
  /** Calls of `record` that are being written, in the order of their receipt. */
  const pending = new Set<Call>();
  const writing = createInFlight();
  /** A call that holds some waits for nothing but the store, so that no two calls wait for each other. */
  const ordering = createInFlight();
  /** Events of entries on their way, by the entry's id, so that they need not be read back. */
  const own = new Map<string, Batch>();
  const prefixOf = createIdPrefixes();
  const clockOf = createSenderClocks();
  let lastReceiptMs = 0;

  function receiptMs(): number {
    const nowMs = clock.nowMs();
    if (nowMs > lastReceiptMs || lastReceiptMs - nowMs > setBackMaxMs) lastReceiptMs = nowMs;
    return lastReceiptMs;
  }

  const isAnyErased = () => people.erasedUntilMs() > Number.NEGATIVE_INFINITY;

  /** Writes those not known yet; answers how many were. */
  async function settleAll(batch: Batch, call: Call): Promise<number> {
    const { prints } = batch;
    for (let busy = writing.busy(prints); busy !== null; busy = writing.busy(prints)) await busy;
    const memory = seen();
    const fresh = unstored(batch, call, ({ id }, print) => memory.bodyOf(id, print));
    const known = batch.events.length - fresh.events.length;
    if (fresh.events.length === 0) return known;
    const release = writing.hold(fresh.prints);
    try {
      const byEffects = await stamping.stamp(fresh, call, ({ place }, errors) => {
        for (const { code, message, path } of errors)
          call.userErrors.push(userError(code, message, ['events', place, ...path]));
      });
      const erased = isAnyErased() ? fresh.events.filter((event) => people.isErased(personIn(event))) : [];
      const refused = erased.length === 0 ? byEffects : refuseErased(fresh, erased, byEffects, call);
      call.refused = refused.size;
      const kept = refused.size === 0 ? fresh : filtered(fresh, (event) => !refused.has(event));
      await giveToOrders(log(), kept.events);
      return known + (await insertNew(call.context === null ? bySession(kept) : kept, call));
    } finally {
      release();
    }
  }

  /** Stores stamped events; resolves to how many turned out to be stored already. */
  function insertNew(batch: Batch, call: Call): Promise<number> {
    const keys = orderKeysIn(batch);
    return keys === null ? insert(batch, call) : insertOrders(batch, keys, call);
  }

  /** The same, but orders that are known. */
  async function insertOrders(
    batch: Batch,
    keys: ReadonlyMap<ShopEvent, OrderKey>,
    call: Call,
  ): Promise<number> {
    const prints = [...keys.values()].flatMap((key) => (key.ofShop ? [key, key.ofShop] : [key]));
    for (let busy = ordering.busy(prints); busy !== null; busy = ordering.busy(prints)) await busy;
    const memory = seen();
    const rest = newOrders(
      batch,
      keys,
      (key) => memory.bodyOf(key.text, key),
      (event, { place }) => call.ordersReused.push(orderIdReused(event, place)),
    );
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
    const taken: EntryPart[] = [];
    let again: Batch | null = null;
    let duplicates = 0;
    try {
      for (let i = 0; i < all.length; i += entriesPerInsert) {
        const parts = all.slice(i, i + entriesPerInsert);
        const added = await log().insert(parts.map((part) => part.entry));
        for (let n = 0; n < added.length; n++) if (!added[n]) taken.push(parts[n]!);
      }
      if (taken.length > 0) {
        again = await compared(taken, call);
        for (const part of taken) duplicates += part.batch.events.length;
        duplicates -= again.events.length;
      }
    } finally {
      for (const part of all) own.delete(part.entry.id);
    }
    if (again === null || again.events.length === 0) return duplicates;
    const rest = unstored(again, call, ({ id }, print) => seen().bodyOf(id, print));
    return duplicates + again.events.length - rest.events.length + (await insert(rest, call));
  }

  /** Returns events that the stored entries lack: another process was faster, or they were seen longer ago than is remembered. */
  async function compared(taken: readonly EntryPart[], call: Call): Promise<Batch> {
    const again: { events: ShopEvent[]; prints: Print[] } = { events: [], prints: [] };
    for (let i = 0; i < taken.length; i += entriesPerInsert) {
      const parts = taken.slice(i, i + entriesPerInsert);
      const stored = await log().getMany(parts.map((part) => part.entry.id));
      for (const [index, part] of parts.entries()) {
        const entry = stored[index];
        const bodies = new Map(entry ? idsOf(entry).map((id, n) => [id, bodyIn(entry, n)]) : []);
        const rest = unstored(part.batch, call, ({ id }) => bodies.get(id) ?? -1);
        again.events.push(...rest.events);
        again.prints.push(...rest.prints);
      }
    }
    return again;
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
          `${several.length} contexts for ${inputs.length} events; give one context for all events, or one for each`,
        );
      }
      const receivedAtMs = receiptMs();
      const withoutSession = options.withoutSession ?? false;
      const userErrors: UserError[] = [];
      const events: ShopEvent[] = [];
      const prints: Print[] = [];
      let context: Context | null = null;
      let idPrefix = '';
      let network: number | undefined;
      let saidMs: number | null = null;
      let sentMs: number | null = null;
      let mixed = false;
      for (let i = 0; i < inputs.length; i++) {
        const own = several === null ? (contexts as Context) : several[i]!;
        const read = readEvent(inputs[i], own.currency, options.measured);
        if (isFault(read)) {
          userErrors.push(userError(read.code, read.message, ['events', i, ...read.path]));
          continue;
        }
        const nowSaidMs = read.atMs === null ? null : sentOf(options, i);
        // Most events are about the same person as the one before, and were sent at the same time.
        if (own !== context || nowSaidMs !== saidMs) {
          saidMs = nowSaidMs;
          sentMs = saidMs === null ? null : clockOf(senderOf(own), saidMs, receivedAtMs);
        }
        if (own !== context) {
          mixed = context !== null;
          context = own;
          idPrefix = prefixOf(own, withoutSession);
          network = networkPrint(own.caller.network);
        }
        const id = idPrefix + read.messageId;
        events.push(unstamped(id, read, own, network, receivedAtMs, sentMs));
        prints.push(printOf(id, i, bodyDigest(read, options.beside?.[i])));
      }
      if (events.length === 0) return { accepted: 0, duplicates: 0, userErrors, warnings: [] };

      const call: Call = {
        receivedAtMs,
        context: mixed ? null : context,
        contexts,
        effects: options.effects ?? noEffects,
        userErrors,
        reused: [],
        ordersReused: [],
        refused: 0,
      };
      const batch = distinct({ events, prints }, (event, print, first) =>
        repeated(call, event, print, first.body),
      );
      pending.add(call);
      try {
        const duplicates = events.length - batch.events.length + (await settleAll(batch, call));
        const warnings = call.reused.sort((a, b) => a.place - b.place).map(idReused);
        warnings.push(...call.ordersReused);
        return { accepted: events.length - duplicates - call.refused, duplicates, userErrors, warnings };
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
    if (stored >= 0) repeated(call, event, print, stored);
    return stored < 0;
  });
}

/** Reports events of people who were erased, also those that happened before and arrive late. Returns all that stay out of the log. */
function refuseErased(
  { events, prints }: Batch,
  erased: readonly ShopEvent[],
  byEffects: ReadonlySet<ShopEvent>,
  { userErrors }: Call,
): ReadonlySet<ShopEvent> {
  const refused = new Set(byEffects);
  for (const event of erased) {
    if (refused.has(event)) continue;
    refused.add(event);
    const { place } = prints[events.indexOf(event)]!;
    const message =
      'the person of this event was erased, so nothing about them is recorded any more; a new session needs a new sessionId';
    userErrors.push(userError('EVENTS_PERSON_ERASED', message, ['events', place]));
  }
  return refused;
}

/** Hears of an event that is stored already, and of the digest of what was stored. */
function repeated(call: Call, { id }: ShopEvent, { place, body }: Print, stored: number): void {
  if (stored !== body && stored !== unknownBody) call.reused.push({ messageId: messageIdIn(id), place });
}

function idReused({ messageId, place }: Call['reused'][number]): UserError {
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

function senderOf({ sessionId, caller }: Context): string {
  return `${caller.source} ${sessionId}`;
}

function sentOf(options: RecordOptions, index: number): number | null {
  const { sentAtMs } = options;
  return typeof sentAtMs === 'number' ? sentAtMs : (sentAtMs?.[index] ?? null);
}
