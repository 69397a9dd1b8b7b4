import { gini } from './beyond.js';
import { type Columns, intervals, means, measured } from './compare.js';
import type { Evaluation } from './evaluation.js';
import type { Progress } from './progress.js';

/** Some products, and those of the same basket that are to be found. */
export interface BasketQuery {
  readonly seeds: readonly number[];
  readonly targets: ReadonlySet<number>;
  /** Baskets of one customer share a number. */
  readonly cluster: number;
}

export interface Scored {
  readonly items: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
  readonly length: number;
}

/** Proposes products for some others; in any order, without the seeds or with them. */
export type Complete = (seeds: readonly number[]) => Scored;

const cutoff = 10;

interface Answered {
  readonly columns: Columns;
  readonly microsecondsPerQuery: number;
  readonly beyond: Readonly<Record<string, number>>;
}

/**
 * Asks every query. Recall counts what was found of all that was to be found, NDCG takes ten for all of it where there is more. Equal
 * scores count against ours, and for the others what is bought more comes first; products that cannot be known are to be found all the same.
 */
function ask(
  queries: readonly BasketQuery[],
  complete: Complete,
  support: ArrayLike<number>,
  isOurs: boolean,
): Answered {
  const lists: number[][] = [];
  const before = process.cpuUsage();
  const answers = queries.map(({ seeds }) => complete(seeds));
  const spent = process.cpuUsage(before);
  const recall = new Float64Array(queries.length);
  const ndcg = new Float64Array(queries.length);
  const hit = new Float64Array(queries.length);
  for (const [at, { seeds, targets }] of queries.entries()) {
    const list = bestOf(
      answers[at]!,
      seeds,
      isOurs ? (item) => -Number(targets.has(item)) : (item) => support[item]!,
    );
    lists.push(list);
    let found = 0;
    let gain = 0;
    let ideal = 0;
    for (let place = 0; place < cutoff; place++) {
      const worth = 1 / Math.log2(place + 2);
      if (place < targets.size) ideal += worth;
      if (place >= list.length || !targets.has(list[place]!)) continue;
      found++;
      gain += worth;
    }
    recall[at] = found / targets.size;
    ndcg[at] = gain / ideal;
    hit[at] = found > 0 ? 1 : 0;
  }
  return {
    columns: { 'Recall@10': recall, 'NDCG@10': ndcg, 'HR@10': hit },
    microsecondsPerQuery: (spent.user + spent.system) / Math.max(1, queries.length),
    beyond: beyond(lists, support),
  };
}

function bestOf(
  { items, scores, length }: Scored,
  seeds: readonly number[],
  amongEqual: (item: number) => number,
): number[] {
  const places: number[] = [];
  for (let place = 0; place < length; place++) if (!seeds.includes(items[place]!)) places.push(place);
  places.sort((a, b) => scores[b]! - scores[a]! || amongEqual(items[b]!) - amongEqual(items[a]!));
  return places.slice(0, cutoff).map((place) => items[place]!);
}

function beyond(lists: readonly (readonly number[])[], support: ArrayLike<number>): Record<string, number> {
  const shown = new Float64Array(support.length);
  for (const list of lists) for (const item of list) shown[item]!++;
  const known = shown.filter((_, item) => support[item]! > 0).sort();
  return {
    'coverage, %': (100 * known.filter((times) => times > 0).length) / Math.max(1, known.length),
    Gini: gini(known),
  };
}

export interface Contest {
  readonly queries: readonly BasketQuery[];
  readonly ours: Complete;
  readonly others: Readonly<Record<string, Complete>>;
  /** Baskets that hold each product, in what was learned from. */
  readonly support: ArrayLike<number>;
  /** The same queries by a property of theirs. */
  readonly slices?: Readonly<
    Record<string, { labels: readonly string[]; label(query: BasketQuery): string }>
  >;
}

type Contested = Required<
  Pick<Evaluation, 'metrics' | 'intervals' | 'microsecondsPerQuery' | 'beyond' | 'baselines' | 'slices'>
>;

/** Ours beside the others, on the same queries; intervals are over whole customers. */
export function contest(
  { queries, ours, others, support, slices = {} }: Contest,
  progress: Progress,
): Contested {
  const clusters = Int32Array.from(queries, ({ cluster }) => cluster);
  const own = ask(queries, ours, support, true);
  const baselines = Object.entries(others).map(([method, complete]) => {
    progress(`beside it: ${method}`);
    const { columns, ...more } = ask(queries, complete, support, false);
    return measured(method, columns, own.columns, clusters, more);
  });
  return {
    metrics: means(own.columns),
    intervals: intervals(own.columns, clusters),
    microsecondsPerQuery: own.microsecondsPerQuery,
    beyond: own.beyond,
    baselines,
    slices: Object.entries(slices).map(([by, { labels, label }]) => ({
      by,
      rows: labels.flatMap((name) => {
        const members = [...queries.keys()].filter((query) => label(queries[query]!) === name);
        if (members.length === 0) return [];
        return {
          label: name,
          queries: members.length,
          metrics: means(own.columns, members),
          intervals: intervals(own.columns, clusters, members),
        };
      }),
    })),
  };
}
