import { grownFloat32, grownInt32 } from '../models/block-arena.js';
import { clicksPerSessionMax, type SessionIndex } from '../models/session-index.js';
import type { Alike, BasketReading } from './basket-reading.js';
import { bestPlaces } from './best-places.js';
import { borrowersMax } from './lending.js';

/** Products that are weighed for one answer. */
export const weighedMax = 100;

export const featureNames = ['together', 'beside', 'last', 'next', 'popular', 'alike'] as const;
export const featureCount = featureNames.length;
/** The features that are shares of votes. */
const voteCount = 4;
const [besideAt, lastAt, nextAt, popularAt, alikeAt] = [1, 2, 3, 4, 5];

/** Lines apart that still count as beside each other, and as put in next. */
const besideMax = 5;
const nextMax = 10;
/** What was put in just before the newest product counts so much of what came just after. */
const beforeNext = 0.3;
/**
 * Baskets that every shop is assumed to have seen: without them the first orders of a new shop, which hold everything that
 * was ever bought, would prove nothing.
 */
export const assumedBaskets = 20;
/** A share this small is as good as none. */
const floor = 1e-4;
/** What is left of votes that were taken back, so that the product is not found a second time. */
const least = 1e-30;
/** With so many baskets of one product asked with, likeness to it says half as much. */
const likenessHalf = 100;

/** One of fifty lines says little about any two. */
const sizeWeights = Float32Array.from({ length: clicksPerSessionMax + 1 }, (_, size) => size ** -0.75);

/** How much a basket says about the products in it. */
export function worthOf(reading: BasketReading, basket: number, size: number): number {
  return reading.weightOf(basket) * sizeWeights[size]!;
}

/** What baskets say about the products that go with some others. */
export interface BasketVotes {
  /** The products weighed. */
  readonly items: Int32Array;
  /** `featureCount` of each: logarithms, of shares of all votes or of numbers of baskets, and the likeness to what was asked with. */
  readonly features: Float32Array;
  /** Of each product weighed: the largest cosine to one of the newest seeds. */
  readonly likeness: Float32Array;
  /** Asks with distinct products, newest first, at most `seedsMax`; answers how many products were found. */
  gather(seeds: readonly number[], alike: Alike): number;
}

/**
 * Reads the newest baskets that hold the given products, as neighbours of the basket asked about (session-kNN: Ludewig,
 * Jannach 2018, section 3.1; Jannach, Ludewig 2017), and lets each vote for what else it holds. A vote is divided by the
 * votes of all baskets with the given product, so that it is an estimate of the conditional probability, and by a power
 * of the basket's size. `together` counts all votes, `beside` what was put into the basket about the same time, `last` and
 * `next` the votes for the newest of the given products, and what was put in after it.
 */
export function createBasketVotes(index: SessionIndex, reading: BasketReading): BasketVotes {
  const items = new Int32Array(weighedMax);
  const features = new Float32Array(weighedMax * featureCount);
  const likeness = new Float32Array(weighedMax);
  const sums = new Float64Array(voteCount);
  let votes: Float32Array = new Float32Array(1024 * voteCount);
  let voted: Int32Array = new Int32Array(1024);
  let worths: Float32Array = new Float32Array(1024);
  /** By product: its likeness to the seeds. */
  let cosines: Float32Array = new Float32Array(1024);

  function makeRoom(): void {
    if (voted.length > index.items) return;
    votes = grownFloat32(votes, index.items * voteCount);
    voted = grownInt32(voted, index.items + 1);
    worths = grownFloat32(worths, index.items + 1);
    cosines = grownFloat32(cosines, index.items + 1);
  }

  function vote(): number {
    let votedCount = 0;
    for (let basket = 0; basket < reading.count; basket++) votedCount = voteOf(basket, votedCount);
    return votedCount;
  }

  function voteOf(basket: number, votedBefore: number): number {
    const cells = index.sessionCells;
    const { shares, owners, seeds, matchedAt, matchedPlace } = reading;
    const slot = reading.slots[basket]!;
    const start = index.sessionStart[slot]!;
    const size = index.sessionLength[slot]!;
    const end = start + size;
    const matched = reading.match(start, end);
    const worth = worthOf(reading, basket, size);
    let together = 0;
    let last = 0;
    for (let match = 0; match < matched; match++) {
      const place = matchedPlace[match]!;
      together += shares[place]! * worth;
      if (owners[place] === 0) last += shares[place]! * worth;
    }
    let votedCount = votedBefore;
    for (let at = start; at < end; at++) {
      const item = cells[at]!;
      const row = item * voteCount;
      // Without a branch: whether a product was voted for before cannot be foreseen by the processor either.
      voted[votedCount] = item;
      votedCount += Number(votes[row] === 0);
      votes[row]! += together;
    }
    if (last > 0) for (let at = start; at < end; at++) votes[cells[at]! * voteCount + lastAt]! += last;
    for (let match = 0; match < matched; match++) {
      const place = matchedPlace[match]!;
      const at = matchedAt[match]!;
      voteBeside(at, start, end, together);
      if (owners[place] === 0) voteNext(at, start, end, last);
      if (place >= seeds) takeBack(cells[at]! * voteCount, owners[place] === 0, shares[place]! * worth);
    }
    return votedCount;
  }

  /** What lends is in each of its own baskets: that says nothing of the product that it lends them to. */
  function takeBack(row: number, newest: boolean, own: number): void {
    votes[row] = Math.max(least, votes[row]! - own);
    if (newest) votes[row + lastAt] = Math.max(0, votes[row + lastAt]! - own);
  }

  function voteBeside(place: number, start: number, end: number, weight: number): void {
    const cells = index.sessionCells;
    const to = Math.min(end - 1, place + besideMax);
    for (let at = Math.max(start, place - besideMax); at <= to; at++) {
      if (at !== place) votes[cells[at]! * voteCount + besideAt]! += weight / Math.abs(at - place);
    }
  }

  function voteNext(place: number, start: number, end: number, weight: number): void {
    const cells = index.sessionCells;
    const to = Math.min(end - 1, place + nextMax);
    for (let at = Math.max(start, place - nextMax); at <= to; at++) {
      if (at === place) continue;
      const distance = at > place ? at - place : (place - at) / beforeNext;
      votes[cells[at]! * voteCount + nextAt]! += weight / distance;
    }
  }

  /** The products with most votes, those that are in every basket lowered a little, and what is known of them. */
  function weigh(votedCount: number): number {
    const { marks, seeds } = reading;
    sums.fill(0);
    let kept = 0;
    for (let at = 0; at < votedCount; at++) {
      const item = voted[at]!;
      const row = item * voteCount;
      const mark = marks[item]!;
      if (mark === 0 || mark > seeds) {
        for (let column = 0; column < voteCount; column++) sums[column]! += votes[row + column]!;
        voted[kept] = item;
        worths[kept++] = votes[row]! / Math.sqrt(Math.sqrt(index.itemSessions[item]! + 10));
      } else votes.fill(0, row, row + voteCount);
    }
    const count = bestPlaces(worths, kept, weighedMax, items);
    const shade = likenessShade();
    for (let rank = 0; rank < count; rank++) {
      items[rank] = voted[items[rank]!]!;
      describe(rank, shade);
    }
    for (let at = 0; at < kept; at++) {
      const row = voted[at]! * voteCount;
      votes.fill(0, row, row + voteCount);
    }
    return count;
  }

  function describe(rank: number, shade: number): void {
    const item = items[rank]!;
    const row = item * voteCount;
    const into = rank * featureCount;
    for (let column = 0; column < voteCount; column++) {
      const sum = sums[column]!;
      features[into + column] = Math.log((sum > 0 ? votes[row + column]! / sum : 0) + floor);
    }
    const { sessions, itemSessions } = index;
    features[into + popularAt] = Math.log((itemSessions[item]! + 1) / (sessions + assumedBaskets));
    features[into + alikeAt] = shade * cosines[item]!;
    likeness[rank] = cosines[item]!;
  }

  /** The more baskets there are, the less likeness has to say beside them. */
  function likenessShade(): number {
    if (reading.seeds > 1) return 1;
    return likenessHalf / (likenessHalf + (index.itemSessions[reading.items[0]!] ?? 0));
  }

  function note(seeds: readonly number[], alike: Alike): void {
    const newest = Math.min(borrowersMax, seeds.length);
    for (let seed = 0; seed < newest; seed++) {
      const { items: others, scores, length } = alike(seeds[seed]!);
      for (let at = 0; at < length; at++) {
        const other = others[at]!;
        if (other < index.items) cosines[other] = Math.max(cosines[other]!, scores[at]!);
      }
    }
  }

  function forget(seeds: readonly number[], alike: Alike): void {
    const newest = Math.min(borrowersMax, seeds.length);
    for (let seed = 0; seed < newest; seed++) {
      const { items: others, length } = alike(seeds[seed]!);
      for (let at = 0; at < length; at++) if (others[at]! < index.items) cosines[others[at]!] = 0;
    }
  }

  return {
    items,
    features,
    likeness,
    gather(seeds, alike) {
      reading.read(seeds, alike);
      if (reading.count === 0) return 0;
      makeRoom();
      reading.mark();
      note(seeds, alike);
      const count = weigh(vote());
      forget(seeds, alike);
      reading.unmark();
      return count;
    },
  };
}
