import type { Judgement } from '../models/judge-learned.js';
import type { Learned } from '../models/learn-sessions.js';
import type { SessionModel } from '../models/session-model.js';
import type { Versions } from './versions.js';

/** Of all sessions, the newest so many are not learned from: they judge. */
const heldOutShare = 0.04;
const heldOutMax = 2_000;

interface Judged {
  readonly judgement: Judgement;
  /** What was in use when it was judged. */
  readonly against: string | null;
  readonly sessions: number;
  readonly interactions: number;
}

/**
 * A session model that learns as any, but without its newest sessions, on which the result is then held against what is in use; and
 * which, told to use it, proposes it as a version instead.
 */
export function createJudgedLearning(
  session: () => SessionModel,
  versions: () => Pick<Versions, 'propose' | 'learnedFrom' | 'inUse'>,
  failed: (error: unknown) => void,
): Pick<SessionModel, 'interactions' | 'learn'> & {
  readonly learnedFrom: number;
  use(learned: Learned): void;
} {
  const judged = new WeakMap<Learned, Judged>();
  return {
    get interactions() {
      return session().interactions;
    },
    get learnedFrom() {
      return versions().learnedFrom('session');
    },
    *learn() {
      const model = session();
      const { sessions, interactions } = model;
      const before = sessions - Math.min(heldOutMax, Math.floor(sessions * heldOutShare));
      const learned = yield* model.learn({ vectors: true, before });
      const against = versions().inUse('session');
      const judgement = yield* model.judge(learned, before);
      judged.set(learned, { judgement, against, sessions: before, interactions });
      return learned;
    },
    use(learned) {
      const found = judged.get(learned);
      if (found === undefined) throw new Error('only what was judged is used');
      const { judgement, against, sessions, interactions } = found;
      const { now, before, questions, gain, error } = judgement;
      versions()
        .propose({
          set: 'session',
          weights: learned,
          sessions,
          interactions,
          metrics: { 'MRR@20': now, 'MRR@20 before': before, questions },
          against,
          gain,
          error,
        })
        .catch(failed);
    },
  };
}
