import type { Context } from '../../src/context.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { happenedAtMs } from './device-clock.js';
import type { EventDraft } from './event-input.js';
import { orderIdIn } from './order-id.js';

/** An event whose person and permitted uses are still to be set. */
export type NewEvent = { -readonly [K in keyof ShopEvent]: ShopEvent[K] };

/** The event that a draft becomes, before its person is known. */
export function unstamped(
  id: string,
  draft: EventDraft,
  context: Context,
  network: number | undefined,
  receivedAtMs: number,
  sentAtMs: number | null,
): NewEvent {
  const event: NewEvent = {
    id,
    type: draft.type,
    sessionId: context.sessionId,
    customerId: null,
    channel: context.channel,
    storeId: context.storeId,
    productIds: draft.productIds,
    quantities: draft.quantities,
    prices: draft.prices,
    orderId: draft.orderId ?? orderIdIn(draft.properties),
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
  // A spread within the literal would take as long as all of it.
  if (network !== undefined) event.network = network;
  return event;
}
