import { grownUint8 } from '../models/block-arena.js';
import type { SessionIndex } from '../models/session-index.js';
import type { BasketReading } from './basket-reading.js';
import { assumedBaskets, type BasketVotes, weighedMax, worthOf } from './basket-votes.js';
import { placesMax } from './lending.js';
import { significance } from './significance.js';

/** The signed root of a log-likelihood ratio is about normal: below two it may well be chance. */
const significantRoot = 2;

/** Of the products that were weighed: why, and how surely. */
export interface BasketCauses {
  /** The product in whose baskets each was found most: a seed, or else one that lent its baskets; -1: none. */
  readonly because: Int32Array;
  /** 1 where the baskets with one of the products read hold it significantly more often than all baskets do, by Dunning's ratio. */
  readonly proven: Uint8Array;
  /** Of the baskets read, those that hold it: an order counts one. */
  readonly met: Float32Array;
  /** Reads once more what votes were just gathered from, for the first `count` products. */
  find(count: number): void;
}

export function createBasketCauses(
  index: SessionIndex,
  reading: BasketReading,
  votes: BasketVotes,
): BasketCauses {
  /** By product: its rank and one more. */
  let ranks: Uint8Array = new Uint8Array(1024);
  const given = new Float32Array(weighedMax * placesMax);
  const both = new Float32Array(weighedMax * placesMax);
  const reads = new Float64Array(placesMax);
  const because = new Int32Array(weighedMax);
  const proven = new Uint8Array(weighedMax);
  const met = new Float32Array(weighedMax);

  function readBasket(basket: number): void {
    const { matchedPlace, shares } = reading;
    const slot = reading.slots[basket]!;
    const start = index.sessionStart[slot]!;
    const end = start + index.sessionLength[slot]!;
    const matched = reading.match(start, end);
    const kind = reading.kindOf(basket);
    const worth = worthOf(reading, basket, end - start);
    for (let match = 0; match < matched; match++) reads[matchedPlace[match]!]! += kind;
    for (let at = start; at < end; at++) {
      const rank = ranks[index.sessionCells[at]!]! - 1;
      if (rank < 0) continue;
      for (let match = 0; match < matched; match++) {
        const place = matchedPlace[match]!;
        given[rank * placesMax + place]! += shares[place]! * worth;
        both[rank * placesMax + place]! += kind;
      }
    }
  }

  function judge(rank: number): void {
    const item = votes.items[rank]!;
    const { sessions, itemSessions } = index;
    let most = 0;
    let isSeed = false;
    because[rank] = -1;
    proven[rank] = 0;
    met[rank] = 0;
    for (let place = 0; place < reading.places; place++) {
      const at = rank * placesMax + place;
      // What lends is in all of its own baskets.
      if (both[at] === 0 || reading.items[place] === item) continue;
      met[rank]! += both[at]!;
      if (proven[rank] === 0) {
        const root = significance(both[at]!, reads[place]!, itemSessions[item]!, sessions + assumedBaskets);
        proven[rank] = Number(root >= significantRoot);
      }
      // Those that lend are named where no basket with a seed says it.
      if (given[at]! <= most || (place >= reading.seeds && isSeed)) continue;
      isSeed = place < reading.seeds;
      most = given[at]!;
      because[rank] = reading.items[place]!;
    }
  }

  return {
    because,
    proven,
    met,
    find(count) {
      if (ranks.length < index.items) ranks = grownUint8(ranks, index.items);
      given.fill(0, 0, count * placesMax);
      both.fill(0, 0, count * placesMax);
      reads.fill(0);
      reading.mark();
      for (let rank = 0; rank < count; rank++) ranks[votes.items[rank]!] = rank + 1;
      for (let basket = 0; basket < reading.count; basket++) readBasket(basket);
      for (let rank = 0; rank < count; rank++) {
        judge(rank);
        ranks[votes.items[rank]!] = 0;
      }
      reading.unmark();
    },
  };
}
