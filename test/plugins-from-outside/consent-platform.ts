import type { ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { definePlugin } from '../../src/plugin.js';
import type { Consent, ConsentState, Permit, Purpose } from '../../src/ports/consent.js';
import { purposes } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';

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
  needs: ['customers'],
  compatibility: '^1.0.0',
  create({ needs }) {
    const issued = new WeakSet<Permit>();
    const says = ({ sessionId }: Shopper) => platform.has(sessionId);

    const port: Consent = {
      async permit<P extends Purpose>(shopper: Shopper, purpose: P) {
        if (!says(shopper)) return null;
        const permit = Object.freeze({ purpose, shopper }) as Permit<P>;
        issued.add(permit);
        return permit;
      },
      accepts: (permit, purpose) => issued.has(permit) && permit.purpose === purpose,
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
      resolvers: {
        Query: { consentAudit: managedElsewhere },
        Mutation: {
          async setConsent(_: unknown, { context }: { context: ContextInput }, request: Request) {
            return port.decide(await needs.customers.recognise(request.context(context)), []);
          },
          importConsents: managedElsewhere,
        },
        Shopper: {
          personalization: (shopper: Shopper) => port.personalization(shopper),
          consents: (shopper: Shopper) => port.states(shopper),
          consentHistory: (shopper: Shopper) => port.history(shopper),
        },
        Consent: { status: ({ status }: ConsentState) => (status === 'UNSET' ? null : status) },
      },
    };
  },
});
