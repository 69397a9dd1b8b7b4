import { performance } from 'node:perf_hooks';

/** Clocks of CPU time tick at least so often: some systems count it by the ticks of a timer. */
const tickMsMax = 10;

/**
 * Milliseconds. A slice of work that is shorter was hardly interrupted, as systems take a CPU away for milliseconds: its CPU time is settled with
 * the next longer slice. Reading the clock of CPU time costs 50 µs, as much as a short answer.
 */
const checkedMsMin = 2;

/** Milliseconds. So much of short slices is counted at most before their CPU time is settled: a fiftieth of a second that works throughout. */
const uncheckedMsMax = 20;

export interface BusyClocks {
  /** Time in which the event loop was not idle, by the clock on the wall. */
  readonly occupiedMs: () => number;
  /** CPU time of the process, all its threads together. */
  readonly cpuMs: () => number;
}

/**
 * Returns how long the event loop has worked, in milliseconds that grow from 0. Time in which the process waited for a CPU does not
 * count, for example on a machine with more to do than it has CPUs for: never more is counted than CPU time was used, two ticks of its clock, and
 * `uncheckedMsMax`.
 */
export function createBusyTime({ occupiedMs, cpuMs }: BusyClocks = ofProcess): () => number {
  let busyMs = 0;
  let beforeMs = occupiedMs();
  let cpuBeforeMs = cpuMs();
  /** The shortest step of the clock of CPU time until now. */
  let tickMs = tickMsMax;
  /** CPU time that is kept to be counted later, since its clock may lag by a tick. Below 0 for short slices that are not settled yet. */
  let unspentMs = 2 * tickMsMax;
  return () => {
    const nowMs = occupiedMs();
    const passedMs = nowMs - beforeMs;
    beforeMs = nowMs;
    if (passedMs < checkedMsMin && passedMs - unspentMs < uncheckedMsMax) {
      unspentMs -= passedMs;
      busyMs += passedMs;
      return busyMs;
    }
    const cpuNowMs = cpuMs();
    const usedMs = cpuNowMs - cpuBeforeMs;
    cpuBeforeMs = cpuNowMs;
    if (usedMs > 0) tickMs = Math.min(tickMs, usedMs);
    const leftMs = unspentMs + usedMs;
    const spentMs = Math.max(0, Math.min(passedMs, leftMs));
    busyMs += spentMs;
    unspentMs = Math.min(2 * tickMs, leftMs - spentMs);
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
