import { definePlugin } from '../../src/plugin.js';

/** The queue's driver for many processes: wakes them over Redis. */
export const bull = definePlugin({
  name: 'bull',
  provides: null,
  needs: [],
  driversFor: { queue: { bull: () => import('./drivers/bull.js') } },
  create: () => ({ port: null }),
});
