import { definePlugin } from 'rapport/plugin.js';
import type { Shopper } from 'rapport/ports/customers.js';
import type { ShopEvent } from 'rapport/ports/events.js';
import type { Collection } from 'rapport/ports/store.js';
import { z } from 'zod';

/** An entry of the ledger. Its id is that of the event, so that an event that is delivered twice counts once. */
interface Entry {
  readonly id: string;
  readonly customerId: string;
  readonly points: number;
  readonly atMs: number;
}

const yearMs = 365 * 86_400_000;

/** Customers collect points with their orders. */
export const plugin = definePlugin({
  name: 'points-ledger',
  provides: null,
  needs: ['store', 'events', 'consent'],
  compatibility: '^1.0.0',
  settings: z.strictObject({
    minorUnitsPerPoint: z.coerce.number().int().positive().default(100).describe('Order value of a point.'),
  }),
  sdl: /* GraphQL */ `
    type Points {
      balance: Int!
      ordersThisYear: Int!
    }
    extend type Shopper {
      points: Points
    }
  `,
  create({ needs, settings }) {
    let ledger: Collection<Entry>;
    let stop = async (): Promise<void> => undefined;

    async function enter({ id, customerId, value, atMs }: ShopEvent): Promise<void> {
      const points = Math.floor((value ?? 0) / settings.minorUnitsPerPoint);
      if (customerId !== null && points > 0) await ledger.insert([{ id, customerId, points, atMs }]);
    }

    async function balanceOf(customerId: string): Promise<number> {
      let balance = 0;
      let after: string | null = null;
      do {
        const page: { items: readonly Entry[]; next: string | null } = await ledger.find({
          index: 'byCustomer',
          equals: [customerId],
          limit: 1_000,
          ...(after === null ? {} : { after }),
        });
        for (const { points } of page.items) balance += points;
        after = page.next;
      } while (after !== null);
      return balance;
    }

    return {
      port: null,
      async start() {
        ledger = await needs.store.collection<Entry>({
          name: 'points-ledger',
          indexes: { byCustomer: { fields: ['customerId', 'atMs'] } },
          shardBy: 'customerId',
        });
        const types = ['ORDER_COMPLETED'] as const;
        stop = needs.events.follow('points-ledger', { types, purpose: 'PERSONALIZATION' }, enter);
      },
      close: () => stop(),
      resolvers: {
        Shopper: {
          async points(shopper: Shopper) {
            const permit = await needs.consent.permit(shopper, 'PERSONALIZATION');
            if (permit === null || shopper.customerId === null) return null;
            const fromMs = shopper.context.atMs - yearMs;
            const [total] = await needs.events.totals(permit, { types: ['ORDER_COMPLETED'], fromMs });
            return { balance: await balanceOf(shopper.customerId), ordersThisYear: total?.events ?? 0 };
          },
        },
      },
    };
  },
});
