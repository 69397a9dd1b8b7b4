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
import { idsOf, type LogEntry, toEntries } from './log-entry.js';
import type { Seen } from './seen.js';

/** In one call of `record`. */
export const eventsMax = 2_500;
const entriesPerInsert = 1_000;
/** A clock set back by less does not disturb the order of receipt. */
const setBackMaxMs = 60_000;
/** Senders whose prefix is kept: there are as many as there are keys. */
const prefixesMax = 1_000;

interface Stamp {
  readonly sessionId: string;
  readonly customerId: string | null;
  readonly learn: boolean;
  readonly permitted: boolean;
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
  const { customers, consent, clock, seen, log } = parts;
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

  /** Writes events that are not being written by anybody else; answers those that turned out to be stored already. */
  async function write(batch: Batch): Promise<number> {
    const { events, prints } = batch;
    const entries = toEntries(events);
    let settle = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    for (const { low } of prints) writing.set(low, done);
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
      for (const { low } of prints) writing.delete(low);
      for (const part of entries) own.delete(part.entry.id);
      settle();
    }
    return again.length > 0 ? duplicates + (await settleAll(distinct(again))) : duplicates;
  }

  /** Writes those not known yet; answers how many were. */
  async function settleAll(batch: Batch): Promise<number> {
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
    return fresh.events.length > 0 ? known + (await write(fresh)) : known;
  }

  async function stampsOf(contexts: ReadonlySet<Context>): Promise<Map<Context, Stamp>> {
    const list = [...contexts];
    const shoppers = await Promise.all(list.map((context) => customers.recognise(context)));
    if (shoppers.some((shopper) => shopper.uncertain)) {
      throw new RapportError(
        'unavailable',
        'EVENTS_UNAVAILABLE',
        'whose events these are cannot be read at the moment; send all of them again shortly',
        { retryAfterSeconds: 5 },
      );
    }
    const uses = await consent.recording(shoppers);
    return new Map(
      list.map((context, i) => {
        const { sessionId, customerId } = shoppers[i]!;
        return [context, { sessionId, customerId, ...uses[i]! }];
      }),
    );
  }

  /** What an id of this sender begins with. */
  function prefixOf(source: string): string {
    let prefix = prefixes.get(source);
    if (prefix === undefined) {
      prefix = `${encodeURIComponent(source)}:`;
      if (prefixes.size < prefixesMax) prefixes.set(source, prefix);
    }
    return prefix;
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

      const stamps = await stampsOf(used);
      const receivedAtMs = receiptMs();
      const events = drafts.map((draft, i) => {
        const context = contextAt(places[i]!);
        const id = prefixOf(context.caller.source) + draft.messageId;
        const sentAtMs = sentOf(options, places[i]!);
        return toEvent(id, draft, context, stamps.get(context)!, receivedAtMs, sentAtMs);
      });
      const once = distinct(events);
      const batch = used.size > 1 ? bySession(once) : once;
      const call = { receivedAtMs };
      pending.add(call);
      try {
        const duplicates = events.length - batch.events.length + (await settleAll(batch));
        return { accepted: drafts.length - duplicates, duplicates, userErrors };
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

function toEvent(
  id: string,
  draft: EventDraft,
  context: Context,
  stamp: Stamp,
  receivedAtMs: number,
  sentAtMs: number | null,
): ShopEvent {
  return {
    id,
    type: draft.type,
    sessionId: stamp.sessionId,
    customerId: stamp.customerId,
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
    learn: stamp.learn,
    permitted: stamp.permitted,
  };
}
