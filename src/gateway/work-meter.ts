/** Measures how long the event loop is busy with each of several operations. */
export interface WorkMeter {
  /** Called when an operation begins; what it returns is called when it has ended, and returns milliseconds. */
  begin(): () => number;
}

/**
 * Operations that run side by side share the time of the event loop equally, so that one that waits for others, or for another process,
 * is measured by its own work. `busyMs`: how long the event loop has been busy.
 */
export function createWorkMeter(busyMs: () => number): WorkMeter {
  let running = 0;
  let lastMs = 0;
  /** The time of an operation that has been running from the start. */
  let sharedMs = 0;

  function advance(): void {
    const nowMs = busyMs();
    if (running > 0) sharedMs += (nowMs - lastMs) / running;
    lastMs = nowMs;
  }

  return {
    begin() {
      advance();
      running++;
      const fromMs = sharedMs;
      return () => {
        advance();
        running--;
        return Math.max(0, sharedMs - fromMs);
      };
    },
  };
}
