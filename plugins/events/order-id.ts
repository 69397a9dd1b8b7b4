import { idLengthMax } from './event-rules.js';

/** The id of an order that an event has in its properties, as Segment's SDKs send it. Null without one. */
export function orderIdIn(properties: Readonly<Record<string, unknown>> | null): string | null {
  if (properties === null) return null;
  const given = properties.order_id ?? properties.orderId;
  const text = typeof given === 'number' ? String(given) : given;
  return typeof text === 'string' && text !== '' && text.length <= idLengthMax ? text : null;
}
