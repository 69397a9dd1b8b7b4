import { percentile } from '../bench/measure.js';
import { rankOf } from './metrics.js';
import type { Progress } from './progress.js';

/** What is asked, and the one right answer. */
export interface Query {
  readonly history: readonly number[];
  readonly target: number;
  /** Queries of one session, or one person, share a number. */
  readonly cluster: number;
}

export interface Ranked {
  readonly items: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** All answers of one method. */
export interface Answers {
  readonly cutoff: number;
  /** Of the right answer, from 1, equal scores counted against the method; 0 where it was not in the list. */
  readonly ranks: Int32Array;
  /** `cutoff` items for each query, then those of the next; -1 where the list was shorter. */
  readonly lists: Int32Array;
  /** CPU, on average. */
  readonly microsecondsPerQuery: number;
  /** By the clock on the wall: on a busy machine they tell about the machine. */
  readonly p50Micros: number;
  readonly p99Micros: number;
}

export interface Asking {
  readonly cutoff: number;
  readonly progress?: Progress;
}

const batch = 1_000;
const toldEvery = 20_000;

/** Asks every query. Let `predict` answer more than `cutoff`, so that equal scores beyond it count against the method. */
export function askAll(
  queries: readonly Query[],
  predict: (history: readonly number[], query: number) => Ranked,
  { cutoff, progress }: Asking,
): Answers {
  const ranks = new Int32Array(queries.length);
  const lists = new Int32Array(queries.length * cutoff).fill(-1);
  const walls = new Float32Array(queries.length);
  let micros = 0;
  for (let start = 0; start < queries.length; start += batch) {
    if (start % toldEvery === 0) progress?.(`asked ${start} of ${queries.length}`);
    const asked = queries.slice(start, start + batch);
    const before = process.cpuUsage();
    const answers = asked.map(({ history }, at) => {
      const startedAt = performance.now();
      const answer = predict(history, start + at);
      walls[start + at] = 1000 * (performance.now() - startedAt);
      return answer;
    });
    const spent = process.cpuUsage(before);
    micros += spent.user + spent.system;
    for (const [at, { items, scores }] of answers.entries()) {
      const query = start + at;
      ranks[query] = rankOf(items, scores, asked[at]!.target);
      for (let place = 0; place < Math.min(cutoff, items.length); place++)
        lists[query * cutoff + place] = items[place]!;
    }
  }
  const sorted = Array.from(walls);
  return {
    cutoff,
    ranks,
    lists,
    microsecondsPerQuery: micros / Math.max(1, queries.length),
    p50Micros: percentile(sorted, 0.5),
    p99Micros: percentile(sorted, 0.99),
  };
}
