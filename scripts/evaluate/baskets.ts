import { basename, resolve } from 'node:path';
import { type Basket, createBasketModel } from '../../plugins/recommendations/models/baskets.js';
import type { Evaluation } from './evaluation.js';
import { createNumbering, readText } from './files.js';
import { judgeBaskets } from './judge-baskets.js';
import { createLog } from './log.js';
import { learnAloud, type Progress } from './progress.js';
import { ranges } from './slicings.js';

const cutoff = 10;
/** There are no times: one basket a week. */
const weekMs = 7 * 86_400_000;

type People = Readonly<Record<string, readonly (readonly (number | string)[])[]>>;

/**
 * The next basket: `baskets.json`, { train, validate, test } of people with their baskets. The last basket of each
 * test person is to be predicted from those before it; recall, NDCG and the share of people with a hit (PHR), all at
 * 10 and over all items. The model learns from train and validate.
 */
export async function evaluateBaskets(directory: string, progress: Progress): Promise<Evaluation> {
  const { train, validate, test } = JSON.parse(readText(directory, 'baskets.json')) as Record<string, People>;
  const items = createNumbering();
  const read = (people: People | undefined) =>
    Object.entries(people ?? {}).map(([, baskets]) =>
      baskets.map((basket, at) => ({
        items: basket.map((item) => items.number(String(item))),
        atMs: at * weekMs,
      })),
    );
  const known = [...read(train), ...read(validate)];
  const asked = read(test).filter((history) => history.length > 1 && (history.at(-1)?.items.length ?? 0) > 0);
  if (asked.length === 0)
    throw new Error(
      `${directory}: baskets.json holds { train, validate, test } of people with their baskets; nobody in its test has two`,
    );

  const model = createBasketModel();
  for (const [person, history] of known.entries()) {
    for (const basket of history) model.add(`known ${person}`, basket);
  }
  progress(`learned ${model.baskets} baskets of ${model.people} people`);
  const learningSeconds = await learnAloud({ learn: () => model.learn(known), use: model.use }, progress);

  const before = process.cpuUsage();
  const answers = asked.map((history) =>
    Array.from(model.predict(history.slice(0, -1), (history.length - 1) * weekMs, cutoff).items),
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

function byFrequency(baskets: readonly Basket[]): number[] {
  const times = new Map<number, number>();
  for (const { items } of baskets) for (const item of items) times.set(item, (times.get(item) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a).map(([item]) => item);
}
