import { definePlugin } from '../../src/plugin.js';
import { createDefinitions } from './definitions.js';
import { createPeople } from './people.js';
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
    const people = createPeople({ ...needs, host, definitions, segments: port });
    return {
      port,
      ...createResolvers(port, needs.customers, people),
      contributes: { audience: [port] },
      reactions: people.handlers,
      async start() {
        await definitions.start();
        await people.start();
      },
      async close() {
        definitions.close();
        await people.close();
      },
    };
  },
});
