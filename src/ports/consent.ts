import type { Caller, Channel, Context } from '../context.js';
import type { UserError } from '../errors.js';
import type { PersonName } from '../person-ids.js';
import type { Shopper } from './customers.js';

export const purposes = [
  'PERSONALIZATION',
  'ANALYTICS',
  'MARKETING_EMAIL',
  'MARKETING_SMS',
  'MARKETING_PUSH',
] as const;
export type Purpose = (typeof purposes)[number];

/** Purposes that a decision may limit to channels. Each of the others is about one channel anyway. */
export const scopedPurposes: ReadonlySet<Purpose> = new Set(['PERSONALIZATION', 'ANALYTICS']);
export type ConsentStatus = 'GRANTED' | 'DENIED' | 'WITHDRAWN';

export type PersonalizationReason =
  | 'CONSENTED'
  | 'NOT_OBJECTED'
  | 'NO_CONSENT'
  | 'GLOBAL_PRIVACY_CONTROL'
  | 'PAUSED'
  | 'RESTRICTED'
  | 'CONSENT_UNKNOWN';

/** The source of a decision: a server, the customer by token, or whoever had the session id. */
export const consentActors = ['SERVER', 'CUSTOMER', 'SESSION'] as const;
export type ConsentActor = (typeof consentActors)[number];

export function claimantOf(caller: Caller, customerId: string | null): ConsentActor {
  if (caller.role === 'SERVER' || caller.role === 'ADMIN') return 'SERVER';
  return customerId === null ? 'SESSION' : 'CUSTOMER';
}

/** The form of a decision: an explicit statement, another clear action, or inferred. */
export const consentExpressions = ['EXPLICIT', 'EXPRESSED', 'IMPLIED'] as const;
export type ConsentExpression = (typeof consentExpressions)[number];

const issued: unique symbol = Symbol('issued');

/** For how long a permit is accepted: longer than any request takes. */
export const permitMs = 60_000;

/**
 * Proof that a shopper allowed a purpose, at the moment of this request. Only the consent plugin issues it,
 * and every port method that reads something personal asks for one and checks it with `Consent.accepts`: there is no other
 * way to a history. Frozen.
 */
export interface Permit<P extends Purpose = Purpose> {
  readonly purpose: P;
  readonly shopper: Shopper;
  readonly [issued]: true;
}

/** Issues permits, for a plugin that provides `consent`. Those of one factory are accepted by no other. */
export interface Permits {
  /** To be called only for a shopper who allows the purpose. */
  issue<P extends Purpose>(shopper: Shopper, purpose: P): Permit<P>;
  readonly accepts: Consent['accepts'];
}

export function createPermits(clock: { nowMs(): number }): Permits {
  const issuedAtMs = new WeakMap<Permit, number>();
  return {
    issue(shopper, purpose) {
      const permit = Object.freeze({ purpose, shopper, [issued]: true as const });
      issuedAtMs.set(permit, clock.nowMs());
      return permit;
    },
    accepts(permit, purpose) {
      const atMs = issuedAtMs.get(permit);
      return atMs !== undefined && permit.purpose === purpose && clock.nowMs() - atMs <= permitMs;
    },
  };
}

/** One entry of the ledger (fields after ISO/IEC TS 27560). */
export interface ConsentDecision<P extends string = Purpose> {
  readonly id: string;
  readonly subject: string;
  readonly purpose: P;
  readonly status: ConsentStatus;
  /** The channels that it is about. Absent: all of them. */
  readonly appliesTo?: readonly Channel[];
  readonly noticeVersion: string | null;
  /** The language of the notice, BCP 47. Absent: not known. */
  readonly language?: string;
  /** The country or region whose law applies, ISO 3166. Absent: not known. */
  readonly jurisdiction?: string;
  /** Absent: not known. */
  readonly expression?: ConsentExpression;
  readonly evidence: string | null;
  readonly channel: string;
  readonly source: string;
  /** The source of the decision and its evidence. Absent in entries of earlier versions. */
  readonly claimedBy?: ConsentActor;
  /** The customer who was proven; null for an anonymous session. With `carriedFrom`, the customer of that session. */
  readonly customerId: string | null;
  /** When it was decided, if that is not when it was entered; null: imported without a date. Absent: when it was entered. */
  readonly saidAtMs?: number | null;
  /** The sender's id of the call. Absent if it sent none. */
  readonly messageId?: string;
  /** The session in which it was decided, if it was carried over into this one. */
  readonly carriedFrom?: string;
  /** True if the browser requested not to be profiled (`Sec-GPC: 1`) while this was decided. */
  readonly globalPrivacyControl: boolean;
  readonly expiresAtMs: number | null;
  /** True of the rest of a decision whose customer was erased: its hash is the one of the decision as it was. */
  readonly erased?: true;
  /** When it was entered, by the server's clock: a device never dates a decision. */
  readonly decidedAtMs: number;
  /** SHA-256 over the previous entry's hash and this entry; the first of a subject chains from zeros. */
  readonly hash: string;
}

/** The decision in force now. A grant that has lapsed reads like one that was never given. */
export interface ConsentState {
  readonly purpose: Purpose;
  readonly status: ConsentStatus | 'UNSET';
  readonly decidedAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** True if another system reported it; absent: it was made here. */
  readonly imported?: true;
}

/** The decision that was in force at a moment. */
export interface PastConsent extends ConsentState {
  /** True if the purpose was permitted: granted, or in opt-out mode not refused; and for PERSONALIZATION, not paused. */
  readonly permitted: boolean;
  /** The entry of the ledger; null if there was none. */
  readonly decision: ConsentDecision | null;
}

/** A shopper paused personalization, or resumed it. */
export interface PauseChange {
  readonly id: string;
  readonly paused: boolean;
  readonly channel: string;
  readonly source: string;
  readonly claimedBy: ConsentActor;
  readonly atMs: number;
}

/** The one choke point of everything personal. */
export interface Consent {
  /** null: not allowed. Never throws: when the store does not answer, nobody is personalized. */
  permit<P extends Purpose>(shopper: Shopper, purpose: P): Promise<Permit<P> | null>;
  /** True if this very object was issued by `permit` for the purpose, not longer than `permitMs` ago. */
  accepts(permit: Permit, purpose: Purpose): boolean;
  /** True if responses to this shopper are personal, and the reason. */
  personalization(
    shopper: Shopper,
  ): Promise<{ readonly applied: boolean; readonly reason: PersonalizationReason }>;
  /**
   * The state of every purpose, in the order of `purposes`. Proven customer: their own decisions, and refusals of an anonymous shopper in
   * this session; the least permissive holds. Anonymous shopper: what was decided without proof in this session.
   * Throws `unavailable` with the store. `channel`: if omitted, that of the shopper's context.
   */
  states(shopper: Shopper, channel?: Channel): Promise<readonly ConsentState[]>;
  /**
   * The state of a purpose as it was at a moment, by the moments at which decisions were made: one that was entered later counts from its
   * own date on. `subject`: `customer:<id>` or `session:<id>`, the former with all customers that were the same person then, as merges stand
   * now. `channel`: if omitted, decisions about single channels do not count. Reads the whole history of the subject. Throws `unavailable`.
   */
  consentAt(subject: string, purpose: Purpose, atMs: number, channel?: Channel): Promise<PastConsent>;
  /**
   * Pauses personalization, or resumes it. A paused shopper is not personalized, and nothing is attributed to them. It is entered in the
   * ledger, so sessions, handovers and merges treat a pause as a refusal, without changing any decision about a purpose. An equal state
   * enters nothing; returns whether it changed. Throws `unavailable` with the store.
   */
  pause(shopper: Shopper, paused: boolean): Promise<boolean>;
  /** True if a pause holds that the shopper may read. Throws `unavailable` with the store. */
  isPaused(shopper: Shopper): Promise<boolean>;
  /** The pauses among the newest 1,000 entries that the shopper may read, oldest first. Throws `unavailable` with the store. */
  pauses(shopper: Shopper): Promise<readonly PauseChange[]>;
  /**
   * Enters up to 50 `ConsentInput`s of the schema, all or nothing per element, for the session and for the customer if they are
   * proven; they hold when it resolves. Purposes named twice are refused. Throws `unavailable` when nothing could be entered.
   * `messageId` names the call: a grant that is sent again with it enters nothing, whatever was decided since. A refusal always counts. If such
   * a grant has another notice, evidence or expiry, `userErrors` names it (`CONSENT_MESSAGE_ID_REUSED`).
   * `saidAtMs`: when they were made, by another system that reports them. What is older than the decision that holds goes to the history only.
   */
  decide(
    shopper: Shopper,
    inputs: readonly unknown[],
    options?: { readonly messageId?: string; readonly saidAtMs?: number },
  ): Promise<{ readonly states: readonly ConsentState[]; readonly userErrors: readonly UserError[] }>;
  /**
   * Enters up to 1,000 `ConsentImportInput`s of the schema, of any customers, all or nothing per element. An entry that is older than the
   * decision that holds goes to the history only. A grant without a date does not overrule a refusal that was entered by `decide`. Throws
   * `denied` unless the caller is a server, and `unavailable` if the store does not respond; then all of it may be sent again.
   */
  importDecisions(
    context: Context,
    entries: readonly unknown[],
  ): Promise<{ readonly imported: number; readonly userErrors: readonly UserError[] }>;
  /**
   * The newest 1,000 decisions, oldest first. Proven customer: theirs in any session. Anonymous shopper: those without proof in
   * this session.
   */
  history(shopper: Shopper): Promise<readonly ConsentDecision[]>;
  /** For each shopper, `learn` of `recording`, now. */
  mayLearn(shoppers: readonly Shopper[]): Promise<boolean[]>;
  /**
   * For each shopper, what their behaviour may be used for if it is recorded now: by the decisions that are in force and by those
   * that were when it happened. `sinceMs`: the earliest moment that is asked about; Infinity: now. Never throws.
   */
  recording(shoppers: readonly Shopper[], sinceMs: readonly number[]): Promise<UseAt[]>;
  /**
   * For each person, what the refusals that are in force now leave of behaviour that was recorded earlier: `learn` is false while ANALYTICS
   * is refused, `permitted` while PERSONALIZATION is. A grant adds nothing.
   * Both are false if the decisions of a person are damaged. Reads past caches; throws `unavailable`.
   */
  remaining(people: readonly RecordedPerson[]): Promise<readonly RecordingUse[]>;
  /**
   * True if a refusal of PERSONALIZATION or ANALYTICS is in force that was made since then by somebody who had decided before, or in
   * opt-out mode by anybody. It reads the state of every subject, so call it rarely. Throws `unavailable`.
   */
  withdrawnSince(sinceMs: number): Promise<boolean>;
  /**
   * A stream that yields whenever a decision of the shopper changed, and once at its beginning. It ends with `return`. If omitted,
   * nobody can subscribe to `consentChanged`.
   */
  readonly changesOf?: (shopper: Shopper) => AsyncIterableIterator<string>;
}

/** Returns the permitted use of an event by the moment it happened; Infinity is now. */
export type UseAt = (atMs: number) => RecordingUse;

/** The person of an event, as the event names them. */
export interface RecordedPerson {
  readonly sessionId: string;
  readonly customerId: string | null;
  /** The channel of the event. If omitted, decisions about single channels do not count. */
  readonly channel?: Channel;
}

/** People whose data may be stored and not used, whatever they permit (GDPR, article 18): a contribution to consent. */
export interface ProcessingRestriction {
  /** True if the person with these names is restricted. Called for every permit, so it reads from memory. */
  isRestricted(names: readonly PersonName[]): boolean;
  /** True if somebody was restricted since then: what was learned from them has to be forgotten. */
  restrictedSince(sinceMs: number): boolean;
}

/** The permitted uses of behaviour at the moment of recording. */
export interface RecordingUse {
  /** True if it may teach the shop's anonymous statistics: yes unless ANALYTICS was refused or cannot be read. */
  readonly learn: boolean;
  /** True if personalization was permitted, so that it may be attributed to the person. */
  readonly permitted: boolean;
}
