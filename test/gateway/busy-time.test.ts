import { expect } from 'chai';
import { createBusyTime } from '../../src/gateway/busy-time.js';

describe('The time in which the event loop works', () => {
  /** Passes `occupiedMs` in steps of `stepMs`, of which the process has a CPU for a part, by a clock of CPU time of `tickMs`. Returns what was counted. */
  function counted(occupiedMs: number, stepMs: number, part: number, tickMs = 0.001): number {
    let nowMs = 5;
    const busyMs = createBusyTime({
      occupiedMs: () => nowMs,
      cpuMs: () => Math.floor((nowMs * part) / tickMs) * tickMs,
    });
    const end = nowMs + occupiedMs;
    while (nowMs < end) {
      nowMs += stepMs;
      busyMs();
    }
    return busyMs();
  }

  it('is all of it while the process has a CPU, however short the steps', () => {
    for (const stepMs of [0.1, 1, 7]) expect(counted(700, stepMs, 1)).to.be.closeTo(700, 8);
  });

  it('is no more than the CPU time used while the process waits for a CPU', () => {
    for (const stepMs of [0.1, 1, 16]) expect(counted(1_600, stepMs, 1 / 16)).to.be.closeTo(100, 41);
  });

  it('is right for a short piece of work that waits for a CPU for long, once the clock is known to be fine', () => {
    let [nowMs, usedMs] = [5, 5];
    const busyMs = createBusyTime({ occupiedMs: () => nowMs, cpuMs: () => usedMs });
    function work(ms: number, waitMs: number): number {
      const before = busyMs();
      nowMs += ms + waitMs;
      usedMs += ms;
      return busyMs() - before;
    }
    work(0.01, 40);
    for (let i = 0; i < 10; i++) expect(work(2, 30)).to.be.closeTo(2, 0.1);
  });

  it('reads the clock of CPU time, which costs as much as a short answer, at most once in 20 ms of short work', () => {
    let [nowMs, reads] = [5, 0];
    const busyMs = createBusyTime({
      occupiedMs: () => nowMs,
      cpuMs() {
        reads++;
        return nowMs;
      },
    });
    for (let i = 0; i < 10_000; i++) {
      nowMs += 0.1;
      busyMs();
    }
    expect(reads).to.be.within(20, 51);
    expect(busyMs()).to.be.closeTo(1_000, 0.1);
  });

  it('is right where the clock of CPU time ticks each 10 ms', () => {
    for (const stepMs of [0.1, 1, 7]) expect(counted(700, stepMs, 1, 10)).to.be.closeTo(700, 8);
  });

  it('is no more than passed while other threads use CPUs', () => {
    expect(counted(700, 1, 4)).to.be.closeTo(700, 1);
  });

  it('is read from the process', () => {
    const busyMs = createBusyTime();
    const fromMs = busyMs();
    for (let i = 0, x = 0; i < 1e6; i++) x += Math.sqrt(i) * x;
    expect(busyMs() - fromMs)
      .to.be.above(0)
      .and.below(2_000);
  });
});
