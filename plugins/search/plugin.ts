import { definePlugin } from '../../src/plugin.js';
import { createPreferences } from './preferences.js';
import { createQueryLog } from './query-log/query-log.js';
import { createResolvers } from './resolvers.js';
import { createSearch } from './search.js';
import { searchSettings } from './settings.js';
import { createShopperSearch } from './shopper-search.js';

/** Finds products by shoppers' words, and remembers what was searched. */
export const search = definePlugin({
  name: 'search',
  provides: 'search',
  needs: ['store', 'catalog', 'merchandising', 'customers', 'consent', 'events', 'speech'],
  settings: searchSettings,
  drivers: {
    embedded: () => import('./drivers/embedded.js'),
    meilisearch: () => import('./drivers/meilisearch.js'),
  },
  create({ driver, needs, host, settings, contributions }) {
    const { catalog, consent, customers, events, speech } = needs;
    const log = createQueryLog(needs.store, host, settings.peopleMin);
    const parts = { driver, ...needs, log, host, contributions };
    const running = createSearch(parts);
    const preferencesOf = createPreferences(events, catalog);
    const forShopper = createShopperSearch({ search: running.port, catalog, consent, preferencesOf });
    const stopWatching = events.watch(log.follow, 'ANALYTICS');
    return {
      port: { ...running.port, forShopper },
      ...createResolvers({ search: running, log, catalog, consent, customers, speech, host, preferencesOf }),
      reactions: { ...running.reactions, 'day.passed': log.prune },
      start: running.start,
      check: running.check,
      async close() {
        stopWatching();
        await running.close();
      },
    };
  },
});
