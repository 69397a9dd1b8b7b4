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
    trustOldSessionIds: z
      .stringbool()
      .default(true)
      .describe(
        '`false`: after a sign-in, a SERVER key has to send the new session id or name the customer; the old id, which others may know, shows only what was done under it without proof.',
      ),
  }),
  create({ needs, host, settings }) {
    const port = createCustomers(needs, host, settings);
    return {
      port,
      ...customersResolvers(port),
      contributes: { customerGroups: [port.groups] },
      start: port.open,
      close: port.close,
    };
  },
});
