import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createCustomers } from './customers.js';
import { customersResolvers } from './resolvers.js';

/** Who is there: sessions, the customers they belong to, and their profiles. */
export const customers = definePlugin({
  name: 'customers',
  provides: 'customers',
  needs: ['store', 'queue'],
  settings: z.strictObject({
    overwriteServerTraits: z
      .stringbool()
      .default(false)
      .describe('`true`: customers may change traits that a SERVER key set, with their token.'),
  }),
  create({ needs, host, settings }) {
    const port = createCustomers(needs, host, settings);
    return {
      port,
      resolvers: customersResolvers(port),
      contributes: { customerGroups: [port.groups] },
      start: port.open,
      close: port.close,
    };
  },
});
