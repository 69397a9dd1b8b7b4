import type { Learned } from '../../plugins/recommendations/session-knn/learn-sessions.js';
import type { SessionModel } from '../../plugins/recommendations/session-knn/session-model.js';
import { interleave } from '../bench/measure.js';
import type { Curve, Evaluation } from './evaluation.js';
import {
  batch,
  clicksWhileServing,
  type GrowOptions,
  grow,
  plainVmis,
  predictWith,
  type Queries,
  queriesOf,
  timeOf,
} from './growing-shop.js';
import { learnAloud, type Progress } from './progress.js';

interface GrowthOptions {
  readonly sessions: number;
  readonly products: number;
}

const queriesTimed = 20_000;
const queriesPerRound = 2_000;
const rounds = 5;
const shortHistory = 4;
const longHistory = 40;
/** The log is stopped at, as shares of its sessions. */
const stages = [0.01, 0.03, 0.1, 0.3, 1];

/**
 * What a growing shop costs, on a synthetic log: replaying it, learning from it, bytes per interaction, time per prediction, time per click
 * learned while predictions are asked for; and how the time of a prediction grows with ten times the sessions, the products, both,
 * and the history of the person who asks: pairs of models, measured in turns.
 */
export async function measureGrowth(
  { sessions, products }: GrowthOptions,
  progress: Progress,
): Promise<Evaluation> {
  progress(`replaying ${sessions} sessions, ${products} products`);
  const large = grow(sessions, products);
  const { model } = large;
  const { interactions } = model;
  const bytes = model.bytes() / interactions;
  let learned: Learned | undefined;
  const learningSeconds = await learnAloud(
    {
      learn: () => model.learn(),
      use: (result: Learned) => {
        learned = result;
        model.use(result);
      },
    },
    progress,
  );
  const options = learned ? { learned } : {};

  progress('growing again, with stops');
  const queries = queriesOf(products, queriesPerRound);
  const curves = stagesOf(sessions, products, queries, options);
  progress('ten times as much, in turns');
  const less = { sessions: Math.ceil(sessions / 10), products: Math.ceil(products / 10) };
  const fewQueries = queriesOf(less.products, queriesPerRound);
  const ratios = {
    'sessions × 10': await timesAsLong(
      [model, queries],
      [grow(less.sessions, products, options).model, queries],
    ),
    'products × 10': await timesAsLong(
      [model, queries],
      [grow(sessions, less.products, options).model, fewQueries],
    ),
    'sessions and products × 10': await timesAsLong(
      [model, queries],
      [grow(less.sessions, less.products, options).model, fewQueries],
    ),
    'history × 10': await timesAsLong(
      [model, queriesOf(products, queriesPerRound, longHistory)],
      [model, queriesOf(products, queriesPerRound, shortHistory)],
    ),
  };
  progress('predictions');
  const many = queriesOf(products, queriesTimed);
  const times = timeOf(predictWith(model), many);
  const vmis = plainVmis(sessions, products, many);
  progress('clicks while serving');
  const clicks = clicksWhileServing(model, products, many);

  return {
    task: 'growth',
    dataset: 'synthetic log',
    metrics: { 'p50 µs': times.p50, 'bytes per interaction': bytes },
    microsecondsPerQuery: times.mean,
    baselines: [
      {
        method: 'plain VMIS-kNN on the same index',
        metrics: { 'p50 µs': vmis.p50, 'bytes per interaction': vmis.bytes },
        microsecondsPerQuery: vmis.mean,
      },
    ],
    details: {
      sessions,
      interactions,
      products,
      'clicks on the top 1 % of products, %': 100 * large.topShare,
      ...Object.fromEntries(
        Object.entries(ratios).map(([name, times]) => [`a prediction, ${name}: times as long`, times]),
      ),
      'p50 µs, wall': times.p50,
      'p99 µs, wall': times.p99,
      'bytes per interaction, index': bytes,
      'index, MB': (bytes * interactions) / 2 ** 20,
      'replay, s': large.seconds,
      'replay, µs per interaction': (1e6 * large.seconds) / interactions,
      'a click while serving, µs on average': clicks.mean,
      'a click while serving, µs p99': clicks.p99,
      'learning, s': learningSeconds,
    },
    curves,
    notes: [
      "the log is synthetic, as skewed as real ones: Zipf's law, a hundredth of the products gets an eighth of the clicks; every fifth product is new; five clicks a session, one in seven on something seen before",
      `history × 10: running sessions of ${longHistory} clicks against ${shortHistory}; the other queries have the lengths of the log's own sessions`,
      'anchors were measured on other machines and logs of about this size; what ran here ran in one process, in turns where a ratio is given',
    ],
  };
}

/** CPU of one prediction of the first as a multiple of the second's. */
async function timesAsLong(
  ...sides: readonly [readonly [SessionModel, Queries], readonly [SessionModel, Queries]]
): Promise<number> {
  const [one, other] = sides.map(([model, queries]) => {
    const predict = predictWith(model);
    return {
      run: () => {
        for (const query of queries) predict(query);
      },
      operations: queries.length,
    };
  });
  const { oursMicros, theirsMicros } = await interleave(one!, other!, rounds);
  return oursMicros / theirsMicros;
}

function stagesOf(sessions: number, products: number, queries: Queries, options: GrowOptions): Curve[] {
  const found: { sessions: number; micros: number; bytes: number }[] = [];
  const look = (model: SessionModel) => {
    const { mean } = timeOf(predictWith(model), queries);
    found.push({ sessions: model.sessions, micros: mean, bytes: model.bytes() / model.interactions });
  };
  const stops = new Map(stages.map((share) => [Math.ceil((share * sessions) / batch) * batch, look]));
  grow(sessions, products, { ...options, stops });
  const curve = (title: string, y: string, value: (stage: (typeof found)[number]) => number): Curve => ({
    title,
    x: 'sessions',
    y,
    logX: true,
    fromZero: true,
    lines: [{ name: 'Rapport', points: found.map((stage) => ({ x: stage.sessions, y: value(stage) })) }],
  });
  return [
    curve('A prediction as the log grows', 'CPU µs per prediction', ({ micros }) => micros),
    curve('Memory as the log grows', 'bytes per interaction, index', ({ bytes }) => bytes),
  ];
}
