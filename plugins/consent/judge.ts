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

/**
 * What holds for a shopper. A customer's own decisions hold wherever they are. What was said in this session counts
 * beside them only while it was said anonymously, and by nobody else: what the customer said here is in their own
 * ledger and superseded there, what another customer said here is not theirs.
 */
export function effective(
  shopper: Shopper,
  purpose: Purpose,
  customer: Head | null,
  session: Head | null,
  nowMs: number,
): Decided | null {
  const here = valid(session?.states[purpose], nowMs);
  if (shopper.customerId === null) return here;
  const own = valid(customer?.states[purpose], nowMs);
  const counts = here !== null && here.customerId === null && ownsPast(shopper);
  return leastPermissive(own, counts ? here : null);
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
