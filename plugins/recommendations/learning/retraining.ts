import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';

/** Retraining is due when the data has grown by this factor, */
const growthFactor = 1.5;
/** and so long has passed since the last one, or the data has grown by `earlyFactor`: a log that grows fast must not keep it running. */
const againAfterMs = 15 * 60_000;
const earlyFactor = 4;
/** Time left to requests after each step, in durations of the step. */
const restFactor = 4;
const restMinMs = 5;

/** Trains a model from the shop's own log beside serving, once there is enough data. */
export interface Retraining {
  /** Begins if retraining is due. Costs nothing otherwise. */
  consider(): void;
  stop(): void;
}

interface Trainer<Learned> {
  /** For the log. */
  readonly name: string;
  /** The amount of data, for example interactions. */
  readonly size: () => number;
  /** Nothing is trained with less data. */
  readonly sizeMin: number;
  /** The amount of data that the weights in use were trained from, if another process trained them. */
  readonly learnedFrom?: () => number;
  /** Trains in steps of a few milliseconds. */
  learn(): Generator<unknown, Learned>;
  use(learned: Learned): void;
}

export function createRetraining<Learned>(
  trainer: Trainer<Learned>,
  { clock, log }: Pick<Host, 'clock' | 'log'>,
): Retraining {
  let dueAt = trainer.sizeMin;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let earlyAt = trainer.sizeMin;
  let cancel: (() => void) | null = null;
  let cancelWaiting: (() => void) | null = null;

  function ended(): void {
    cancel = null;
    notBeforeMs = clock.nowMs() + againAfterMs;
  }

  /** The time until retraining may begin; a clock that was set back must not make it longer. */
  const restOfWaitMs = () => Math.min(againAfterMs, notBeforeMs - clock.nowMs());

  function run(steps: Generator<unknown, Learned>, startedMs: number): void {
    const beganMs = clock.nowMs();
    try {
      const step = steps.next();
      if (step.done) {
        ended();
        trainer.use(step.value);
        log.info(`${trainer.name} learned from the shop’s own log`, {
          from: trainer.size(),
          seconds: Math.round((clock.nowMs() - startedMs) / 1000),
        });
        // An import may have ended meanwhile: no further event will call.
        consider();
        return;
      }
    } catch (error) {
      ended();
      // The weights in use stay in use.
      log.error(`${trainer.name} could not learn`, { err: describeError(error) });
      consider();
      return;
    }
    const restMs = Math.max(restMinMs, restFactor * (clock.nowMs() - beganMs));
    cancel = clock.after(restMs, () => run(steps, startedMs));
  }

  function consider(): void {
    const size = trainer.size();
    // The count started again from zero.
    if (size * growthFactor ** 2 < dueAt) dueAt = trainer.sizeMin;
    if (cancel !== null || size < dueAt) return;
    if (size < growthFactor * (trainer.learnedFrom?.() ?? 0)) return;
    const waitMs = restOfWaitMs();
    if (waitMs > 0 && size < earlyAt) {
      cancelWaiting ??= clock.after(waitMs, () => {
        cancelWaiting = null;
        consider();
      });
      return;
    }
    cancelWaiting?.();
    cancelWaiting = null;
    earlyAt = size * earlyFactor;
    dueAt = Math.ceil(size * growthFactor);
    cancel = clock.after(restMinMs, () => run(trainer.learn(), clock.nowMs()));
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

/** Several models, each retrained by itself. */
export function together(...all: readonly Retraining[]): Retraining {
  return {
    consider() {
      for (const each of all) each.consider();
    },
    stop() {
      for (const each of all) each.stop();
    },
  };
}
