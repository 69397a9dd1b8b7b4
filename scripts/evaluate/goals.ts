import { type Evaluation, type Interval, lessIsBetter, type Metrics } from './evaluation.js';
import { otherSplit, publishedRows } from './published.js';

/** One figure held against what it should be. */
export interface Verdict {
  readonly figure: string;
  readonly value: number;
  readonly interval?: Interval;
  /** `> 56`. */
  readonly goal: string;
  readonly why: string;
  readonly met: boolean;
  /** The goal lies within the interval: with other queries it might have come out the other way. */
  readonly close: boolean;
}

interface Goal {
  readonly figure: string;
  readonly above: boolean;
  readonly bound: number;
  readonly why: string;
  /** Of what ours has over the bound, where that was measured on the same queries. */
  readonly paired?: Interval;
}

const above = (figure: string, bound: number, why: string): Goal => ({ figure, above: true, bound, why });
const atMost = (figure: string, bound: number, why: string): Goal => ({ figure, above: false, bound, why });

/** Beyond "ahead of every published row", which holds everywhere. */
const ownGoals: readonly (readonly [task: Evaluation['task'], dataset: RegExp, goals: readonly Goal[]])[] = [
  ['sessions', /diginetica/i, [above('P@20', 56, 'a clear lead'), above('MRR@20', 21, 'a clear lead')]],
  [
    'sessions',
    /./,
    [
      atMost('microsecondsPerQuery', 150, 'a prediction, CPU'),
      atMost('bytes per interaction, index', 16, 'Serenade needs about 19'),
    ],
  ],
  [
    'growth',
    /./,
    [
      atMost('microsecondsPerQuery', 150, 'a prediction, CPU'),
      atMost('bytes per interaction, index', 16, 'Serenade needs about 19'),
      ...['sessions × 10', 'products × 10', 'sessions and products × 10', 'history × 10'].map((name) =>
        atMost(`a prediction, ${name}: times as long`, 1.3, 'cost must not depend on size'),
      ),
    ],
  ],
  [
    'orders',
    /when it is bought again/,
    [
      above('in the 80 % interval', 0.77, 'it must mean what it says'),
      atMost('in the 80 % interval', 0.83, 'it must mean what it says'),
    ],
  ],
  [
    'search',
    /icecat/i,
    [above('NDCG@10', 0.8, 'human judgments'), atMost('misspelt loss', 0.1, 'slips of the finger')],
  ],
];

/** What the evaluation was to reach, and whether it did. */
export function verdicts(evaluation: Evaluation): Verdict[] {
  const isSplit = otherSplit(evaluation) === null;
  const goals = [
    ...ownGoals
      .filter(([task, dataset]) => task === evaluation.task && dataset.test(evaluation.dataset))
      // A goal that names a data set was set for the published split of it.
      .filter(([, dataset]) => isSplit || dataset.source === '.')
      .flatMap(([, , list]) => list),
    ...aheadOf(evaluation, isSplit),
  ];
  return goals.flatMap((goal) => {
    const value = figureOf(evaluation, goal.figure);
    if (value === undefined) return [];
    const interval = evaluation.intervals?.[goal.figure];
    const [low, high] = goal.paired?.map((gain) => goal.bound + gain) ?? interval ?? [];
    const verdict: Verdict = {
      figure: goal.figure === 'microsecondsPerQuery' ? 'µs per query' : goal.figure,
      value,
      ...(interval ? { interval } : {}),
      goal: `${goal.above ? '>' : '≤'} ${goal.bound}`,
      why: goal.why,
      met: goal.above ? value > goal.bound : value <= goal.bound,
      close: low !== undefined && high !== undefined && low <= goal.bound && goal.bound <= high,
    };
    return [verdict];
  });
}

/** An interval is good that is both narrow and true: its score says so, its width and how often it holds do not. */
const describes = /^width|^in (it|the 80 % interval)/;

/** What serves with a part left out is no competitor. */
const isOurs = (method: string) => method.startsWith('ours');

/** Per metric the best published row and the best baseline of this run. */
function aheadOf(evaluation: Evaluation, isSplit: boolean): Goal[] {
  if (['search', 'ablation', 'growth'].includes(evaluation.task)) return [];
  return Object.keys(evaluation.metrics).flatMap((metric) => {
    if (describes.test(metric)) return [];
    const less = lessIsBetter(metric);
    const by = (a: { metrics: Metrics }, b: { metrics: Metrics }) =>
      (less ? -1 : 1) * (b.metrics[metric]! - a.metrics[metric]!);
    const ahead = less ? atMost : above;
    const [published] = [...publishedRows(evaluation.dataset, [metric])].sort(by);
    const [measured] = (evaluation.baselines ?? [])
      .filter(({ method, metrics }) => metric in metrics && !isOurs(method))
      .sort(by);
    const goals: Goal[] = [];
    if (published && isSplit)
      goals.push(ahead(metric, published.metrics[metric]!, `best published: ${published.method}`));
    if (measured) {
      const paired = measured.gains?.[metric]?.interval;
      goals.push({
        ...ahead(
          metric,
          rounded(measured.metrics[metric]!),
          `best beside it in this run: ${measured.method}`,
        ),
        ...(paired ? { paired } : {}),
      });
    }
    return goals;
  });
}

function figureOf(evaluation: Evaluation, figure: string): number | undefined {
  if (figure === 'microsecondsPerQuery') return evaluation.microsecondsPerQuery;
  const detail = evaluation.details[figure];
  return evaluation.metrics[figure] ?? (typeof detail === 'number' ? detail : undefined);
}

function rounded(value: number): number {
  return Number(value.toFixed(value >= 2 ? 2 : 4));
}
