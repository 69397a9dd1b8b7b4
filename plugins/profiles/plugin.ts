import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createResolvers } from './resolvers.js';

/** The lifecycle, metrics, orders, reviews and wishlist of a customer. */
export const profiles = definePlugin({
  name: 'profiles',
  provides: 'profiles',
  needs: ['customers', 'consent', 'events', 'catalog'],
  settings: z.strictObject({
    intervalDays: z.coerce
      .number()
      .min(1)
      .max(3_650)
      .default(90)
      .describe(
        'The days that usually pass between two orders of a customer of the shop: stages of customers with few orders follow from it.',
      ),
    sizeOptions: z
      .string()
      .default('size')
      .describe('Names of the product options that are sizes, comma separated; case makes no difference.'),
  }),
  create({ needs, host, settings: { intervalDays, sizeOptions } }) {
    const names = sizeOptions.split(',').map((name) => name.trim().toLowerCase());
    return createResolvers(needs, { intervalDays, sizeOptions: new Set(names) }, host.clock.nowMs);
  },
});
