import type { Clock } from '../../src/plugin.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { EventHandler, ShopEvent } from '../../src/ports/events.js';

/** A handler has this long for an event. */
export const handlerDeadlineMs = 30_000;
/** A stop waits this long for a running handler. */
const stopMs = 3_000;

/** Runs the handler of a consumer, one event at a time. */
export interface Handling {
  /** Rejects if the handler does, if it takes longer than its deadline, and if it has not ended within `stopMs` of a stop. */
  run(event: ShopEvent, shopper: Shopper, attempt: number): Promise<void>;
  /** Resolves after the delay, or at the stop. */
  pause(delayMs: number): Promise<void>;
  stop(): void;
  stopped(): boolean;
}

export function createHandling(clock: Clock, handle: EventHandler): Handling {
  let isStopped = false;
  /** Called at the stop. */
  let onStop: () => void = () => undefined;

  return {
    async run(event, shopper, attempt) {
      const aborting = new AbortController();
      let cancel: () => void = () => undefined;
      const over = new Promise<never>((_, reject) => {
        const giveUp = (reason: string) => {
          const error = new Error(reason);
          aborting.abort(error);
          reject(error);
        };
        cancel = clock.after(handlerDeadlineMs, () =>
          giveUp(`the handler took longer than ${handlerDeadlineMs / 1_000} s`),
        );
        onStop = () => {
          cancel();
          aborting.abort(new Error('the process stops'));
          cancel = clock.after(stopMs, () => giveUp('the handler did not end at the stop'));
        };
      });
      over.catch(() => undefined);
      try {
        await Promise.race([handle(event, { attempt, shopper, signal: aborting.signal }), over]);
      } finally {
        cancel();
        onStop = () => undefined;
      }
    },
    async pause(delayMs) {
      if (isStopped) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(delayMs, resolve);
        onStop = () => {
          cancel();
          resolve();
        };
      });
      onStop = () => undefined;
    },
    stop() {
      isStopped = true;
      onStop();
    },
    stopped: () => isStopped,
  };
}
