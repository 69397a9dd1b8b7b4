import { definePlugin } from '../../src/plugin.js';
import { createStore } from './store.js';

/** Keeps documents: typed collections with declared indexes, on LMDB in one process or on MongoDB for many. */
export const store = definePlugin({
  name: 'store',
  provides: 'store',
  needs: [],
  drivers: {
    embedded: () => import('./drivers/embedded.js'),
    mongodb: () => import('./drivers/mongodb.js'),
  },
  create({ driver }) {
    const port = createStore(driver);
    return { port, check: port.check };
  },
});
