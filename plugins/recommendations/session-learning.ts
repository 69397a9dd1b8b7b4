import type { Host } from '../../src/plugin.js';
import { prefixesToLearn, type SessionModel } from './models/session-model.js';
import { createRefit, type Refit } from './refit.js';
import type { Versions } from './versions/versions.js';

/** Of all sessions, the newest so many are not learned from: they judge. */
const heldOutShare = 0.04;
const heldOutMax = 2_000;

/**
 * Learns what comes next in a session from all but the newest sessions, holds the result against what is in use on these, and proposes it
 * as a version.
 */
export function createSessionLearning(parts: {
  readonly session: () => SessionModel;
  readonly versions: () => Pick<Versions, 'propose' | 'inUse' | 'learnedFrom'>;
  readonly failed: (error: unknown) => void;
  readonly host: Pick<Host, 'clock' | 'log'>;
}): Refit {
  const { session, versions, failed, host } = parts;

  function* learn() {
    const model = session();
    const { interactions } = model;
    const sessions = model.sessions - Math.min(heldOutMax, Math.floor(model.sessions * heldOutShare));
    const learned = yield* model.learn({ vectors: true, before: sessions });
    const against = versions().inUse('session');
    const judgement = yield* model.judge(learned, sessions);
    return { learned, judgement, sessions, interactions, against };
  }

  return createRefit(
    {
      name: 'the session model',
      size: () => session().interactions,
      sizeMin: prefixesToLearn,
      learnedFrom: () => versions().learnedFrom('session'),
      learn,
      use({ learned, judgement, ...from }) {
        const { now, before, questions, gain, error } = judgement;
        const metrics = { 'MRR@20': now, 'MRR@20 before': before, questions };
        versions()
          .propose({ set: 'session', weights: learned, ...from, metrics, gain, error })
          .catch(failed);
      },
    },
    host,
  );
}
