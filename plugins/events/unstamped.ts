import type { Context } from '../../src/context.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { happenedAtMs } from './device-clock.js';
import type { EventDraft } from './event-input.js';
import { networkPrint } from './network-print.js';

/** The event that a draft becomes, before its person is known. */
export function unstamped(
  id: string,
  draft: EventDraft,
  context: Context,
  receivedAtMs: number,
  sentAtMs: number | null,
): ShopEvent {
  const { network } = context.caller;
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
    ...(network === undefined ? {} : { network: networkPrint(network) }),
    learn: false,
    permitted: false,
  };
}
