import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createRatings, removeRatings } from './ratings.js';

/** The ratings in shoppers' events, counted for the catalog. */
export const ratings = definePlugin({
  name: 'ratings',
  provides: null,
  needs: ['store', 'catalog', 'events', 'consent'],
  settings: z.strictObject({
    enabled: z
      .stringbool()
      .default(true)
      .describe(
        '`false`: `PRODUCT_RATED` events do not count, since the ratings that the shop saves include them.',
      ),
    peopleMin: z.coerce
      .number()
      .int()
      .min(1)
      .default(3)
      .describe('Independent people whose ratings a product needs before they count.'),
  }),
  create({ needs, host, settings }) {
    if (!settings.enabled) return { port: null, start: () => removeRatings({ ...needs, host }) };
    const { start, close, productsChanged, check } = createRatings({
      ...needs,
      host,
      peopleMin: settings.peopleMin,
    });
    return {
      port: null,
      start,
      close,
      reactions: { 'product.changed': ({ ids }) => productsChanged(ids), 'customer.erased': check },
      schedule: { check: { cron: '23 * * * *', run: check } },
    };
  },
});
