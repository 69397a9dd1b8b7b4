import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createConsent } from './consent.js';
import { auditResolvers, consentResolvers } from './resolvers.js';

/** The one choke point of everything personal: an append-only ledger of what shoppers decided, and what follows from it. */
export const consent = definePlugin({
  name: 'consent',
  provides: 'consent',
  needs: ['store', 'customers', 'queue'],
  settings: z.strictObject({
    mode: z
      .enum(['opt-in', 'opt-out'])
      .default('opt-in')
      .describe(
        '`opt-in`: only shoppers who granted it are personalized. `opt-out`, where the law allows it: all shoppers who did not refuse.',
      ),
  }),
  resolvers: ({ port, needs }) => consentResolvers(port, needs.customers),
  create({ needs, host, settings }) {
    const port = createConsent(needs, host, settings.mode);
    return {
      port,
      resolvers: auditResolvers(port),
      reactions: { 'consent.changed': ({ subject }) => port.catchUp(subject) },
      start: port.open,
      close: port.close,
    };
  },
});
