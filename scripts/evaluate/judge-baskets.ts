import { beyondAccuracy, beyondNotes } from './beyond.js';
import { type Beside, type Columns, intervals, means, measured, type Slicing, slice } from './compare.js';
import type { Evaluation } from './evaluation.js';
import type { Log } from './log.js';

/** What is asked about a person: several answers are right. */
export interface BasketQuery {
  /** All items bought so far. */
  readonly history: readonly number[];
  /** Distinct, at least one. */
  readonly targets: readonly number[];
  /** Queries of one person share a number. */
  readonly cluster: number;
}

export interface BasketAnswers {
  /** One list per query, best first. */
  readonly lists: readonly (readonly number[])[];
  readonly microsecondsPerQuery?: number;
}

export interface BasketTrial {
  readonly cutoff: number;
  readonly queries: readonly BasketQuery[];
  readonly ours: BasketAnswers;
  /** Answered the same queries in the same run. */
  readonly others: Readonly<Record<string, BasketAnswers>>;
  /** Baskets that were learned from. */
  readonly log: Log;
  readonly slicings: readonly Slicing[];
}

type Judged = Required<
  Pick<Evaluation, 'metrics' | 'intervals' | 'beyond' | 'baselines' | 'slices' | 'notes'>
>;

/**
 * Recall, NDCG (gain 1 for each right item, ideal by the size of the basket) and the share of people with a hit (PHR), as
 * in the papers on next baskets, with intervals over people, gains over the others, and what accuracy does not say.
 */
export function judgeBaskets(trial: BasketTrial): Judged {
  const { cutoff, queries, ours, log } = trial;
  const clusters = Int32Array.from(queries, ({ cluster }) => cluster);
  const columns = basketColumns(ours.lists, queries, cutoff);
  const beyond = ({ lists }: BasketAnswers) =>
    beyondAccuracy({ cutoff, lists: flat(lists, cutoff) }, queries, log);
  let best: Beside | undefined;
  const [first = ''] = Object.keys(columns);
  const baselines = Object.entries(trial.others).map(([method, answers]) => {
    const theirs = basketColumns(answers.lists, queries, cutoff);
    if (best === undefined || means(theirs)[first]! > means(best.columns)[first]!)
      best = { method, columns: theirs };
    const { microsecondsPerQuery } = answers;
    return measured(method, theirs, columns, clusters, {
      beyond: beyond(answers),
      ...(microsecondsPerQuery === undefined ? {} : { microsecondsPerQuery }),
    });
  });
  return {
    metrics: means(columns),
    intervals: intervals(columns, clusters),
    beyond: beyond(ours),
    baselines,
    slices: [
      ...trial.slicings.map((slicing) => slice(slicing, columns, clusters, best)),
      repeats(trial, best),
    ],
    notes: [
      'intervals are 95 %, by bootstrap over people (1,000 resamples, seeded); gains are paired, on the same people',
      ...beyondNotes('1 − the cosine of which baskets hold them'),
    ],
  };
}

/** One value per query. */
export function basketColumns(
  lists: readonly (readonly number[])[],
  queries: readonly BasketQuery[],
  cutoff: number,
): Columns {
  const recall = new Float64Array(queries.length);
  const ndcg = new Float64Array(queries.length);
  const hit = new Float64Array(queries.length);
  for (const [at, { targets }] of queries.entries()) {
    const right = new Set(targets);
    let found = 0;
    let gain = 0;
    let ideal = 0;
    for (let place = 0; place < cutoff; place++) {
      const worth = 1 / Math.log2(place + 2);
      if (place < right.size) ideal += worth;
      const item = lists[at]?.[place];
      if (item === undefined || !right.has(item)) continue;
      found++;
      gain += worth;
    }
    recall[at] = found / right.size;
    ndcg[at] = gain / ideal;
    hit[at] = found > 0 ? 1 : 0;
  }
  return { [`Recall@${cutoff}`]: recall, [`NDCG@${cutoff}`]: ndcg, [`PHR@${cutoff}`]: hit };
}

/** The part of the basket that was bought before, and the part that is new, each judged alone; people without that part are left out. */
function repeats({ cutoff, queries, ours, others }: BasketTrial, best: Beside | undefined) {
  const rows = [true, false].map((again) => {
    const part = queries.map(({ history, targets, cluster }) => {
      const past = new Set(history);
      return { history, cluster, targets: targets.filter((item) => past.has(item) === again) };
    });
    const asked = part.flatMap(({ targets }, at) => (targets.length > 0 ? [at] : []));
    const some = asked.map((at) => part[at]!);
    const columnsOf = ({ lists }: BasketAnswers) => {
      const columns = basketColumns(
        asked.map((at) => lists[at]!),
        some,
        cutoff,
      );
      return { [`Recall@${cutoff}`]: columns[`Recall@${cutoff}`]! };
    };
    const columns = columnsOf(ours);
    return {
      label: again ? 'bought before' : 'new to the person',
      queries: asked.length,
      metrics: means(columns),
      intervals: intervals(
        columns,
        some.map(({ cluster }) => cluster),
      ),
      ...(best ? { beside: means(columnsOf(others[best.method]!)) } : {}),
    };
  });
  return {
    by: 'part of the basket',
    note: 'recall of the items bought before, and of those that are new',
    ...(best ? { beside: best.method } : {}),
    rows: rows.filter(({ queries }) => queries > 0),
  };
}

function flat(lists: readonly (readonly number[])[], cutoff: number): Int32Array {
  const cells = new Int32Array(lists.length * cutoff).fill(-1);
  for (const [at, list] of lists.entries()) cells.set(list.slice(0, cutoff), at * cutoff);
  return cells;
}
