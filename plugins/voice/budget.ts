import { describeError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { VoicePart } from '../../src/ports/voice.js';

/** The time of one turn. A part that is late or fails is left out, and the turn goes on without it. */
export interface Budget {
  /** Aborted when the time is up, when the assistant is gone, and by `end`. */
  readonly signal: AbortSignal;
  /** Each part once, in the order in which it was left out. */
  readonly leftOut: readonly VoicePart[];
  /** Runs a part, and leaves `reserveMs` of the time for later parts. Resolves to null if the part is left out; never rejects. */
  within<T>(part: VoicePart, reserveMs: number, run: () => Promise<T>): Promise<{ readonly value: T } | null>;
  end(): void;
}

export function createBudget(
  { clock, log }: Pick<Host, 'clock' | 'log'>,
  timeMs: number,
  waiting: AbortSignal | undefined,
): Budget {
  const untilMs = clock.monotonicMs() + timeMs;
  const aborting = new AbortController();
  const cancel = clock.after(timeMs, () => aborting.abort());
  const leftOut: VoicePart[] = [];

  function leaveOut(part: VoicePart, err: unknown): null {
    if (!leftOut.includes(part)) leftOut.push(part);
    log.warn('a part of a voice response was left out', { part, err: describeError(err) });
    return null;
  }

  return {
    signal: waiting === undefined ? aborting.signal : AbortSignal.any([aborting.signal, waiting]),
    leftOut,
    within(part, reserveMs, run) {
      const leftMs = untilMs - reserveMs - clock.monotonicMs();
      if (leftMs <= 0) return Promise.resolve(leaveOut(part, new Error('no time was left for it')));
      return new Promise((resolve) => {
        let isLate = false;
        const stop = clock.after(leftMs, () => {
          isLate = true;
          resolve(leaveOut(part, new Error(`took longer than ${Math.round(leftMs)} ms`)));
        });
        // A port that throws at once is one that rejects.
        Promise.resolve()
          .then(run)
          .then(
            (value) => {
              stop();
              resolve({ value });
            },
            (error: unknown) => {
              stop();
              if (!isLate) resolve(leaveOut(part, error));
            },
          );
      });
    },
    end() {
      cancel();
      aborting.abort();
    },
  };
}
