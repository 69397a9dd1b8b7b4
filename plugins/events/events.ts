import { RapportError } from '../../src/errors.js';
import type { Host, Instance } from '../../src/plugin.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events, EventType, ShopEvent, WishlistItem } from '../../src/ports/events.js';
import type { Collection, Store } from '../../src/ports/store.js';
import type { Batch } from './batch.js';
import { changedInLog, changedSince, changesOfOrders } from './changed-orders.js';
import { changesOthers, withChanging } from './changing-types.js';
import { type Position, positionsSpec } from './consumer-position.js';
import { eventReport } from './event-report.js';
import { createFollowing } from './following.js';
import { frozenEvent } from './frozen-event.js';
import { changesIn, createUndoing, listsOf, mergeHistory } from './history.js';
import { bodyIn, fromEntry, idsOf, type LogEntry } from './log-entry.js';
import { changedOrder, type OrderChanges, orderNow, type SameProduct } from './order-changes.js';
import { orderIdOf, orderKeyOf } from './orders.js';
import { personLogSpec } from './person-log.js';
import type { ProductLookup } from './product-lookup.js';
import { createRecentEvents, type ListSpec, type Recent, readPerson, recentBounds } from './recent.js';
import { createRecording } from './recording.js';
import { type Expired, expire, expiredSpec, type Retention } from './retention.js';
import { createSeen, overlapMs, rememberedMs, type Seen, seenSpec } from './seen.js';
import { stillPermitted } from './still-permitted.js';
import { isEmptied, scanWindow, totalsOf } from './totals.js';
import { createWatchers } from './watchers.js';

export const historyLimitMax = 1_000;
const reportDaysMax = 90;
/** Some milliseconds to read: the log is read beside serving, too. */
const entriesPerReplay = 32;

export interface EventsSettings {
  readonly attributeUnpermitted: boolean;
  /** If omitted, all events are kept. */
  readonly retentionDays?: Retention;
}

/** The log of what shoppers did; see `Events`. */
export function createEvents(
  needs: { readonly store: Store; readonly customers: Customers; readonly consent: Consent },
  host: Host,
  { attributeUnpermitted, retentionDays = {} }: EventsSettings,
  { knows: knowsProduct, productOf }: ProductLookup,
): {
  readonly port: Events;
  readonly counters: NonNullable<Instance<Events>['counters']>;
  /** Removes events that are older than the settings allow. */
  expire(signal: AbortSignal): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
} {
  const { clock, log } = host;
  const isUsable = ({ permitted }: ShopEvent): boolean => permitted || attributeUnpermitted;
  const recording = createRecording({
    ...needs,
    people: needs.store.people,
    clock,
    seen: () => seen,
    log: opened,
  });
  const seen: Seen = createSeen(clock, host.ids, log, recording.oldestMs);
  /** A refund or an undismissal counts without a permit, too: it only takes something back. It is not listed. */
  const isKept = (event: ShopEvent): boolean => isUsable(event) || changesOthers(event);
  const recent = createRecentEvents((list, bounds) => readPerson(opened(), list, bounds, isKept), isKept);
  const watchers = createWatchers();
  const following = createFollowing({ ...needs, host, log: opened, positions: openedPositions });
  let collection: Collection<LogEntry> | null = null;
  let positions: Collection<Position> | null = null;
  let expired: Collection<Expired> | null = null;
  let unknownProducts = 0;
  let stopWatch = (): void => undefined;

  function opened(): Collection<LogEntry> {
    if (collection === null) throw closed();
    return collection;
  }

  function openedPositions(): Collection<Position> {
    if (positions === null) throw closed();
    return positions;
  }

  /** Before its event is entered, so that a stored block with the event has the order, too. */
  function enterOrder(event: ShopEvent): void {
    const order = orderKeyOf(event);
    if (order !== null) seen.add(order.text, order.body, event.receivedAtMs);
  }

  /** Takes in what was just stored by this process. */
  function accepted({ events, prints }: Batch): void {
    for (let i = 0; i < events.length; i++) {
      const event = frozenEvent(events[i]!);
      for (const id of event.productIds) if (!knowsProduct(id)) unknownProducts++;
      enterOrder(event);
      seen.enter(prints[i]!, prints[i]!.body, event.receivedAtMs);
    }
    pass(events);
  }

  /** Takes in what another process stored; it may tell so twice. */
  function told(entry: LogEntry): void {
    const events = fromEntry(entry);
    let news = false;
    for (const [n, event] of events.entries()) {
      enterOrder(event);
      if (seen.add(event.id, bodyIn(entry, n), event.receivedAtMs)) news = true;
    }
    if (news) pass(events);
  }

  /** Takes in what was stored before this process began. Of most entries a block holds everything already. */
  function learn(entry: LogEntry): void {
    const ids = idsOf(entry);
    if (seen.has(ids[0]!) && seen.has(ids.at(-1)!)) return;
    for (const [n, event] of fromEntry(entry).entries()) {
      enterOrder(event);
      seen.add(event.id, bodyIn(entry, n), event.receivedAtMs);
    }
  }

  function pass(events: readonly ShopEvent[]): void {
    // The events are frozen already, and a frozen list is not searched for each of its listeners.
    Object.freeze(events);
    recent.arrived(events);
    watchers.pass(events);
  }

  function keptLists(lists: readonly ListSpec[]): Promise<readonly Recent[]> {
    const kept = lists.map((list) => recent.kept(list));
    return Promise.all(kept.map((list, i) => list ?? recent.of(lists[i]!)));
  }

  /** More than is kept. */
  async function readLists(lists: readonly ListSpec[], events: number): Promise<readonly Recent[]> {
    const bounds = { ...recentBounds, events };
    const read = await Promise.all(lists.map((list) => readPerson(opened(), list, bounds, isKept)));
    return read.map((list) => ({ events: list.events, complete: true }));
  }

  const same: SameProduct = (code, other) => productOf(code) === productOf(other);

  /** The newest events of a person, from the shortest lists that have so many. `reader` gets the lists, and returns how an event is listed. */
  async function read(
    permit: Permit<'PERSONALIZATION'>,
    limit: number,
    types: readonly EventType[] | undefined,
    reader: (lists: readonly Recent[]) => (event: ShopEvent) => ShopEvent | null,
  ): Promise<readonly ShopEvent[]> {
    if (!needs.consent.accepts(permit, 'PERSONALIZATION')) throw permitInvalid();
    const person = permit.shopper;
    const bounded = Math.min(Math.max(1, limit), historyLimitMax);
    const needed = types && withChanging(types);
    const merged = (lists: readonly Recent[]) => mergeHistory(person, lists, bounded, reader(lists));
    return (
      merged(await keptLists(listsOf(person, null))) ??
      (needed && merged(await keptLists(listsOf(person, needed)))) ??
      merged(await readLists(listsOf(person, needed ?? null), bounded)) ??
      []
    );
  }

  /** How the events of these lists are listed by `history`. */
  function listing(
    permit: Permit<'PERSONALIZATION'>,
    types: readonly EventType[] | undefined,
    lists: readonly Recent[],
  ): (event: ShopEvent) => ShopEvent | null {
    const wanted = types === undefined ? null : new Set(types);
    const isListed = (each: ShopEvent) => isUsable(each) && (wanted === null || wanted.has(each.type));
    if (lists.every(({ changing }) => changing === false)) return (each) => (isListed(each) ? each : null);
    const changes = changesIn(permit.shopper, lists);
    const undoing = createUndoing(productOf);
    return (each) => {
      const remaining = undoing.remaining(each);
      if (remaining === null || !isListed(each)) return null;
      return changes === null || each.type !== 'ORDER_COMPLETED'
        ? remaining
        : changedOrder(remaining, changes, same);
    };
  }

  const port: Events = {
    record: recording.record,

    history: (permit, { limit, types }) =>
      read(permit, limit, types, (lists) => listing(permit, types, lists)),

    async orders(permit, { limit }) {
      let changes: OrderChanges | null = null;
      const orders = await read(permit, limit, ['ORDER_COMPLETED'], (lists) => {
        changes = changesIn(permit.shopper, lists);
        return (event) => (event.type === 'ORDER_COMPLETED' && isUsable(event) ? event : null);
      });
      return orders.map((order) => orderNow(order, changes?.get(order.orderId ?? '') ?? [], same));
    },

    async wishlist(permit) {
      const added = await port.history(permit, { limit: historyLimitMax, types: ['WISHLIST_ADDED'] });
      const items = new Map<string, WishlistItem>();
      for (const { productIds, atMs } of added)
        for (const productId of productIds) {
          const product = productOf(productId);
          if (!items.has(product)) items.set(product, { productId, addedAtMs: atMs });
        }
      return [...items.values()];
    },

    async totals(permit, options) {
      if (!needs.consent.accepts(permit, 'PERSONALIZATION')) throw permitInvalid();
      const window = (take: (event: ShopEvent) => void) =>
        scanWindow(opened(), permit.shopper, options, { isUsable, same, productOf }, take);
      return totalsOf(window, options.by);
    },

    async scan(permit, { types, fromMs }, take) {
      if (!needs.consent.accepts(permit, 'PERSONALIZATION')) throw permitInvalid();
      const person = permit.shopper;
      const lists = windowOf(await keptLists(listsOf(person, null)), fromMs);
      if (lists === null)
        return scanWindow(
          opened(),
          person,
          { fromMs, ...(types && { types }) },
          { isUsable, same, productOf },
          take,
        );
      const found =
        mergeHistory(person, lists, Number.POSITIVE_INFINITY, listing(permit, types, lists)) ?? [];
      for (const event of found) if (!isEmptied(event)) take(event);
    },

    ordersChangedSince: (sinceMs) => changedSince(opened(), sinceMs),

    async *replay({ fromMs } = {}) {
      /** Read with the first order. */
      let changes: OrderChanges | null = null;
      let after: string | null = null;
      do {
        const page = await opened().find({
          index: 'byReceipt',
          skipDamaged: true,
          limit: entriesPerReplay,
          ...(fromMs === undefined ? {} : { from: fromMs }),
          ...(after === null ? {} : { after }),
        });
        const learned = page.items.flatMap((entry) => fromEntry(entry)).filter((event) => event.learn);
        const events = learned.length === 0 ? learned : await stillPermitted(learned, needs.consent);
        if (events.some((event) => orderIdOf(event) !== null))
          changes ??= await changesOfOrders(opened(), fromMs);
        const known = changes;
        if (events.length > 0)
          yield known === null || known.size === 0
            ? events
            : events.map((event) => changedInLog(event, known, same));
        after = page.next;
      } while (after !== null);
    },

    watch: watchers.watch,
    follow: following.follow,
    async report(days) {
      if (!Number.isInteger(days) || days < 1 || days > reportDaysMax) {
        throw new RapportError(
          'invalid',
          'EVENTS_REPORT_DAYS',
          `days must be a whole number from 1 to ${reportDaysMax}, not ${days}`,
          { path: ['days'] },
        );
      }
      return eventReport(opened(), clock.nowMs() - days * 86_400_000, knowsProduct);
    },
  };

  return {
    port,
    counters: {
      unknown_products: {
        help: 'Products in recorded events that the catalog did not have then.',
        read: () => unknownProducts,
      },
    },
    async expire(signal) {
      if (expired !== null) await expire(opened(), expired, retentionDays, clock, signal);
    },
    async start() {
      const entries = await needs.store.collection(personLogSpec);
      const blocks = await needs.store.collection(seenSpec);
      positions = await needs.store.collection(positionsSpec);
      if (Object.keys(retentionDays).length > 0) expired = await needs.store.collection(expiredSpec);
      collection = entries;
      stopWatch = entries.watch((changes) => {
        for (const change of changes) {
          const written = recording.underway(change.id);
          if (written !== undefined) accepted(written);
          else if (change.document === null || change.document.rewritten) recent.clear();
          else told(change.document);
        }
        following.arrived(changes);
      });
      const coveredMs = await seen.load(blocks);
      let after: string | null = null;
      do {
        const page = await entries.find({
          index: 'byReceipt',
          skipDamaged: true,
          from: Math.max(coveredMs - overlapMs, clock.nowMs() - rememberedMs - overlapMs),
          limit: entriesPerReplay,
          ...(after === null ? {} : { after }),
        });
        for (const entry of page.items) {
          learn(entry);
          recording.receivedUntil(entry.receivedAtMs);
        }
        after = page.next;
      } while (after !== null);
      following.start();
    },
    async close() {
      await following.close();
      stopWatch();
      await seen.close();
      collection = null;
      positions = null;
    },
  };
}

/** The events of a window; null if a list that is kept does not reach back so far. */
function windowOf(lists: readonly Recent[], fromMs: number): readonly Recent[] | null {
  const windows: Recent[] = [];
  for (const list of lists) {
    const { events, complete } = list;
    if (!complete && !(events.length > 0 && events.at(-1)!.atMs < fromMs)) return null;
    windows.push({ ...list, events: events.filter(({ atMs }) => atMs >= fromMs), complete: true });
  }
  return windows;
}

function closed(): RapportError {
  return new RapportError('unavailable', 'EVENTS_CLOSED', 'the event log is not open');
}

function permitInvalid(): RapportError {
  return new RapportError(
    'denied',
    'EVENTS_PERMIT_INVALID',
    'The permit was not issued by the consent plugin within the last minute; get one from consent.permit(shopper, "PERSONALIZATION") for each request.',
  );
}
