import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createResolvers } from './resolvers.js';

/** Previews the draft of merchandisers, replays searches with it, and publishes it. */
export const publishing = definePlugin({
  name: 'publishing',
  provides: null,
  needs: ['merchandising', 'search', 'catalog', 'customers'],
  settings: z.strictObject({
    zeroResultsMax: z.coerce
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe(
        'The share of replayed searches, 0 to 1, that may find nothing any more once a draft is published.',
      ),
    overlapMin: z.coerce
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'The share of the first ten results, 0 to 1, that a draft must keep in the mean of replayed searches.',
      ),
  }),
  create: ({ needs, host, settings }) => ({
    port: null,
    resolvers: createResolvers({ ...needs, clock: host.clock, settings }),
  }),
});
