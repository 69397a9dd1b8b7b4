import { describeError, isRapportError, RapportError } from '../../src/errors.js';
import type { Fact } from '../../src/facts.js';
import type { Host } from '../../src/plugin.js';
import {
  type Consent,
  type ConsentDecision,
  type Permit,
  type Purpose,
  purposes,
} from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Store } from '../../src/ports/store.js';
import type { Head } from './chain.js';
import { readDecisions } from './decisions.js';
import { effective, type Judgement, judge, leastPermissive, type Mode, ownsPast, unknown } from './judge.js';
import { type Audit, type Ledger, openLedger } from './ledger.js';

const historyMax = 1_000;

export interface ConsentPlugin extends Consent {
  open(): Promise<void>;
  close(): Promise<void>;
  catchUp(subject: string): Promise<void>;
  audit(subject: string, receipts: readonly string[]): Promise<Audit>;
}

/** The rules of consent over the ledger; `open` opens it, before anything else is called. */
export function createConsent(
  needs: { readonly store: Store; readonly queue: Queue },
  host: Host,
  mode: Mode,
): ConsentPlugin {
  let ledger: Ledger;

  async function headsOf(shopper: Shopper): Promise<[customer: Head | null, session: Head | null]> {
    const session = ledger.head(sessionSubject(shopper.sessionId));
    if (shopper.customerId === null) return [null, await session];
    return Promise.all([ledger.head(customerSubject(shopper.customerId)), session]);
  }

  async function judgement(shopper: Shopper, purpose: Purpose): Promise<Judgement> {
    if (shopper.uncertain) return unknown;
    try {
      const [customer, session] = await headsOf(shopper);
      const decided = effective(shopper, purpose, customer, session, host.clock.nowMs());
      return judge(mode, shopper.context.caller, purpose, decided);
    } catch (error) {
      report('a consent could not be read', error);
      return unknown;
    }
  }

  function report(message: string, error: unknown): void {
    // The store itself tells when it is down; every request would repeat it.
    if (!isRapportError(error, 'unavailable')) {
      host.log.error(message, { err: describeError(error) });
    }
  }

  /** undefined for what could not be read. */
  async function settled(reads: readonly Promise<Head | null>[]): Promise<(Head | null | undefined)[]> {
    try {
      return await Promise.all(reads);
    } catch (error) {
      report('a consent to analytics could not be read', error);
      const results = await Promise.allSettled(reads);
      return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
    }
  }

  async function states(shopper: Shopper): ReturnType<Consent['states']> {
    if (shopper.uncertain) throw uncertain();
    const [customer, session] = await headsOf(shopper);
    const nowMs = host.clock.nowMs();
    return purposes.map((purpose) => {
      const decided = effective(shopper, purpose, customer, session, nowMs);
      return {
        purpose,
        status: decided?.status ?? 'UNSET',
        decidedAtMs: decided?.decidedAtMs ?? null,
        expiresAtMs: decided?.expiresAtMs ?? null,
      };
    });
  }

  return {
    states,

    async permit<P extends Purpose>(shopper: Shopper, purpose: P) {
      const { applied } = await judgement(shopper, purpose);
      return applied ? ({ purpose, shopper } as Permit<P>) : null;
    },

    personalization: (shopper) => judgement(shopper, 'PERSONALIZATION'),

    async decide(shopper, inputs) {
      if (shopper.uncertain) throw uncertain();
      const { decisions, userErrors } = readDecisions(inputs, host.clock.nowMs());
      if (decisions.length > 0) {
        const { caller, channel } = shopper.context;
        const entries = decisions.map((decision) => ({
          ...decision,
          id: host.ids.next(),
          channel,
          source: caller.source,
          customerId: shopper.customerId,
          globalPrivacyControl: caller.globalPrivacyControl,
        }));
        const subjects = [sessionSubject(shopper.sessionId)];
        if (shopper.customerId !== null) subjects.push(customerSubject(shopper.customerId));
        const facts = subjects.map((subject): Fact => ({ type: 'consent.changed', subject }));
        await needs.queue.publishing(facts, async () => {
          const appended = await Promise.allSettled(
            subjects.map((subject) => ledger.append(subject, entries)),
          );
          for (const one of appended) if (one.status === 'rejected') throw one.reason;
        });
      }
      return { states: await states(shopper), userErrors };
    },

    async history(shopper) {
      if (shopper.uncertain) throw uncertain();
      const { customerId, sessionId, context } = shopper;
      const session = await ledger.history(sessionSubject(sessionId), historyMax);
      if (customerId === null) return session;
      const past = ownsPast(shopper);
      const here = session.filter(
        (entry) => entry.customerId === customerId || (entry.customerId === null && past),
      );
      const { role } = context.caller;
      if (role !== 'SERVER' && role !== 'ADMIN' && context.caller.customerId !== customerId) return here;
      const own = await ledger.history(customerSubject(customerId), historyMax);
      return joined(own, here);
    },

    async mayLearn(subjects) {
      const ids: string[] = [];
      for (const { sessionId, customerId } of subjects) {
        ids.push(sessionSubject(sessionId));
        if (customerId !== null) ids.push(customerSubject(customerId));
      }
      const reads = await settled(ledger.heads(ids));
      let next = 0;
      return subjects.map(({ customerId }) => {
        const session = reads[next++];
        const customer = customerId === null ? null : reads[next++];
        if (session === undefined || customer === undefined) return false;
        const here = session?.states.ANALYTICS ?? null;
        // What this customer said here is in their own ledger, and may be superseded there.
        const counts = here !== null && (customerId === null || here.customerId !== customerId);
        const decided = leastPermissive(customer?.states.ANALYTICS ?? null, counts ? here : null);
        return decided === null || decided.status === 'GRANTED';
      });
    },

    catchUp: (subject) => ledger.catchUp(subject),
    audit: (subject, receipts) => ledger.verify(subject, receipts),

    async open() {
      ledger = await openLedger(needs.store, host.clock);
    },

    async close() {
      await ledger?.close();
    },
  };
}

function sessionSubject(sessionId: string): string {
  return `session:${sessionId}`;
}

function customerSubject(customerId: string): string {
  return `customer:${customerId}`;
}

/** A decision of a known shopper is in both ledgers under one id; it is told once. */
function joined(
  own: readonly ConsentDecision[],
  here: readonly ConsentDecision[],
): readonly ConsentDecision[] {
  const told = new Set(own.map((entry) => entry.id));
  return [...own, ...here.filter((entry) => !told.has(entry.id))]
    .sort((a, b) => a.decidedAtMs - b.decidedAtMs)
    .slice(-historyMax);
}

function uncertain(): RapportError {
  return new RapportError(
    'unavailable',
    'CONSENT_UNAVAILABLE',
    'Whose session this is cannot be read at the moment, so no decision was read or entered; try again shortly.',
    { retryAfterSeconds: 5 },
  );
}
