import {
  createReplenishment,
  type Due,
  type Habit,
  type Replenishment,
} from '../../plugins/recommendations/recommenders/replenishment.js';
import { type Columns, intervals, means, measured } from './compare.js';
import type { Evaluation } from './evaluation.js';
import type { Order } from './orders-file.js';
import type { OrderSplit } from './orders-together.js';
import type { Progress } from './progress.js';

const dayMs = 86_400_000;
/** Two orders within half a day are one. */
const gapMinMs = dayMs / 2;

/** What one customer had bought by the time of a purchase that was not the last. */
interface Waiting {
  readonly customer: number;
  readonly item: number;
  /** Of this product, oldest first. */
  readonly timesMs: readonly number[];
  readonly firstOrderMs: number;
  readonly habit: Habit;
  /** The same right before it was bought again. */
  readonly habitThen: Habit;
  /** When it was bought again, and days until then. */
  readonly atMs: number;
  readonly days: number;
}

const notes = [
  'each purchase among those asked about of a product that the customer had bought before: when was it to be expected, told right after the purchase before?',
  'customers’ own purchases are known up to that moment; what is learned of others ends with the orders learned from',
  'the date error counts days, the log error is |ln(expected interval ÷ real interval)|: .69 is a factor of two',
  'in the 80 % interval: how often the real date was within the interval told with the date; learning on: within the one told the moment before, by a model that has gone on learning from others',
  'only purchases that came back are asked about: when, not whether',
];

/** When a product is bought again: the date, and how often the interval told with it holds. */
export function evaluateAgain(
  dataset: string,
  { learned, asked }: OrderSplit,
  progress: Progress,
): Evaluation {
  const model = createReplenishment();
  const before = process.cpuUsage();
  for (const { customer, items, atMs } of learned) {
    if (customer >= 0) for (const item of items) model.learn(customer, item, [], atMs);
  }
  const spentLearning = process.cpuUsage(before);
  progress('learned intervals');
  const { waiting, gaps } = purchasesAgain({ learned, asked }, model.habitOf);
  const starting = process.cpuUsage();
  const told = waiting.map(({ item, timesMs, habit }) => {
    const lastMs = timesMs.at(-1)!;
    return model.due({ item, timesMs: timesMs.toReversed() }, [], lastMs, habit);
  });
  const spent = process.cpuUsage(starting);
  const clusters = Int32Array.from(waiting, ({ customer }) => customer);
  const mean = gaps.reduce((sum, days) => sum + days, 0) / gaps.length;
  const middle = medianOf(gaps);
  const errors = (expected: (purchase: Waiting, at: number) => number): Columns => ({
    'date error, days': Float64Array.from(waiting, (purchase, at) =>
      Math.abs(expected(purchase, at) - purchase.days),
    ),
    'log error': Float64Array.from(waiting, (purchase, at) =>
      Math.abs(Math.log(expected(purchase, at) / purchase.days)),
    ),
  });
  const ours = errors((_, at) => told[at]!.intervalDays ?? mean);
  const own = ({ timesMs }: Waiting) => timesMs.slice(1).map((time, at) => (time - timesMs[at]!) / dayMs);
  const baselines: Record<string, Columns> = {
    'everybody’s mean interval': errors(() => mean),
    'everybody’s median interval': errors(() => middle),
    'repeat interval, mean of the person’s own (else everybody’s)': errors((purchase) => {
      const days = own(purchase);
      return days.length === 0 ? mean : days.reduce((sum, day) => sum + day, 0) / days.length;
    }),
    'repeat interval, median of the person’s own (else everybody’s)': errors((purchase) => {
      const days = own(purchase);
      return days.length === 0 ? middle : medianOf(days);
    }),
    'personal frequency: time as a customer ÷ purchases': errors(({ timesMs, firstOrderMs }) =>
      Math.max(1, (timesMs.at(-1)! - firstOrderMs) / dayMs / timesMs.length),
    ),
  };
  const holds = (answers: readonly Due[]) =>
    Float64Array.from(waiting, ({ timesMs, days }, at) => {
      const realMs = timesMs.at(-1)! + days * dayMs;
      const { expected } = answers[at]!;
      return expected !== null && realMs >= expected.fromMs && realMs <= expected.toMs ? 1 : 0;
    });
  const columns = {
    ...ours,
    'in the 80 % interval': holds(told),
    'in it, learning on': holds(toldLearningOn(model, asked, waiting)),
  };
  const classes = ['no interval of their own', '1 or 2', '3 or more'];
  return {
    task: 'orders',
    dataset: `${dataset}: when it is bought again`,
    metrics: means(columns),
    intervals: intervals(columns, clusters),
    microsecondsPerQuery: (spent.user + spent.system) / Math.max(1, waiting.length),
    baselines: Object.entries(baselines).map(([method, theirs]) => measured(method, theirs, ours, clusters)),
    slices: [
      {
        by: 'intervals known of the customer at the product',
        rows: classes.flatMap((label, kind) => {
          const members = [...waiting.keys()].filter((at) => {
            const known = waiting[at]!.timesMs.length - 1;
            return kind === (known === 0 ? 0 : known < 3 ? 1 : 2);
          });
          if (members.length === 0) return [];
          const found = intervals(columns, clusters, members);
          return { label, queries: members.length, metrics: means(columns, members), intervals: found };
        }),
      },
    ],
    notes,
    details: {
      'purchases again, learned': gaps.length,
      'purchases again, asked about': waiting.length,
      'median real interval, days': medianOf(waiting.map(({ days }) => days)),
      'learning, µs per order': (spentLearning.user + spentLearning.system) / learned.length,
    },
  };
}

/** What is told right before each of the purchases by a model that goes on learning, as the one that serves does. */
function toldLearningOn(model: Replenishment, asked: readonly Order[], waiting: readonly Waiting[]): Due[] {
  const told: Due[] = [];
  for (const { customer, items, atMs } of asked) {
    if (customer < 0) continue;
    for (; told.length < waiting.length; ) {
      const next = waiting[told.length]!;
      if (next.customer !== customer || Math.abs(next.atMs - atMs) > 0) break;
      told.push(
        model.due(
          { item: next.item, timesMs: next.timesMs.toReversed() },
          [],
          next.timesMs.at(-1)!,
          next.habitThen,
        ),
      );
    }
    for (const item of items) model.learn(customer, item, [], atMs);
  }
  return told;
}

function purchasesAgain(
  { learned, asked }: Pick<OrderSplit, 'learned' | 'asked'>,
  habitOf: (
    purchases: Iterable<readonly [number, readonly number[]]>,
    categoriesOf: () => readonly string[],
  ) => Habit,
) {
  const histories = new Map<number, { firstMs: number; bought: Map<number, number[]> }>();
  const gaps: number[] = [];
  const waiting: Waiting[] = [];
  for (const [number, { customer, items, atMs }] of [...learned, ...asked].entries()) {
    if (customer < 0) continue;
    let history = histories.get(customer);
    if (!history) {
      history = { firstMs: atMs, bought: new Map() };
      histories.set(customer, history);
    }
    for (const item of items) {
      const times = history.bought.get(item);
      if (times === undefined) {
        history.bought.set(item, [atMs]);
        continue;
      }
      const lastMs = times.at(-1)!;
      if (atMs - lastMs < gapMinMs) continue;
      const days = (atMs - lastMs) / dayMs;
      if (number < learned.length) gaps.push(days);
      else {
        waiting.push({
          customer,
          item,
          timesMs: [...times],
          firstOrderMs: history.firstMs,
          habit: habitOf(upTo(history.bought, lastMs), () => []),
          habitThen: habitOf(upTo(history.bought, atMs - 1), () => []),
          atMs,
          days,
        });
      }
      times.push(atMs);
    }
  }
  return { waiting, gaps };
}

function* upTo(bought: ReadonlyMap<number, readonly number[]>, untilMs: number) {
  for (const [item, times] of bought) {
    const known = times.filter((time) => time <= untilMs);
    if (known.length > 1) yield [item, known.reverse()] as const;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
