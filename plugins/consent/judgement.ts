import type { Channel, Context, Role } from '../../src/context.js';
import type { PersonalizationReason, Purpose } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { Decided, Head, States } from './chain.js';
import { activePersonalization, type LedgerPurpose, scopeOf } from './scopes.js';

export type Mode = 'opt-in' | 'opt-out';

/** Purposes that a shop may use by default where the law lets shoppers object afterwards. Messages always need a grant. */
const profiling: ReadonlySet<Purpose> = new Set(['PERSONALIZATION', 'ANALYTICS']);

export interface Judgement {
  readonly applied: boolean;
  readonly reason: PersonalizationReason;
}

const consented: Judgement = { applied: true, reason: 'CONSENTED' };
const notObjected: Judgement = { applied: true, reason: 'NOT_OBJECTED' };
const noConsent: Judgement = { applied: false, reason: 'NO_CONSENT' };
const signalled: Judgement = { applied: false, reason: 'GLOBAL_PRIVACY_CONTROL' };
const paused: Judgement = { applied: false, reason: 'PAUSED' };
export const unknown: Judgement = { applied: false, reason: 'CONSENT_UNKNOWN' };

/** The part of a shopper that decides which decisions hold for them. */
export type Decider = Pick<Shopper, 'sessionId' | 'customerId' | 'linkedTo' | 'person' | 'sessionIds'> & {
  /** The channel for which decisions are read. If omitted, decisions about single channels do not count. */
  readonly context?: Pick<Context, 'channel'>;
};

/** True if the anonymous part of the shopper's session is their own. */
export function ownsPast(shopper: Decider): boolean {
  return shopper.sessionIds.includes(shopper.sessionId);
}

/** True if a decision is of the customer of the shopper, or of the session's, or of another customer of the same person. */
function isCustomerOf({ customerId, linkedTo, person }: Decider, decided: Decided | null): boolean {
  const decider = decided?.customerId ?? null;
  if (decider === null) return false;
  return decider === (customerId ?? linkedTo) || person?.members.includes(decider) === true;
}

/** The ledger heads that a judgement of one shopper needs. */
export interface Heads {
  /** The head of the customer, if proven. */
  readonly customer: Head | null;
  /** The head of the customer whom the session is linked to, if not proven. */
  readonly linked: Head | null;
  readonly session: Head | null;
}

/**
 * The decision that a shopper may read.
 *
 * Proven customer: their own decision, in every session. A decision without proof in this session counts beside it unless their own
 * is newer, the least permissive first: a refusal always, a grant only if a server entered it, because a session id proves nobody.
 *
 * Anonymous shopper: what was decided without proof in this session.
 */
export function effective(
  shopper: Decider,
  purpose: LedgerPurpose,
  heads: Heads,
  nowMs: number,
): Decided | null {
  const channel = shopper.context?.channel;
  const { session, customer } = heads;
  const here = session && decidedIn(session, session.anonymous, purpose, channel, nowMs);
  if (shopper.customerId === null) return here?.customerId === null ? here : null;
  const own = customer && decidedIn(customer, customer.states, purpose, channel, nowMs);
  const proven = session && decidedIn(session, session.states, purpose, channel, nowMs);
  const isTakenBack = isCustomerOf(shopper, proven) && isNewer(proven, here);
  if (here === null || isTakenBack || isNewer(own, here)) return own;
  const isTheirs = here.customerId === null ? ownsPast(shopper) : isCustomerOf(shopper, here);
  const isGrantRefused = refusal(proven) !== null;
  const counts = here.status !== 'GRANTED' || (here.claimedBy === 'SERVER' && !isGrantRefused);
  return isTheirs && counts ? leastPermissive(own, here) : own;
}

/**
 * The refusal that is applied to an anonymous shopper although they may not read it. It is one of the customer of this session, one
 * of the customer it is linked to, or one carried over from a customer's session.
 */
export function hiddenRefusal(
  shopper: Decider,
  purpose: LedgerPurpose,
  heads: Heads,
  nowMs: number,
): Decided | null {
  if (shopper.customerId !== null) return null;
  const channel = shopper.context?.channel;
  const { session } = heads;
  const linked = heads.linked && decidedIn(heads.linked, heads.linked.states, purpose, channel, nowMs);
  const proven = session && decidedIn(session, session.states, purpose, channel, nowMs);
  const carried = session && decidedIn(session, session.anonymous, purpose, channel, nowMs);
  const isTakenBack = isCustomerOf(shopper, carried) && isNewer(linked, carried);
  // The customer of the session may have decided anew elsewhere, which only their own ledger has.
  const here = isCustomerOf(shopper, proven) && linked !== null ? null : proven;
  const before = carried?.customerId === null || isTakenBack ? null : carried;
  return leastPermissive(leastPermissive(refusal(linked), refusal(here)), refusal(before));
}

/** The decision that is applied to a shopper, including refusals that they may not read. */
export function holding(
  shopper: Decider,
  purpose: LedgerPurpose,
  heads: Heads,
  nowMs: number,
): Decided | null {
  const own = effective(shopper, purpose, heads, nowMs);
  return leastPermissive(own, hiddenRefusal(shopper, purpose, heads, nowMs));
}

/** True if the first was decided after the second. */
export function isNewer(own: Decided | null, said: Decided | null): boolean {
  return own !== null && said !== null && own.decidedAtMs > said.decidedAtMs;
}

export function refusal(decided: Decided | null): Decided | null {
  return decided !== null && decided.status !== 'GRANTED' ? decided : null;
}

/** A grant that has lapsed counts as undecided. */
export function valid(decided: Decided | undefined, nowMs: number): Decided | null {
  if (!decided || (decided.expiresAtMs !== null && decided.expiresAtMs <= nowMs)) return null;
  return decided;
}

/**
 * The decision of a head that holds in a channel. A decision about the channel is superseded by a later one about all channels, unless it is a
 * refusal and that one a grant.
 */
export function decidedIn(
  head: Head,
  states: States | undefined,
  purpose: LedgerPurpose,
  channel: Channel | undefined,
  nowMs: number,
): Decided | null {
  const general = valid(states?.[purpose], nowMs);
  if (head.scoped === undefined || channel === undefined) return general;
  const own = valid(states?.[scopeOf(purpose, channel)], nowMs);
  return isNewer(general, own) ? leastPermissive(general, own) : (own ?? general);
}

/** A refusal before a grant, the newer of two equal ones; what is undecided does not count. */
export function leastPermissive(a: Decided | null, b: Decided | null): Decided | null {
  if (a === null || b === null) return a ?? b;
  const granted = (decided: Decided) => decided.status === 'GRANTED';
  if (granted(a) !== granted(b)) return granted(a) ? b : a;
  const newer = b.decidedAtMs > a.decidedAtMs ? b : a;
  const globalPrivacyControl = a.globalPrivacyControl || b.globalPrivacyControl;
  return { ...newer, globalPrivacyControl };
}

/** Decides if a shopper is personalized: by their decisions, and while they did not pause it. */
export function evaluatePersonalization(mode: Mode, shopper: Shopper, heads: Heads, atMs: number): Judgement {
  const decided = holding(shopper, 'PERSONALIZATION', heads, atMs);
  const judgement = evaluate(mode, shopper.context.caller, 'PERSONALIZATION', decided);
  return judgement.applied && isPaused(shopper, heads, atMs) ? paused : judgement;
}

export function isPaused(shopper: Decider, heads: Heads, atMs: number): boolean {
  const { customer, linked, session } = heads;
  // Few shoppers ever paused.
  const known =
    customer?.states[activePersonalization] ??
    linked?.states[activePersonalization] ??
    session?.states[activePersonalization] ??
    session?.anonymous?.[activePersonalization];
  if (known === undefined) return false;
  return refusal(holding(shopper, activePersonalization, heads, atMs)) !== null;
}

/**
 * Decides if a purpose is allowed. The Global Privacy Control signal (globalprivacycontrol.org) comes with every request of
 * a browser, so it is an objection to profiling newer than any grant given without it; only a shopper who
 * said yes while sending it has said yes in spite of it. A merchandiser never sees what is personal.
 */
export function evaluate(
  mode: Mode,
  caller: { readonly role: Role; readonly globalPrivacyControl: boolean },
  purpose: Purpose,
  decided: Decided | null,
): Judgement {
  if (caller.role === 'MERCHANDISER') return noConsent;
  const signal = caller.globalPrivacyControl && profiling.has(purpose);
  if (decided?.status === 'GRANTED') return signal && !decided.globalPrivacyControl ? signalled : consented;
  if (signal) return signalled;
  return decided === null && mode === 'opt-out' && profiling.has(purpose) ? notObjected : noConsent;
}
