import type { PersonName } from '../../src/person-ids.js';
import { definePlugin } from '../../src/plugin.js';
import { createPreferences } from './preferences.js';
import { createResolvers } from './resolvers.js';

/** Interests of shoppers, how they want to be contacted, and a pause of personalization; with the history of each. */
export const preferences = definePlugin({
  name: 'preferences',
  provides: 'preferences',
  needs: ['store', 'queue', 'customers', 'consent', 'events', 'catalog'],
  create({ needs, host }) {
    const port = createPreferences(needs, host);
    return {
      port,
      resolvers: createResolvers(port, needs),
      reactions: { 'preferences.changed': ({ subject }) => port.catchUp(subject as PersonName) },
      start: port.open,
    };
  },
});
