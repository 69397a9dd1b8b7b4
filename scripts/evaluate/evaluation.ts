/** From … to, at 95 % confidence. */
export type Interval = readonly [low: number, high: number];

export type Metrics = Readonly<Record<string, number>>;

/** Of what is lost or spent, less is better. */
export function lessIsBetter(metric: string): boolean {
  return /(?:^|\s)(?:loss|error|interval score|regret|µs|bytes)(?:\s|,|$)/.test(metric);
}

/** A method that was measured in this run, on the same queries as ours. */
export interface Measured {
  readonly method: string;
  readonly metrics: Metrics;
  readonly intervals?: Readonly<Record<string, Interval>>;
  readonly microsecondsPerQuery?: number;
  /** What the evaluated method has over this one: differences on the same queries, and their intervals. */
  readonly gains?: Readonly<Record<string, { readonly gain: number; readonly interval: Interval }>>;
  /** What accuracy does not say: coverage, concentration, diversity, novelty, by name. */
  readonly beyond?: Metrics;
}

/** The same queries by a property of theirs. */
export interface Slices {
  /** Names the property, e.g. `clicks so far`. */
  readonly by: string;
  /** How the property is defined, where its name does not say. */
  readonly note?: string;
  /** The baseline whose figures stand beside ours. */
  readonly beside?: string;
  readonly rows: readonly {
    readonly label: string;
    readonly queries: number;
    readonly metrics: Metrics;
    readonly beside?: Metrics;
    readonly intervals?: Readonly<Record<string, Interval>>;
  }[];
}

/** Something that depends on something else; drawn as lines, and written as a table. */
export interface Curve {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly note?: string;
  readonly logX?: boolean;
  /** The axis of y begins at 0, and says so by its length; otherwise where the values begin. */
  readonly fromZero?: boolean;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly {
      readonly x: number;
      readonly y: number;
      readonly interval?: Interval;
      readonly label?: string;
    }[];
  }[];
}

/** What every evaluation answers; `--json` writes it as it is. */
export interface Evaluation {
  readonly task:
    | 'sessions'
    | 'sequences'
    | 'baskets'
    | 'orders'
    | 'search'
    | 'placements'
    | 'ablation'
    | 'growth';
  /** The name of the folder. */
  readonly dataset: string;
  /** Percentages for sessions, fractions elsewhere, by their usual names (`P@20`, `NDCG@10`). */
  readonly metrics: Metrics;
  readonly microsecondsPerQuery: number;
  /** Sizes, times, memory, and further figures. */
  readonly details: Readonly<Record<string, number | string>>;
  readonly intervals?: Readonly<Record<string, Interval>>;
  readonly beyond?: Metrics;
  readonly baselines?: readonly Measured[];
  readonly slices?: readonly Slices[];
  readonly curves?: readonly Curve[];
  /** What is left without each part of the method; `gains` say what the part is worth. */
  readonly ablation?: readonly Measured[];
  /** Definitions and caveats, a sentence each. */
  readonly notes?: readonly string[];
  readonly measured?: Circumstances;
}

/** When and where an evaluation ran. */
export interface Circumstances {
  /** ISO 8601. */
  readonly at: string;
  /** By the clock on the wall. */
  readonly seconds: number;
  readonly cpuSeconds?: number;
  readonly machine: string;
  /** Processes waiting for a core when it ended, on average over a minute: above the number of cores, times are too long. */
  readonly load: number;
  readonly peakMemoryMb: number;
}
