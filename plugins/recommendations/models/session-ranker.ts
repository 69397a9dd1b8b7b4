import { createCandidateSearch, type VoteOptions } from './candidates.js';
import { createFeatures } from './features.js';
import type { ScoreCandidates } from './fusion-net.js';
import { createSessionEncoder, type ItemVectors } from './item-vectors.js';
import { createNeighbourSearch, type NeighbourOptions, queryItemsMax } from './neighbours.js';
import type { SessionIndex } from './session-index.js';

/** Items that are ranked for one prediction, at most. */
export const candidatesMax = 60;

export interface RankerOptions {
  readonly neighbours: NeighbourOptions;
  readonly votes: VoteOptions;
}

/**
 * Fixed for every shop: chosen once on the tails of training sessions, never per shop. What differs between shops
 * is learned by the fusion.
 */
export const sessionRanking: RankerOptions = {
  neighbours: { sessionsRead: 1000, kept: 500, itemFading: 2, ageFading: 1 },
  votes: { stepFading: 3, backward: 0.6, self: 0.6 },
};

/** From a running session to scored candidates: neighbours, votes, features, fusion. One for each index. */
export function createSessionRanker(
  index: SessionIndex,
  options: RankerOptions,
  vectors: ItemVectors | null,
) {
  const search = createNeighbourSearch(index, options.neighbours);
  const candidateSearch = createCandidateSearch(index, search, options.votes, candidatesMax);
  const { candidates } = candidateSearch;
  const encoder = vectors === null ? null : createSessionEncoder(vectors);
  const features = createFeatures(index, search.query, candidates, candidatesMax, encoder);
  const scores = new Float32Array(candidatesMax);
  const contributions = new Float32Array(candidatesMax * queryItemsMax);

  return {
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

    /**
     * For each of the items (places by number in `ranks`, 0 for the others, else place + 1) the place in the query
     * of the item whose neighbours gave it most votes, -1 where none did. An item of the session is its own cause.
     */
    causes(items: Int32Array, length: number, ranks: Uint8Array, into: Int32Array): void {
      const { query, neighbours } = search;
      const cells = index.sessionCells;
      const matched = new Int32Array(queryItemsMax);
      contributions.fill(0, 0, length * queryItemsMax);
      for (let place = 0; place < length; place++) ranks[items[place]!] = place + 1;
      for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
        const slot = neighbours.slots[neighbour]!;
        const start = index.sessionStart[slot]!;
        const end = start + index.sessionLength[slot]!;
        let found = 0;
        for (let at = start; at < end && found < queryItemsMax; at++) {
          const mark = query.marks[cells[at]!]!;
          if (mark > 0) matched[found++] = mark - 1;
        }
        const fresh = neighbours.freshness[neighbour]!;
        for (let at = start; at < end; at++) {
          const rank = ranks[cells[at]!]!;
          if (rank === 0) continue;
          const row = (rank - 1) * queryItemsMax;
          for (let one = 0; one < found; one++)
            contributions[row + matched[one]!]! += query.weights[matched[one]!]! * fresh;
        }
      }
      for (let place = 0; place < length; place++) {
        const item = items[place]!;
        ranks[item] = 0;
        const mark = query.marks[item]!;
        into[place] = mark > 0 ? mark - 1 : strongest(contributions, place * queryItemsMax, query.count);
      }
    },

    bytes: () => search.bytes() + candidateSearch.bytes(),
  };
}

export type SessionRanker = ReturnType<typeof createSessionRanker>;

function strongest(values: Float32Array, from: number, count: number): number {
  let best = -1;
  let largest = 0;
  for (let place = 0; place < count; place++) {
    if (values[from + place]! > largest) {
      largest = values[from + place]!;
      best = place;
    }
  }
  return best;
}
