import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createPeople } from './people.js';
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
  settings: z.strictObject({
    erasures: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The file that lists erasures, as digests. If omitted, `erasures.jsonl` in the data directory. Keep it where a restored backup does not replace it: at a start, people listed there are removed again.',
      ),
  }),
  create({ driver, host, settings }) {
    const people = createPeople(driver, host, settings.erasures ?? null);
    const { port, start } = createStore(driver, people);
    return { port, start, check: port.check, close: async () => people.close() };
  },
});
