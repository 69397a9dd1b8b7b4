import type { Clock } from '../../src/plugin.js';
import type { RateStore } from '../../src/ports/queue-driver.js';

/** A rate store in this process, for tests with several gateways in one; the contract holds it equal to the one on Redis. */
export function createMemoryRates(clock: Pick<Clock, 'nowMs'>): RateStore {
  const fullAt = new Map<string, number>();
  const processes = new Set<string>();
  return {
    async report(processId, taken) {
      processes.add(processId);
      const nowMs = clock.nowMs();
      const fullInMs = taken.map(({ bucket, flowMs, fullInMsMax }) => {
        const ahead = Math.min(Math.max((fullAt.get(bucket) ?? 0) - nowMs, 0) + flowMs, fullInMsMax);
        fullAt.set(bucket, nowMs + ahead);
        return ahead;
      });
      return { processes: processes.size, fullInMs };
    },
  };
}
