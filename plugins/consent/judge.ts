import type { Role } from '../../src/context.js';
import type { PersonalizationReason, Purpose } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { Decided, Head } from './chain.js';

export type Mode = 'opt-in' | 'opt-out';

/** What a shop may do by default where the law lets shoppers object afterwards. Messages always need a yes. */
const profiling: ReadonlySet<Purpose> = new Set(['PERSONALIZATION', 'ANALYTICS']);

export interface Judgement {
  readonly applied: boolean;
  readonly reason: PersonalizationReason;
}

const consented: Judgement = { applied: true, reason: 'CONSENTED' };
const notObjected: Judgement = { applied: true, reason: 'NOT_OBJECTED' };
const noConsent: Judgement = { applied: false, reason: 'NO_CONSENT' };
const signalled: Judgement = { applied: false, reason: 'GLOBAL_PRIVACY_CONTROL' };
export const unknown: Judgement = { applied: false, reason: 'CONSENT_UNKNOWN' };

/** Whether the anonymous part of the shopper's session is their own. */
export function ownsPast(shopper: Shopper): boolean {
  return shopper.sessionIds.includes(shopper.sessionId);
}

/** The ledger heads that a judgement of one shopper needs. */
export interface Heads {
  /** Of the customer, if proven. */
  readonly customer: Head | null;
  /** Of the customer whom the session is linked to, if not proven. */
  readonly linked: Head | null;
  readonly session: Head | null;
  /** Of the session that this one was signed in from. */
  readonly signedInFrom: Head | null;
}

/**
 * The decision that a shopper may read.
 *
 * Proven customer: their own decision, in every session. What was said anonymously in this session, or before the sign-in in the one
 * it was signed in from, counts beside it unless their own is newer, the least permissive first: a refusal always, a grant only
 * if a server entered it, because a session id proves nobody.
 *
 * Anonymous shopper: what was decided without proof in this session.
 */
export function effective(shopper: Shopper, purpose: Purpose, heads: Heads, nowMs: number): Decided | null {
  const here = anonymous(valid(heads.session?.states[purpose], nowMs));
  if (shopper.customerId === null) return here;
  const own = valid(heads.customer?.states[purpose], nowMs);
  const before = anonymous(valid(beforeSignIn(shopper, purpose, heads), nowMs));
  return (ownsPast(shopper) ? [here, before] : [])
    .filter((said) => said?.status !== 'GRANTED' || said.claimedBy === 'SERVER')
    .filter((said) => !isNewer(own, said))
    .reduce(leastPermissive, own);
}

/**
 * Refusals that hold for an anonymous shopper and that they may not read: of a customer, in this session or anywhere if it is
 * linked to them, and in the session that this one was signed in from.
 */
export function hiddenRefusal(
  shopper: Shopper,
  purpose: Purpose,
  heads: Heads,
  nowMs: number,
): Decided | null {
  if (shopper.customerId !== null) return null;
  const before = beforeSignIn(shopper, purpose, heads) ?? null;
  const isTakenBack = isNewer(valid(heads.linked?.states[purpose], nowMs), before);
  return [heads.session?.states[purpose], heads.linked?.states[purpose], isTakenBack ? null : before]
    .map((decided) => refusal(decided ?? null))
    .reduce(leastPermissive, null);
}

/** Decisions of the session that this one was signed in from. Others may know its id, so decisions after the sign-in do not count. */
function beforeSignIn(shopper: Shopper, purpose: Purpose, { signedInFrom }: Heads): Decided | undefined {
  const decided = signedInFrom?.states[purpose];
  return decided !== undefined && decided.decidedAtMs <= (shopper.signedInAtMs ?? 0) ? decided : undefined;
}

function isNewer(own: Decided | null, said: Decided | null): boolean {
  return own !== null && said !== null && own.decidedAtMs > said.decidedAtMs;
}

function anonymous(decided: Decided | null): Decided | null {
  return decided?.customerId === null ? decided : null;
}

function refusal(decided: Decided | null): Decided | null {
  return decided !== null && decided.status !== 'GRANTED' ? decided : null;
}

/** A grant that has lapsed counts as undecided. */
function valid(decided: Decided | undefined, nowMs: number): Decided | null {
  if (!decided || (decided.expiresAtMs !== null && decided.expiresAtMs <= nowMs)) return null;
  return decided;
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

/**
 * Whether a purpose is allowed. The Global Privacy Control signal (globalprivacycontrol.org) comes with every request of
 * a browser, so it is an objection to profiling newer than any grant given without it; only a shopper who
 * said yes while sending it has said yes in spite of it. A merchandiser never sees what is personal.
 */
export function judge(
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
