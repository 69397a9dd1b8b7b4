import { type Columns, intervals, means, measured } from './compare.js';
import type { Curve, Evaluation } from './evaluation.js';
import { createNumbering } from './files.js';
import { evaluatePlacements, type PlacementFigures } from './placements.js';
import type { Progress } from './progress.js';
import type { ShopLog } from './shop-log.js';

/** What shoppers may ask for: 0 is none, 1 as unlike as can be. */
const diversities = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1];
const listsMax = 2_000;
const served = 'served';

/**
 * Whole placements as they serve: one evaluation for each, and each recommender alone beside it, and the price of diversity as a curve.
 */
export async function evaluatePlacementsOf(
  log: ShopLog,
  dataset: string,
  progress: Progress,
): Promise<Evaluation[]> {
  const figures = await evaluatePlacements(log, progress, listsMax, diversities);
  const placements = [...new Set(figures.map(({ placement }) => placement))];
  return placements.flatMap((placement) => {
    const own = figures.filter((figure) => figure.placement === placement);
    const ours = own.find(({ ranking }) => ranking === served);
    return ours === undefined ? [] : [evaluationOf(`${dataset}, ${placement}`, ours, own, log)];
  });
}

function evaluationOf(
  dataset: string,
  ours: PlacementFigures,
  all: readonly PlacementFigures[],
  log: ShopLog,
): Evaluation {
  const people = createNumbering();
  const clusters = ours.shoppers.map((shopper) => people.number(shopper));
  const columns = columnsOf(ours);
  return {
    task: 'placements',
    dataset,
    metrics: means(columns),
    intervals: intervals(columns, clusters),
    microsecondsPerQuery: ours.microseconds,
    beyond: beyondOf(ours),
    baselines: all
      .filter((figure) => figure !== ours && !figure.ranking.startsWith('diversity '))
      .map((figure) =>
        measured(figure.ranking, columnsOf(figure), columns, clusters, {
          microsecondsPerQuery: figure.microseconds,
          beyond: beyondOf(figure),
        }),
      ),
    curves: [priceOfDiversity(dataset, all, clusters)],
    details: {
      lists: ours.asks,
      shoppers: people.size,
      products: log.products.length,
      events: log.events.length,
    },
    notes: [
      'the log is replayed into the serving code; each list of its last fifth is compared with what the shopper took next, before the models learn it',
      'rankings named “only …” show one recommender alone; what it cannot fill stays empty',
      'dissimilarity: mean share of pairs in a list that differ, by half in brand and by half in category',
    ],
  };
}

function columnsOf({ ranks }: PlacementFigures): Columns {
  return {
    'HR@10': Float64Array.from(ranks, (rank) => Number(rank > 0)),
    'MRR@10': Float64Array.from(ranks, (rank) => (rank > 0 ? 1 / rank : 0)),
  };
}

function beyondOf({ coverage, dissimilarity }: PlacementFigures) {
  return { 'coverage, %': 100 * coverage, dissimilarity };
}

/** Each degree of diversity by what it brings and what it costs. */
function priceOfDiversity(
  dataset: string,
  all: readonly PlacementFigures[],
  clusters: ArrayLike<number>,
): Curve {
  const points = all
    .filter(({ ranking }) => ranking.startsWith('diversity '))
    .map((figure) => {
      const columns = columnsOf(figure);
      const interval = intervals(columns, clusters)['HR@10'];
      return {
        x: figure.dissimilarity,
        y: means(columns)['HR@10']!,
        label: figure.ranking.replace('diversity ', ''),
        ...(interval ? { interval } : {}),
      };
    });
  return {
    title: 'The price of diversity',
    x: 'dissimilarity of the products in a list',
    y: 'HR@10',
    note: `${dataset}; each point is a value of the argument "diversity"`,
    lines: [{ name: 'Rapport', points }],
  };
}
