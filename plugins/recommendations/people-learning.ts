import type { Host } from '../../src/plugin.js';
import { type PeopleModel, purchasesToLearn } from './models/people-model.js';
import { createRefit, type Refit } from './refit.js';
import type { Versions } from './versions/versions.js';

/** Learns what people buy next from the orders that the model holds, and proposes it as a version. */
export function createPeopleLearning(parts: {
  readonly people: () => PeopleModel;
  readonly versions: () => Pick<Versions, 'propose' | 'inUse' | 'learnedFrom'>;
  readonly failed: (error: unknown) => void;
  readonly host: Pick<Host, 'clock' | 'log'>;
}): Refit {
  const { people, versions, failed, host } = parts;

  function* learn() {
    const model = people();
    const { people: sessions, purchases: interactions } = model;
    const against = versions().inUse('people');
    return { ...(yield* model.learn()), sessions, interactions, against };
  }

  return createRefit(
    {
      name: 'the model of people',
      size: () => people().purchases,
      sizeMin: purchasesToLearn,
      learnedFrom: () => versions().learnedFrom('people'),
      learn,
      use({ learned, judgement, ...from }) {
        const { now, before, questions, gain, error } = judgement;
        const metrics = { 'NDCG@10': now, 'NDCG@10 before': before, questions };
        versions()
          .propose({ set: 'people', weights: learned, ...from, metrics, gain, error })
          .catch(failed);
      },
    },
    host,
  );
}
