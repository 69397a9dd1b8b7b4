import type { Clock } from '../../src/plugin.js';

/** A clock that goes with the events of a log: what is due in between runs before the next one. */
export interface EventClock extends Clock {
  goTo(atMs: number): void;
}

export function createEventClock(): EventClock {
  let nowMs = 0;
  const waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, run) {
      const entry = { atMs: nowMs + delayMs, run };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    goTo(atMs) {
      for (;;) {
        const [due] = [...waiting].filter((entry) => entry.atMs <= atMs).sort((a, b) => a.atMs - b.atMs);
        if (!due) break;
        waiting.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = Math.max(nowMs, atMs);
    },
  };
}
