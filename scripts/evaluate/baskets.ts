import { basename, resolve } from 'node:path';
import { purchasesToLearn } from '../../plugins/recommendations/next-basket/people-model.js';
import type { Evaluation } from './evaluation.js';
import { createNumbering } from './files.js';
import { judgeBaskets } from './judge-baskets.js';
import { createLog } from './log.js';
import { createShopPeople, type History, learnAsTheShop, readBaskets } from './people.js';
import type { Progress } from './progress.js';
import { ranges } from './slicings.js';

const cutoff = 10;

/**
 * The next basket: `baskets.json`, { train, validate, test } of people with their baskets. The last basket of each
 * test person is to be predicted from those before it; recall, NDCG and the share of people with a hit (PHR), all at
 * 10 and over all items. The model learns from train and validate.
 */
export async function evaluateBaskets(directory: string, progress: Progress): Promise<Evaluation> {
  const items = createNumbering();
  const { train = [], validate = [], test = [] } = readBaskets(directory, items);
  const known = [...train, ...validate];
  const asked = test.filter((history) => history.length > 1 && (history.at(-1)?.items.length ?? 0) > 0);
  if (asked.length === 0)
    throw new Error(
      `${directory}: baskets.json holds { train, validate, test } of people with their baskets; nobody in its test has two`,
    );

  const { model, learn } = createShopPeople();
  for (const [person, history] of known.entries()) learn(String(person), history);
  progress(`learned ${model.baskets} baskets of ${model.people} people`);
  const learningSeconds = model.purchases >= purchasesToLearn ? await learnAsTheShop(model, progress) : 0;

  const before = process.cpuUsage();
  const answers = asked.map((history) =>
    Array.from(model.predict(history.slice(0, -1), history.at(-1)!.atMs, cutoff).items),
  );
  const spent = process.cpuUsage(before);
  const microsecondsPerQuery = (spent.user + spent.system) / asked.length;
  const popular = byFrequency(known.flat()).slice(0, 2 * cutoff);
  const log = createLog(
    known.flat().map((basket) => [...basket.items]),
    items.size,
  );
  const queries = asked.map((history, cluster) => ({
    history: history.slice(0, -1).flatMap((basket) => [...basket.items]),
    targets: [...new Set(history.at(-1)!.items)],
    cluster,
  }));
  const habits = asked.map((history) => [...new Set([...byFrequency(history.slice(0, -1)), ...popular])]);
  const again = asked.map((history) => [...new Set([...history.at(-2)!.items].reverse())]);
  const { labels, of } = ranges([1, 2, 4, 8]);
  const judged = judgeBaskets({
    cutoff,
    queries,
    ours: { lists: answers, microsecondsPerQuery },
    others: {
      popularity: { lists: asked.map(() => popular) },
      'the last basket, again': { lists: again },
      'personal frequency, then popular': { lists: habits },
    },
    log,
    slicings: [{ by: 'baskets so far', labels, label: (query) => of(asked[query]!.length - 1) }],
  });
  const baseline = judged.baselines.at(-1)!.metrics;
  return {
    task: 'baskets',
    dataset: basename(resolve(directory)),
    microsecondsPerQuery,
    ...judged,
    details: {
      people: model.people,
      baskets: model.baskets,
      purchases: model.purchases,
      'bytes per purchase': model.bytes() / model.purchases,
      'people asked about': asked.length,
      items: items.size,
      'learning, s': learningSeconds,
      'items shown, %': (100 * new Set(answers.flat()).size) / items.size,
      'Recall@10 of personal frequency, then popular': baseline['Recall@10']!,
      'NDCG@10 of personal frequency, then popular': baseline['NDCG@10']!,
      'PHR@10 of personal frequency, then popular': baseline['PHR@10']!,
    },
  };
}

function byFrequency(baskets: History): number[] {
  const times = new Map<number, number>();
  for (const { items } of baskets) for (const item of items) times.set(item, (times.get(item) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a).map(([item]) => item);
}
