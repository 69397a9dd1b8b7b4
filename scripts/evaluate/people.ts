import {
  createPeopleModel,
  type PeopleModel,
} from '../../plugins/recommendations/next-basket/people-model.js';
import { createReplenishment } from '../../plugins/recommendations/recommenders/replenishment/replenishment.js';
import { parseJson } from '../read-json.js';
import { type createNumbering, readText, streamLines } from './files.js';
import { learnAloud, type Progress } from './progress.js';

export interface Basket {
  readonly items: readonly number[];
  readonly atMs: number;
}

/** One basket after the other, oldest first. */
export type History = readonly Basket[];

/** Files that tell an order and no times: one basket a week. */
export const weekMs = 7 * 86_400_000;

export type Names = ReturnType<typeof createNumbering>;

const noCategories: readonly string[] = [];

/** The model of people as the shop has it, with what tells it when something is due again. */
export function createShopPeople() {
  const replenishment = createReplenishment();
  const model = createPeopleModel(
    (item, timesMs, nowMs) => replenishment.due({ item, timesMs }, noCategories, nowMs).dueRatio,
  );
  return {
    model,
    /** Learns a history as the shop learns orders. */
    learn(person: string, history: History): void {
      for (const { items, atMs } of history) {
        model.add(person, items, atMs);
        for (const item of items) replenishment.learn(person, { item, categoryIds: noCategories, atMs });
      }
    },
  };
}

/** Lets the model learn beside, and takes it into use unless it is worse on the people who judge, as the shop does; CPU seconds. */
export function learnAsTheShop(model: PeopleModel, progress: Progress): Promise<number> {
  return learnAloud(
    {
      learn: model.learn,
      use({ learned, comparison: { now, before, gain, error, questions } }) {
        const taken = gain >= -error;
        const figures = `NDCG@10 ${now.toFixed(4)} after ${before.toFixed(4)}, of ${questions} people`;
        progress(`${taken ? 'learned weights are in use' : 'the weights that ship stay in use'}: ${figures}`);
        if (taken) model.use(learned);
      },
    },
    progress,
  );
}

/** `sequences.txt`: a person and their purchases in the order of time on each line. */
export async function readSequences(directory: string, names: Names): Promise<History[]> {
  const people: History[] = [];
  for await (const line of streamLines(directory, 'sequences.txt')) {
    const [, ...purchases] = line.trim().split(/\s+/);
    people.push(purchases.map((name, at) => ({ items: [names.number(name)], atMs: at * weekMs })));
  }
  return people;
}

type People = Readonly<Record<string, readonly (readonly (number | string)[])[]>>;

/** `baskets.json`: { train, validate, test } of people with their baskets. */
export function readBaskets(directory: string, names: Names): Readonly<Record<string, readonly History[]>> {
  const parts = parseJson(readText(directory, 'baskets.json'), `baskets.json in ${directory}`) as Record<
    string,
    People
  >;
  return Object.fromEntries(
    Object.entries(parts).map(([part, people]) => [
      part,
      Object.values(people).map((baskets) =>
        baskets.map((basket, at) => ({
          items: [...new Set(basket.map((item) => names.number(String(item))))],
          atMs: at * weekMs,
        })),
      ),
    ]),
  );
}
