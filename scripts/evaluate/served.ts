import { basename, resolve } from 'node:path';
import { assembleRanking } from '../../plugins/recommendations/assembly.js';
import { exploreShareMax } from '../../plugins/recommendations/exploration/exploration.js';
import { type Placement, placements } from '../../plugins/recommendations/ranking/placements.js';
import { profileOf } from '../../plugins/recommendations/serving/profile.js';
import { rankingContextOf } from '../../plugins/recommendations/serving/ranking-context.js';
import { prefixesToLearn } from '../../plugins/recommendations/session-knn/session-model.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { type Answers, askAll, type Query, type Ranked } from './ask.js';
import { columnsOf, intervals, means, measured, sessionMetrics, slice } from './compare.js';
import type { Evaluation } from './evaluation.js';
import { createEventClock } from './event-clock.js';
import { learnAloud, type Progress } from './progress.js';
import { readSessionFiles } from './session-files.js';
import { eventOf, shopOf } from './shop-log.js';

const cutoff = 20;
const asked = 40;
const queriesMax = 5_000;
/** The share of the sessions that the session model learns its weights from. */
const learnedFrom = 0.9;
const sessionEveryMs = 60_000;
const clickMs = 20_000;

interface Served {
  readonly name: string;
  change(placement: Placement): Placement;
}

/**
 * The whole answer that a shopper gets, beside the session model alone: `train.txt` is replayed as views into what serves, then after each
 * prefix of `test.tsv` (at most 5,000, evenly spread) the home page is asked, and the page of the product that was clicked last. There are no
 * times: sessions begin a minute apart. Nothing of the test is learned.
 */
export async function evaluateServed(directory: string, progress: Progress): Promise<Evaluation[]> {
  const { train, tests, catalogSize } = await readSessionFiles(directory, progress);
  const shop = shopOf(Array.from({ length: catalogSize }, (_, item) => ({ id: `p${item}`, title: '' })));
  const { shelf } = shop;
  const clock = createEventClock();
  const parts = assembleRanking({
    shelf,
    category: () => null,
    clock,
    repeatPolicies: new Map(),
    exploreShare: exploreShareMax,
  });
  const statistics = parts.models.begin();
  parts.models.exchange(statistics);
  for (const [item, product] of shop.products.entries()) parts.models.newest.put(item, product.createdAtMs);
  const view = (sessionId: string, item: number, atMs: number): ShopEvent =>
    eventOf({ type: 'PRODUCT_VIEWED', sessionId, productIds: [`p${item}`], atMs }, 0);

  const from = Math.floor(train.length * learnedFrom);
  const { session } = parts.models;
  for (const [number, clicks] of train.entries()) {
    if (number === from && session.interactions >= prefixesToLearn) await learnAloud(session, progress);
    for (const [at, item] of clicks.entries()) {
      const event = view(`s${number}`, item, number * sessionEveryMs + at * clickMs);
      clock.goTo(event.atMs);
      statistics.learn([event]);
    }
  }

  const stride = Math.max(1, Math.floor(tests.length / queriesMax));
  const queries = tests.filter((_, at) => at % stride === 0).slice(0, queriesMax);
  const nowMs = clock.nowMs() + sessionEveryMs;
  clock.goTo(nowMs);

  function serve(name: string, { change }: Served) {
    const placement = change(placements.get(name)!);
    return (history: readonly number[], query: number): Ranked => {
      const events = history.map((item, at) =>
        view(`q${query}`, item, nowMs - (history.length - at) * clickMs),
      );
      const last = history.at(-1) ?? -1;
      const { items } = parts.ranker.rank({
        placement,
        first: cutoff,
        ...rankingContextOf({
          placement,
          profile: profileOf(events.reverse(), shelf, nowMs),
          pageItem: placement.needsPage && last < catalogSize ? last : -1,
          cart: [],
          storeId: null,
          sessionKey: `q${query}`,
          customerId: null,
          nowMs,
          shelf,
        }),
      });
      // A list is in order: what is equal does not count against it.
      return { items: items.map(({ item }) => item), scores: items.map((_, at) => cutoff - at) };
    };
  }

  const alone = (except: (item: number, history: readonly number[]) => boolean) =>
    askAll(
      queries,
      (history) => {
        const { items, scores } = session.predict(history, asked);
        const kept = Array.from(items.keys()).filter((at) => !except(items[at]!, history));
        return { items: kept.map((at) => items[at]!), scores: kept.map((at) => scores[at]!) };
      },
      { cutoff },
    );
  const same = (placement: Placement) => placement;
  const rankings: Served[] = [
    { name: 'no place for trials', change: (p) => ({ ...p, explores: false }) },
    { name: 'no diversity', change: (p) => ({ ...p, diversity: 0 }) },
    {
      name: 'what was seen keeps its place',
      change: (p) => ({ ...p, seen: 'as-is' }),
    },
    {
      name: 'only session',
      change: (p) => ({ ...p, blend: { session: 1 }, explores: false, diversity: 0, seen: 'as-is' }),
    },
  ];
  const model = alone(() => false);
  const withoutPage = alone((item, history) => item === history.at(-1));
  return ['home', 'product'].map((name) => {
    progress(`asking ${name}`);
    const ours = askAll(queries, serve(name, { name: 'served', change: same }), {
      cutoff,
    });
    return evaluationOf(`${basename(resolve(directory))}, ${name} as served`, queries, ours, [
      ['the session model alone', model],
      ...(name === 'product' ? [['the session model alone, without the page', withoutPage] as const] : []),
      ...rankings.map(
        (ranking) => [ranking.name, askAll(queries, serve(name, ranking), { cutoff })] as const,
      ),
    ]);
  });
}

function evaluationOf(
  dataset: string,
  queries: readonly Query[],
  ours: Answers,
  others: readonly (readonly [string, Answers])[],
): Evaluation {
  const clusters = queries.map(({ cluster }) => cluster);
  const columns = columnsOf(ours, sessionMetrics);
  const [, beside] = others[0]!;
  return {
    task: 'placements',
    dataset,
    metrics: means(columns),
    intervals: intervals(columns, clusters),
    microsecondsPerQuery: ours.microsecondsPerQuery,
    baselines: others.map(([method, answers]) =>
      measured(method, columnsOf(answers, sessionMetrics), columns, clusters, {
        microsecondsPerQuery: answers.microsecondsPerQuery,
      }),
    ),
    slices: [
      slice(
        {
          by: 'what came next',
          labels: ['new in the session', 'seen before', 'the page itself'],
          label: (query) => {
            const { history, target } = queries[query]!;
            if (history.at(-1) === target) return 'the page itself';
            return history.includes(target) ? 'seen before' : 'new in the session';
          },
        },
        columns,
        clusters,
        { method: 'the session model alone', columns: columnsOf(beside, sessionMetrics) },
      ),
    ],
    details: { queries: queries.length },
    notes: [
      'the whole answer as a shopper gets it: all recommenders, diversity, trials in every tenth place; train.txt is replayed as views into the serving code, which then learns the session model',
      '“the page itself” cannot be recommended on its own page',
      'products of the file have neither text nor category nor brand; there are no orders',
    ],
  };
}
