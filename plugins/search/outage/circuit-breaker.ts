import { describeError, isRapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';

/** Keeps requests from a search server that does not answer, and lets one through now and then to see whether it is back. */
export interface Availability {
  /** Answers from the server, or by `otherwise` while it is away. Errors that are no absence are thrown. */
  ask<T>(what: () => Promise<T>, otherwise: () => Promise<T>): Promise<T>;
}

/** Between two tries, when the server does not say when to come again. */
const againMs = 1_000;
const againMostMs = 30_000;
/** While one try is on its way the others do not wait for it. */
const tryMs = 5_000;

export function createAvailability(host: Host): Availability {
  let isAway = false;
  let askAgainAtMs = 0;

  return {
    async ask(what, otherwise) {
      const nowMs = host.clock.nowMs();
      if (isAway) {
        if (nowMs < askAgainAtMs) return otherwise();
        askAgainAtMs = nowMs + tryMs;
      }
      try {
        const answer = await what();
        if (isAway) host.log.info('the search server answers again');
        isAway = false;
        return answer;
      } catch (error) {
        if (!isRapportError(error, 'unavailable')) throw error;
        if (!isAway) {
          host.log.warn('the search server does not answer; the shop answers from its own catalog', {
            err: describeError(error),
          });
        }
        isAway = true;
        const waitMs = Math.max(againMs, (error.retryAfterSeconds ?? 0) * 1_000);
        askAgainAtMs = host.clock.nowMs() + Math.min(againMostMs, waitMs);
        return otherwise();
      }
    },
  };
}
