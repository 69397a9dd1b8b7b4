import { type EventType, isFromStorefront, type Order, type ShopEvent } from '../../src/ports/events.js';
import { frozenEvent } from './frozen-event.js';

/** True if two codes name the same product. */
export type SameProduct = (code: string, other: string) => boolean;

/** Types that change an order which has its own event. */
export const orderChangeTypes = ['ORDER_REFUNDED', 'ORDER_CANCELLED', 'ORDER_UPDATED'] as const;
const changeTypes: ReadonlySet<EventType> = new Set(orderChangeTypes);

function isUpdate({ type }: Pick<ShopEvent, 'type'>): boolean {
  return type === 'ORDER_UPDATED';
}

export function isOrderChange({ type }: Pick<ShopEvent, 'type'>): boolean {
  return changeTypes.has(type);
}

/** Changes of orders by the ids of the orders. */
export type OrderChanges = ReadonlyMap<string, readonly ShopEvent[]>;

export function addChange(changes: Map<string, ShopEvent[]>, change: ShopEvent): void {
  if (change.orderId === null) return;
  const known = changes.get(change.orderId);
  if (known === undefined) changes.set(change.orderId, [change]);
  else if (!known.some(({ id }) => id === change.id)) known.push(change);
}

/** False for an event of a storefront that proves no customer. It changes nothing of a customer, since a session id is enough to send it. */
export function isProven(event: Pick<ShopEvent, 'id' | 'customerId'>): boolean {
  return event.customerId !== null || !isFromStorefront(event);
}

/** A change by the shop's own server holds for the order; the same kind by a storefront then repeats it, and does not count. */
function counting(changes: readonly ShopEvent[]): readonly ShopEvent[] {
  const ofShop = changes.filter((change) => !isFromStorefront(change));
  return (ofShop.length > 0 ? ofShop : [...changes]).sort(oldestFirst);
}

function oldestFirst(a: ShopEvent, b: ShopEvent): number {
  return a.atMs - b.atMs || a.receivedAtMs - b.receivedAtMs;
}

/**
 * An order with its changes, whenever those came. The newest update replaces the lines if it has any, and the value. Each refund and cancellation takes pieces of them,
 * also one from before the update, since shops send updates with the quantities that were ordered. Nothing is taken twice.
 */
export function orderNow(order: ShopEvent, changes: readonly ShopEvent[], same: SameProduct): Order {
  const ofOrder = changes.filter(
    (change) => change.orderId === order.orderId && (isProven(change) || order.customerId === null),
  );
  const updates = counting(ofOrder.filter(isUpdate));
  const undoings = counting(ofOrder.filter((change) => !isUpdate(change)));
  const listed = updates.findLast((update) => update.productIds.length > 0) ?? order;
  const valued = updates.findLast((update) => update.value !== null) ?? order;
  const currency = valued.currency ?? listed.currency;
  const lines = listed.productIds.map((productId, at) => ({
    productId,
    quantity: listed.quantities?.[at] ?? 1,
    returned: 0,
    price: listed.prices?.[at] ?? null,
  }));
  let worth = valued.value;
  let last: EventType | null = null;

  const left = (): number => lines.reduce((sum, line) => sum + line.quantity - line.returned, 0);

  /** Returns the price of the pieces; null if one is not known. */
  function takeBack(isOf: (code: string) => boolean, pieces: number): number | null {
    let price: number | null = 0;
    for (const line of lines) {
      if (pieces === 0 || !isOf(line.productId)) continue;
      const taken = Math.min(pieces, line.quantity - line.returned);
      line.returned += taken;
      pieces -= taken;
      if (taken > 0) price = price === null || line.price === null ? null : price + taken * line.price;
    }
    return price;
  }

  function undo(change: ShopEvent): void {
    const isPartOfMoney =
      change.type === 'ORDER_REFUNDED' &&
      change.productIds.length === 0 &&
      change.value !== null &&
      change.currency === currency &&
      worth !== null &&
      change.value < worth;
    let price: number | null = null;
    if (!isPartOfMoney) {
      last = change.type;
      if (change.productIds.length === 0) takeBack(() => true, Number.POSITIVE_INFINITY);
      else price = takeBackLines(change);
    }
    if (worth === null) return;
    const back = change.currency === currency && change.value !== null ? change.value : price;
    worth = left() === 0 && !isPartOfMoney ? 0 : Math.max(0, worth - (back ?? 0));
  }

  function takeBackLines(change: ShopEvent): number | null {
    let price: number | null = 0;
    for (const [at, code] of change.productIds.entries()) {
      const pieces = change.quantities?.[at] ?? Number.POSITIVE_INFINITY;
      const isExact = lines.some((line) => line.productId === code);
      const taken = takeBack((of) => (isExact ? of === code : same(of, code)), pieces);
      price = price === null || taken === null ? null : price + taken;
    }
    return price;
  }

  const known = new Set<string>();
  for (const change of undoings) {
    const refundId = refundIdOf(change);
    if (refundId !== null && known.has(refundId)) continue;
    if (refundId !== null) known.add(refundId);
    undo(change);
  }
  const returned = lines.reduce((sum, line) => sum + line.returned, 0);
  const { id, orderId, atMs, channel, storeId } = order;
  return {
    id,
    orderId,
    atMs,
    channel,
    storeId,
    status: statusOf(returned, left(), last),
    lines,
    value: worth,
    currency,
  };
}

function statusOf(returned: number, left: number, last: EventType | null): Order['status'] {
  if (returned === 0) return 'COMPLETED';
  if (left > 0) return 'PARTLY_RETURNED';
  return last === 'ORDER_CANCELLED' ? 'CANCELLED' : 'RETURNED';
}

/** The change without what does not change the order: all changes of a log are in memory when it is read anew. */
export function slimChange(change: ShopEvent): ShopEvent {
  const refundId = refundIdOf(change);
  return {
    ...change,
    prices: isUpdate(change) ? change.prices : null,
    properties: refundId === null ? null : { refund_id: refundId },
  };
}

/** The refund's own id in the properties, by which a refund that came twice is not taken for two refunds. */
function refundIdOf({ properties }: ShopEvent): string | null {
  const given = properties?.refund_id ?? properties?.refundId;
  return typeof given === 'string' || typeof given === 'number' ? String(given) : null;
}

/** The event of an order as it is now: only what is left of it, so perhaps no product. The same event if nothing changed. */
export function changedOrder(order: ShopEvent, changes: OrderChanges, same: SameProduct): ShopEvent {
  const ofOrder = order.orderId === null ? undefined : changes.get(order.orderId);
  if (ofOrder === undefined) return order;
  const now = orderNow(order, ofOrder, same);
  const lines = now.lines.filter(({ quantity, returned }) => returned < quantity);
  return frozenEvent({
    ...order,
    productIds: lines.map(({ productId }) => productId),
    quantities: lines.map(({ quantity, returned }) => quantity - returned),
    prices: lines.some(({ price }) => price !== null) ? lines.map(({ price }) => price) : null,
    value: now.value,
    currency: now.currency,
  });
}
