import { definePlugin, type FoundIdentity } from '../../src/plugin.js';
import type { MerchandisingRule, Synonym } from '../../src/ports/merchandising.js';
import { createMerchandising } from './merchandising.js';
import { createResolvers } from './resolvers.js';
import { createRuleContribution } from './rules/rule-contribution.js';

/** Stores the synonyms and rules of merchandisers. */
export const merchandising = definePlugin({
  name: 'merchandising',
  provides: 'merchandising',
  needs: ['store', 'queue', 'catalog'],
  resolvers: ({ port, needs }) => createResolvers(port, needs.catalog),
  create({ needs, host, contributions }) {
    const audiences = () => contributions('audience');
    const { port, start, close } = createMerchandising(needs.store, needs.queue, host, audiences);
    return {
      port,
      contributes: { rankingRule: [createRuleContribution(port.rules, needs.catalog, audiences)] },
      nodes: {
        MerchandisingRule: {
          field: 'Query.merchandisingRules',
          view: 'place',
          identify: ({ id }: MerchandisingRule) => ({ context: null, key: [id] }),
          find: ({ key: [id] }: FoundIdentity<[string]>) =>
            port.rules.list().find((rule) => rule.id === id) ?? null,
        },
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
