import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import type { Resolvers } from '../../src/plugin.js';
import type { ConsentDecision, Purpose } from '../../src/ports/consent.js';
import type { ConsentPlugin } from './consent.js';
import { consentRecord } from './consent-record.js';
import type { LedgerPage } from './ledger.js';
import type { Notice } from './notices.js';
import { checkSubject } from './subjects.js';

const receiptsMax = 1_000;
const pageDefault = 100;
const pageMax = 500;
const cursorShape = /^(session|customer):[^\0]{1,300}#\d{10}$/u;

/** Resolvers of the ledger, its notices and its links, which no other plugin has. */
export function ledgerResolvers(consent: ConsentPlugin): Resolvers {
  const { confirmations } = consent;
  return {
    ConsentDecision: {
      async record(decision: ConsentDecision) {
        const { noticeVersion, language } = decision;
        const notice = noticeVersion === null ? null : await consent.notices().find(noticeVersion, language);
        return consentRecord(decision, notice);
      },
    },
    ConsentNotice: {
      purposes: ({ purposes }: Notice) => purposes.map(({ purpose }) => purpose),
    },
    Query: {
      consentNotices: () => consent.notices().list(),
      consentLedger(
        _: unknown,
        args: { subject?: string | null; after?: string | null; first?: number | null },
        request: Request,
      ): Promise<LedgerPage> {
        request.personal();
        const { subject = null, after = null } = args;
        const first = args.first ?? pageDefault;
        if (subject !== null) checkSubject(subject);
        if (first < 1 || first > pageMax) {
          throw new RapportError(
            'invalid',
            'CONSENT_FIRST_INVALID',
            `first must be from 1 to ${pageMax}, not ${first}`,
            { path: ['first'] },
          );
        }
        if (after !== null && !cursorShape.test(after)) {
          throw new RapportError(
            'invalid',
            'CONSENT_CURSOR_INVALID',
            `after ${shownValue(after)} is not a cursor of this list; use next of a page, or leave it out`,
            { path: ['after'] },
          );
        }
        return consent.page(subject, after, first);
      },
      async consentAudit(
        _: unknown,
        { subject, receipts }: { subject: string; receipts: readonly string[] },
        request: Request,
      ) {
        request.personal();
        checkSubject(subject);
        if (receipts.length > receiptsMax) {
          throw new RapportError(
            'invalid',
            'CONSENT_AUDIT_INVALID',
            `${receipts.length} receipts were sent; at most ${receiptsMax} are looked for at once.`,
            { path: ['receipts'] },
          );
        }
        return consent.audit(subject, receipts);
      },
    },
    Mutation: {
      saveConsentNotice: (_: unknown, { notice }: { notice: unknown }) => consent.notices().save(notice),
      createUnsubscribeLink(
        _: unknown,
        args: { customerId: string; purpose: Purpose; locale: string },
        request: Request,
      ) {
        request.personal();
        return confirmations.unsubscribeLink(args.customerId, args.purpose, args.locale);
      },
      requestConsentConfirmation(
        _: unknown,
        args: { customerId: string; decision: unknown; locale: string },
        request: Request,
      ) {
        request.personal();
        return confirmations.confirmationLink(args.customerId, args.decision, args.locale);
      },
    },
  };
}
