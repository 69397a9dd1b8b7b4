import type { ShopEvent } from '../../../src/ports/events.js';

/** The key of a storefront is public: anybody can write with it. An event's id begins with the role of its source. */
export function isFromStorefront({ id }: Pick<ShopEvent, 'id'>): boolean {
  return id.startsWith('storefront-');
}
