import type { Context } from '../../src/context.js';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events, RecordOptions, ShopEvent } from '../../src/ports/events.js';
import type { Collection } from '../../src/ports/store.js';
import { type Batch, bySession, distinct, filtered } from './batch.js';
import { happenedAtMs } from './device-clock.js';
import { type EventDraft, isFault, readEvent } from './event-input.js';
import { fingerprint } from './fingerprints.js';
import { idsOf, type LogEntry, toEntries } from './log-entry.js';
import type { Seen } from './seen.js';
import { createStamping, type Element } from './stamping.js';

/** In one call of `record`. */
export const eventsMax = 2_500;
const entriesPerInsert = 1_000;
/** A clock set back by less does not disturb the order of receipt. */
const setBackMaxMs = 60_000;
/** Senders whose prefix is kept: there are as many as there are keys. */
const prefixesMax = 1_000;

/** Stamps new events and leaves out those that may not be recorded. */
type Prepare = (fresh: Batch) => Promise<Batch>;

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
  const pending = new Set<{ readonly receivedAtMs: number }>();
  /**
   * Events on their way into the store, by the low half of their fingerprint: who sends one again in the meantime waits for its
   * fate, until it is stored or could not be. Two that agree in it by chance wait for each other, and that is all.
   */
  const writing = new Map<number, Promise<void>>();
  /** Events of entries on their way, by the entry's id, so that they need not be read back. */
  const own = new Map<string, Batch>();
  const prefixes = new Map<string, string>();
  let lastReceiptMs = 0;

  function receiptMs(): number {
    const nowMs = clock.nowMs();
    if (nowMs > lastReceiptMs || lastReceiptMs - nowMs > setBackMaxMs) lastReceiptMs = nowMs;
    return lastReceiptMs;
  }

  /** Prepares and writes events that nobody else is writing; resolves to how many turned out to be stored already. */
  async function write(fresh: Batch, prepare: Prepare): Promise<number> {
    let settle = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    for (const { low } of fresh.prints) writing.set(low, done);
    try {
      return await insert(await prepare(fresh));
    } finally {
      for (const { low } of fresh.prints) writing.delete(low);
      settle();
    }
  }

  /** Stores events that this call has reserved. */
  async function insert(batch: Batch): Promise<number> {
    const { events, prints } = batch;
    const entries = toEntries(events);
    let start = 0;
    for (const part of entries) {
      const end = start + part.events.length;
      own.set(
        part.entry.id,
        part.events === events ? batch : { events: part.events, prints: prints.slice(start, end) },
      );
      start = end;
    }
    let again: ShopEvent[] = [];
    let duplicates = 0;
    try {
      for (let i = 0; i < entries.length; i += entriesPerInsert) {
        const parts = entries.slice(i, i + entriesPerInsert);
        const added = await log().insert(parts.map((part) => part.entry));
        const taken = parts.filter((_, index) => !added[index]);
        if (taken.length === 0) continue;
        // Another process was faster, or these were first seen longer ago than is remembered.
        const stored = await log().getMany(taken.map((part) => part.entry.id));
        for (let index = 0; index < taken.length; index++) {
          const entry = stored[index];
          const known = new Set(entry ? idsOf(entry) : []);
          const rest = taken[index]!.events.filter((event) => !known.has(event.id));
          duplicates += taken[index]!.events.length - rest.length;
          again = again.concat(rest);
        }
      }
    } finally {
      for (const part of entries) own.delete(part.entry.id);
    }
    if (again.length === 0) return duplicates;
    const rest = distinct(again);
    const unknown = filtered(rest, (_, print) => !seen().knows(print));
    return duplicates + rest.events.length - unknown.events.length + (await insert(unknown));
  }

  /** Writes those not known yet; answers how many were. */
  async function settleAll(batch: Batch, prepare: Prepare): Promise<number> {
    while (writing.size > 0) {
      const busy = new Set<Promise<void>>();
      for (const { low } of batch.prints) {
        const other = writing.get(low);
        if (other !== undefined) busy.add(other);
      }
      if (busy.size === 0) break;
      await Promise.all(busy);
    }
    const memory = seen();
    const fresh = filtered(batch, (_, print) => !memory.knows(print));
    const known = batch.events.length - fresh.events.length;
    return fresh.events.length > 0 ? known + (await write(fresh, prepare)) : known;
  }

  /** How an id begins: the sender, and a digest of the session as it was named, or of the customer where none was. */
  function prefixOf({ caller, sessionId, customerId }: Context, withoutSession: boolean): string {
    let sender = prefixes.get(caller.source);
    if (sender === undefined) {
      sender = `${encodeURIComponent(caller.source)}:`;
      if (prefixes.size < prefixesMax) prefixes.set(caller.source, sender);
    }
    const named = withoutSession && customerId !== null ? `c${customerId}` : `s${sessionId}`;
    const print = { high: 0, low: 0 };
    fingerprint(named, print);
    return `${sender}${digits(print.high)}${digits(print.low)}.`;
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
        places.push(i);
      }
      if (drafts.length === 0) return { accepted: 0, duplicates: 0, userErrors };

      const receivedAtMs = receiptMs();
      const idPrefixes = new Map<Context, string>();
      for (const context of used) idPrefixes.set(context, prefixOf(context, options.withoutSession ?? false));
      const events = drafts.map((draft, i) => {
        const context = contextAt(places[i]!);
        const id = idPrefixes.get(context)! + draft.messageId;
        return toEvent(id, draft, context, receivedAtMs, sentOf(options, places[i]!));
      });
      const batch = distinct(events);
      const refused = new Set<ShopEvent>();
      const prepare: Prepare = async (fresh) => {
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
      const call = { receivedAtMs };
      pending.add(call);
      try {
        const duplicates = events.length - batch.events.length + (await settleAll(batch, prepare));
        return { accepted: drafts.length - duplicates - refused.size, duplicates, userErrors };
      } finally {
        pending.delete(call);
      }
    },
  };
}

function isList(contexts: Context | readonly Context[]): contexts is readonly Context[] {
  return Array.isArray(contexts);
}

function sentOf(options: RecordOptions, index: number): number | null {
  const { sentAtMs } = options;
  return typeof sentAtMs === 'number' ? sentAtMs : (sentAtMs?.[index] ?? null);
}

function digits(half: number): string {
  return (half >>> 0).toString(36);
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
