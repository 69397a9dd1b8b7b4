import type { EventType, ShopEvent } from '../../src/ports/events.js';

/** An event of one shopper, at a time, with products. */
export function eventOf(
  type: EventType,
  atMs: number,
  productIds: readonly string[],
  more: Partial<ShopEvent> = {},
): ShopEvent {
  return {
    id: `server-test:${type}.${atMs}.${productIds.join('.')}`,
    type,
    sessionId: 'ada',
    customerId: null,
    channel: 'WEB',
    storeId: null,
    productIds,
    quantities: null,
    prices: null,
    orderId: null,
    value: null,
    currency: null,
    query: null,
    queryId: null,
    decisionId: null,
    position: null,
    properties: null,
    atMs,
    receivedAtMs: atMs,
    learn: true,
    permitted: true,
    ...more,
  };
}
