import { describeError, isRapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';

/** Keeps requests from a search server that is down, and lets one through now and then to find out whether it is back. */
interface CircuitBreaker {
  /** Calls the server, or `fallback` while it is down. Errors other than `unavailable` are thrown. */
  call<T>(server: () => Promise<T>, fallback: () => Promise<T>): Promise<T>;
}

/** Between two tries, unless the server sent a `Retry-After`. */
const retryMs = 1_000;
const retryMsMax = 30_000;
/** Other calls do not wait for a try that is on its way. */
const tryMs = 5_000;

export function createCircuitBreaker(host: Host): CircuitBreaker {
  let isOpen = false;
  let retryAtMs = 0;

  return {
    async call(server, fallback) {
      const nowMs = host.clock.nowMs();
      if (isOpen) {
        if (nowMs < retryAtMs) return fallback();
        retryAtMs = nowMs + tryMs;
      }
      try {
        const answer = await server();
        if (isOpen) host.log.info('the search server is back');
        isOpen = false;
        return answer;
      } catch (error) {
        if (!isRapportError(error, 'unavailable')) throw error;
        if (!isOpen) {
          host.log.warn('the search server is down; the shop searches its own index', {
            err: describeError(error),
          });
        }
        isOpen = true;
        const waitMs = Math.max(retryMs, (error.retryAfterSeconds ?? 0) * 1_000);
        retryAtMs = host.clock.nowMs() + Math.min(retryMsMax, waitMs);
        return fallback();
      }
    },
  };
}
