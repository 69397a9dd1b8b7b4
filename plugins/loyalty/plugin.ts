import { definePlugin } from '../../src/plugin.js';
import { createLoyalty } from './loyalty.js';
import { createResolvers } from './resolvers.js';
import { loyaltySettings } from './settings.js';

/** Points of customers in a double-entry ledger, and the tiers that follow from them. */
export const loyalty = definePlugin({
  name: 'loyalty',
  provides: 'loyalty',
  needs: ['store', 'queue', 'customers', 'speech'],
  settings: loyaltySettings,
  create({ needs, host, settings }) {
    const { port, start } = createLoyalty(needs, host, settings);
    return { port, start, resolvers: createResolvers(port, needs.speech) };
  },
});
