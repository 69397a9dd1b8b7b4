import type { AfterYield } from './turns.js';

/** Measures how long the event loop is busy with each of several operations. */
export interface WorkMeter {
  /** Called when an operation begins; what it returns is called when it has ended, and returns milliseconds. */
  begin(): () => number;
}

/** Time of an operation until it first waited for something, milliseconds. */
interface Beginning {
  ms: number;
}

/**
 * An operation counts the time until it first waits for a timer or another process: most never do. Time after that cannot be
 * attributed, so the operations that have waited share it equally. `busyMs`: how long the event loop has been busy.
 */
export function createWorkMeter(busyMs: () => number, afterYield: AfterYield): WorkMeter {
  let running = 0;
  let lastMs = 0;
  /** The time of an operation that has waited from the start on. */
  let sharedMs = 0;
  const beginning = new Set<Beginning>();

  function advance(): void {
    const nowMs = busyMs();
    const passedMs = nowMs - lastMs;
    lastMs = nowMs;
    if (beginning.size > 0) for (const each of beginning) each.ms += passedMs / beginning.size;
    else if (running > 0) sharedMs += passedMs / running;
  }

  return {
    begin() {
      advance();
      running++;
      const own: Beginning = { ms: 0 };
      beginning.add(own);
      afterYield(() => {
        advance();
        beginning.delete(own);
      });
      const fromMs = sharedMs;
      return () => {
        advance();
        running--;
        beginning.delete(own);
        return own.ms + Math.max(0, sharedMs - fromMs);
      };
    },
  };
}
