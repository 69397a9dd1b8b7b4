import { isFromStorefront, type ShopEvent } from '../../src/ports/events.js';
import { type Batch, filtered, type Print } from './batch.js';
import { orderDigest, unknownBody } from './body-digest.js';
import { senderOf } from './event-ids.js';
import { type Fingerprint, fingerprint } from './fingerprints.js';

/** The sender of the orders of all other keys: they belong to the shop, which gives an order one id. */
const shopSender = 'shop:';

/** An order of one person, from the shop or from one storefront: the key it is known by, whatever its `messageId` and session. */
export interface OrderKey extends Fingerprint {
  readonly text: string;
  /** The key of the same order from the shop. Absent if this is that key. */
  readonly ofShop?: Omit<OrderKey, 'ofShop'>;
  /** Digest of what was ordered. */
  readonly body: number;
}

/** null: the event is no order, or has no order id. */
export function orderKeyOf(event: ShopEvent): OrderKey | null {
  const orderId = orderIdOf(event);
  if (orderId === null) return null;
  const { id, customerId, sessionId } = event;
  const person = customerId === null ? `s${sessionId}` : `c${customerId}`;
  // Behind a sender's name an event's id has no blank.
  const order = `order ${person}\n${orderId}`;
  const body = orderDigest(event);
  const ofShop = keyOf(shopSender + order, body);
  return isFromStorefront(event) ? { ...keyOf(senderOf(id) + order, body), ofShop } : ofShop;
}

function keyOf(text: string, body: number): Omit<OrderKey, 'ofShop'> {
  const key = { high: 0, low: 0, text, body };
  fingerprint(text, key);
  return key;
}

export function orderIdOf({ type, orderId }: ShopEvent): string | null {
  return type === 'ORDER_COMPLETED' ? orderId : null;
}

/** Keys of a batch's orders; null if it has none. */
export function orderKeysIn({ events }: Batch): ReadonlyMap<ShopEvent, OrderKey> | null {
  let keys: Map<ShopEvent, OrderKey> | null = null;
  for (const event of events) {
    const key = orderKeyOf(event);
    if (key === null) continue;
    keys ??= new Map();
    keys.set(event, key);
  }
  return keys;
}

/** Keeps the first event of each order that is not known. Calls `reused` for an order with other content under a known id. */
export function newOrders(
  batch: Batch,
  keys: ReadonlyMap<ShopEvent, OrderKey>,
  bodyOf: (key: OrderKey) => number,
  reused: (event: ShopEvent, print: Print) => void,
): Batch {
  const here = new Map<string, number>();
  return filtered(batch, (event, print) => {
    const key = keys.get(event);
    if (key === undefined) return true;
    const known = knownBody(key, here, bodyOf);
    if (known < 0) {
      here.set(key.text, key.body);
      return true;
    }
    if (known !== unknownBody && known !== key.body) reused(event, print);
    return false;
  });
}

/** The digest of the same order, from this storefront or from the shop; -1: it is new. The shop's counts although a storefront's is known. */
function knownBody(
  key: OrderKey,
  here: ReadonlyMap<string, number>,
  bodyOf: (key: OrderKey) => number,
): number {
  const own = here.get(key.text) ?? bodyOf(key);
  if (own >= 0 || key.ofShop === undefined) return own;
  return here.get(key.ofShop.text) ?? bodyOf(key.ofShop);
}
