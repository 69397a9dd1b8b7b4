import { createReplenishment } from '../../plugins/recommendations/recommenders/replenishment/replenishment.js';
import type { Candidates } from '../../src/ports/recommenders.js';
import { type Columns, intervals, means, measured } from './compare.js';
import type { Evaluation } from './evaluation.js';
import type { Order } from './orders-file.js';
import type { OrderSplit } from './orders-together.js';
import type { Progress } from './progress.js';

const dayMs = 86_400_000;
const gapMinMs = dayMs / 2;
const withinDays = 30;
const cutoff = 10;

/** A customer at the end of what was learned. */
interface Customer {
  readonly number: number;
  /** By product: when it was bought, newest first. */
  readonly bought: ReadonlyMap<number, readonly number[]>;
  /** What of it was bought again within 30 days. */
  readonly again: ReadonlySet<number>;
}

/** Puts a product of a customer's in order: the largest first. */
type Score = (timesMs: readonly number[], item: number, customer: Customer) => number;

/**
 * Which of the products that a customer has bought are bought again within 30 days: those who come back are asked about, all at one
 * moment, the end of what was learned.
 */
export function evaluateReorder(
  dataset: string,
  { learned, asked }: OrderSplit,
  progress: Progress,
): Evaluation {
  const model = createReplenishment();
  for (const { customer, items, atMs } of learned) {
    if (customer >= 0) for (const item of items) model.learn(customer, { item, categoryIds: [], atMs });
  }
  progress('learned purchases');
  const nowMs = asked[0]!.atMs;
  const customers = customersAt(nowMs, { learned, asked });
  const clusters = Int32Array.from(customers, ({ number }) => number);
  /** What every answer asks for, and more of it: all that they bought. */
  const askedOf = ({ bought }: Customer) => ({
    nowMs,
    habit: model.habitOf(bought, () => []),
    limit: bought.size,
    tie: () => 0,
  });
  const before = process.cpuUsage();
  const first = customers.map((one) => model.first(one.bought, () => [], askedOf(one)));
  const spent = process.cpuUsage(before);
  const ours = columnsOf(customers, scoresOf(customers, first), true);
  const demand = recentDemand(learned, nowMs);
  const others: Record<string, Score> = {
    'personal frequency, then the latest': (timesMs) => timesMs.length + timesMs[0]! / 1e15,
    'the latest': (timesMs) => timesMs[0]!,
    'personal frequency, fading by 1/e in 90 days': (timesMs) =>
      timesMs.reduce((sum, time) => sum + Math.exp((time - nowMs) / (90 * dayMs)), 0),
    'personal frequency × root of everybody’s purchases of it, fading by 1/e in 30 days': (timesMs, item) =>
      timesMs.length * Math.sqrt(demand.get(item) ?? 0),
    'the most overdue by the person’s own mean interval': (timesMs) => {
      const gaps = timesMs.length - 1;
      return gaps === 0 ? 0 : ((nowMs - timesMs[0]!) * gaps) / (timesMs[0]! - timesMs.at(-1)!);
    },
  };
  return {
    task: 'orders',
    dataset: `${dataset}: what is bought again within ${withinDays} days`,
    metrics: means(ours),
    intervals: intervals(ours, clusters),
    microsecondsPerQuery: (spent.user + spent.system) / Math.max(1, customers.length),
    baselines: Object.entries(others).map(([method, score]) =>
      measured(method, columnsOf(customers, score, false), ours, clusters),
    ),
    notes: [
      'customers who bought something again within 30 days of the last order learned, asked at that moment; only products that they had bought can be right',
      'equal scores count against ours; the others have what was bought first before what was bought later',
    ],
    details: {
      'customers asked about': customers.length,
      'products each had bought':
        customers.reduce((sum, { bought }) => sum + bought.size, 0) / customers.length,
      'products each bought again':
        customers.reduce((sum, { again }) => sum + again.size, 0) / customers.length,
    },
  };
}

function scoresOf(customers: readonly Customer[], first: readonly Candidates[]): Score {
  const scores = new Map(
    customers.map((customer, at) => {
      const { items, scores, length } = first[at]!;
      return [customer, new Map(Array.from({ length }, (_, place) => [items[place]!, scores[place]!]))];
    }),
  );
  return (_, item, customer) => scores.get(customer)!.get(item) ?? 0;
}

function recentDemand(learned: readonly Order[], nowMs: number): Map<number, number> {
  const demand = new Map<number, number>();
  for (const { items, atMs } of learned) {
    const weight = Math.exp((atMs - nowMs) / (30 * dayMs));
    for (const item of items) demand.set(item, (demand.get(item) ?? 0) + weight);
  }
  return demand;
}

function customersAt(nowMs: number, { learned, asked }: Pick<OrderSplit, 'learned' | 'asked'>): Customer[] {
  const histories = new Map<number, Map<number, number[]>>();
  for (const { customer, items, atMs } of learned) {
    if (customer < 0) continue;
    const bought = histories.get(customer) ?? new Map<number, number[]>();
    histories.set(customer, bought);
    for (const item of items) {
      const times = bought.get(item);
      if (times === undefined) bought.set(item, [atMs]);
      else if (atMs - times[0]! >= gapMinMs) times.unshift(atMs);
    }
  }
  const again = new Map<number, Set<number>>();
  for (const { customer, items, atMs } of asked) {
    const bought = histories.get(customer);
    if (!bought || atMs - nowMs > withinDays * dayMs) continue;
    const found = again.get(customer) ?? new Set<number>();
    for (const item of items) if (bought.has(item)) found.add(item);
    if (found.size > 0) again.set(customer, found);
  }
  return Array.from(again, ([number, found]) => ({
    number,
    bought: histories.get(number)!,
    again: found,
  }));
}

/** Equal scores count against ours; for the others what was bought first comes first. */
function columnsOf(customers: readonly Customer[], score: Score, isOurs: boolean): Columns {
  const recall = new Float64Array(customers.length);
  const ndcg = new Float64Array(customers.length);
  const hit = new Float64Array(customers.length);
  for (const [at, customer] of customers.entries()) {
    const { bought, again } = customer;
    const best = Array.from(bought, ([item, timesMs]) => ({
      right: again.has(item),
      score: score(timesMs, item, customer),
    })).sort((a, b) => b.score - a.score || (isOurs ? Number(a.right) - Number(b.right) : 0));
    let found = 0;
    let gain = 0;
    let ideal = 0;
    for (let place = 0; place < cutoff; place++) {
      const worth = 1 / Math.log2(place + 2);
      if (place < again.size) ideal += worth;
      if (!best[place]?.right) continue;
      found++;
      gain += worth;
    }
    recall[at] = found / again.size;
    ndcg[at] = gain / ideal;
    hit[at] = found > 0 ? 1 : 0;
  }
  return { 'Recall@10': recall, 'NDCG@10': ndcg, 'HR@10': hit };
}
