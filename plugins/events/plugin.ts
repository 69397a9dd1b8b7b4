import { definePlugin } from '../../src/plugin.js';
import { createEvents } from './events.js';
import { eventResolvers } from './resolvers.js';

/** What shoppers did: an append-only log, deduplicated, and everybody's recent history. */
export const events = definePlugin({
  name: 'events',
  provides: 'events',
  needs: ['store', 'customers', 'consent'],
  create({ needs, host }) {
    const { port, start, close } = createEvents(needs, host);
    return { port, resolvers: eventResolvers(port, needs.customers), start, close };
  },
});
