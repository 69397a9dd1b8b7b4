import { seeded, shuffle } from '../../../src/kit/random.js';
import { topK } from '../../../src/kit/top-k.js';
import { fusionFromJson } from './fusion-json.js';
import { createFusionNet } from './fusion-net.js';
import type { Judgement } from './judge-learned.js';
import { peopleOf, type Step } from './learn-people.js';
import type { Learned } from './learn-sessions.js';
import type { PeopleIndex } from './people-index.js';
import { createPeopleRanker, peopleNames, type RipenessOf, rankedMax } from './people-ranker.js';

/** Kept out of learning: they judge. */
const judgesShare = 0.08;
const judgesMax = 2_000;
const cutoff = 10;

/** Some people that an index holds, at random, whose purchases are not to be learned from. */
export function judgesOf(people: PeopleIndex): ReadonlySet<number> {
  const all = peopleOf(people, Number.POSITIVE_INFINITY);
  shuffle(all, seeded(3));
  return new Set(all.subarray(0, Math.min(judgesMax, Math.floor(all.length * judgesShare))));
}

/**
 * Holds what was learned against what is in use, by the NDCG@10 of the newest basket of each judge, given those before it. Fair as long as
 * neither has learned from them. A step takes two predictions.
 */
export function* judgePeople(
  people: PeopleIndex,
  ripenessOf: RipenessOf,
  compared: { readonly now: Learned; readonly before: Learned },
  judges: ReadonlySet<number>,
): Generator<Step, Judgement> {
  const sides = [compared.now, compared.before].map(({ fusion, vectors }) => ({
    ranker: createPeopleRanker(people, vectors, ripenessOf),
    net: createFusionNet(fusionFromJson(fusion, peopleNames)),
    sum: 0,
  }));
  const scores = new Float32Array(rankedMax);
  const best = new Int32Array(cutoff);
  let questions = 0;
  let gains = 0;
  let squares = 0;
  for (const person of judges) {
    const history = people.historyOf(person);
    const wanted = history.pop();
    if (wanted === undefined || history.length === 0) continue;
    const [now, before] = sides.map((side) => {
      const count = side.ranker.gather(history, wanted.atMs, person);
      side.net(side.ranker.features, side.ranker.context, count, scores);
      best.fill(-1);
      topK(side.ranker.items, scores, count, best, new Float32Array(cutoff));
      const value = ndcg(best, wanted.items);
      side.sum += value;
      return value;
    });
    questions++;
    gains += now! - before!;
    squares += (now! - before!) ** 2;
    yield { stage: 'judging', done: questions / judges.size };
  }
  const asked = Math.max(1, questions);
  const gain = gains / asked;
  return {
    questions,
    now: sides[0]!.sum / asked,
    before: sides[1]!.sum / asked,
    gain,
    error: Math.sqrt(Math.max(0, squares / asked - gain * gain) / asked),
  };
}

function ndcg(best: Int32Array, wanted: readonly number[]): number {
  let gain = 0;
  let ideal = 0;
  for (const [place, item] of best.entries()) {
    const worth = 1 / Math.log2(place + 2);
    if (wanted.includes(item)) gain += worth;
    if (place < wanted.length) ideal += worth;
  }
  return gain / ideal;
}
