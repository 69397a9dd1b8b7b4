import { definePlugin } from '../../src/plugin.js';
import { createCustomers } from './customers.js';
import { customersResolvers } from './resolvers.js';
import { customersSettings } from './settings.js';

/** Who is there: sessions, the customers they belong to, and their profiles. */
export const customers = definePlugin({
  name: 'customers',
  provides: 'customers',
  needs: ['store', 'queue'],
  settings: customersSettings,
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
