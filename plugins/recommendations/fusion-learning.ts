import type { Host } from '../../src/plugin.js';
import type { Events } from '../../src/ports/events.js';
import type { Store } from '../../src/ports/store.js';
import type { ChoiceLog } from './choice-log.js';
import { type FusionWeights, openFusionWeights, type StoredFusionWeights } from './fusion-weights.js';
import { learnFusionWeights } from './learn-fusion-weights.js';
import { createRefitOf, type Refit } from './refit.js';

/** With fewer choices the weights by default are the better ones. */
const choicesToLearn = 1_000;

/** Learns the weights between recommenders from what people choose while this process looks, and stores them for everybody. */
export interface FusionLearning {
  readonly refit: Refit;
  /** Opens what is stored, and stands before the models in the line of those who are told of events. */
  start(): Promise<void>;
  /** From here on the models know the log, so what they propose can be held against what is chosen. */
  observe(): void;
  /** What was chosen before says nothing of how good they are now. */
  recommendersChanged(): void;
  stop(): void;
}

export function createFusionLearning(parts: {
  readonly choiceLog: ChoiceLog;
  readonly weights: FusionWeights;
  readonly events: Pick<Events, 'watch'>;
  readonly store: Store;
  /** Otherwise another process does. */
  readonly learns: boolean;
  readonly host: Pick<Host, 'clock' | 'log'>;
}): FusionLearning {
  const { choiceLog, weights, events, store, learns, host } = parts;
  let stored: StoredFusionWeights | null = null;
  let observing = false;
  let stopWatching = (): void => undefined;
  const refit = createRefitOf(
    {
      name: 'the fusion of the recommenders',
      size: () => choiceLog.seen,
      sizeMin: choicesToLearn,
      learn: () => learnFusionWeights(choiceLog.choices()),
      use(learned) {
        weights.use(learned);
        stored?.save(learned, choiceLog.seen).catch((error: unknown) => {
          host.log.warn('the weights of the fusion could not be stored', { error: String(error) });
        });
      },
    },
    host,
  );
  return {
    refit,
    async start() {
      stored = await openFusionWeights(store, weights, host);
      stopWatching = events.watch((batch) => {
        if (observing) for (const event of batch) choiceLog.observe(event);
      });
    },
    observe() {
      observing = learns;
    },
    recommendersChanged: () => choiceLog.startAnew(),
    stop() {
      stopWatching();
      stored?.stop();
    },
  };
}
