import { definePlugin } from '../../src/plugin.js';
import { createQueue } from './queue.js';
import { createQueueResolvers } from './resolvers.js';

/** Carries facts from what happened to the handlers of other plugins: at least once, with retries and dead letters. */
export const queue = definePlugin({
  name: 'queue',
  provides: 'queue',
  needs: ['store'],
  drivers: {
    embedded: () => import('./drivers/embedded.js'),
  },
  resolvers: ({ port }) => createQueueResolvers(port),
  create({ driver, needs, host }) {
    const { port, start, close } = createQueue(driver, needs.store, host);
    return {
      port,
      get rateStore() {
        return driver.rateStore;
      },
      start,
      close,
      check: port.check,
    };
  },
});
