import { performance } from 'node:perf_hooks';

/** CPU time that is kept to be counted later, since clocks of CPU time are coarse on some systems. */
const unspentMsMax = 20;
/** Reading the CPU time takes microseconds, so it is read once in so long, and when none is left to count once in a shorter time. */
const sampleMs = 10;
const sampleMsMin = 1;

export interface BusyClocks {
  /** Time in which the event loop was not idle, by the clock on the wall. */
  readonly occupiedMs: () => number;
  /** CPU time of the process, all its threads together. */
  readonly cpuMs: () => number;
}

/**
 * Returns how long the event loop has worked, in milliseconds that grow from 0. Time in which the process waited for a CPU does not
 * count, for example in a container that has used up its share: never more is counted than CPU time was used, and `unspentMsMax`.
 */
export function createBusyTime({ occupiedMs, cpuMs }: BusyClocks = ofProcess): () => number {
  let busyMs = 0;
  let beforeMs = occupiedMs();
  let sampledMs = beforeMs;
  let cpuBeforeMs = cpuMs();
  let unspentMs = unspentMsMax;
  return () => {
    const nowMs = occupiedMs();
    const passedMs = nowMs - beforeMs;
    beforeMs = nowMs;
    if (nowMs - sampledMs >= (unspentMs < passedMs ? sampleMsMin : sampleMs)) {
      sampledMs = nowMs;
      const cpuNowMs = cpuMs();
      unspentMs += cpuNowMs - cpuBeforeMs;
      cpuBeforeMs = cpuNowMs;
    }
    const spentMs = Math.min(passedMs, unspentMs);
    busyMs += spentMs;
    unspentMs = Math.min(unspentMsMax, unspentMs - spentMs);
    return busyMs;
  };
}

const ofProcess: BusyClocks = {
  occupiedMs: () => performance.now() - performance.eventLoopUtilization().idle,
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};
