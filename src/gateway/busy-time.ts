import { performance } from 'node:perf_hooks';

/** Clocks of CPU time tick at least so often: some systems count it by the ticks of a timer. */
const tickMsMax = 10;

export interface BusyClocks {
  /** Time in which the event loop was not idle, by the clock on the wall. */
  readonly occupiedMs: () => number;
  /** CPU time of the process, all its threads together. */
  readonly cpuMs: () => number;
}

/**
 * Returns how long the event loop has worked, in milliseconds that grow from 0. Time in which the process waited for a CPU does not
 * count, for example on a machine with more to do than it has CPUs for: never more is counted than CPU time was used, and two ticks of its clock.
 */
export function createBusyTime({ occupiedMs, cpuMs }: BusyClocks = ofProcess): () => number {
  let busyMs = 0;
  let beforeMs = occupiedMs();
  let cpuBeforeMs = cpuMs();
  /** The shortest step of the clock of CPU time until now. */
  let tickMs = tickMsMax;
  /** CPU time that is kept to be counted later, since its clock may lag by a tick. */
  let unspentMs = 2 * tickMsMax;
  return () => {
    const nowMs = occupiedMs();
    const cpuNowMs = cpuMs();
    const usedMs = cpuNowMs - cpuBeforeMs;
    if (usedMs > 0) tickMs = Math.min(tickMs, usedMs);
    const spentMs = Math.min(nowMs - beforeMs, unspentMs + usedMs);
    busyMs += spentMs;
    unspentMs = Math.min(2 * tickMs, unspentMs + usedMs - spentMs);
    beforeMs = nowMs;
    cpuBeforeMs = cpuNowMs;
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
