import { basename, resolve } from 'node:path';
import {
  type FusionJson,
  fusionFromJson,
} from '../../plugins/recommendations/learning-to-rank/fusion-json.js';
import { createFusionNet } from '../../plugins/recommendations/learning-to-rank/fusion-net.js';
import type { ItemVectors } from '../../plugins/recommendations/learning-to-rank/item-vectors.js';
import { learnFusion, type Step } from '../../plugins/recommendations/learning-to-rank/learn-fusion.js';
import { fusionTraining } from '../../plugins/recommendations/learning-to-rank/train-fusion.js';
import { sessionNames } from '../../plugins/recommendations/session-knn/features.js';
import {
  finishSessionVectors,
  prepareExamples,
  sessionLearning,
} from '../../plugins/recommendations/session-knn/learn-sessions.js';
import {
  clicksPerSessionMax,
  createSessionIndex,
  type SessionIndex,
} from '../../plugins/recommendations/session-knn/session-index.js';
import {
  createSessionRanker,
  sessionRanking,
} from '../../plugins/recommendations/session-knn/session-ranker.js';
import { topK } from '../../src/kit/top-k.js';
import { askAll } from './ask.js';
import { columnsOf, intervals, means, measured, sessionMetrics } from './compare.js';
import type { Evaluation } from './evaluation.js';
import type { Progress } from './progress.js';
import { readSessionFiles } from './session-files.js';

const cutoff = 20;
const asked = 40;

/** Inputs that the fusion does without. */
interface FusionWithout {
  readonly features: readonly string[];
  readonly contexts: readonly string[];
  /** Hidden units; 0 leaves a weighted sum. If omitted, as many as the model that serves has. */
  readonly hidden?: number;
}

const parts: Readonly<Record<string, Partial<FusionWithout>>> = {
  'neighbouring sessions': { features: ['near', 'wide', 'sharp', 'clicks', 'covers'], contexts: [] },
  'what followed what': { features: ['next', 'before', 'chain', 'rule'], contexts: [] },
  'items looked at in the same sessions': { features: ['pair'], contexts: [] },
  'repeats within the session': {
    features: [
      ...['repeatRate', 'inSession', 'last', 'lastButOne', 'distance', 'times'],
      ...['place', 'followed', 'first', 'since'],
    ],
    contexts: ['distinct', 'repeatRate', 'lastTimes', 'lastAgain'],
  },
  'learned vectors': { features: ['toSession', 'toLast'], contexts: [] },
  'popularity and age': { features: ['recent', 'popular', 'age'], contexts: ['support', 'freshLast'] },
  'the question’s own figures, which bend the weights': { contexts: sessionNames.contexts },
  'the hidden layer (a weighted product of probabilities is left)': { hidden: 0 },
};

/**
 * What each part of the fusion is worth: for each, the fusion is learned again without it, from the same examples, and
 * asked the same queries. The candidates stay the same, and so do the vectors. One net each, the whole one too, so the
 * figure for all parts lies a little below that of the model which serves.
 */
export async function sessionAblations(directory: string, progress: Progress): Promise<Evaluation> {
  const { train, tests } = await readSessionFiles(directory, progress);
  const index = indexOf(train);
  const without = [{}, ...Object.values(parts)].map((part) => ({ features: [], contexts: [], ...part }));
  const learning = learnWithout(index, without);
  let step = learning.next();
  let shown = '';
  for (; !step.done; step = learning.next()) {
    const line = `learning ${step.value.stage}`;
    if (line !== shown) progress(line);
    shown = line;
  }
  const { fusions, vectors } = step.value;
  const ranker = createSessionRanker(index, sessionRanking, vectors);
  const items = new Int32Array(asked);
  const scores = new Float32Array(asked);
  const ask = (fusion: FusionJson) => {
    const net = createFusionNet(fusionFromJson(fusion, sessionNames));
    return askAll(
      tests,
      (session) => {
        const count = ranker.gather(session, -1);
        ranker.score(net);
        const length = Math.min(asked, count);
        const best = { items: items.slice(0, length), scores: scores.slice(0, length) };
        topK(ranker.candidates.items, ranker.scores, count, best.items, best.scores);
        return best;
      },
      { cutoff },
    );
  };
  const clusters = Int32Array.from(tests, ({ cluster }) => cluster);
  const whole = ask(fusions[0]!);
  const columns = columnsOf(whole, sessionMetrics);
  const ablation = Object.keys(parts).map((name, at) => {
    progress(`without ${name}`);
    const answers = ask(fusions[at + 1]!);
    return measured(name, columnsOf(answers, sessionMetrics), columns, clusters, {
      microsecondsPerQuery: answers.microsecondsPerQuery,
    });
  });
  return {
    task: 'ablation',
    dataset: basename(resolve(directory)),
    metrics: means(columns),
    intervals: intervals(columns, clusters),
    microsecondsPerQuery: whole.microsecondsPerQuery,
    details: { queries: tests.length },
    ablation,
    notes: [
      'the fusion is learned again without each part, from the same examples and vectors; candidates stay the same; one net each',
    ],
  };
}

/** On the same vectors and the same examples the fusion is learned once for each element of `without`. */
function* learnWithout(
  source: SessionIndex,
  without: readonly FusionWithout[],
): Generator<Step, { readonly fusions: readonly FusionJson[]; readonly vectors: ItemVectors | null }> {
  const prepared = yield* prepareExamples(source, sessionLearning);
  const { examples } = prepared;
  const fusions: FusionJson[] = [];
  for (const { features, contexts, hidden = fusionTraining.hidden } of without) {
    const left = {
      ...examples,
      features: blanked(examples.features, sessionNames.features, features),
      contexts: blanked(examples.contexts, sessionNames.contexts, contexts),
    };
    fusions.push(yield* learnFusion(left, sessionNames, { ...fusionTraining, nets: 1, hidden }));
  }
  return { fusions, vectors: yield* finishSessionVectors(prepared) };
}

/** A copy in which some columns are 0: an input that never changes gets no weight. */
function blanked(values: Float32Array, names: readonly string[], without: readonly string[]): Float32Array {
  const copy = values.slice();
  for (const name of without)
    for (let at = names.indexOf(name); at < copy.length; at += names.length) copy[at] = 0;
  return copy;
}

/** Sessions one after the other, long ones cut, as the model that serves would hold them. */
export function indexOf(sessions: readonly (readonly number[])[]): SessionIndex {
  const index = createSessionIndex(sessionLearning.index);
  for (const session of sessions) {
    for (let from = 0; from < session.length; from += clicksPerSessionMax) {
      const number = index.begin();
      for (const item of session.slice(from, from + clicksPerSessionMax)) index.append(number, item);
    }
  }
  return index;
}
