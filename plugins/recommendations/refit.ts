import type { Host } from '../../src/plugin.js';
import { prefixesToLearn, type SessionModel } from './models/session-model.js';

/** Learned again when the log has grown by this factor. */
const growthFactor = 1.5;
/** So much of the time is left to requests for each part that is spent on learning. */
const restFactor = 4;
const restMinMs = 5;

/** Lets the session model learn from the shop's own sessions, beside serving, once there are enough of them. */
export interface Refit {
  /** Begins if it is time. Costs nothing otherwise. */
  consider(): void;
  stop(): void;
}

export function createRefit(
  session: Pick<SessionModel, 'interactions' | 'learn' | 'use'> & {
    /** Interactions that what is in use was learned from, if it was not by this process. */
    readonly learnedFrom?: number;
  },
  { clock, log }: Pick<Host, 'clock' | 'log'>,
): Refit {
  let dueAt = prefixesToLearn;
  let cancel: (() => void) | null = null;

  function run(steps: ReturnType<SessionModel['learn']>, startedMs: number): void {
    const beganMs = clock.nowMs();
    try {
      const step = steps.next();
      if (step.done) {
        cancel = null;
        session.use(step.value);
        log.info('the session model learned from the shop’s own sessions', {
          interactions: session.interactions,
          seconds: Math.round((clock.nowMs() - startedMs) / 1000),
        });
        return;
      }
    } catch (error) {
      cancel = null;
      // What was in use stays in use.
      log.error('the session model could not learn', { error: String(error) });
      return;
    }
    const restMs = Math.max(restMinMs, restFactor * (clock.nowMs() - beganMs));
    cancel = clock.after(restMs, () => run(steps, startedMs));
  }

  return {
    consider() {
      if (cancel !== null || session.interactions < dueAt) return;
      if (session.interactions < growthFactor * (session.learnedFrom ?? 0)) return;
      dueAt = Math.ceil(session.interactions * growthFactor);
      cancel = clock.after(restMinMs, () => run(session.learn(), clock.nowMs()));
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
