import type { Candidates } from './candidates.js';
import { voteCount } from './candidates.js';
import type { SessionEncoder } from './item-vectors.js';
import type { Query } from './neighbours.js';
import { recentShare, type SessionIndex } from './session-index.js';

export const featureNames = [
  'near',
  'wide',
  'sharp',
  'next',
  'before',
  'chain',
  'rule',
  'pair',
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
  'toSession',
  'toLast',
] as const;
export const contextNames = ['length', 'support', 'distinct', 'repeatRate', 'matching', 'freshLast'] as const;
export const sessionNames = { features: featureNames, contexts: contextNames };
export const featureCount = featureNames.length;
export const contextCount = contextNames.length;
/** Features from here on need learned vectors; without them they are 0. */
const vectorFeatures = featureNames.indexOf('toSession');
const sessionFeatures = featureNames.indexOf('inSession');

const floor = 1e-4;
const logFloor = Math.log(floor);

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

  const repeatRate = (item: number): number =>
    Math.log(
      (index.itemRepeats[item]! + (10 * (index.repeats + 1)) / (index.interactions + 10)) /
        (index.itemSessions[item]! + 10),
    );

  return {
    features,
    context,
    fill(session: readonly number[], matching: number): void {
      encoder?.encode(session);
      const { itemClicks, itemRecent, itemNewest, sessions } = index;
      const recentScale = -1 / (recentShare * sessions);
      const last = query.items[0]!;
      context[0] = Math.log(query.length);
      context[1] = Math.log(1 + index.itemSessions[last]!);
      context[2] = query.count / query.length;
      context[3] = repeatRate(last);
      context[4] = Math.log(1 + matching);
      context[5] = Math.log(
        1 + itemRecent[last]! * Math.exp((sessions - 1 - itemNewest[last]!) * recentScale),
      );
      const recentTotal = 1e4 / (recentShare * index.interactions);
      for (let at = 0; at < candidates.count; at++) {
        const item = candidates.items[at]!;
        const row = at * featureCount;
        for (let column = 0; column < voteCount; column++) {
          features[row + column] = Math.log(candidates.votes[at * voteCount + column]! + floor) - logFloor;
        }
        const age = sessions - 1 - itemNewest[item]!;
        const recent = itemRecent[item]! * Math.exp(age * recentScale);
        features[row + 8] = Math.log((recent + 0.05) * recentTotal);
        features[row + 9] = Math.log(1 + itemClicks[item]!);
        features[row + 10] = Math.log(1 + age);
        features[row + 11] = repeatRate(item);
        const mark = query.marks[item]!;
        if (mark > 0) {
          const distance = query.distances[mark - 1]!;
          features[row + 12] = 1;
          features[row + 13] = distance === 0 ? 1 : 0;
          features[row + 14] = distance === 1 ? 1 : 0;
          features[row + 15] = Math.log(distance + 1);
          features[row + 16] = Math.log(1 + query.times[mark - 1]!);
          features[row + 17] = (distance + 1) / query.length;
        } else {
          for (let column = sessionFeatures; column < vectorFeatures; column++) features[row + column] = 0;
        }
        encoder?.compare(item, features, row + vectorFeatures);
      }
    },
  };
}
