import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { assemble } from './assembly.js';
import { exploreShareMax } from './exploration.js';
import { readRepeatPolicies } from './repeat-policies.js';
import { createResolvers } from './resolvers.js';
import { createModelResolvers } from './versions/resolvers.js';

/** One ranking for a shopper, moment, store and placement, and what each channel can use of it. */
export const recommendations = definePlugin({
  name: 'recommendations',
  provides: 'recommendations',
  needs: ['catalog', 'consent', 'events', 'speech', 'store'],
  settings: z.strictObject({
    repeat: z
      .string()
      .default('')
      .transform(readRepeatPolicies)
      .describe(
        'What happens to products that a person has bought, by category, e.g. `coffee=replenish,tv=exclude,wine=allow`.',
      ),
    explore: z.coerce
      .number()
      .min(0)
      .max(exploreShareMax)
      .default(exploreShareMax)
      .describe('The share of places that go to what deserves a trial, new or rarely shown: 0 to 0.1.'),
  }),
  create({ needs, host, settings }) {
    const { port, versions, start, stop } = assemble(needs, host, settings.repeat, settings.explore);
    return {
      port,
      resolvers: createResolvers(port, needs.speech, createModelResolvers(versions)),
      start,
      close: stop,
    };
  },
});
