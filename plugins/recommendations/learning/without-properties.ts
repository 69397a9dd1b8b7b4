import type { ShopEvent } from '../../../src/ports/events.js';

/** The event as it is held for a while: without `properties`, from which nothing is learned and which may be large. */
export function withoutProperties(event: ShopEvent): ShopEvent {
  return event.properties === null ? event : { ...event, properties: null };
}
