import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createEvents } from './events.js';
import { createProductLookup } from './product-lookup.js';
import { eventResolvers } from './resolvers.js';

/** The events of shoppers: an append-only log, deduplicated, and everybody's recent history. */
export const events = definePlugin({
  name: 'events',
  provides: 'events',
  needs: ['store', 'customers', 'consent'],
  settings: z.strictObject({
    attributeUnpermitted: z
      .stringbool()
      .default(false)
      .describe(
        '`true`: what was recorded while personalization was refused, undecided or under `Sec-GPC` counts for the person once they grant it. Check that your law allows it.',
      ),
  }),
  resolvers: ({ port, needs }) => eventResolvers(port, needs.customers),
  create({ needs, host, settings, contributions }) {
    let references: ReturnType<typeof contributions<'productReferences'>> = [];
    const { port, counters, start, close } = createEvents(
      needs,
      host,
      settings,
      createProductLookup(() => references),
    );
    return {
      port,
      start() {
        references = contributions('productReferences');
        return start();
      },
      close,
      counters,
    };
  },
});
