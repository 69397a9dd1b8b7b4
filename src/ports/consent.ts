import type { UserError } from '../errors.js';
import type { Shopper } from './customers.js';

export const purposes = [
  'PERSONALIZATION',
  'ANALYTICS',
  'MARKETING_EMAIL',
  'MARKETING_SMS',
  'MARKETING_PUSH',
] as const;
export type Purpose = (typeof purposes)[number];
export type ConsentStatus = 'GRANTED' | 'DENIED' | 'WITHDRAWN';

export type PersonalizationReason =
  | 'CONSENTED'
  | 'NOT_OBJECTED'
  | 'NO_CONSENT'
  | 'GLOBAL_PRIVACY_CONTROL'
  | 'CONSENT_UNKNOWN';

declare const issued: unique symbol;

/**
 * Proof that a shopper allowed a purpose, at the moment of this request. Only the consent plugin issues it,
 * and every port method that reads something personal asks for one: there is no other way to a history.
 */
export interface Permit<P extends Purpose = Purpose> {
  readonly purpose: P;
  readonly shopper: Shopper;
  readonly [issued]: true;
}

/** One entry of the ledger (fields after ISO/IEC TS 27560). */
export interface ConsentDecision {
  readonly id: string;
  readonly subject: string;
  readonly purpose: Purpose;
  readonly status: ConsentStatus;
  readonly noticeVersion: string | null;
  readonly evidence: string | null;
  readonly channel: string;
  readonly source: string;
  /** Who was known to decide; null: an anonymous session. */
  readonly customerId: string | null;
  /** Whether the browser asked not to be profiled (`Sec-GPC: 1`) while this was decided. */
  readonly globalPrivacyControl: boolean;
  readonly expiresAtMs: number | null;
  /** By the server's clock: a device never dates a decision. */
  readonly decidedAtMs: number;
  /** SHA-256 over the previous entry's hash and this entry; the first of a subject chains from zeros. */
  readonly hash: string;
}

/** What holds now. A grant that has lapsed reads like one that was never given. */
export interface ConsentState {
  readonly purpose: Purpose;
  readonly status: ConsentStatus | 'UNSET';
  readonly decidedAtMs: number | null;
  readonly expiresAtMs: number | null;
}

/** The one choke point of everything personal. */
export interface Consent {
  /** null: not allowed. Never throws: when the store does not answer, nobody is personalized. */
  permit<P extends Purpose>(shopper: Shopper, purpose: P): Promise<Permit<P> | null>;
  /** Whether answers to this shopper are personal, and why. */
  personalization(
    shopper: Shopper,
  ): Promise<{ readonly applied: boolean; readonly reason: PersonalizationReason }>;
  /**
   * Of every purpose, in the order of `purposes`. What a customer decided holds in each of their sessions; what they decided
   * in this session before they were known counts too, and where the two differ the least permissive holds.
   * Throws `unavailable` with the store.
   */
  states(shopper: Shopper): Promise<readonly ConsentState[]>;
  /**
   * Enters up to 50 `ConsentInput`s of the schema, all or nothing per element, for the customer and for the session; they hold
   * when it resolves. Purposes named twice are refused. Throws `unavailable` when nothing could be entered.
   */
  decide(
    shopper: Shopper,
    inputs: readonly unknown[],
  ): Promise<{ readonly states: readonly ConsentState[]; readonly userErrors: readonly UserError[] }>;
  /**
   * The newest 1,000 decisions, oldest first: those of this session, and those of the customer for callers who have
   * proven to be them or to be a server.
   */
  history(shopper: Shopper): Promise<readonly ConsentDecision[]>;
  /** Whether shopping behaviour may teach the shop's anonymous statistics: yes unless ANALYTICS was refused, or nobody can tell. In the order given. */
  mayLearn(
    subjects: readonly { readonly sessionId: string; readonly customerId: string | null }[],
  ): Promise<boolean[]>;
}
