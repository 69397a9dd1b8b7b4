import type { Permit } from '../../../src/ports/consent.js';
import type { Events, EventType, ShopEvent } from '../../../src/ports/events.js';

const recentMax = 200;
const lastingMax = 1000;

/** What matters however long ago it was. */
const lastingTypes: readonly EventType[] = ['ORDER_COMPLETED', 'PRODUCT_RATED', 'PRODUCT_DISMISSED'];

/** Reads what a ranking needs of a person's history: the newest events, and of the older ones those that last. */
export interface HistoryReader {
  /** Newest first: at most 200 of all types and 1,000 orders, ratings and dismissals before them. */
  read(permit: Permit<'PERSONALIZATION'>): Promise<readonly ShopEvent[]>;
}

export function createHistoryReader(events: Pick<Events, 'history'>): HistoryReader {
  return {
    async read(permit) {
      const recent = await events.history(permit, { limit: recentMax });
      if (recent.length < recentMax) return recent;
      const lasting = await events.history(permit, { limit: lastingMax, types: lastingTypes });
      const seen = new Set(recent.map(({ id }) => id));
      return [...recent, ...lasting.filter(({ id }) => !seen.has(id))];
    },
  };
}
