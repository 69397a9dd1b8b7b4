import { definePlugin } from '../../src/plugin.js';
import { createEvents } from './events.js';
import { createProductLookup } from './product-lookup.js';
import { eventResolvers } from './resolvers.js';
import { schedule } from './retention.js';
import { eventsSettings } from './settings.js';

/** The events of shoppers: an append-only log, deduplicated, and everybody's recent history. */
export const events = definePlugin({
  name: 'events',
  provides: 'events',
  needs: ['store', 'customers', 'consent'],
  settings: eventsSettings,
  resolvers: ({ port, needs }) => eventResolvers(port, needs.customers),
  create({ needs, host, settings, contributions }) {
    let references: ReturnType<typeof contributions<'productReferences'>> = [];
    const { port, counters, start, close, expire } = createEvents(
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
      schedule: schedule(settings, expire),
      counters,
    };
  },
});
