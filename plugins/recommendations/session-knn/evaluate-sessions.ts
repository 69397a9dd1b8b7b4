import { fusionFromJson } from '../learning-to-rank/fusion-json.js';
import { createFusionNet } from '../learning-to-rank/fusion-net.js';
import type { Step } from '../learning-to-rank/learn-fusion.js';
import { type Comparison, createComparison } from '../learning-to-rank/paired-comparison.js';
import { sessionNames } from './features.js';
import type { Learned } from './learn-sessions.js';
import type { SessionIndex } from './session-index.js';
import { createSessionRanker, sessionRanking } from './session-ranker.js';

/** Questions, at most: so many determine a mean reciprocal rank to about one in a hundred. */
const questionsMax = 3_000;
const rankMax = 20;

/**
 * Compares new weights with those in use by MRR@20 of the next click, in the sessions from `from` on: all clicks, or `questionsMax`
 * of them, evenly spread. Both rank with the index as it is, without the session itself. Valid only if neither learned
 * from these sessions. A step takes two predictions.
 */
export function* evaluateSessionWeights(
  index: SessionIndex,
  { now, before }: { readonly now: Learned; readonly before: Learned },
  from: number,
): Generator<Step, Comparison> {
  const [rankNow, rankBefore] = [now, before].map(({ fusion, vectors }) => {
    const ranker = createSessionRanker(index, sessionRanking, vectors);
    const net = createFusionNet(fusionFromJson(fusion, sessionNames));
    return (clicks: readonly number[], session: number, wanted: number): number => {
      const count = ranker.gather(clicks, session);
      ranker.score(net);
      return reciprocalRank(ranker.candidates.items, ranker.scores, count, wanted);
    };
  });
  const comparison = createComparison();
  const until = index.sessions;
  const oldest = Math.max(from, index.sessions - index.options.sessionsMax);
  let prefixes = 0;
  for (let session = oldest; session < until; session++) prefixes += Math.max(0, index.lengthOf(session) - 1);
  const wanted = Math.min(questionsMax, prefixes);
  let due = 0;
  for (let session = oldest; session < until; session++) {
    const length = index.lengthOf(session);
    const start = index.sessionStart[session % index.options.sessionsMax]!;
    const clicks = Array.from(index.sessionCells.subarray(start, start + length));
    for (let at = 1; at < clicks.length; at++) {
      due += wanted;
      if (due < prefixes || comparison.questions === wanted) continue;
      due -= prefixes;
      const prefix = clicks.slice(0, at);
      comparison.add(rankNow!(prefix, session, clicks[at]!), rankBefore!(prefix, session, clicks[at]!));
      yield { stage: 'evaluation', done: comparison.questions / wanted };
    }
  }
  return comparison.result();
}

function reciprocalRank(items: Int32Array, scores: Float32Array, count: number, wanted: number): number {
  const place = items.subarray(0, count).indexOf(wanted);
  if (place < 0) return 0;
  let rank = 1;
  for (let other = 0; other < count; other++) {
    if (scores[other]! > scores[place]!) rank++;
  }
  return rank <= rankMax ? 1 / rank : 0;
}
