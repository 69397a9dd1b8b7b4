/** What every evaluation answers; `--json` writes it as it is. */
export interface Evaluation {
  readonly task: 'sessions' | 'sequences' | 'baskets' | 'search';
  /** The name of the folder. */
  readonly dataset: string;
  /** Percentages for sessions, fractions elsewhere, by their usual names (`P@20`, `NDCG@10`). */
  readonly metrics: Readonly<Record<string, number>>;
  readonly microsecondsPerQuery: number;
  /** Sizes, times, memory, and further slices. */
  readonly details: Readonly<Record<string, number | string>>;
}
