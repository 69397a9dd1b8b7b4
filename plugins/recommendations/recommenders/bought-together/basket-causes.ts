import { grownUint8 } from '../../../../src/kit/grown-arrays.js';
import { createVouching } from '../../limits/witnesses.js';
import { clicksPerSessionMax, type SessionIndex } from '../../session-knn/session-index.js';
import { type BasketReading, seedsMax } from './basket-reading.js';
import { assumedBaskets, type BasketVotes, weighedMax } from './basket-votes.js';
import { significance } from './significance.js';

/** The signed root of a log-likelihood ratio is about normal: below two it may well be chance. */
const significantRoot = 2;

/** Of the products that were weighed: why, and how surely. */
export function createBasketCauses(
  index: SessionIndex,
  reading: BasketReading,
  votes: BasketVotes,
  peopleMin = 1,
) {
  const vouching = createVouching(peopleMin);
  /** By product: its rank and one more. */
  let ranks: Uint8Array = new Uint8Array(1024);
  const given = new Float32Array(weighedMax * seedsMax);
  const both = new Float32Array(weighedMax * seedsMax);
  const reads = new Float64Array(seedsMax);
  const hits = new Uint8Array(clicksPerSessionMax + 1);
  const because = new Int32Array(weighedMax);
  const proven = new Uint8Array(weighedMax);
  const met = new Float32Array(weighedMax);

  function readBaskets(): void {
    const { count, shares, lines, sizes, kinds, worths, witnesses, matchEnds, matchPlaces } = reading;
    const [known, found, votesOf, basketsOf] = [ranks, hits, given, both];
    let from = 0;
    let line = 0;
    for (let basket = 0; basket < count; basket++) {
      const kind = kinds[basket]!;
      const worth = worths[basket]!;
      const witness = witnesses[basket]!;
      const to = matchEnds[basket]!;
      let hit = 0;
      for (const end = line + sizes[basket]!; line < end; line++) {
        // Without a branch, which the processor could not foresee.
        const rank = known[lines[line]!]!;
        found[hit] = rank - 1;
        hit += Number(rank !== 0);
      }
      for (; from < to; from++) {
        const place = matchPlaces[from]!;
        const vote = shares[place]! * worth;
        reads[place]! += kind;
        for (let at = 0; at < hit; at++) {
          const cell = found[at]! * seedsMax + place;
          votesOf[cell]! += vote;
          basketsOf[cell]! += kind;
          vouching.see(cell, witness);
        }
      }
    }
  }

  function judge(rank: number): void {
    const item = votes.items[rank]!;
    const { sessions, itemSessions } = index;
    const { seeds, items } = reading;
    let most = 0;
    let cause = -1;
    let isProven = false;
    let meetings = 0;
    for (let place = 0; place < seeds; place++) {
      const at = rank * seedsMax + place;
      const meeting = both[at]!;
      if (meeting === 0 || !vouching.isVouched(at)) continue;
      meetings += meeting;
      isProven ||=
        significance(meeting, reads[place]!, itemSessions[item]!, sessions + assumedBaskets) >=
        significantRoot;
      if (given[at]! <= most) continue;
      most = given[at]!;
      cause = items[place]!;
    }
    because[rank] = cause;
    proven[rank] = Number(isProven);
    met[rank] = meetings;
  }

  return {
    /**
     * The seed in whose baskets each was found most; -1: none behind whose baskets with it enough people stand.
     */
    because,
    /** 1 where the baskets with one of the products read hold it significantly more often than all baskets do, by Dunning's ratio. */
    proven,
    /** Of the baskets read, those that hold it: an order counts one. */
    met,
    /** Reads once more what votes were just gathered from, for the first `count` products. */
    find(count: number): void {
      if (ranks.length < index.items) ranks = grownUint8(ranks, index.items);
      given.fill(0, 0, count * seedsMax);
      both.fill(0, 0, count * seedsMax);
      reads.fill(0);
      vouching.clear(count * seedsMax);
      for (let rank = 0; rank < count; rank++) ranks[votes.items[rank]!] = rank + 1;
      readBaskets();
      for (let rank = 0; rank < count; rank++) ranks[votes.items[rank]!] = 0;
    },
    /** Fills in what is said of one of them. */
    judge,
  };
}
