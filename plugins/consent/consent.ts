import { describeError, isRapportError, RapportError, type UserError, userError } from '../../src/errors.js';
import { createTopics } from '../../src/kit/topics.js';
import type { Host } from '../../src/plugin.js';
import { type Consent, claimantOf, createPermits, type Purpose, purposes } from '../../src/ports/consent.js';
import { type Customers, customersOf, type Shopper } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Store } from '../../src/ports/store.js';
import { type Decision, emptyHead, type LedgerEntry, saidAtMsOf } from './chain.js';
import { type Confirmations, createConfirmations } from './confirmations.js';
import { readDecisions } from './decisions.js';
import { changed, createEntering } from './entering.js';
import { admitted, type Imported, readImport } from './import.js';
import {
  effective,
  evaluate,
  evaluatePersonalization,
  type Heads,
  holding,
  type Judgement,
  type Mode,
  refusal,
  unknown,
  valid,
} from './judgement.js';
import { type Audit, type Ledger, openLedger } from './ledger.js';
import { type ConsentLinks, openConsentLinks } from './links.js';
import { type Notices, openNotices } from './notices.js';
import { createConsentAt } from './past-consent.js';
import { createRecordingUse } from './recording-use.js';
import { createRemainingUse } from './remaining-use.js';
import { activePersonalization, isPublic } from './scopes.js';
import { customerSubject, headNames, headsFrom, sessionSubject } from './subjects.js';

const historyMax = 1_000;

export interface ConsentPlugin extends Consent {
  open(): Promise<void>;
  close(): Promise<void>;
  catchUp(subject: string): Promise<void>;
  audit(subject: string, receipts: readonly string[]): Promise<Audit>;
  readonly page: Ledger['page'];
  readonly confirmations: Confirmations;
  notices(): Notices;
}

export interface ConsentSettings {
  readonly mode: Mode;
  /** Purposes that a shopper grants only by following a link that was sent to them. */
  readonly doubleOptIn: ReadonlySet<Purpose>;
  /** The address by which customers reach the gateway. */
  readonly linkBaseUrl?: string | undefined;
}

/** The rules of consent over the ledger; `open` opens it, before anything else is called. */
export function createConsent(
  needs: { readonly store: Store; readonly queue: Queue; readonly customers: Customers },
  host: Host,
  settings: ConsentSettings,
): ConsentPlugin {
  const { mode, doubleOptIn } = settings;
  let ledger: Ledger;
  let links: ConsentLinks;
  let notices: Notices;
  const permits = createPermits(host.clock);
  const changes = createTopics();

  async function headsOf(shopper: Shopper): Promise<Heads> {
    const names = headNames(shopper);
    const found = await Promise.all(names.map(({ subject }) => ledger.head(subject)));
    return headsFrom(names, found, shopper.person, host.clock.nowMs());
  }

  async function judgement(shopper: Shopper, purpose: Purpose): Promise<Judgement> {
    if (shopper.uncertain) return unknown;
    try {
      return judgementOf(shopper, purpose, await headsOf(shopper));
    } catch (error) {
      report('a consent could not be read', error);
      return unknown;
    }
  }

  function judgementOf(shopper: Shopper, purpose: Purpose, heads: Heads): Judgement {
    const nowMs = host.clock.nowMs();
    if (purpose === 'PERSONALIZATION') return evaluatePersonalization(mode, shopper, heads, nowMs);
    return evaluate(mode, shopper.context.caller, purpose, holding(shopper, purpose, heads, nowMs));
  }

  function report(message: string, error: unknown): void {
    // The store itself tells when it is down; every request would repeat it.
    if (!isRapportError(error, 'unavailable')) {
      host.log.error(message, { err: describeError(error) });
    }
  }

  async function states(shopper: Shopper, channel = shopper.context.channel): ReturnType<Consent['states']> {
    if (shopper.uncertain) throw uncertain();
    const heads = await headsOf(shopper);
    const nowMs = host.clock.nowMs();
    const decider = { ...shopper, context: { channel } };
    return purposes.map((purpose) => {
      const decided = effective(decider, purpose, heads, nowMs);
      return {
        purpose,
        status: decided?.status ?? 'UNSET',
        decidedAtMs: decided?.decidedAtMs ?? null,
        expiresAtMs: decided?.expiresAtMs ?? null,
        ...(decided?.saidAtMs === undefined ? {} : { imported: true }),
      };
    });
  }

  const { enter, enterMany, enterFor, storedHeadOf, carry } = createEntering(
    { ledger: () => ledger, customers: needs.customers, queue: needs.queue },
    host,
  );

  const recording = createRecordingUse({ ledger: () => ledger, mode, clock: host.clock, report });

  const remaining = createRemainingUse({
    ledger: () => ledger,
    customers: needs.customers,
    mode,
    clock: host.clock,
  });

  /** The part of a decision that describes the call. */
  function aboutCall({ context: { caller, channel }, customerId }: Shopper) {
    return {
      id: host.ids.next(),
      channel,
      source: caller.source,
      claimedBy: claimantOf(caller, customerId),
      customerId,
      globalPrivacyControl: caller.globalPrivacyControl,
    };
  }

  /** The newest entries, oldest first, that a shopper may read. */
  async function historyOf(shopper: Shopper): Promise<readonly LedgerEntry[]> {
    if (shopper.uncertain) throw uncertain();
    const { sessionId } = shopper;
    const customers = customersOf(shopper);
    if (customers.length > 0) {
      const own = await Promise.all(customers.map((one) => ledger.history(customerSubject(one), historyMax)));
      if (own.length === 1) return own[0]!;
      return own
        .flat()
        .sort((a, b) => a.decidedAtMs - b.decidedAtMs)
        .slice(-historyMax);
    }
    const session = await ledger.history(sessionSubject(sessionId), historyMax);
    return session.filter((entry) => entry.customerId === null);
  }

  /** True if the decision that a shopper may read is a pause. */
  async function isPaused(shopper: Shopper): Promise<boolean> {
    if (shopper.uncertain) throw uncertain();
    return (
      refusal(effective(shopper, activePersonalization, await headsOf(shopper), host.clock.nowMs())) !== null
    );
  }

  const needsConfirmation = ({ purpose, status }: Pick<Decision, 'status'> & { readonly purpose: Purpose }) =>
    status === 'GRANTED' && doubleOptIn.has(purpose);

  const confirmations = createConfirmations(
    {
      links: () => links,
      async stateOf(customerId, purpose) {
        const decided = (await storedHeadOf(customerId))?.states[purpose];
        const holds = valid(decided, host.clock.nowMs());
        return { status: holds?.status ?? 'UNSET', decidedAtMs: holds?.decidedAtMs ?? null };
      },
      enter: (subject, decision) => enter(new Map([[subject, [decision]]])),
      baseUrl: settings.linkBaseUrl,
    },
    host,
  );

  return {
    states,
    confirmations,
    notices: () => notices,
    consentAt: createConsentAt({ ledger: () => ledger, customers: needs.customers, mode }),

    async pause(shopper, paused) {
      if ((await isPaused(shopper)) === paused) return false;
      await enterFor(shopper, [
        {
          ...aboutCall(shopper),
          purpose: activePersonalization,
          status: paused ? 'WITHDRAWN' : 'GRANTED',
          noticeVersion: null,
          evidence: null,
          expiresAtMs: null,
        },
      ]);
      return true;
    },

    isPaused,

    async pauses(shopper) {
      return (await historyOf(shopper)).flatMap((entry) => {
        if (isPublic(entry)) return [];
        const { id, status, channel, source, claimedBy = 'SERVER' } = entry;
        return [{ id, paused: status !== 'GRANTED', channel, source, claimedBy, atMs: saidAtMsOf(entry) }];
      });
    },

    async permit<P extends Purpose>(shopper: Shopper, purpose: P) {
      const { applied } = await judgement(shopper, purpose);
      if (!applied) return null;
      return permits.issue(shopper, purpose);
    },

    accepts: permits.accepts,

    personalization: (shopper) => judgement(shopper, 'PERSONALIZATION'),

    async decide(shopper, inputs, { messageId, saidAtMs } = {}) {
      if (shopper.uncertain) throw uncertain();
      const { decisions: read, userErrors: faults } = readDecisions(inputs, host.clock.nowMs());
      const decisions = read.filter((one) => !needsConfirmation(one));
      const userErrors = [
        ...faults,
        ...read.filter(needsConfirmation).map(({ purpose }) => unconfirmed(purpose, inputs)),
      ];
      let reused: readonly Decision[] = [];
      if (decisions.length > 0) {
        const message = {
          ...(messageId === undefined ? {} : { messageId }),
          ...(saidAtMs === undefined ? {} : { saidAtMs: Math.min(saidAtMs, host.clock.nowMs()) }),
        };
        reused = await enterFor(
          shopper,
          decisions.map((decision) => ({ ...decision, ...aboutCall(shopper), ...message })),
        );
      }
      return { states: await states(shopper), userErrors: [...userErrors, ...messageIdReused(reused)] };
    },

    async importDecisions({ caller, channel }, entries) {
      if (caller.role !== 'SERVER' && caller.role !== 'ADMIN') {
        throw new RapportError('denied', 'AUTHENTICATION_ROLE', 'Importing consents takes a SERVER key.');
      }
      const nowMs = host.clock.nowMs();
      const { decisions: read, userErrors } = readImport(entries, nowMs);
      const bySubject = new Map<string, Imported[]>();
      for (const { row, ...decided } of read) {
        const { source } = caller;
        const about = { id: host.ids.next(), channel, source, globalPrivacyControl: false };
        const subject = customerSubject(decided.customerId);
        const own = bySubject.get(subject) ?? [];
        bySubject.set(subject, own);
        own.push({ row, decision: { ...decided, ...about, claimedBy: 'SERVER' } });
      }
      const subjects = [...bySubject.keys()];
      const heads = await Promise.all(ledger.heads(subjects));
      const decisions = new Map<string, readonly Decision[]>();
      const refused: UserError[] = [];
      for (const [i, subject] of subjects.entries()) {
        const own = admitted(heads[i] ?? emptyHead(subject), bySubject.get(subject)!, nowMs);
        decisions.set(subject, own.decisions);
        refused.push(...own.userErrors);
      }
      await enterMany(decisions, caller.source);
      return { imported: read.length - refused.length, userErrors: [...userErrors, ...refused] };
    },

    async history(shopper) {
      return (await historyOf(shopper)).filter(isPublic);
    },

    recording,
    ...remaining,
    async mayLearn(shoppers) {
      const uses = await recording(
        shoppers,
        shoppers.map(() => Number.POSITIVE_INFINITY),
      );
      return uses.map((useAt) => useAt(Number.POSITIVE_INFINITY).learn);
    },

    catchUp: (subject) => ledger.catchUp(subject),
    audit: (subject, receipts) => ledger.verify(subject, receipts),
    page: (subject, after, limit) => ledger.page(subject, after, limit),

    changesOf(shopper) {
      const subjects = headNames(shopper).map(({ subject }) => subject);
      return changes.subscribe(subjects, subjects.slice(0, 1));
    },

    async open() {
      ledger = await openLedger(
        needs.store,
        host,
        (subject, origins, write) =>
          needs.queue.publishing(
            origins.map((origin) => changed(subject, origin)),
            write,
          ),
        changes.publish,
      );
      links = await openConsentLinks(needs.store, host);
      notices = await openNotices(needs.store);
      needs.customers.onHandover(carry);
    },

    async close() {
      await ledger?.close();
    },
  };
}

function unconfirmed(purpose: Purpose, inputs: readonly unknown[]): UserError {
  const at = inputs.findIndex((input) => (input as { purpose?: unknown }).purpose === purpose);
  return userError(
    'CONSENT_CONFIRMATION_REQUIRED',
    `${purpose} is granted by a link that is sent to the customer; a server gets one with requestConsentConfirmation`,
    ['decisions', at, 'status'],
  );
}

function messageIdReused(grants: readonly Decision[]): readonly UserError[] {
  if (grants.length === 0) return [];
  const { messageId } = grants[0]!;
  const names = [...new Set(grants.map(({ purpose }) => purpose))].join(', ');
  return [
    userError(
      'CONSENT_MESSAGE_ID_REUSED',
      `messageId ${JSON.stringify(messageId)} was sent before with another grant of ${names}, so this one was not entered; give each click of the shopper a messageId of its own`,
      ['messageId'],
    ),
  ];
}

function uncertain(): RapportError {
  return new RapportError(
    'unavailable',
    'CONSENT_UNAVAILABLE',
    'Whose session this is cannot be read at the moment, so no decision was read or entered; try again shortly.',
    { retryAfterSeconds: 5 },
  );
}
