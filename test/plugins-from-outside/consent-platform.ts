import { RapportError } from 'rapport/errors.js';
import { definePlugin } from 'rapport/plugin.js';
import { type Consent, type ConsentState, createPermits, purposes } from 'rapport/ports/consent.js';
import type { Shopper } from 'rapport/ports/customers.js';

/** Sessions that a consent platform says yes for; a real one asks its service. */
export const platform = new Set<string>();

function managedElsewhere(): never {
  throw new RapportError('denied', 'CONSENT_MANAGED', 'Consent is decided in the consent platform.');
}

/** Consent as an external platform keeps it, in place of the ledger; clients see the same graph. */
export const plugin = definePlugin({
  name: 'consent-platform',
  provides: 'consent',
  replaces: 'consent',
  needs: [],
  compatibility: '^1.0.0',
  create({ host }) {
    const permits = createPermits(host.clock);
    const says = ({ sessionId }: Shopper) => platform.has(sessionId);

    const port: Consent = {
      permit: async (shopper, purpose) => (says(shopper) ? permits.issue(shopper, purpose) : null),
      accepts: permits.accepts,
      personalization: async (shopper) =>
        says(shopper) ? { applied: true, reason: 'CONSENTED' } : { applied: false, reason: 'NO_CONSENT' },
      states: async (shopper) =>
        purposes.map(
          (purpose): ConsentState => ({
            purpose,
            status: says(shopper) ? 'GRANTED' : 'UNSET',
            decidedAtMs: null,
            expiresAtMs: null,
          }),
        ),
      consentAt: async () => managedElsewhere(),
      pause: async () => managedElsewhere(),
      isPaused: async () => false,
      pauses: async () => [],
      decide: async () => managedElsewhere(),
      importDecisions: async () => managedElsewhere(),
      history: async () => [],
      mayLearn: async (shoppers) => shoppers.map(says),
      recording: async (shoppers) =>
        shoppers.map((shopper) => () => ({ learn: says(shopper), permitted: says(shopper) })),
      remaining: async (people) =>
        people.map(({ sessionId }) => ({
          learn: platform.has(sessionId),
          permitted: platform.has(sessionId),
        })),
      withdrawnSince: async () => true,
    };
    return {
      port,
      // All others are inherited.
      resolvers: {
        Query: {
          consentAudit: managedElsewhere,
          consentLedger: managedElsewhere,
          consentNotices: managedElsewhere,
        },
        Mutation: {
          saveConsentNotice: managedElsewhere,
          createUnsubscribeLink: managedElsewhere,
          requestConsentConfirmation: managedElsewhere,
        },
      },
    };
  },
});
