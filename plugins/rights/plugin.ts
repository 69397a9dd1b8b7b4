import { definePlugin } from '../../src/plugin.js';
import { rightsResolvers } from './resolvers.js';
import { createRights } from './rights.js';

/** The rights of people over their data: a copy of it, its erasure with a receipt, and restriction. What belongs to whom is declared by each collection. */
export const rights = definePlugin({
  name: 'rights',
  provides: null,
  needs: ['store', 'queue', 'customers'],
  create({ needs, host }) {
    const running = createRights(needs, host);
    return {
      port: null,
      resolvers: rightsResolvers(running, needs.customers),
      contributes: { processingRestriction: [running.restriction] },
      start: running.start,
      close: running.close,
    };
  },
});
