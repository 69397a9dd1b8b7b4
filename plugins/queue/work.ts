/** Runs at most `runningMax` at a time, in the order of asking. */
export function createLimit(runningMax: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running >= runningMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** Work that nobody awaits, but that has to be finished before the process may stop. */
export interface Background {
  /** `failed` is told of a rejection; the answer never rejects. */
  run(work: () => Promise<unknown>, failed: (error: unknown) => void): Promise<void>;
  /** Resolves when nothing is running, and nothing was begun meanwhile. */
  settled(): Promise<void>;
}

export function createBackground(): Background {
  const running = new Set<Promise<void>>();
  return {
    run(work, failed) {
      const promise = work().then(() => undefined, failed);
      running.add(promise);
      void promise.then(() => running.delete(promise));
      return promise;
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
