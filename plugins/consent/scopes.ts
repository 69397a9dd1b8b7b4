import { type Channel, channels } from '../../src/context.js';
import { type ConsentDecision, type Purpose, purposes } from '../../src/ports/consent.js';

/**
 * The ledger's own purpose for pausing personalization. A pause is its refusal and resuming its grant, so that everything that holds for refusals
 * (sessions, handovers, merges) holds for pauses. Without a decision it is permitted.
 */
export const activePersonalization = 'ACTIVE_PERSONALIZATION';
export type LedgerPurpose = Purpose | typeof activePersonalization;
export const ledgerPurposes: readonly LedgerPurpose[] = [...purposes, activePersonalization];

/** A purpose in all channels, or in one of them: the name of a state of the ledger. */
export type Scope = LedgerPurpose | `${LedgerPurpose}@${Channel}`;

interface ScopeParts {
  readonly purpose: LedgerPurpose;
  /** null: all. */
  readonly channel: Channel | null;
}

const parts = new Map<string, ScopeParts>();
const names = new Map<LedgerPurpose, ReadonlyMap<string, Scope>>();
for (const purpose of ledgerPurposes) {
  parts.set(purpose, { purpose, channel: null });
  const own = new Map<string, Scope>();
  for (const channel of channels) {
    const scope: Scope = `${purpose}@${channel}`;
    own.set(channel, scope);
    parts.set(scope, { purpose, channel });
  }
  names.set(purpose, own);
}

export function scopeOf(purpose: LedgerPurpose, channel: Channel): Scope {
  return names.get(purpose)!.get(channel)!;
}

export function partsOf(scope: Scope): ScopeParts {
  return parts.get(scope)!;
}

/** The scopes that a decision is about. */
export function scopesOf({
  purpose,
  appliesTo,
}: {
  readonly purpose: LedgerPurpose;
  readonly appliesTo?: readonly Channel[];
}): readonly Scope[] {
  return appliesTo === undefined ? [purpose] : appliesTo.map((channel) => scopeOf(purpose, channel));
}

/** True for a decision about a purpose; false for a pause. */
export function isPublic<E extends ConsentDecision<LedgerPurpose>>(
  entry: E,
): entry is E & { readonly purpose: Purpose } {
  return entry.purpose !== activePersonalization;
}
