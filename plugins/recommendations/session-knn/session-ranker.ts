import type { ScoreCandidates } from '../learning-to-rank/fusion-net.js';
import { createSessionEncoder, type ItemVectors } from '../learning-to-rank/item-vectors.js';
import { createCandidateSearch } from './candidates.js';
import { createFeatures } from './features.js';
import { createNeighbourSearch, type NeighbourOptions } from './neighbours.js';
import type { SessionIndex } from './session-index.js';
import type { VoteOptions } from './votes.js';

export interface RankerOptions {
  /** Items that are ranked for one prediction, at most. */
  readonly candidates: number;
  readonly neighbours: NeighbourOptions;
  readonly votes: VoteOptions;
  /** In a longer session, only this many clicks on either side of the item in common vote. */
  readonly windowRadius: number;
}

/**
 * Fixed for every shop: chosen once on the tails of training sessions, never per shop. What differs between shops
 * is learned by the fusion.
 */
export const sessionRanking = {
  candidates: 80,
  neighbours: { sessionsRead: 1000, readsMax: 1200, itemsAsked: 8, kept: 500, itemFading: 2, ageFading: 1 },
  votes: { stepFading: 3, backward: 0.6, self: 0.6 },
  windowRadius: 16,
} satisfies RankerOptions;

/** From a running session to scored candidates: neighbours, votes, features, fusion. One for each index. */
export function createSessionRanker(
  index: SessionIndex,
  options: RankerOptions,
  vectors: ItemVectors | null,
  peopleMin = 1,
) {
  const search = createNeighbourSearch(index, options.neighbours);
  const { candidates: most, windowRadius } = options;
  const candidateSearch = createCandidateSearch(index, search, options.votes, most, {
    windowRadius,
    peopleMin,
  });
  const { candidates } = candidateSearch;
  const encoder = vectors === null ? null : createSessionEncoder(vectors);
  const features = createFeatures(index, search.query, candidates, most, encoder);
  const scores = new Float32Array(most);

  return {
    candidatesMax: most,
    candidates,
    query: search.query,
    features: features.features,
    context: features.context,
    scores,

    /** Finds the candidates and what is known about them; how many. None if no item of the session is known. */
    gather(session: readonly number[], except: number): number {
      search.find(session, except);
      if (search.query.count === 0) return 0;
      candidateSearch.find();
      features.fill(session, search.neighbours.matching);
      return candidates.count;
    },

    score(net: ScoreCandidates): void {
      net(features.features, features.context, candidates.count, scores);
    },

    causes: candidateSearch.causes,
  };
}

export type SessionRanker = ReturnType<typeof createSessionRanker>;
