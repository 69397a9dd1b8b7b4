import { describeError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';

/** Runs at most `runningMax` at a time, in the order of asking. */
export interface Limit {
  /** null: `waitingMax` are waiting already. */
  run<T>(work: () => Promise<T>): Promise<T> | null;
}

export function createLimit(runningMax: number, waitingMax: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= runningMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  return { run: (work) => (running >= runningMax && waiting.length >= waitingMax ? null : inTurn(work)) };
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

export const retryMs = 5_000;
/** Entries that wait to be tried again. Beyond that, leases end and others take over. */
const retriesMax = 10_000;

export interface Retries {
  /** Tries until it succeeds; `gaveUp` when too much is being tried again already. */
  insist(what: string, work: () => Promise<unknown>, gaveUp?: () => void): void;
  /** False when too much is being tried again already. */
  after(delayMs: number, run: () => void): boolean;
  /** From now on, running work is not tried again. */
  close(): void;
}

export function createRetries({ clock, log }: Pick<Host, 'clock' | 'log'>, background: Background): Retries {
  let waiting = 0;
  let closed = false;

  function after(delayMs: number, run: () => void): boolean {
    if (waiting >= retriesMax) return false;
    waiting++;
    clock.after(delayMs, () => {
      waiting--;
      if (!closed) run();
    });
    return true;
  }

  return {
    after,
    insist(what, work, gaveUp = () => undefined) {
      function attempt(isFirst: boolean): void {
        void background.run(work, (error) => {
          if (!after(retryMs, () => attempt(false))) gaveUp();
          else if (isFirst)
            log.warn(`could not ${what}; it will be tried again`, { err: describeError(error) });
        });
      }
      attempt(true);
    },
    close() {
      closed = true;
    },
  };
}
