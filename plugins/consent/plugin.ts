import { definePlugin } from '../../src/plugin.js';
import type { ProcessingRestriction } from '../../src/ports/consent.js';
import { createConsent } from './consent.js';
import { ledgerResolvers } from './ledger-resolvers.js';
import { mountLinks } from './link-pages.js';
import { consentResolvers } from './resolvers.js';
import { restrictable } from './restriction.js';
import { consentSettings } from './settings.js';

/** The one choke point of everything personal: an append-only ledger of what shoppers decided, and what follows from it. */
export const consent = definePlugin({
  name: 'consent',
  provides: 'consent',
  needs: ['store', 'customers', 'queue'],
  settings: consentSettings,
  resolvers: ({ port, needs }) => consentResolvers(port, needs.customers),
  create({ needs, host, settings, contributions }) {
    const parts = { ...settings, doubleOptIn: new Set(settings.doubleOptIn) };
    let restrictions: readonly ProcessingRestriction[] = [];
    const port = restrictable(createConsent(needs, host, parts), () => restrictions);
    return {
      port,
      resolvers: ledgerResolvers(port),
      routes: (router) => mountLinks(router, port.confirmations),
      reactions: { 'consent.changed': ({ subject }) => port.catchUp(subject) },
      async start() {
        restrictions = contributions('processingRestriction').map(({ contribution }) => contribution);
        await port.open();
      },
      close: port.close,
    };
  },
});
