import { grownInt32 } from './block-arena.js';
import { createCandidateSearch, type VoteOptions } from './candidates.js';
import { createFeatures } from './features.js';
import type { ScoreCandidates } from './fusion-net.js';
import { createSessionEncoder, type ItemVectors } from './item-vectors.js';
import { createNeighbourSearch, type NeighbourOptions, queryItemsMax } from './neighbours.js';
import { clicksPerSessionMax, type SessionIndex } from './session-index.js';

/** Items that are ranked for one prediction, at most. */
export const candidatesMax = 60;

const rankShift = 5;
const placeMask = 31;

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
  let roles: Int32Array = new Int32Array(1024);
  const matchedPlaces = new Int32Array(clicksPerSessionMax);
  const rankedRows = new Int32Array(clicksPerSessionMax);
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
     * For each of the ranked items the place in the query of the item whose neighbours gave it most votes, -1 where
     * none did. An item of the session is its own cause.
     */
    causes(items: Int32Array, length: number, into: Int32Array): void {
      const { query, neighbours } = search;
      const cells = index.sessionCells;
      if (roles.length < index.items) roles = grownInt32(roles, index.items);
      contributions.fill(0, 0, length * queryItemsMax);
      // Place in the query + 1 in the low bits, rank + 1 above them.
      for (let place = 0; place < query.count; place++) roles[query.items[place]!] = place + 1;
      for (let rank = 0; rank < length; rank++) roles[items[rank]!]! += (rank + 1) << rankShift;
      for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
        const slot = neighbours.slots[neighbour]!;
        const start = index.sessionStart[slot]!;
        const end = start + index.sessionLength[slot]!;
        let matched = 0;
        let ranked = 0;
        for (let at = start; at < end; at++) {
          const role = roles[cells[at]!]!;
          if (role === 0) continue;
          const place = (role & placeMask) - 1;
          if (place >= 0) matchedPlaces[matched++] = place;
          const rank = (role >> rankShift) - 1;
          if (rank >= 0) rankedRows[ranked++] = rank * queryItemsMax;
        }
        const fresh = neighbours.freshness[neighbour]!;
        for (let one = 0; one < ranked; one++) {
          for (let other = 0; other < matched; other++) {
            const place = matchedPlaces[other]!;
            contributions[rankedRows[one]! + place]! += query.weights[place]! * fresh;
          }
        }
      }
      for (let rank = 0; rank < length; rank++) {
        const place = (roles[items[rank]!]! & placeMask) - 1;
        into[rank] = place >= 0 ? place : strongest(contributions, rank * queryItemsMax, query.count);
      }
      for (let place = 0; place < query.count; place++) roles[query.items[place]!] = 0;
      for (let rank = 0; rank < length; rank++) roles[items[rank]!] = 0;
    },

    bytes: () => search.bytes() + candidateSearch.bytes() + roles.byteLength,
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
