import { definePlugin } from '../../src/plugin.js';
import { createDefinitions } from './definitions.js';
import { createResolvers } from './resolvers.js';
import { createSegments } from './segments.js';

/** Segments of people: conditions as data, exact at the moment of the request. */
export const segments = definePlugin({
  name: 'segments',
  provides: 'segments',
  needs: ['store', 'queue', 'catalog', 'customers', 'consent', 'events', 'profiles'],
  create({ needs, host }) {
    const definitions = createDefinitions(needs.store, host, needs.queue);
    const port = createSegments(needs, host.clock, definitions);
    return {
      port,
      ...createResolvers(port, needs),
      contributes: { audience: [port] },
      start: definitions.start,
      close: async () => definitions.close(),
    };
  },
});
