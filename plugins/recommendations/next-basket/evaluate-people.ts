import { seeded, shuffle } from '../../../src/kit/random.js';
import { topK } from '../../../src/kit/top-k.js';
import { fusionFromJson } from '../learning-to-rank/fusion-json.js';
import { createFusionNet } from '../learning-to-rank/fusion-net.js';
import type { Step } from '../learning-to-rank/learn-fusion.js';
import { type Comparison, createComparison } from '../learning-to-rank/paired-comparison.js';
import type { Learned } from '../session-knn/learn-sessions.js';
import { newestSessions } from '../session-knn/session-log.js';
import type { PeopleIndex } from './people-index.js';
import { createPeopleRanker, type DueRatioOf, peopleNames, rankedMax } from './people-ranker.js';
import type { Basket } from './personal-history.js';

/** The share of the people that is held out of learning. */
const heldOutShare = 0.08;
const heldOutMax = 2_000;
const cutoff = 10;

/** People of an index, at random, from whom nothing is to be learned. */
export function heldOutOf(people: PeopleIndex): ReadonlySet<number> {
  const all = newestSessions(people.index);
  shuffle(all, seeded(3));
  return new Set(all.subarray(0, Math.min(heldOutMax, Math.floor(all.length * heldOutShare))));
}

/**
 * Compares new weights with those in use by NDCG@10 of the newest basket of each held-out person, given the baskets before it. Valid
 * only if neither learned from these people. A step takes two predictions.
 */
export function* evaluatePeopleWeights(
  people: PeopleIndex,
  dueRatioOf: DueRatioOf,
  { now, before }: { readonly now: Learned; readonly before: Learned },
  heldOut: ReadonlySet<number>,
): Generator<Step, Comparison> {
  const scores = new Float32Array(rankedMax);
  const best = new Int32Array(cutoff);
  const bestScores = new Float32Array(cutoff);
  const [rankNow, rankBefore] = [now, before].map(({ fusion, vectors }) => {
    const ranker = createPeopleRanker(people, vectors, dueRatioOf);
    const net = createFusionNet(fusionFromJson(fusion, peopleNames));
    return (history: readonly Basket[], { items, atMs }: Basket, person: number): number => {
      const count = ranker.gather(history, atMs, person);
      net(ranker.features, ranker.context, count, scores);
      best.fill(-1);
      topK(ranker.items, scores, count, best, bestScores);
      return ndcg(best, items);
    };
  });
  const comparison = createComparison();
  for (const person of heldOut) {
    const history = people.historyOf(person);
    const wanted = history.pop();
    if (wanted === undefined || history.length === 0) continue;
    comparison.add(rankNow!(history, wanted, person), rankBefore!(history, wanted, person));
    yield { stage: 'evaluation', done: comparison.questions / heldOut.size };
  }
  return comparison.result();
}

function ndcg(best: Int32Array, wanted: readonly number[]): number {
  let gain = 0;
  let ideal = 0;
  for (const [place, item] of best.entries()) {
    const discount = 1 / Math.log2(place + 2);
    if (wanted.includes(item)) gain += discount;
    if (place < wanted.length) ideal += discount;
  }
  return gain / ideal;
}
