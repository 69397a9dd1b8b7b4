import { type Answers, askAll, type Query } from './ask.js';
import type { Predict } from './baselines.js';
import { type BeyondOptions, beyondAccuracy, beyondNotes } from './beyond.js';
import {
  type Beside,
  columnsOf,
  intervals,
  means,
  measured,
  type Slicing,
  slice,
  type Worth,
} from './compare.js';
import type { Evaluation } from './evaluation.js';
import type { Log } from './log.js';
import type { Progress } from './progress.js';

export interface Trial {
  readonly queries: readonly Query[];
  readonly ours: Answers;
  /** Asked the same queries in the same run. */
  readonly others: Readonly<Record<string, Predict>>;
  readonly metrics: Readonly<Record<string, Worth>>;
  /** What was learned from. */
  readonly log: Log;
  readonly slicings: readonly Slicing[];
  /** Absent: by the sessions that hold both. */
  readonly diversity?: Required<BeyondOptions> & { readonly name: string };
}

type Judged = Required<
  Pick<Evaluation, 'metrics' | 'intervals' | 'beyond' | 'baselines' | 'slices' | 'notes'>
>;

/** Our answers beside those of the others: metrics with intervals, gains, what accuracy does not say, and slices. */
export function judgeBeside(trial: Trial, progress: Progress): Judged {
  const { queries, ours, metrics, log, diversity } = trial;
  const clusters = Int32Array.from(queries, ({ cluster }) => cluster);
  const columns = columnsOf(ours, metrics);
  const judgedOn = queries.map(({ history, target }) => ({ history, targets: [target] }));
  const beyond = (answers: Answers) => beyondAccuracy(answers, judgedOn, log, diversity);
  let best: Beside | undefined;
  const [first = ''] = Object.keys(metrics);
  const baselines = Object.entries(trial.others).map(([method, predict]) => {
    progress(`beside it: ${method}`);
    const answers = askAll(queries, predict, { cutoff: ours.cutoff });
    const theirs = columnsOf(answers, metrics);
    if (best === undefined || means(theirs)[first]! > means(best.columns)[first]!)
      best = { method, columns: theirs };
    return measured(method, theirs, columns, clusters, {
      microsecondsPerQuery: answers.microsecondsPerQuery,
      beyond: beyond(answers),
    });
  });
  progress('intervals and slices');
  return {
    metrics: means(columns),
    intervals: intervals(columns, clusters),
    beyond: beyond(ours),
    baselines,
    // Where all queries fall into one slice, it says nothing new.
    slices: trial.slicings
      .map((slicing) => slice(slicing, columns, clusters, best))
      .filter(({ rows }) => rows.length > 1),
    notes: [
      'intervals are 95 %, by bootstrap over whole sessions or people (1,000 resamples, seeded); gains are paired, on the same queries',
      ...beyondNotes(diversity?.name ?? '1 − the cosine of which sessions hold them'),
    ],
  };
}
