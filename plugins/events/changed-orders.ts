import { isFromStorefront, type ShopEvent } from '../../src/ports/events.js';
import type { Collection, Page } from '../../src/ports/store.js';
import { changesKey, fromEntry, type LogEntry, orderKey } from './log-entry.js';
import {
  addChange,
  changedOrder,
  isOrderChange,
  type OrderChanges,
  type SameProduct,
  slimChange,
} from './order-changes.js';
import type { NewEvent } from './unstamped.js';

const entriesPerRead = 64;
/** The number of entries of one order that are looked through. An order has one or two, and few changes. */
const orderEntriesMax = 64;

/** A change may have happened so long before its order was received: the two come from different systems. */
const earlierMsMax = 7 * 86_400_000;

/** Changes of orders that were received from a moment on, by the ids of the orders; all changes in the log if it is undefined. */
export async function changesOfOrders(
  log: Collection<LogEntry>,
  fromMs: number | undefined,
): Promise<OrderChanges> {
  const changes = new Map<string, ShopEvent[]>();
  let after: string | null = null;
  do {
    const page: Page<LogEntry> = await log.find({
      index: 'byPerson',
      skipDamaged: true,
      equals: [changesKey],
      limit: entriesPerRead,
      ...(fromMs === undefined ? {} : { from: fromMs - earlierMsMax }),
      ...(after === null ? {} : { after }),
    });
    for (const entry of page.items)
      for (const event of fromEntry(entry)) if (isOrderChange(event)) addChange(changes, slimChange(event));
    after = page.next;
  } while (after !== null);
  return changes;
}

/** True if one of the changes that happened last was received after a moment. */
export async function changedSince(log: Collection<LogEntry>, sinceMs: number): Promise<boolean> {
  const { items } = await log.find({
    index: 'byPerson',
    skipDamaged: true,
    equals: [changesKey],
    descending: true,
    limit: entriesPerRead,
  });
  return items.some(({ receivedAtMs }) => receivedAtMs > sinceMs);
}

/** An order of the log as it is now. A change counts if it is of the same customer or session. */
export function changedInLog(event: ShopEvent, changes: OrderChanges, same: SameProduct): ShopEvent {
  if (event.type !== 'ORDER_COMPLETED' || event.orderId === null) return event;
  const ofOrder = changes.get(event.orderId)?.filter((change) => isOfOnePerson(change, event)) ?? [];
  return ofOrder.length === 0 ? event : changedOrder(event, new Map([[event.orderId, ofOrder]]), same);
}

function isOfOnePerson(one: ShopEvent, other: ShopEvent): boolean {
  if (one.customerId !== null && other.customerId !== null) return one.customerId === other.customerId;
  return one.sessionId === other.sessionId;
}

/**
 * Gives changes that the shop's server sent to the person of the order, if the person whom it named has none of this id: a shop often
 * knows an order only by its id. The order that the shop sent counts first, then one of a storefront if there is only one.
 */
export async function giveToOrders(log: Collection<LogEntry>, events: readonly NewEvent[]): Promise<void> {
  for (const event of events) {
    if (!isOrderChange(event) || event.orderId === null || isFromStorefront(event)) continue;
    const order = await orderOf(log, event);
    if (order === null) continue;
    event.sessionId = order.sessionId;
    event.customerId = order.customerId;
    event.learn = order.learn;
    event.permitted = order.permitted;
  }
}

/** The order of another person that a change is about; null: none, or the named person has it. */
async function orderOf(log: Collection<LogEntry>, change: ShopEvent): Promise<ShopEvent | null> {
  const { orderId } = change;
  const { items } = await log.find({
    index: 'byPerson',
    skipDamaged: true,
    equals: [orderKey(orderId!)],
    limit: orderEntriesMax,
  });
  const orders = items
    .flatMap((entry) => fromEntry(entry))
    .filter((event) => event.type === 'ORDER_COMPLETED' && event.orderId === orderId);
  if (orders.some((order) => isOfOnePerson(order, change))) return null;
  return orders.find((order) => !isFromStorefront(order)) ?? (orders.length === 1 ? orders[0]! : null);
}
