import type { Host } from '../../../src/plugin.js';
import type { Comparison } from '../learning-to-rank/paired-comparison.js';
import type { Versions } from '../model-registry/versions.js';
import { type PeopleModel, purchasesToLearn } from '../next-basket/people-model.js';
import type { Learned } from '../session-knn/learn-sessions.js';
import { prefixesToLearn, type SessionModel } from '../session-knn/session-model.js';
import { createRetraining, type Retraining } from './retraining.js';

/** The newest sessions are held out of learning, for evaluation: this share of them, up to a maximum. */
const heldOutShare = 0.04;
const heldOutMax = 2_000;

interface ModelRetrainingParts {
  readonly versions: () => Pick<Versions, 'propose' | 'inUse' | 'learnedFrom'>;
  /** Called if new weights cannot be stored. */
  readonly failed: (error: unknown) => void;
  readonly host: Pick<Host, 'clock' | 'log'>;
}

interface Trained {
  readonly learned: Learned;
  readonly comparison: Comparison;
  /** The sessions or people learned from, and their clicks or purchases. */
  readonly sessions: number;
  readonly interactions: number;
}

/** Trains the session model, compares it with the weights in use on held-out sessions, and proposes it as a version. */
export function createSessionRetraining(
  session: () => SessionModel,
  parts: ModelRetrainingParts,
): Retraining {
  function* learn(): Generator<unknown, Trained> {
    const model = session();
    const { interactions } = model;
    const sessions = model.sessions - Math.min(heldOutMax, Math.floor(model.sessions * heldOutShare));
    const learned = yield* model.learn({ vectors: true, before: sessions });
    const comparison = yield* model.evaluate(learned, sessions);
    return { learned, comparison, sessions, interactions };
  }
  const [name, size] = ['the session model', () => session().interactions];
  return retrain({ set: 'session', name, metric: 'MRR@20', size, sizeMin: prefixesToLearn, learn }, parts);
}

/** Trains the people model, compares it with the weights in use on held-out people, and proposes it as a version. */
export function createPeopleRetraining(people: () => PeopleModel, parts: ModelRetrainingParts): Retraining {
  function* learn(): Generator<unknown, Trained> {
    const model = people();
    const { people: sessions, purchases: interactions } = model;
    return { ...(yield* model.learn()), sessions, interactions };
  }
  const [name, size] = ['the model of people', () => people().purchases];
  return retrain({ set: 'people', name, metric: 'NDCG@10', size, sizeMin: purchasesToLearn, learn }, parts);
}

function retrain(
  model: {
    readonly set: 'session' | 'people';
    readonly name: string;
    readonly metric: string;
    readonly size: () => number;
    readonly sizeMin: number;
    learn(): Generator<unknown, Trained>;
  },
  { versions, failed, host }: ModelRetrainingParts,
): Retraining {
  const { set, name, metric, size, sizeMin } = model;
  return createRetraining(
    {
      name,
      size,
      sizeMin,
      learnedFrom: () => versions().learnedFrom(set),
      *learn() {
        const against = versions().inUse(set);
        return { ...(yield* model.learn()), against };
      },
      use({ learned, comparison, ...from }) {
        const { now, before, questions, gain, error } = comparison;
        const metrics = { [metric]: now, [`${metric} before`]: before, questions };
        versions()
          .propose({ set, weights: learned, ...from, metrics, gain, error })
          .catch(failed);
      },
    },
    host,
  );
}
