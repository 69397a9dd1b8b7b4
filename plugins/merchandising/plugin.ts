import { definePlugin } from '../../src/plugin.js';
import { createMerchandising } from './merchandising.js';
import { createResolvers } from './resolvers.js';

/** Stores the synonyms of merchandisers. */
export const merchandising = definePlugin({
  name: 'merchandising',
  provides: 'merchandising',
  needs: ['store', 'queue'],
  resolvers: ({ port }) => createResolvers(port),
  create({ needs, host }) {
    const { port, start, close } = createMerchandising(needs.store, needs.queue, host);
    return { port, start, close };
  },
});
