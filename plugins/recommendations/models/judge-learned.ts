import { sessionNames } from './features.js';
import { fusionFromJson } from './fusion-json.js';
import { createFusionNet } from './fusion-net.js';
import type { Learned } from './learn-sessions.js';
import type { SessionIndex } from './session-index.js';
import { createSessionRanker, type RankerOptions } from './session-ranker.js';

/** Asked at most: with so many the mean of reciprocal ranks is known to about one in a hundred. */
const questionsMax = 3_000;
const rankMax = 20;

export interface Judgement {
  readonly questions: number;
  /** Mean reciprocal rank at 20 of what came next. */
  readonly now: number;
  readonly before: number;
  /** The mean of the differences, question by question, and its standard error. */
  readonly gain: number;
  readonly error: number;
}

/**
 * Holds what was learned against what is in use, on the same questions: every click of the sessions from `from` on that
 * followed another one, or as many of them, evenly spread. Both are asked with the index as it is, the asked session left out.
 * So it is a fair comparison as long as neither has learned from these sessions. A step takes two predictions.
 */
export function* judgeLearned(
  index: SessionIndex,
  options: RankerOptions,
  compared: { readonly now: Learned; readonly before: Learned },
  from: number,
): Generator<{ readonly stage: string; readonly done: number }, Judgement> {
  const sides = [compared.now, compared.before].map(({ fusion, vectors }) => ({
    ranker: createSessionRanker(index, options, vectors),
    net: createFusionNet(fusionFromJson(fusion, sessionNames)),
    sum: 0,
  }));
  const until = index.sessions;
  const oldest = Math.max(from, index.sessions - index.options.sessionsMax);
  let prefixes = 0;
  for (let session = oldest; session < until; session++) prefixes += Math.max(0, index.lengthOf(session) - 1);
  const wanted = Math.min(questionsMax, prefixes);
  let due = 0;
  let questions = 0;
  let gains = 0;
  let squares = 0;
  for (let session = oldest; session < until; session++) {
    const length = index.lengthOf(session);
    const start = index.sessionStart[session % index.options.sessionsMax]!;
    const clicks = Array.from(index.sessionCells.subarray(start, start + length));
    for (let at = 1; at < clicks.length; at++) {
      due += wanted;
      if (due < prefixes || questions === wanted) continue;
      due -= prefixes;
      const [now, before] = sides.map((side) => {
        const count = side.ranker.gather(clicks.slice(0, at), session);
        side.ranker.score(side.net);
        const rank = reciprocalRank(side.ranker.candidates.items, side.ranker.scores, count, clicks[at]!);
        side.sum += rank;
        return rank;
      });
      questions++;
      gains += now! - before!;
      squares += (now! - before!) ** 2;
      yield { stage: 'judging', done: questions / wanted };
    }
  }
  const gain = gains / Math.max(1, questions);
  const variance = Math.max(0, squares / Math.max(1, questions) - gain * gain);
  return {
    questions,
    now: sides[0]!.sum / Math.max(1, questions),
    before: sides[1]!.sum / Math.max(1, questions),
    gain,
    error: Math.sqrt(variance / Math.max(1, questions)),
  };
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
