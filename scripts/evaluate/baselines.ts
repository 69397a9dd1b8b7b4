import {
  clicksPerSessionMax,
  createSessionIndex,
} from '../../plugins/recommendations/session-knn/session-index.js';
import { topK } from '../../src/kit/top-k.js';
import type { Ranked } from './ask.js';
import type { Log } from './log.js';
import { createVmisKnn } from './vmis-knn.js';

export type Predict = (history: readonly number[]) => Ranked;

/** The settings of the paper. */
const neighbours = 500;
/** How far a rule reaches, in clicks; as in the paper. */
const rulesReach = 10;

/** What is measured beside ours in the same run, made straight from the descriptions; each answers `limit` items. */
export function baselines(log: Log, limit: number): Readonly<Record<string, Predict>> {
  return {
    popularity: popularity(log, limit),
    'own items, again': ownItems,
    'sequential rules': sequentialRules(log, limit),
    'VMIS-kNN, m = k = 500': vmisKnn(log, limit),
  };
}

/** The same for everybody: what was clicked most. */
export function popularity({ itemClicks, items }: Log, limit: number): Predict {
  const length = Math.min(limit, items);
  const best = { items: new Int32Array(length), scores: new Float32Array(length) };
  topK(
    Int32Array.from({ length: items }, (_, item) => item),
    Float32Array.from(itemClicks),
    items,
    best.items,
    best.scores,
  );
  return () => best;
}

/** The session's own items by how often, then how late they came. */
export const ownItems: Predict = (session) => {
  const strength = new Map<number, number>();
  for (const [at, item] of session.entries())
    strength.set(item, Math.floor(strength.get(item) ?? 0) + 1 + (at + 1) / (session.length + 1));
  const sorted = [...strength].sort(([, a], [, b]) => b - a);
  return { items: sorted.map(([item]) => item), scores: sorted.map(([, score]) => score) };
};

/**
 * What followed the last item, weighted by 1/distance, up to ten clicks later (Ludewig, Jannach: Evaluation of
 * session-based recommendation algorithms, 2018, section 3.1.3). Read from the sessions themselves; nothing is cut.
 */
export function sequentialRules(log: Log, limit: number): Predict {
  const weights = new Float32Array(log.items);
  const touched = new Int32Array(log.items);
  const scores = new Float32Array(log.items);
  return (session) => {
    const last = session.at(-1);
    if (last === undefined || log.support(last) === 0) return { items: [], scores: [] };
    let count = 0;
    for (let holder = log.holderStarts[last]!; holder < log.holderStarts[last + 1]!; holder++) {
      const held = log.holders[holder]!;
      const end = log.starts[held + 1]!;
      for (let at = log.starts[held]!; at < end; at++) {
        if (log.clicks[at] !== last) continue;
        for (let later = at + 1; later < Math.min(end, at + 1 + rulesReach); later++) {
          const item = log.clicks[later]!;
          if (item === last) continue;
          if (weights[item] === 0) touched[count++] = item;
          weights[item]! += 1 / (later - at);
        }
      }
    }
    for (let at = 0; at < count; at++) {
      scores[at] = weights[touched[at]!]!;
      weights[touched[at]!] = 0;
    }
    const length = Math.min(limit, count);
    const best = { items: new Int32Array(length), scores: new Float32Array(length) };
    topK(touched, scores, count, best.items, best.scores);
    return best;
  };
}

/** Plain VMIS-kNN as published; the product's own copy of it, which the session model is held against. */
export function vmisKnn({ starts, clicks, sessions }: Log, limit: number): Predict {
  const index = createSessionIndex({
    sessionsPerItem: neighbours,
    sessionsMax: Math.max(1024, 2 * sessions + Math.ceil(clicks.length / clicksPerSessionMax)),
  });
  for (let session = 0; session < sessions; session++) {
    let number = -1;
    for (let at = starts[session]!; at < starts[session + 1]!; at++) {
      if ((at - starts[session]!) % clicksPerSessionMax === 0) number = index.begin();
      index.append(number, clicks[at]!);
    }
  }
  const predict = createVmisKnn(index, { m: neighbours, k: neighbours });
  return (session) => predict(session, limit);
}
