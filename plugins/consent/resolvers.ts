import type { Channel, ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import { isId, personIdMax } from '../../src/person-ids.js';
import type { Resolvers } from '../../src/plugin.js';
import type {
  Consent,
  ConsentDecision,
  ConsentState,
  PastConsent,
  Purpose,
} from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import { checkSubject } from './subjects.js';

function date(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** Resolvers of any consent plugin. */
export function consentResolvers(consent: Consent, customers: Customers): Resolvers {
  return {
    Shopper: {
      async personalization(shopper: Shopper, _: unknown, request: Request) {
        request.personal();
        const judgement = await consent.personalization(shopper);
        if (judgement.reason === 'CONSENT_UNKNOWN') request.degraded('consent');
        return judgement;
      },
      consents(shopper: Shopper, { channel }: { channel?: Channel | null }, request: Request) {
        request.personal();
        return consent.states(shopper, channel ?? undefined);
      },
      consentHistory(shopper: Shopper, _: unknown, request: Request) {
        request.personal();
        return consent.history(shopper);
      },
    },
    Consent: {
      status: ({ status }: ConsentState) => (status === 'UNSET' ? null : status),
      decidedAt: (state: ConsentState) => date(state.decidedAtMs),
      expiresAt: (state: ConsentState) => date(state.expiresAtMs),
    },
    ConsentState: {
      status: ({ status }: ConsentState) => (status === 'UNSET' ? null : status),
      decidedAt: (state: ConsentState) => date(state.decidedAtMs),
      expiresAt: (state: ConsentState) => date(state.expiresAtMs),
    },
    ConsentDecision: {
      // Free text that a server wrote: for it, and for the customer who proves to be one.
      evidence: ({ evidence }: ConsentDecision, _: unknown, { caller }: Request) =>
        caller.role !== 'STOREFRONT' || caller.customerId !== null ? evidence : null,
      claimedBy: ({ claimedBy }: ConsentDecision) => claimedBy ?? null,
      decidedAt: (decision: ConsentDecision) => date(decision.saidAtMs ?? decision.decidedAtMs),
      enteredAt: (decision: ConsentDecision) => date(decision.decidedAtMs),
      expiresAt: (decision: ConsentDecision) => date(decision.expiresAtMs),
    },
    Query: {
      consentAt(
        _: unknown,
        args: { subject: string; purpose: Purpose; at: Date; channel?: Channel | null },
        request: Request,
      ): Promise<PastConsent> {
        request.personal();
        const { subject, purpose, at, channel } = args;
        checkSubject(subject);
        return consent.consentAt(subject, purpose, at.getTime(), channel ?? undefined);
      },
    },
    Subscription: {
      consentChanged: {
        async subscribe(_: unknown, args: { context: ContextInput }, request: Request) {
          const shopper = await customers.recognise(request.context(args.context));
          if (!consent.changesOf) throw notWatched();
          return consent.changesOf(shopper);
        },
        resolve(_: string, args: { context: ContextInput }, request: Request) {
          request.personal();
          return customers.recognise(request.context(args.context));
        },
      },
    },
    Mutation: {
      importConsents(_: unknown, { entries }: { entries: readonly unknown[] }, request: Request) {
        request.personal();
        return consent.importDecisions(request.context({ channel: 'STORE' }), entries);
      },
      async setConsent(
        _: unknown,
        args: { context: ContextInput; decisions: readonly unknown[]; messageId?: string | null },
        request: Request,
      ) {
        request.personal();
        const context = request.context(args.context);
        const messageId = args.messageId ?? null;
        if (messageId !== null && !isId(messageId)) throw messageIdInvalid(messageId);
        const { states, userErrors } = await consent.decide(
          await customers.recognise(context),
          args.decisions,
          messageId === null ? {} : { messageId },
        );
        // A context of its own, so that nothing derived for the shopper before the decision is met again.
        return {
          shopper: await customers.recognise({ ...context, signal: context.signal }),
          consents: states,
          userErrors,
        };
      },
    },
  };
}

function notWatched(): RapportError {
  return new RapportError(
    'missing',
    'CONSENT_NOT_WATCHED',
    'The consent platform of this shop does not report changes; query `consents` instead.',
  );
}

function messageIdInvalid(messageId: string): RapportError {
  return new RapportError(
    'invalid',
    'CONSENT_MESSAGE_ID_INVALID',
    `messageId ${shownValue(messageId)} must be 1 to ${personIdMax} printable characters, for example a UUID; leave it out for none.`,
    { path: ['messageId'] },
  );
}
