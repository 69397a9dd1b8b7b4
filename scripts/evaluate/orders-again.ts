import type { Habit } from '../../plugins/recommendations/recommenders/replenishment/gap-features.js';
import {
  createReplenishment,
  type Due,
  type Replenishment,
} from '../../plugins/recommendations/recommenders/replenishment/replenishment.js';
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
  /** The customer's first order after the one with it, without it, and what was known then; null where the next order has it. */
  readonly passed: { readonly atMs: number; readonly habit: Habit } | null;
  /** When it was bought again, and days until then. */
  readonly atMs: number;
  readonly days: number;
}

const notes = [
  'each purchase among those asked about of a product that the customer had bought before: when was it to be expected, told right after the purchase before?',
  'customers’ own purchases are known up to that moment; what is learned of others ends with the orders learned from',
  'the date error counts days, the log error is |ln(expected interval ÷ real interval)|: .69 is a factor of two',
  'in the 80 % interval: how often the real date was within the interval told with the date; learning on: within the one told by a model that has gone on learning from others until the moment before',
  'width, days: from end to end of that interval; interval score, days: the width, and ten times what the real date lies outside of it (Gneiting, Raftery 2007): an interval is better that is both narrow and true',
  'the plain interval beside ours: the shares 10 %, 50 % and 90 % of all intervals learned from',
  'only purchases that came back are asked about: when, not whether; asked again: what was told at the customer’s next order, which did not have it',
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
    if (customer >= 0) for (const item of items) model.learn(customer, { item, categoryIds: [], atMs });
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
  const mean = meanOf(gaps);
  const middle = medianOf(gaps);
  const plainEnds = [shareOf(gaps, 0.1), shareOf(gaps, 0.9)] as const;
  const errors = (expected: (purchase: Waiting, at: number) => number): Columns => ({
    'date error, days': Float64Array.from(waiting, (purchase, at) =>
      Math.abs(expected(purchase, at) - purchase.days),
    ),
    'log error': Float64Array.from(waiting, (purchase, at) =>
      Math.abs(Math.log(expected(purchase, at) / purchase.days)),
    ),
  });
  const ours = {
    ...errors((_, at) => told[at]!.intervalDays ?? mean),
    ...told80(waiting, (at) => {
      const { expected } = told[at]!;
      const lastMs = waiting[at]!.timesMs.at(-1)!;
      return expected && [(expected.fromMs - lastMs) / dayMs, (expected.toMs - lastMs) / dayMs];
    }),
  };
  const own = ({ timesMs }: Waiting) => timesMs.slice(1).map((time, at) => (time - timesMs[at]!) / dayMs);
  const baselines: Record<string, Columns> = {
    'everybody’s mean interval': errors(() => mean),
    'everybody’s median interval': {
      ...errors(() => middle),
      ...told80(waiting, () => plainEnds),
    },
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
  const passed = waiting.filter((purchase) => purchase.passed !== null);
  const toldPassed = passed.map(({ item, timesMs, passed }) =>
    model.due({ item, timesMs: timesMs.toReversed() }, [], passed!.atMs, passed!.habit),
  );
  const columns = {
    ...ours,
    'in it, learning on': holds(toldLearningOn(model, asked, waiting), waiting),
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
      'asked again at the next order without it': passed.length,
      'in the interval told then': meanOf(holds(toldPassed, passed)),
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
    for (const item of items) model.learn(customer, { item, categoryIds: [], atMs });
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
  const histories = new Map<
    number,
    { readonly firstMs: number; readonly ordersMs: number[]; readonly bought: Map<number, number[]> }
  >();
  // One order asks for many products at the same few moments.
  let habits = new Map<number, Habit>();
  function habitAt(bought: ReadonlyMap<number, readonly number[]>, untilMs: number): Habit {
    const found = habits.get(untilMs);
    if (found !== undefined) return found;
    const habit = habitOf(upTo(bought, untilMs), () => []);
    habits.set(untilMs, habit);
    return habit;
  }
  const gaps: number[] = [];
  const waiting: Waiting[] = [];
  for (const [number, { customer, items, atMs }] of [...learned, ...asked].entries()) {
    if (customer < 0) continue;
    let history = histories.get(customer);
    if (!history) {
      history = { firstMs: atMs, ordersMs: [], bought: new Map() };
      histories.set(customer, history);
    }
    habits = new Map();
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
        const nextMs = history.ordersMs.find((time) => time >= lastMs + gapMinMs);
        waiting.push({
          customer,
          item,
          timesMs: [...times],
          firstOrderMs: history.firstMs,
          habit: habitAt(history.bought, lastMs),
          habitThen: habitAt(history.bought, atMs - 1),
          passed:
            nextMs === undefined || nextMs >= atMs
              ? null
              : { atMs: nextMs, habit: habitAt(history.bought, nextMs) },
          atMs,
          days,
        });
      }
      times.push(atMs);
    }
    history.ordersMs.push(atMs);
  }
  return { waiting, gaps };
}

function* upTo(bought: ReadonlyMap<number, readonly number[]>, untilMs: number) {
  for (const [item, times] of bought) {
    const known = times.filter((time) => time <= untilMs);
    if (known.length > 0) yield [item, known.reverse()] as const;
  }
}

/** How a told interval did, its ends in days after the purchase. */
function told80(
  waiting: readonly Waiting[],
  endsAt: (at: number) => readonly [fromDays: number, toDays: number] | null,
): Columns {
  const inside = new Float64Array(waiting.length);
  const width = new Float64Array(waiting.length);
  const score = new Float64Array(waiting.length);
  for (const [at, { days }] of waiting.entries()) {
    const [from, to] = endsAt(at) ?? [0, 0];
    inside[at] = days >= from && days <= to ? 1 : 0;
    width[at] = to - from;
    score[at] = to - from + 10 * Math.max(0, from - days, days - to);
  }
  return { 'in the 80 % interval': inside, 'width, days': width, 'interval score, days': score };
}

function holds(answers: readonly Due[], purchases: readonly Waiting[]): Float64Array {
  return Float64Array.from(purchases, ({ atMs }, at) => {
    const { expected } = answers[at]!;
    return expected !== null && atMs >= expected.fromMs && atMs <= expected.toMs ? 1 : 0;
  });
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
}

function medianOf(values: readonly number[]): number {
  return shareOf(values, 0.5);
}

/** The value below which so large a share of them lies. */
function shareOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
}
