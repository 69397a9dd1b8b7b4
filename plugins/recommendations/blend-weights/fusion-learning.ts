import type { Host } from '../../../src/plugin.js';
import type { Events } from '../../../src/ports/events.js';
import { createRetraining, type Retraining } from '../learning/retraining.js';
import type { Versions } from '../model-registry/versions.js';
import type { ChoiceLog } from './choice-log.js';
import { type LearnedFusion, learnFusionWeights } from './learn-fusion-weights.js';

/** With fewer choices the weights by default are the better ones. */
const choicesToLearn = 1_000;

/** Learns the weights between recommenders from what people choose while this process looks, and proposes them as a version. */
export interface FusionLearning {
  readonly retraining: Retraining;
  /** Subscribes to events; call it before the models subscribe. */
  start(): void;
  /** Call once the models know the log: from then on choices are compared with what they propose. */
  observe(): void;
  /** Drops earlier choices, since they say nothing about the present recommenders. */
  recommendersChanged(): void;
  stop(): void;
}

interface Proposed extends LearnedFusion {
  readonly against: number;
  readonly choices: number;
}

export function createFusionLearning(parts: {
  readonly choiceLog: ChoiceLog;
  readonly versions: () => Pick<Versions, 'propose' | 'current' | 'inUse' | 'learnedFrom'>;
  readonly events: Pick<Events, 'watch'>;
  /** Otherwise another process does. */
  readonly learns: boolean;
  readonly failed: (error: unknown) => void;
  readonly host: Pick<Host, 'clock' | 'log'>;
}): FusionLearning {
  const { choiceLog, versions, events, learns, failed, host } = parts;
  let observing = false;
  /** What is in use was learned for other recommenders than there are now. */
  let outdated = false;
  let stopWatching = (): void => undefined;

  function* learn(): Generator<unknown, Proposed> {
    const against = versions().inUse('placements');
    const choices = choiceLog.choices();
    const learned = yield* learnFusionWeights(choices, versions().current.placements ?? {});
    return { ...learned, against, choices: choices.length };
  }

  function propose({ weights, comparison, against, choices }: Proposed): void {
    if (weights === null) return;
    const { now, before, gain, error } = comparison;
    versions()
      .propose({
        set: 'placements',
        weights,
        sessions: choices,
        interactions: choices,
        metrics: { MRR: now, 'MRR before': before, questions: comparison.questions },
        against,
        gain,
        error,
      })
      .catch(failed);
  }

  const retraining = createRetraining(
    {
      name: 'the fusion of the recommenders',
      size: () => choiceLog.seen,
      sizeMin: choicesToLearn,
      // Choices are not stored: after a start, fewer than what is in use was learned from teach less.
      learnedFrom: () => (outdated ? 0 : versions().learnedFrom('placements')),
      learn,
      use: propose,
    },
    host,
  );
  return {
    retraining,
    start() {
      stopWatching = events.watch((batch) => {
        if (observing) for (const event of batch) choiceLog.observe(event);
      }, 'ANALYTICS');
    },
    observe() {
      observing = learns;
    },
    recommendersChanged() {
      outdated = observing;
      choiceLog.startAnew();
    },
    stop() {
      stopWatching();
      choiceLog.stop();
    },
  };
}
