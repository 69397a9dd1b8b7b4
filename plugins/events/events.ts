import type { Context } from '../../src/context.js';
import { RapportError, type UserError, userError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events, RecordOptions, ShopEvent } from '../../src/ports/events.js';
import type { Collection, Store } from '../../src/ports/store.js';
import { happenedAtMs } from './device-clock.js';
import { type EventDraft, isFault, readEvent } from './event-input.js';
import type { Fingerprint } from './fingerprints.js';
import { mergeHistory, namesOf } from './history.js';
import { fromEntry, idsOf, type LogEntry, logSpec, toEntries } from './log-entry.js';
import { createRecentEvents, readPerson, recentMax } from './recent.js';
import { createSeen, overlapMs, rememberedMs, seenSpec } from './seen.js';

/** In one call of `record`. */
export const eventsMax = 2_500;
/** How far back of one session or customer `history` looks for events of the types that were asked for. */
export const historyDepthMax = 10_000;
export const historyLimitMax = 1_000;
const entriesPerInsert = 1_000;
const entriesPerReplay = 128;
/** A clock set back by less does not disturb the order of receipt. */
const setBackMaxMs = 60_000;

interface Stamp {
  readonly customerId: string | null;
  readonly learn: boolean;
}

interface Writing {
  readonly print: Fingerprint;
  /** Resolves when it is stored, or could not be. */
  readonly done: Promise<void>;
}

/** The log of what shoppers did; see `Events`. */
export function createEvents(
  needs: { readonly store: Store; readonly customers: Customers; readonly consent: Consent },
  host: Host,
): { readonly port: Events; start(): Promise<void>; close(): Promise<void> } {
  const { clock, log } = host;
  /** Calls of `record` that are being written, in the order of their receipt. */
  const pending = new Set<{ readonly receivedAtMs: number }>();
  const seen = createSeen(
    clock,
    host.ids,
    log,
    () => pending.values().next().value?.receivedAtMs ?? Number.POSITIVE_INFINITY,
  );
  const recent = createRecentEvents((person) => readPerson(opened(), person, recentMax));
  const listeners = new Set<(events: readonly ShopEvent[]) => void>();
  /** Events on their way into the store, by id: who sends one again in the meantime waits for its fate. */
  const writing = new Map<string, Writing>();
  /** Events of entries on their way, by the entry's id, so that they need not be read back. */
  const own = new Map<string, readonly ShopEvent[]>();
  let collection: Collection<LogEntry> | null = null;
  let stopWatch = (): void => undefined;
  let lastReceiptMs = 0;

  function opened(): Collection<LogEntry> {
    if (collection === null)
      throw new RapportError('unavailable', 'EVENTS_CLOSED', 'the event log is not open');
    return collection;
  }

  function receiptMs(): number {
    const nowMs = clock.nowMs();
    if (nowMs > lastReceiptMs || lastReceiptMs - nowMs > setBackMaxMs) lastReceiptMs = nowMs;
    return lastReceiptMs;
  }

  /** Takes in what was just stored by this process. */
  function accepted(events: readonly ShopEvent[], prints: readonly Fingerprint[]): void {
    for (let i = 0; i < events.length; i++) seen.enter(prints[i]!, events[i]!.receivedAtMs);
    pass(events);
  }

  /** Takes in what another process stored; it may tell so twice. */
  function told(events: readonly ShopEvent[]): void {
    let news = false;
    for (const event of events) if (seen.add(event.id, event.receivedAtMs)) news = true;
    if (news) pass(events);
  }

  /** Takes in what was stored before this process began. Of most entries a block holds everything already. */
  function learn(entry: LogEntry): void {
    const ids = idsOf(entry);
    const first = seen.add(ids[0]!, entry.receivedAtMs);
    const last = seen.add(ids.at(-1)!, entry.receivedAtMs);
    if (first || last) for (const id of ids) seen.add(id, entry.receivedAtMs);
  }

  function pass(events: readonly ShopEvent[]): void {
    recent.arrived(events);
    for (const listener of listeners) {
      try {
        listener(events);
      } catch (error) {
        log.error('a listener of the event log failed', { error: String(error) });
      }
    }
  }

  /** Writes events that are not being written by anybody else; answers those that turned out to be stored already. */
  async function write(events: readonly ShopEvent[], prints: readonly Fingerprint[]): Promise<number> {
    const entries = toEntries(events);
    let settle = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    for (let i = 0; i < events.length; i++) {
      writing.set(events[i]!.id, { print: prints[i]!, done });
    }
    for (const part of entries) own.set(part.entry.id, part.events);
    let again: ShopEvent[] = [];
    let duplicates = 0;
    try {
      for (let i = 0; i < entries.length; i += entriesPerInsert) {
        const parts = entries.slice(i, i + entriesPerInsert);
        const added = await opened().insert(parts.map((part) => part.entry));
        const taken = parts.filter((_, index) => !added[index]);
        if (taken.length === 0) continue;
        // Another process was faster, or these were first seen longer ago than is remembered.
        const stored = await opened().getMany(taken.map((part) => part.entry.id));
        for (let index = 0; index < taken.length; index++) {
          const entry = stored[index];
          const known = new Set(entry ? idsOf(entry) : []);
          const rest = taken[index]!.events.filter((event) => !known.has(event.id));
          duplicates += taken[index]!.events.length - rest.length;
          again = again.concat(rest);
        }
      }
    } finally {
      for (const event of events) writing.delete(event.id);
      for (const part of entries) own.delete(part.entry.id);
      settle();
    }
    return again.length > 0 ? duplicates + (await settleAll(again)) : duplicates;
  }

  /** Writes those not known yet; answers how many were. */
  async function settleAll(events: readonly ShopEvent[]): Promise<number> {
    for (;;) {
      const busy = new Set<Promise<void>>();
      if (writing.size > 0) {
        for (const event of events) {
          const other = writing.get(event.id);
          if (other !== undefined) busy.add(other.done);
        }
      }
      if (busy.size === 0) break;
      await Promise.all(busy);
    }
    const fresh: ShopEvent[] = [];
    const prints: Fingerprint[] = [];
    for (const event of events) {
      const print = { high: 0, low: 0 };
      if (seen.has(event.id, print)) continue;
      fresh.push(event);
      prints.push(print);
    }
    const known = events.length - fresh.length;
    return fresh.length > 0 ? known + (await write(fresh, prints)) : known;
  }

  async function stampsOf(contexts: ReadonlySet<Context>): Promise<Map<Context, Stamp>> {
    const list = [...contexts];
    const shoppers = await Promise.all(list.map((context) => needs.customers.recognise(context)));
    if (shoppers.some((shopper) => shopper.uncertain)) {
      throw new RapportError(
        'unavailable',
        'EVENTS_UNAVAILABLE',
        'whose events these are cannot be read at the moment; send all of them again shortly',
        { retryAfterSeconds: 5 },
      );
    }
    const learn = await needs.consent.mayLearn(shoppers);
    return new Map(
      list.map((context, i) => [context, { customerId: shoppers[i]!.customerId, learn: learn[i]! }]),
    );
  }

  const port: Events = {
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
      const drafts: {
        readonly draft: EventDraft;
        readonly context: Context;
        readonly sentAtMs: number | null;
      }[] = [];
      const used = new Set<Context>();
      for (let i = 0; i < inputs.length; i++) {
        const context = several === null ? (contexts as Context) : several[i]!;
        const read = readEvent(inputs[i], context.currency, options.measured);
        if (isFault(read)) {
          userErrors.push(userError(read.code, read.message, ['events', i, ...read.path]));
          continue;
        }
        used.add(context);
        drafts.push({ draft: read, context, sentAtMs: sentOf(options, i) });
      }
      if (drafts.length === 0) return { accepted: 0, duplicates: 0, userErrors };

      const stamps = await stampsOf(used);
      const receivedAtMs = receiptMs();
      const events = new Map<string, ShopEvent>();
      const sources = new Map<string, string>();
      for (const { draft, context, sentAtMs } of drafts) {
        const { source } = context.caller;
        let prefix = sources.get(source);
        if (prefix === undefined) {
          prefix = `${encodeURIComponent(source)}:`;
          sources.set(source, prefix);
        }
        const id = prefix + draft.messageId;
        if (!events.has(id)) {
          events.set(id, toEvent(id, draft, context, stamps.get(context)!, receivedAtMs, sentAtMs));
        }
      }
      const list = [...events.values()];
      // Whoever reads one person's history shall not have to read an entry for each of their events.
      if (used.size > 1)
        list.sort((a, b) => (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0));
      const call = { receivedAtMs };
      pending.add(call);
      try {
        const duplicates = drafts.length - list.length + (await settleAll(list));
        return { accepted: drafts.length - duplicates, duplicates, userErrors };
      } finally {
        pending.delete(call);
      }
    },

    async history(permit, { limit, types }) {
      const person = permit.shopper;
      const names = namesOf(person);
      const bounded = Math.min(Math.max(1, limit), historyLimitMax);
      const kept = names.map((name) => recent.kept(name));
      const lists = await Promise.all(kept.map((list, i) => list ?? recent.of(names[i]!)));
      let found = mergeHistory(person, lists, bounded, types);
      for (let depth = recentMax * 4; found === null; depth *= 4) {
        const deepest = depth >= historyDepthMax;
        const wanted = Math.min(depth, historyDepthMax);
        const deeper = await Promise.all(names.map((name) => readPerson(opened(), name, wanted)));
        found = mergeHistory(
          person,
          deepest ? deeper.map(({ events }) => ({ events, complete: true })) : deeper,
          bounded,
          types,
        );
      }
      return found;
    },

    async *replay({ fromMs } = {}) {
      let after: string | null = null;
      do {
        const page = await opened().find({
          index: 'byReceipt',
          limit: entriesPerReplay,
          ...(fromMs === undefined ? {} : { from: fromMs }),
          ...(after === null ? {} : { after }),
        });
        const events = page.items.flatMap(fromEntry).filter((event) => event.learn);
        if (events.length > 0) yield events;
        after = page.next;
      } while (after !== null);
    },

    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  return {
    port,
    async start() {
      const entries = await needs.store.collection(logSpec);
      const blocks = await needs.store.collection(seenSpec);
      collection = entries;
      stopWatch = entries.watch((changes) => {
        for (const change of changes) {
          const written = own.get(change.id);
          if (written !== undefined)
            accepted(
              written,
              written.map(({ id }) => writing.get(id)!.print),
            );
          else if (change.document === null) recent.clear();
          else told(fromEntry(change.document));
        }
      });
      const coveredMs = await seen.load(blocks);
      let after: string | null = null;
      do {
        const page = await entries.find({
          index: 'byReceipt',
          from: Math.max(coveredMs - overlapMs, clock.nowMs() - rememberedMs - overlapMs),
          limit: entriesPerReplay,
          ...(after === null ? {} : { after }),
        });
        for (const entry of page.items) {
          learn(entry);
          lastReceiptMs = entry.receivedAtMs;
        }
        after = page.next;
      } while (after !== null);
    },
    async close() {
      stopWatch();
      await seen.close();
      collection = null;
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
    sessionId: context.sessionId,
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
  };
}
