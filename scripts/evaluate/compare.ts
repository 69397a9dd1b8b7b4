import type { Answers } from './ask.js';
import { bootstrap } from './bootstrap.js';
import type { Interval, Measured, Slices } from './evaluation.js';

/** What a query adds to a metric, by the rank (from 1) of its right answer. */
export type Worth = (rank: number) => number;
/** One value per query, by the name of the metric; its mean is the metric. */
export type Columns = Readonly<Record<string, Float64Array>>;

export const sessionMetrics = { 'P@20': () => 100, 'MRR@20': (rank: number) => 100 / rank } as const;
export const sequenceMetrics = {
  'HR@10': () => 1,
  'NDCG@10': (rank: number) => 1 / Math.log2(1 + rank),
} as const;

export function columnsOf({ ranks, cutoff }: Answers, metrics: Readonly<Record<string, Worth>>): Columns {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, worth]) => [
      name,
      Float64Array.from(ranks, (rank) => (rank > 0 && rank <= cutoff ? worth(rank) : 0)),
    ]),
  );
}

export function means(columns: Columns, among?: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, mean(column, among)]));
}

function mean(column: Float64Array, among?: ArrayLike<number>): number {
  const count = among?.length ?? column.length;
  let sum = 0;
  for (let at = 0; at < count; at++) sum += column[among ? among[at]! : at]!;
  return count === 0 ? 0 : sum / count;
}

/** 95 %, by the cluster bootstrap; absent where a single cluster says nothing of the others. */
export function intervals(
  columns: Columns,
  clusters: ArrayLike<number>,
  among?: ArrayLike<number>,
): Record<string, Interval> {
  const found = bootstrap({ columns: Object.values(columns), clusters, ...(among ? { among } : {}) });
  return Object.fromEntries(
    Object.keys(columns)
      .map((name, at) => [name, found[at]!] as const)
      .filter(([, [low]]) => !Number.isNaN(low)),
  );
}

/** A method beside ours: its metrics, and what ours gains over it on the same queries. */
export function measured(
  method: string,
  theirs: Columns,
  ours: Columns,
  clusters: ArrayLike<number>,
  more: Pick<Measured, 'microsecondsPerQuery' | 'beyond'> = {},
): Measured {
  const differences = Object.fromEntries(
    Object.entries(ours).map(([name, column]) => [
      name,
      column.map((value, query) => value - (theirs[name]?.[query] ?? 0)),
    ]),
  );
  const gains = means(differences);
  const found = intervals(differences, clusters);
  return {
    method,
    metrics: means(theirs),
    intervals: intervals(theirs, clusters),
    gains: Object.fromEntries(
      Object.entries(found).map(([name, interval]) => [name, { gain: gains[name]!, interval }]),
    ),
    ...more,
  };
}

export interface Slicing {
  readonly by: string;
  readonly note?: string;
  /** In the order of the table; labels that no query has are left out. */
  readonly labels: readonly string[];
  /** Absent: the query is in none of the slices. */
  label(query: number): string | undefined;
}

export interface Beside {
  readonly method: string;
  readonly columns: Columns;
}

export function slice(
  slicing: Slicing,
  columns: Columns,
  clusters: ArrayLike<number>,
  beside?: Beside,
): Slices {
  const { by, note, labels } = slicing;
  const members = new Map<string, number[]>(labels.map((label) => [label, []]));
  for (let query = 0; query < clusters.length; query++) members.get(slicing.label(query) ?? '')?.push(query);
  return {
    by,
    ...(note === undefined ? {} : { note }),
    ...(beside === undefined ? {} : { beside: beside.method }),
    rows: [...members]
      .filter(([, queries]) => queries.length > 0)
      .map(([label, queries]) => ({
        label,
        queries: queries.length,
        metrics: means(columns, queries),
        intervals: intervals(columns, clusters, queries),
        ...(beside === undefined ? {} : { beside: means(beside.columns, queries) }),
      })),
  };
}
