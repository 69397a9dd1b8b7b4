import { basename, resolve } from 'node:path';
import { type Basket, createBasketModel } from '../../plugins/recommendations/models/baskets.js';
import type { Evaluation } from './evaluation.js';
import { createNumbering, readText } from './files.js';
import { learnAloud, type Progress } from './progress.js';

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
  const asked = read(test).filter((history) => history.length > 1);

  const model = createBasketModel();
  for (const [person, history] of known.entries()) {
    for (const basket of history) model.add(`known ${person}`, basket);
  }
  progress(`learned ${model.baskets} baskets of ${model.people} people`);
  const learningSeconds = await learnAloud({ learn: () => model.learn(known), use: model.use }, progress);

  const targets = asked.map((history) => new Set(history.at(-1)!.items));
  const before = process.cpuUsage();
  const answers = asked.map((history) =>
    Array.from(model.predict(history.slice(0, -1), (history.length - 1) * weekMs, cutoff).items),
  );
  const spent = process.cpuUsage(before);
  const popular = byFrequency(known.flat());
  const habits = asked.map((history) => [
    ...new Set([...byFrequency(history.slice(0, -1)), ...popular.slice(0, 2 * cutoff)]),
  ]);
  const baseline = basketMetrics(habits, targets);
  return {
    task: 'baskets',
    dataset: basename(resolve(directory)),
    metrics: basketMetrics(answers, targets),
    microsecondsPerQuery: (spent.user + spent.system) / asked.length,
    details: {
      people: model.people,
      baskets: model.baskets,
      'people asked about': asked.length,
      items: items.size,
      'learning, s': learningSeconds,
      'items shown, %': (100 * new Set(answers.flat()).size) / items.size,
      'Recall@10 of personal frequency, then popular': baseline['Recall@10'],
      'NDCG@10 of personal frequency, then popular': baseline['NDCG@10'],
      'PHR@10 of personal frequency, then popular': baseline['PHR@10'],
    },
  };
}

function basketMetrics(answers: readonly (readonly number[])[], targets: readonly ReadonlySet<number>[]) {
  let recall = 0;
  let ndcg = 0;
  let hits = 0;
  for (const [at, answer] of answers.entries()) {
    const target = targets[at]!;
    let found = 0;
    let gain = 0;
    let ideal = 0;
    for (let place = 0; place < cutoff; place++) {
      const worth = 1 / Math.log2(place + 2);
      if (place < target.size) ideal += worth;
      if (place < answer.length && target.has(answer[place]!)) {
        found++;
        gain += worth;
      }
    }
    recall += found / target.size;
    ndcg += gain / ideal;
    if (found > 0) hits++;
  }
  const count = answers.length;
  return { 'Recall@10': recall / count, 'NDCG@10': ndcg / count, 'PHR@10': hits / count };
}

function byFrequency(baskets: readonly Basket[]): number[] {
  const times = new Map<number, number>();
  for (const { items } of baskets) for (const item of items) times.set(item, (times.get(item) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a).map(([item]) => item);
}
