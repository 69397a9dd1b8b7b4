import { grownUint8 } from './block-arena.js';
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
  let rowOf: Uint8Array = new Uint8Array(1024);
  const contributions = new Float64Array((candidatesMax + 1) * queryItemsMax);

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
      // A single item is the cause of everything.
      if (query.count < 2) {
        into.fill(0, 0, length);
        return;
      }
      const { sessionCells: cells, sessionStart, sessionLength } = index;
      if (rowOf.length < index.items) rowOf = grownUint8(rowOf, index.items);
      contributions.fill(0, 0, (length + 1) * queryItemsMax);
      for (let rank = 0; rank < length; rank++) rowOf[items[rank]!] = rank + 1;
      for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
        const slot = neighbours.slots[neighbour]!;
        const fresh = neighbours.freshness[neighbour]!;
        const start = sessionStart[slot]!;
        const end = start + sessionLength[slot]!;
        for (let matched = neighbours.matched[neighbour]!; matched !== 0; matched &= matched - 1) {
          const place = 31 - Math.clz32(matched & -matched);
          const weight = query.weights[place]! * fresh;
          // Row 0 takes what is not ranked: cheaper than asking.
          for (let at = start; at < end; at++) {
            const cell = rowOf[cells[at]!]! * queryItemsMax + place;
            contributions[cell] = contributions[cell]! + weight;
          }
        }
      }
      for (let rank = 0; rank < length; rank++) {
        const mark = query.marks[items[rank]!]!;
        into[rank] = mark > 0 ? mark - 1 : strongest(contributions, (rank + 1) * queryItemsMax, query.count);
      }
      for (let rank = 0; rank < length; rank++) rowOf[items[rank]!] = 0;
    },

    bytes: () => search.bytes() + candidateSearch.bytes() + rowOf.byteLength,
  };
}

export type SessionRanker = ReturnType<typeof createSessionRanker>;

function strongest(values: Float64Array, from: number, count: number): number {
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
