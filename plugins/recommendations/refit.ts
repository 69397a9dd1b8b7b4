import { describeError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';

/** Learned again when there is so much more to learn from, */
const growthFactor = 1.5;
/** and so long has passed, or there is so very much more: a shop whose log grows fast is not to learn all the time. */
const againAfterMs = 15 * 60_000;
const leapFactor = 4;
/** So much of the time is left to requests for each part that is spent on learning. */
const restFactor = 4;
const restMinMs = 5;

/** Lets something learn from the shop's own log, beside serving, once there is enough of it. */
export interface Refit {
  /** Begins if it is time. Costs nothing otherwise. */
  consider(): void;
  stop(): void;
}

export interface Learner<Learned> {
  readonly name: string;
  /** How much there is to learn from. */
  readonly size: () => number;
  /** With less there is nothing to be learned. */
  readonly sizeMin: number;
  /** What was there when what is in use was learned, if it was not by this process. */
  readonly learnedFrom?: () => number;
  /** In steps of a few milliseconds. */
  learn(): Generator<unknown, Learned>;
  use(learned: Learned): void;
}

export function createRefit<Learned>(
  learner: Learner<Learned>,
  { clock, log }: Pick<Host, 'clock' | 'log'>,
): Refit {
  let dueAt = learner.sizeMin;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let leapAt = learner.sizeMin;
  let cancel: (() => void) | null = null;
  let cancelWaiting: (() => void) | null = null;

  function ended(): void {
    cancel = null;
    notBeforeMs = clock.nowMs() + againAfterMs;
  }

  /** How long to wait for the next retraining; a clock that was set back must not make it longer. */
  const restOfWaitMs = () => Math.min(againAfterMs, notBeforeMs - clock.nowMs());

  function run(steps: Generator<unknown, Learned>, startedMs: number): void {
    const beganMs = clock.nowMs();
    try {
      const step = steps.next();
      if (step.done) {
        ended();
        learner.use(step.value);
        log.info(`${learner.name} learned from the shop’s own log`, {
          from: learner.size(),
          seconds: Math.round((clock.nowMs() - startedMs) / 1000),
        });
        // An import may have ended meanwhile: no further event will ask.
        consider();
        return;
      }
    } catch (error) {
      ended();
      // What was in use stays in use.
      log.error(`${learner.name} could not learn`, { err: describeError(error) });
      consider();
      return;
    }
    const restMs = Math.max(restMinMs, restFactor * (clock.nowMs() - beganMs));
    cancel = clock.after(restMs, () => run(steps, startedMs));
  }

  function consider(): void {
    const size = learner.size();
    // What it counts began anew.
    if (size * growthFactor ** 2 < dueAt) dueAt = learner.sizeMin;
    if (cancel !== null || size < dueAt) return;
    if (size < growthFactor * (learner.learnedFrom?.() ?? 0)) return;
    const waitMs = restOfWaitMs();
    if (waitMs > 0 && size < leapAt) {
      cancelWaiting ??= clock.after(waitMs, () => {
        cancelWaiting = null;
        consider();
      });
      return;
    }
    cancelWaiting?.();
    cancelWaiting = null;
    leapAt = size * leapFactor;
    dueAt = Math.ceil(size * growthFactor);
    cancel = clock.after(restMinMs, () => run(learner.learn(), clock.nowMs()));
  }

  return {
    consider,
    stop() {
      cancel?.();
      cancelWaiting?.();
      cancel = null;
      cancelWaiting = null;
    },
  };
}

/** Several that learn beside each other. */
export function together(...refits: readonly Refit[]): Refit {
  return {
    consider() {
      for (const refit of refits) refit.consider();
    },
    stop() {
      for (const refit of refits) refit.stop();
    },
  };
}
