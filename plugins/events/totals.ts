import { customersOf } from '../../src/ports/customers.js';
import {
  type EventTotal,
  isFromStorefront,
  type ShopEvent,
  type TotalsOptions,
} from '../../src/ports/events.js';
import type { Collection, Page } from '../../src/ports/store.js';
import { createUndoing, endsAt, namesOf, type Person, passesOver } from './history.js';
import { customerKey, fromEntry, isOf, type LogEntry } from './log-entry.js';
import { addChange, changedOrder, isOrderChange, type SameProduct } from './order-changes.js';
import { orderIdOf } from './orders.js';
import { newestFirst } from './recent.js';

const entriesPerRead = 64;

/** The events that an entry of a person's index may still bring, newest first. Holds as many in memory as overlap in time. */
async function* personEvents(
  log: Collection<LogEntry>,
  name: string,
  fromMs: number,
): AsyncGenerator<ShopEvent> {
  let waiting: ShopEvent[] = [];
  let after: string | null = null;
  do {
    const page: Page<LogEntry> = await log.find({
      index: 'byPerson',
      skipDamaged: true,
      equals: [name],
      from: fromMs,
      descending: true,
      limit: entriesPerRead,
      ...(after === null ? {} : { after }),
    });
    for (const entry of page.items) {
      // All that follow are of this moment or earlier.
      const ready = waiting.filter(({ atMs }) => atMs > entry.untilMs);
      waiting = waiting.filter(({ atMs }) => atMs <= entry.untilMs);
      yield* ready.sort(newestFirst);
      for (const event of fromEntry(entry))
        if (isOf(name, event) && event.atMs >= fromMs) waiting.push(event);
    }
    after = page.next;
  } while (after !== null);
  yield* waiting.sort(newestFirst);
}

export interface ScanReading {
  isUsable(event: ShopEvent): boolean;
  readonly same: SameProduct;
  /** Returns the same text for all codes of a product. */
  productOf(code: string): string;
}

type Window = Omit<TotalsOptions, 'by'>;

/**
 * Calls `take` with each event of a window that `mergeHistory` would list without a limit, as it is now. Orders of which nothing is left are
 * left out. Orders that have an id come last, since their changes are known then.
 */
export async function scanWindow(
  log: Collection<LogEntry>,
  person: Person,
  { types, fromMs, toMs = Number.POSITIVE_INFINITY }: Window,
  { isUsable, same, productOf }: ScanReading,
  take: (event: ShopEvent) => void,
): Promise<void> {
  const changes = new Map<string, ShopEvent[]>();
  /** Orders by their ids: what the shop and a storefront both sent counts once, as the shop sent it. */
  const orders = new Map<string, ShopEvent>();

  function takeOrKeep(event: ShopEvent): void {
    const orderId = orderIdOf(event);
    const before = orderId === null ? undefined : orders.get(orderId);
    if (orderId === null) take(event);
    else if (before === undefined || counts(event, before)) orders.set(orderId, event);
  }

  const undoing = createUndoing(productOf);
  const customers = new Set(customersOf(person).map(customerKey));
  for (const [i, name] of namesOf(person).entries()) {
    const isCustomer = customers.has(name);
    const untilMs = person.pastUntilMs[i] ?? Number.POSITIVE_INFINITY;
    for await (const event of personEvents(log, name, fromMs)) {
      if (passesOver(event, person, untilMs)) continue;
      if (endsAt(event, person)) break;
      // An event of the customer is in the list of its session, too.
      if (isCustomer === (event.customerId === null)) continue;
      if (isOrderChange(event)) addChange(changes, event);
      const remaining = undoing.remaining(event);
      if (remaining === null || event.atMs >= toMs) continue;
      if (!isUsable(event) || (types && !types.includes(event.type))) continue;
      takeOrKeep(remaining);
    }
  }
  for (const order of orders.values()) {
    const now = changedOrder(order, changes, same);
    if (!isEmptied(now)) take(now);
  }
}

/** True for an order of which nothing is left. */
export function isEmptied(event: ShopEvent): boolean {
  return event.productIds.length === 0 && orderIdOf(event) !== null;
}

/** Counts what `scan` passes on. */
export async function totalsOf(
  scan: (take: (event: ShopEvent) => void) => Promise<void>,
  by: TotalsOptions['by'],
): Promise<readonly EventTotal[]> {
  const totals = new Map<
    string,
    { key: string; events: number; quantity: number; values: Record<string, number> }
  >();

  function add(key: string, quantity: number, value: number | null, { currency }: ShopEvent): void {
    let total = totals.get(key);
    if (total === undefined) {
      total = { key, events: 0, quantity: 0, values: {} };
      totals.set(key, total);
    }
    total.events++;
    total.quantity += quantity;
    if (value === null) return;
    const unit = currency ?? '';
    total.values[unit] = (total.values[unit] ?? 0) + value;
  }

  await scan((event) => {
    const quantity = event.productIds.reduce((sum, _, at) => sum + quantityAt(event, at), 0);
    if (by === undefined) add('', quantity, event.value, event);
    else if (by === 'type') add(event.type, quantity, event.value, event);
    else if (by === 'day') add(new Date(event.atMs).toISOString().slice(0, 10), quantity, event.value, event);
    else for (const [productId, of] of byProduct(event)) add(productId, of.quantity, of.value, event);
  });
  return [...totals.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** True if an order counts instead of one with its id: as the shop sent it, and the first one. */
function counts(order: ShopEvent, instead: ShopEvent): boolean {
  const isClaimed = isFromStorefront(order);
  return isClaimed === isFromStorefront(instead) ? order.atMs < instead.atMs : !isClaimed;
}

function quantityAt({ quantities }: ShopEvent, at: number): number {
  return quantities?.[at] ?? 1;
}

/** Quantity and value of each product, which an event may list twice. The value is null without a price in its lines. */
function byProduct(event: ShopEvent): Map<string, { quantity: number; value: number | null }> {
  const found = new Map<string, { quantity: number; value: number | null }>();
  for (const [at, productId] of event.productIds.entries()) {
    const of = found.get(productId) ?? { quantity: 0, value: null };
    const quantity = quantityAt(event, at);
    const price = event.prices?.[at] ?? null;
    of.quantity += quantity;
    if (price !== null) of.value = (of.value ?? 0) + price * quantity;
    found.set(productId, of);
  }
  return found;
}
