import type { Learned } from '../../plugins/recommendations/session-knn/learn-sessions.js';
import { createSessionIndex } from '../../plugins/recommendations/session-knn/session-index.js';
import {
  createSessionModel,
  type SessionModel,
  sessionIdleMs,
} from '../../plugins/recommendations/session-knn/session-model.js';
import { percentile } from '../bench/measure.js';
import { createSyntheticSessions } from './synthetic-log.js';
import { createVmisKnn } from './vmis-knn.js';

const limit = 20;
/** Of sessions: their making is not timed, and not all of them fit into memory at once. */
export const batch = 1_000;
const logSeed = 1;
const querySeed = 2;
const visitorSeed = 3;

export interface Grown {
  readonly model: SessionModel;
  /** CPU. */
  readonly seconds: number;
  /** Share of the clicks that fell on the hundredth of products clicked most. */
  readonly topShare: number;
}

export interface GrowOptions {
  readonly learned?: Learned;
  /** Called after so many sessions; their time does not count. */
  readonly stops?: ReadonlyMap<number, (model: SessionModel) => void>;
}

/** A model told of so many sessions. */
export function grow(sessions: number, products: number, { learned, stops }: GrowOptions = {}): Grown {
  const next = createSyntheticSessions({ products, seed: logSeed });
  const model = createSessionModel({ predictionsCached: 0, ...(learned ? { learned } : {}) });
  const clicks = new Float64Array(products);
  let micros = 0;
  for (let start = 0; start < sessions; start += batch) {
    const log = Array.from({ length: Math.min(batch, sessions - start) }, (_, at) =>
      next((start + at) / sessions),
    );
    const before = process.cpuUsage();
    for (const [at, session] of log.entries()) {
      const key = String(start + at);
      const startMs = (start + at) * 2 * sessionIdleMs;
      for (const item of session) model.add(key, item, startMs);
    }
    const spent = process.cpuUsage(before);
    micros += spent.user + spent.system;
    for (const session of log) for (const item of session) clicks[item]!++;
    stops?.get(start + log.length)?.(model);
  }
  const top = clicks.sort().subarray(products - Math.ceil(products / 100));
  const topShare = top.reduce((sum, count) => sum + count, 0) / model.interactions;
  return { model, seconds: micros / 1e6, topShare };
}

export type Queries = readonly (readonly number[])[];

/** Running sessions of new visitors at the end of the log; of one length where it is given. */
export function queriesOf(products: number, count: number, length?: number): Queries {
  const next = createSyntheticSessions({ products, seed: querySeed });
  return Array.from({ length: count }, () => {
    if (length === undefined) return next(1).slice(0, -1);
    const history: number[] = [];
    while (history.length < length) history.push(...next(1));
    return history.slice(0, length);
  });
}

export interface Times {
  /** CPU microseconds, on average. */
  readonly mean: number;
  /** Microseconds by the clock on the wall. */
  readonly p50: number;
  readonly p99: number;
}

export function timeOf(predict: (session: readonly number[]) => unknown, queries: Queries): Times {
  for (const query of queries.slice(0, 2_000)) predict(query);
  const walls: number[] = [];
  const before = process.cpuUsage();
  for (const query of queries) {
    const startedAt = performance.now();
    predict(query);
    walls.push(1000 * (performance.now() - startedAt));
  }
  const spent = process.cpuUsage(before);
  return {
    mean: (spent.user + spent.system) / queries.length,
    p50: percentile(walls, 0.5),
    p99: percentile(walls, 0.99),
  };
}

export const predictWith = (model: SessionModel) => (session: readonly number[]) =>
  model.predict(session, limit);

/** New visitors come, ten clicks for each prediction that is asked for: microseconds per click, by the clock on the wall. */
export function clicksWhileServing(
  model: SessionModel,
  products: number,
  queries: Queries,
): { readonly mean: number; readonly p99: number } {
  const next = createSyntheticSessions({ products, seed: visitorSeed });
  const afterMs = (model.sessions + 1) * 2 * sessionIdleMs;
  const walls: number[] = [];
  for (const [at, query] of queries.entries()) {
    const visits = [next(1), next(1)];
    const startedAt = performance.now();
    let clicks = 0;
    for (const [visitor, session] of visits.entries()) {
      for (const item of session) model.add(`visitor ${at} ${visitor}`, item, afterMs + at);
      clicks += session.length;
    }
    walls.push((1000 * (performance.now() - startedAt)) / clicks);
    model.predict(query, limit);
  }
  return {
    mean: walls.reduce((sum, wall) => sum + wall, 0) / walls.length,
    p99: percentile(walls, 0.99),
  };
}

/** Plain VMIS-kNN told of the same sessions. */
export function plainVmis(
  sessions: number,
  products: number,
  queries: Queries,
): Times & { readonly bytes: number } {
  const neighbours = 500;
  const next = createSyntheticSessions({ products, seed: logSeed });
  const index = createSessionIndex({ sessionsPerItem: neighbours, sessionsMax: 2 ** 22 });
  for (let at = 0; at < sessions; at++) {
    const number = index.begin();
    for (const item of next(at / sessions)) index.append(number, item);
  }
  const predict = createVmisKnn(index, { m: neighbours, k: neighbours });
  const times = timeOf((session) => predict(session, limit), queries);
  return { ...times, bytes: index.bytes() / index.interactions };
}
