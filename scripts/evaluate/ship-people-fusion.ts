import { learnFusion } from '../../plugins/recommendations/learning-to-rank/learn-fusion.js';
import {
  fusionTraining,
  type TrainingExamples,
} from '../../plugins/recommendations/learning-to-rank/train-fusion.js';
import { collectPeopleExamples } from '../../plugins/recommendations/next-basket/learn-people.js';
import { createPeopleIndex } from '../../plugins/recommendations/next-basket/people-index.js';
import { peopleIndexOptions } from '../../plugins/recommendations/next-basket/people-model.js';
import { createPeopleRanker, peopleNames } from '../../plugins/recommendations/next-basket/people-ranker.js';
import { createReplenishment } from '../../plugins/recommendations/recommenders/replenishment/replenishment.js';
import { newestSessions } from '../../plugins/recommendations/session-knn/session-log.js';
import { keyOf } from '../../src/kit/fingerprint.js';
import { seeded, shuffle } from '../../src/kit/random.js';
import { createNumbering, hasFile } from './files.js';
import { orderFiles, readOrders } from './orders-file.js';
import { type Basket, type History, readBaskets, readSequences } from './people.js';
import { writeFusion } from './write-fusion.js';

/**
 * Learns the weights of the model of people that ship with the product: `node dist/scripts/evaluate/ship-people-fusion.js DIRECTORY…`,
 * folders with a `sequences.txt`, `baskets.json` or `*.csv` of order lines, of which only what is learned from is read: all but the last
 * two purchases, the people of `train` and `validate`, or the first 60 % of the time. One fusion for all, so that it suits shops where
 * people come back for the same and shops where they never do. Without vectors, as a shop that has learned nothing of its own has none.
 */
const ordersLearnedShare = 0.6;
const directories = process.argv.slice(2);
if (directories.length === 0)
  throw new Error('say which folders hold the sequences.txt, baskets.json or order lines to learn from');
const examples: TrainingExamples[] = [];
for (const directory of directories) examples.push(examplesOf(await historiesOf(directory)));
const learning = learnFusion(joined(examples), peopleNames, fusionTraining);
let step = learning.next();
while (!step.done) step = learning.next();
writeFusion(
  {
    file: 'next-basket/default-people-fusion',
    constant: 'defaultPeopleFusion',
    names: 'peopleNames',
    namesFrom: 'people-ranker',
    learnedFrom: 'public baskets and purchases (scripts/evaluate/ship-people-fusion.ts)',
  },
  step.value,
);

async function historiesOf(directory: string): Promise<readonly History[]> {
  const names = createNumbering();
  if (hasFile(directory, 'baskets.json')) {
    const { train = [], validate = [] } = readBaskets(directory, names);
    return [...train, ...validate];
  }
  if (orderFiles(directory).length > 0) return ordersOf(directory);
  return (await readSequences(directory, names)).map((history) => history.slice(0, -2));
}

function ordersOf(directory: string): readonly History[] {
  const orders = readOrders(directory).orders.filter(({ customer }) => customer >= 0);
  const [firstMs = 0, lastMs = 0] = [orders[0]?.atMs, orders.at(-1)?.atMs];
  const people = new Map<number, Basket[]>();
  for (const { customer, items, atMs } of orders) {
    if (atMs > firstMs + ordersLearnedShare * (lastMs - firstMs)) break;
    const history = people.get(customer) ?? [];
    history.push({ items, atMs });
    people.set(customer, history);
  }
  return [...people.values()];
}

function examplesOf(histories: readonly History[]): TrainingExamples {
  const people = createPeopleIndex(peopleIndexOptions);
  const replenishment = createReplenishment();
  for (const [person, history] of histories.entries()) {
    for (const { items, atMs } of history) {
      people.add(keyOf(person), items, atMs);
      for (const item of items) replenishment.learn(person, { item, categoryIds: [], atMs });
    }
  }
  const ranker = createPeopleRanker(
    people,
    null,
    (item, timesMs, nowMs) => replenishment.due({ item, timesMs }, [], nowMs).dueRatio,
  );
  const asked = newestSessions(people.index);
  shuffle(asked, seeded(7));
  const collecting = collectPeopleExamples(ranker, people, asked);
  let step = collecting.next();
  while (!step.done) step = collecting.next();
  return step.value;
}

/** Mixed by lot, so that the last ones, which choose the epoch, are of all. */
function joined(all: readonly TrainingExamples[]): TrainingExamples {
  const {
    features: { length: width },
    contexts: { length: contextWidth },
  } = peopleNames;
  const sum = (count: (some: TrainingExamples) => number) =>
    all.reduce((total, some) => total + count(some), 0);
  const count = sum((some) => some.count);
  const features = new Float32Array(sum((some) => some.starts[some.count]!) * width);
  const contexts = new Float32Array(count * contextWidth);
  const starts = new Int32Array(count + 1);
  const targets = new Int32Array(count);
  const questions = all.flatMap((some) => Array.from({ length: some.count }, (_, at) => ({ some, at })));
  const order = Int32Array.from(questions.keys());
  shuffle(order, seeded(13));
  for (const [place, question] of order.entries()) {
    const { some, at } = questions[question]!;
    const [from, to] = [some.starts[at]!, some.starts[at + 1]!];
    features.set(some.features.subarray(from * width, to * width), starts[place]! * width);
    contexts.set(some.contexts.subarray(at * contextWidth, (at + 1) * contextWidth), place * contextWidth);
    targets[place] = some.targets[at]!;
    starts[place + 1] = starts[place]! + to - from;
  }
  return { features, contexts, starts, targets, count };
}
