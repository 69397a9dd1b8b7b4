import { definePlugin } from '../../src/plugin.js';
import { createCustomers } from './customers.js';
import { customersResolvers } from './resolvers.js';

/** Who is there: sessions, the customers they belong to, and their profiles. */
export const customers = definePlugin({
  name: 'customers',
  provides: 'customers',
  needs: ['store', 'queue'],
  create({ needs, host }) {
    const port = createCustomers(needs, host);
    return { port, resolvers: customersResolvers(port), start: port.open, close: port.close };
  },
});
