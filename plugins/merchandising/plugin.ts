import { definePlugin, type FoundIdentity } from '../../src/plugin.js';
import type { Synonym } from '../../src/ports/merchandising.js';
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
    return {
      port,
      nodes: {
        Synonym: {
          field: 'Query.synonyms',
          view: 'place',
          identify: ({ id }: Synonym) => ({ context: null, key: [id] }),
          find: ({ key: [id] }: FoundIdentity<[string]>) =>
            port.allSynonyms().find((synonym) => synonym.id === id) ?? null,
        },
      },
      start,
      close,
    };
  },
});
