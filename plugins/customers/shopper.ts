import type { Shopper } from '../../src/ports/customers.js';
import { type Past, sessionsMax } from './links.js';

/** Freezes a shopper with all in it. `deepFreeze` would look at each field, for every request. */
export function frozenShopper(shopper: Shopper): Shopper {
  Object.freeze(shopper.sessionIds);
  Object.freeze(shopper.pastUntilMs);
  Object.freeze(shopper.context.caller);
  Object.freeze(shopper.context);
  return Object.freeze(shopper);
}

/** This session first, if it is theirs, then others of theirs. */
export function pastOf(
  own: string,
  isOwn: boolean,
  others: readonly Past[],
): Pick<Shopper, 'sessionIds' | 'pastUntilMs'> {
  const sessionIds = isOwn ? [own] : [];
  const pastUntilMs = isOwn ? [Number.POSITIVE_INFINITY] : [];
  for (const { sessionId, untilMs } of others) {
    if (sessionIds.length === sessionsMax) break;
    if (sessionId === own) continue;
    sessionIds.push(sessionId);
    pastUntilMs.push(untilMs);
  }
  return { sessionIds, pastUntilMs };
}
