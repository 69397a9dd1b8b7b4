import type { Handover } from '../../src/ports/customers.js';
import type { Decided, Decision, Head, States } from './chain.js';
import { isNewer, refusal, valid } from './judgement.js';
import { partsOf, type Scope, scopesOf } from './scopes.js';

/** The heads that a handover needs, as they are in the store. */
export interface HandedOver {
  readonly session: Head | null;
  /** The head of the customer of the session that is left. */
  readonly customer: Head | null;
}

/**
 * Decisions that a session takes over from the one it replaces: refusals, and at a sign-in the grants that a server entered. They keep
 * their dates, so a newer decision in the new session wins, and the customer whose they were.
 */
export function carriedOver(
  { context, reason, from, customerId, untilMs }: Handover,
  { session, customer }: HandedOver,
  ids: { next(): string },
  nowMs: number,
): Decision[] {
  const scopes = new Set(
    [session?.anonymous, session?.states, customer?.states].flatMap(
      (states) => Object.keys(states ?? {}) as readonly Scope[],
    ),
  );
  return [...scopes].flatMap((scope) => {
    const { purpose, channel } = partsOf(scope);
    const said = (states: States | undefined) => valid(states?.[scope], nowMs);
    const own = said(customer?.states);
    const here = said(session?.anonymous);
    const isTakenBack = customerId !== null && here?.customerId === customerId && isNewer(own, here);
    const found: readonly (Decided | null)[] = [
      isTakenBack ? null : refusal(here),
      refusal(said(session?.states)),
      reason === 'replacement' ? refusal(own) : null,
      reason === 'sign-in' && here?.claimedBy === 'SERVER' ? here : null,
    ];
    const decided = found.find((one) => one !== null);
    if (!decided) return [];
    return [
      {
        id: ids.next(),
        purpose,
        status: decided.status,
        ...(channel === null ? {} : { appliesTo: [channel] }),
        noticeVersion: null,
        evidence: null,
        channel: context.channel,
        source: context.caller.source,
        ...(decided.claimedBy === undefined ? {} : { claimedBy: decided.claimedBy }),
        customerId: decided.customerId ?? (decided.decidedAtMs <= untilMs ? customerId : null),
        globalPrivacyControl: decided.globalPrivacyControl,
        expiresAtMs: decided.expiresAtMs,
        saidAtMs: decided.decidedAtMs,
        carriedFrom: from,
      },
    ];
  });
}

/** The decisions that are not yet in the ledger of a session. */
export function missingIn(head: Head | null, decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter((decision) =>
    scopesOf(decision).some((scope) => {
      const there = head?.anonymous?.[scope];
      return there === undefined || there.decidedAtMs < (decision.saidAtMs ?? 0);
    }),
  );
}
