import { fastLog } from '../../../src/kit/fast-log.js';
import type { SessionEncoder } from '../learning-to-rank/item-vectors.js';
import type { Candidates } from './candidates.js';
import type { Query } from './neighbours.js';
import { recentShare, type SessionIndex } from './session-index.js';
import { voteCount, voteNames } from './votes.js';

/** What the fusion knows about a candidate, in the order of its inputs: first the votes. */
export const featureNames: readonly string[] = [
  ...voteNames,
  'clicks',
  'covers',
  'recent',
  'popular',
  'age',
  'repeatRate',
  'inSession',
  'last',
  'lastButOne',
  'distance',
  'times',
  'place',
  'followed',
  'first',
  'since',
  'toSession',
  'toLast',
];
/** The same of what it knows about the question. */
export const contextNames: readonly string[] = [
  'length',
  'support',
  'distinct',
  'repeatRate',
  'matching',
  'freshLast',
  'lastTimes',
  'lastAgain',
  'followers',
  'votes',
  'strongest',
];
export const sessionNames = { features: featureNames, contexts: contextNames };
export const featureCount = featureNames.length;
export const contextCount = contextNames.length;
/** Features from here on need learned vectors; without them they are 0. */
const vectorFeatures = featureNames.indexOf('toSession');
const sessionFeatures = featureNames.indexOf('inSession');

const figureCount = 5;
const floor = 1e-4;
const logFloor = fastLog(floor);
const nextColumn = voteNames.indexOf('next');
const nearColumn = voteNames.indexOf('near');

/** What the fusion knows about each candidate, and about the question. */
export function createFeatures(
  index: SessionIndex,
  query: Query,
  candidates: Candidates,
  candidatesMax: number,
  encoder: SessionEncoder | null,
) {
  const features = new Float32Array(candidatesMax * featureCount);
  const context = new Float32Array(contextCount);
  /** Of each candidate: recent clicks, age, clicks, sessions with a repeat, sessions. */
  const figures = new Float64Array(candidatesMax * figureCount);

  const repeatRate = (item: number, usual: number): number =>
    fastLog((index.itemRepeats[item]! + usual) / (index.itemSessions[item]! + 10));
  /** Ten sessions of an item of which nothing is known. */
  const usualRepeats = (): number => (10 * (index.repeats + 1)) / (index.interactions + 10);

  const fillContext = (session: readonly number[], matching: number): void => {
    const last = query.items[0]!;
    const { itemRecent, itemNewest, itemSessions, sessions } = index;
    const age = sessions - 1 - itemNewest[last]!;
    context[0] = fastLog(query.length);
    context[1] = fastLog(1 + itemSessions[last]!);
    context[2] = query.count / query.length;
    context[3] = repeatRate(last, usualRepeats());
    context[4] = fastLog(1 + matching);
    context[5] = fastLog(1 + itemRecent[last]! * Math.exp(-age / (recentShare * sessions)));
    context[6] = fastLog(query.times[0]!);
    context[7] = session.length > 1 && session[session.length - 1] === session[session.length - 2] ? 1 : 0;
    context[8] = fastLog(0.01 + candidates.sums[nextColumn]!);
    context[9] = fastLog(0.01 + candidates.sums[nearColumn]!);
    let strongest = 0;
    for (let at = query.count; at < candidates.count; at++) {
      strongest = Math.max(strongest, candidates.votes[at * voteCount + nearColumn]!);
    }
    context[10] = fastLog(0.001 + strongest);
  };

  const fillRepeat = (row: number, place: number): void => {
    const distance = query.distances[place]!;
    features[row] = 1;
    features[row + 1] = distance === 0 ? 1 : 0;
    features[row + 2] = distance === 1 ? 1 : 0;
    features[row + 3] = fastLog(distance + 1);
    features[row + 4] = fastLog(1 + query.times[place]!);
    features[row + 5] = (distance + 1) / query.length;
    features[row + 6] = query.followed[place]!;
    features[row + 7] = query.firsts[place] === query.length - 1 ? 1 : 0;
    features[row + 8] = fastLog(query.firsts[place]! + 1);
  };

  return {
    features,
    context,
    fill(session: readonly number[], matching: number): void {
      encoder?.encode(session);
      fillContext(session, matching);
      const { itemClicks, itemRecent, itemNewest, itemRepeats, itemSessions, sessions } = index;
      const { votes, items, clicks, covers, count } = candidates;
      const recentScale = -1 / (recentShare * sessions);
      const recentTotal = 1e4 / (recentShare * index.interactions);
      const usual = usualRepeats();
      encoder?.touch(items, count);
      // A loop of its own: what it reads lies all over the memory, and the processor waits for many places at once.
      for (let at = 0; at < count; at++) {
        const item = items[at]!;
        const figure = at * figureCount;
        figures[figure] = itemRecent[item]!;
        figures[figure + 1] = sessions - 1 - itemNewest[item]!;
        figures[figure + 2] = itemClicks[item]!;
        figures[figure + 3] = itemRepeats[item]!;
        figures[figure + 4] = itemSessions[item]!;
      }
      for (let at = 0; at < count; at++) {
        const figure = at * figureCount;
        const row = at * featureCount;
        for (let column = 0; column < voteCount; column++) {
          features[row + column] = fastLog(votes[at * voteCount + column]! + floor) - logFloor;
        }
        features[row + voteCount] = fastLog(1 + clicks[at]!);
        features[row + voteCount + 1] = covers[at]! / query.count;
        const age = figures[figure + 1]!;
        const recent = figures[figure]! * Math.exp(age * recentScale);
        features[row + voteCount + 2] = fastLog((recent + 0.05) * recentTotal);
        features[row + voteCount + 3] = fastLog(1 + figures[figure + 2]!);
        features[row + voteCount + 4] = fastLog(1 + age);
        features[row + voteCount + 5] = fastLog((figures[figure + 3]! + usual) / (figures[figure + 4]! + 10));
        // The items of the query come first, in its order.
        if (at < query.count) fillRepeat(row + sessionFeatures, at);
        else for (let column = sessionFeatures; column < vectorFeatures; column++) features[row + column] = 0;
      }
      for (let at = 0; at < count; at++) {
        encoder?.compare(items[at]!, features, at * featureCount + vectorFeatures);
      }
    },
  };
}
