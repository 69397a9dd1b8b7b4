import { thresholdOf } from '../../../src/kit/threshold.js';
import { createVouching } from '../limits/witnesses.js';
import type { NeighbourSearch } from './neighbours.js';
import { queryItemsMax } from './neighbours.js';
import type { SessionIndex } from './session-index.js';
import {
  accumulatorWidth,
  clicksColumn,
  createVotes,
  type VoteName,
  type VoteOptions,
  voteCount,
  voteNames,
} from './votes.js';

/** Weights of the vote features in the choice of candidates. */
const mix: Readonly<Record<VoteName, number>> = {
  near: 1,
  wide: 0.5,
  sharp: 0.5,
  next: 0.5,
  before: 0.1,
  chain: 0.2,
  rule: 0.3,
  pair: 0.3,
};

export interface Candidates {
  readonly items: Int32Array;
  /** `voteCount` a candidate, as shares of all votes in the column. */
  readonly votes: Float32Array;
  /** Clicks of the neighbours on each candidate. */
  readonly clicks: Int32Array;
  /** With how many items of the running session it shares a neighbour. */
  readonly covers: Int32Array;
  /** All votes in each column, before they became shares. */
  readonly sums: Float64Array;
  count: number;
}

/** Chooses the items worth ranking: those of the running session and the best by a plain mix of the votes. */
export function createCandidateSearch(
  index: SessionIndex,
  search: NeighbourSearch,
  options: VoteOptions,
  candidatesMax: number,
  { windowRadius, peopleMin = 1 }: { readonly windowRadius?: number; readonly peopleMin?: number } = {},
) {
  const { query, neighbours } = search;
  const votes = createVotes(index, search, options, windowRadius);
  const rows = new Int32Array(candidatesMax);
  const scales = new Float64Array(voteCount);
  const candidates: Candidates = {
    items: new Int32Array(candidatesMax),
    votes: new Float32Array(candidatesMax * voteCount),
    clicks: new Int32Array(candidatesMax),
    covers: new Int32Array(candidatesMax),
    sums: new Float64Array(voteCount),
    count: 0,
  };

  /** What each column must be multiplied with to become shares. */
  const scale = (): void => {
    for (let column = 0; column < voteCount; column++) {
      const sum = votes.sums[column]!;
      candidates.sums[column] = sum;
      scales[column] = sum > 0 ? 1 / sum : 0;
    }
  };

  const choose = (last: number): void => {
    const weights: Record<VoteName, number> = { ...mix };
    for (const [column, name] of voteNames.entries()) weights[name] *= scales[column]!;
    const largest = votes.mix(last, weights);
    const { mixed } = votes;
    let count = query.count;
    for (let place = 0; place < count; place++) rows[place] = place + 1;
    const threshold = thresholdOf(mixed, query.count + 1, last, largest, candidatesMax - count);
    for (let row = query.count + 1; row <= last && count < candidatesMax; row++) {
      rows[count] = row;
      count += Number(mixed[row]! >= threshold);
    }
    candidates.count = count;
  };

  const copy = (): void => {
    const { itemOf, covers, accumulator } = votes;
    for (let at = 0; at < candidates.count; at++) {
      const row = rows[at]!;
      candidates.items[at] = itemOf[row]!;
      const cell = row * accumulatorWidth;
      candidates.clicks[at] = accumulator[cell + clicksColumn]!;
      candidates.covers[at] = bitsIn(covers[row]!);
      for (let column = 0; column < voteCount; column++) {
        candidates.votes[at * voteCount + column] = accumulator[cell + column]! * scales[column]!;
      }
    }
  };

  const rankOf = new Uint8Array(votes.itemOf.length);
  const ranked = new Int32Array(candidatesMax);
  const contributions = new Float64Array((candidatesMax + 1) * queryItemsMax);
  const vouching = createVouching(peopleMin);
  /** 1 for each contribution behind which not enough people were found yet. */
  const unvouched = new Uint8Array((candidatesMax + 1) * queryItemsMax);

  /** Marks the contributions to those of `length` ranked candidates that are no items of the query; returns how many there are. */
  function markUnvouched(length: number, isOwn: (rank: number) => boolean): number {
    unvouched.fill(0, 0, (length + 1) * queryItemsMax);
    let marked = 0;
    for (let rank = 1; rank <= length; rank++) {
      if (isOwn(rank)) continue;
      const from = rank * queryItemsMax;
      for (let cell = from; cell < from + query.count; cell++) {
        if (contributions[cell] === 0) continue;
        unvouched[cell] = 1;
        marked++;
      }
    }
    return marked;
  }

  /** Finds the people behind `marked` contributions, until there are enough behind each. */
  function vouch(marked: number): void {
    const { clicks, ends, matched } = votes;
    let left = marked;
    let end = 0;
    for (let neighbour = 0; neighbour < neighbours.count && left > 0; neighbour++) {
      const start = end;
      end = ends[neighbour]!;
      const witness = index.sessionWitness[neighbours.slots[neighbour]!]!;
      for (let at = start; at < end; at++) {
        const rank = rankOf[clicks[at]!]!;
        if (rank === 0) continue;
        for (let bits = matched[neighbour]!; bits !== 0; bits &= bits - 1) {
          const cell = rank * queryItemsMax + 31 - Math.clz32(bits & -bits);
          if (unvouched[cell] === 0) continue;
          vouching.see(cell, witness);
          if (!vouching.isVouched(cell)) continue;
          unvouched[cell] = 0;
          left--;
        }
      }
    }
  }

  function strongest(from: number, counts: (row: number) => boolean): number {
    let best = -1;
    let largest = 0;
    for (let place = 0; place < query.count; place++) {
      const value = contributions[from + place]!;
      if (value <= largest || !counts(from + place)) continue;
      largest = value;
      best = place;
    }
    return best;
  }

  return {
    candidates,

    /** Fills `candidates` for the query whose neighbours were found last. */
    find(): void {
      const last = votes.collect();
      scale();
      choose(last);
      copy();
      votes.clear(last);
    },

    /**
     * For each of `length` candidates the place in the query of the item whose neighbours clicked on it most, by their
     * freshness and the item's weight; -1 where none did. An item of the query is its own cause. `vouched` becomes 1 where enough people
     * stand behind the two: such a cause goes before others, which have somebody who permitted it behind them.
     */
    causes(items: Int32Array, length: number, into: Int32Array, vouched: Uint8Array): void {
      const { clicks, ends, matched } = votes;
      contributions.fill(0, 0, (length + 1) * queryItemsMax);
      vouching.clear((length + 1) * queryItemsMax);
      const candidateItems = candidates.items.subarray(0, candidates.count);
      for (let rank = 0; rank < length; rank++) {
        ranked[rank] = rows[candidateItems.indexOf(items[rank]!)]!;
        rankOf[ranked[rank]!] = rank + 1;
      }
      let end = 0;
      for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
        const start = end;
        end = ends[neighbour]!;
        const fresh = neighbours.freshness[neighbour]!;
        for (let left = matched[neighbour]!; left !== 0; left &= left - 1) {
          const place = 31 - Math.clz32(left & -left);
          const weight = query.weights[place]! * fresh;
          // Row 0 takes what is not ranked: cheaper than asking.
          for (let at = start; at < end; at++)
            contributions[rankOf[clicks[at]!]! * queryItemsMax + place]! += weight;
        }
      }
      vouch(markUnvouched(length, (rank) => ranked[rank - 1]! <= query.count));
      for (let rank = 0; rank < length; rank++) {
        const row = ranked[rank]!;
        const from = (rank + 1) * queryItemsMax;
        const isOwn = row <= query.count;
        into[rank] = isOwn ? row - 1 : strongest(from, vouching.isVouched);
        vouched[rank] = Number(into[rank]! >= 0);
        if (into[rank]! < 0) into[rank] = strongest(from, vouching.isSeen);
        rankOf[row] = 0;
      }
    },
  };
}

function bitsIn(mask: number): number {
  let bits = 0;
  for (let left = mask; left !== 0; left &= left - 1) bits++;
  return bits;
}
