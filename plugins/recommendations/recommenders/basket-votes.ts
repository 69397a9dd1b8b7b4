import { grownFloat32, grownInt32, grownUint8 } from '../models/block-arena.js';
import { clicksPerSessionMax, type SessionIndex } from '../models/session-index.js';
import { bestPlaces } from './best-places.js';
import { significance } from './significance.js';

/** Products that are asked with, the newest of a cart. */
export const seedsMax = 20;
/** Products that are weighed for one answer. */
export const weighedMax = 100;
/** Lines of baskets that are read for the newest product; for older ones fewer. */
const linesRead = 8_000;
const linesReadMin = 500;

export const featureNames = ['together', 'beside', 'last', 'popular'] as const;
export const featureCount = featureNames.length;
/** The features that are shares of votes. */
const voteCount = 3;

/** What a basket says: nothing any more, less where it was never paid, and what an order says. */
export const basketKinds = { void: 0, cart: 1, order: 2 } as const;
const kindWeights = Float32Array.of(0, 0.3, 1);

/** A basket fades by 1/e over this share of all baskets. */
const fading = 0.3;
const ageSteps = 1024;
/** Lines apart that still count as beside each other. */
const besideMax = 5;
/**
 * Baskets that every shop is assumed to have seen: without them the first orders of a new shop, which hold everything that
 * was ever bought, would prove nothing.
 */
const assumedBaskets = 20;
/** A share this small is as good as none. */
const floor = 1e-4;

export interface Attribution {
  readonly causes: Int32Array;
  readonly roots: Float32Array;
}

/** What baskets say about the products that go with some others. */
export interface BasketVotes {
  /** Those of the seeds that baskets hold, in their order. */
  readonly seeds: Int32Array;
  /** The products weighed. */
  readonly items: Int32Array;
  /** `featureCount` of each: logarithms, of shares of all votes or of numbers of baskets. */
  readonly features: Float32Array;
  /** Asks with distinct products, newest first, at most `seedsMax`; answers how many products were found. */
  gather(seeds: readonly number[]): number;
  /**
   * After `gather`, for each product weighed: which of `seeds` proposed it most, and the largest signed root of the
   * log-likelihood ratio, over the seeds, that the baskets with a seed hold it more often than all baskets do.
   */
  attribute(): Attribution;
}

/**
 * Reads the newest baskets that hold the given products, as neighbours of the basket asked about (session-kNN: Ludewig,
 * Jannach 2018, section 3.1; Jannach, Ludewig 2017), and lets each vote for what else it holds. A vote is divided by the
 * votes of all baskets with the given product, so that it is an estimate of the conditional probability, and by the root of
 * the basket's size, as one of fifty lines says little about any two. `sharp` counts baskets by how much of the asked basket
 * they share, `beside` what was put into the basket about the same time.
 */
export function createBasketVotes(index: SessionIndex, kindOf: (slot: number) => number): BasketVotes {
  const items = new Int32Array(weighedMax);
  const features = new Float32Array(weighedMax * featureCount);
  const slow = new Float32Array(ageSteps + 1);
  for (let step = 0; step <= ageSteps; step++) {
    slow[step] = Math.exp(-step / ageSteps / fading);
  }
  const sizeWeights = Float32Array.from({ length: clicksPerSessionMax + 1 }, (_, size) => size ** -0.75);
  const asked = new Int32Array(seedsMax);
  const shares = new Float64Array(seedsMax);
  const matchedAt = new Int32Array(clicksPerSessionMax);
  const matchedSeed = new Int32Array(clicksPerSessionMax);
  let seedCount = 0;
  let baskets: Int32Array = new Int32Array(1024);
  let basketAges: Int32Array = new Int32Array(1024);
  let basketCount = 0;
  let stamps: Uint8Array = new Uint8Array(1024);
  let marks: Uint8Array = new Uint8Array(1024);
  let votes: Float32Array = new Float32Array(1024 * voteCount);
  let voted: Int32Array = new Int32Array(1024);
  let worth: Float32Array = new Float32Array(1024);
  let ranks: Uint8Array = new Uint8Array(1024);
  let weighed = 0;
  const contributions = new Float32Array(weighedMax * seedsMax);
  const counts = new Float32Array(weighedMax * seedsMax);
  const reads = new Float64Array(seedsMax);
  const causes = new Int32Array(weighedMax);
  const roots = new Float32Array(weighedMax);

  function makeRoom(): void {
    const slots = index.sessionLength.length;
    if (stamps.length < slots) stamps = grownUint8(stamps, slots);
    if (marks.length >= index.items) return;
    marks = grownUint8(marks, index.items);
    ranks = grownUint8(ranks, index.items);
    votes = grownFloat32(votes, index.items * voteCount);
    voted = grownInt32(voted, index.items + 1);
    worth = grownFloat32(worth, index.items + 1);
  }

  /** The newest baskets of each seed, each once, and how much they weigh together. */
  function findBaskets(seeds: readonly number[]): void {
    const { sessionsMax, sessionsPerItem } = index.options;
    const { sessions } = index;
    const oldest = sessions - sessionsMax;
    const ageScale = ageSteps / Math.max(1, Math.min(sessions, sessionsMax));
    seedCount = 0;
    basketCount = 0;
    for (const seed of seeds) {
      if (seedCount === seedsMax) break;
      if (!(seed >= 0 && seed < index.items) || index.itemSessions[seed] === 0) continue;
      const held = index.itemSessions[seed]!;
      const kept = Math.min(held, sessionsPerItem);
      const linesMax = Math.max(linesReadMin, linesRead / (1 + seedCount));
      const start = index.listStart[seed]!;
      let at = (held - 1) % sessionsPerItem;
      let weight = 0;
      let lines = 0;
      for (let read = 0; read < kept && lines < linesMax; read++) {
        const number = index.listCells[start + at]!;
        at = at === 0 ? kept - 1 : at - 1;
        if (number < oldest) continue;
        const slot = number % sessionsMax;
        const kind = kindWeights[kindOf(slot)]!;
        if (kind === 0) continue;
        const age = ((sessions - 1 - number) * ageScale) | 0;
        weight += kind * slow[age]!;
        lines += index.sessionLength[slot]!;
        if (stamps[slot] === 1) continue;
        stamps[slot] = 1;
        if (basketCount === baskets.length) {
          baskets = grownInt32(baskets, 2 * basketCount);
          basketAges = grownInt32(basketAges, 2 * basketCount);
        }
        baskets[basketCount] = slot;
        basketAges[basketCount++] = age;
      }
      asked[seedCount] = seed;
      shares[seedCount] = 1 / (weight + 1);
      marks[seed] = ++seedCount;
    }
    for (let at = 0; at < basketCount; at++) stamps[baskets[at]!] = 0;
  }

  /** How many seeds a basket holds: their places in it and among the seeds go to `matchedAt` and `matchedSeed`. */
  function match(start: number, end: number): number {
    const cells = index.sessionCells;
    let matched = 0;
    for (let at = start; at < end; at++) {
      const mark = marks[cells[at]!]!;
      if (mark === 0) continue;
      matchedAt[matched] = at;
      matchedSeed[matched++] = mark - 1;
    }
    return matched;
  }

  function vote(): number {
    const cells = index.sessionCells;
    let votedCount = 0;
    for (let basket = 0; basket < basketCount; basket++) {
      const slot = baskets[basket]!;
      const start = index.sessionStart[slot]!;
      const size = index.sessionLength[slot]!;
      const matched = match(start, start + size);
      const kind = kindWeights[kindOf(slot)]!;
      let share = 0;
      let newest = 0;
      for (let seed = 0; seed < matched; seed++) {
        const place = matchedSeed[seed]!;
        share += shares[place]!;
        if (place === 0) newest = shares[0]!;
      }
      const faded = kind * slow[basketAges[basket]!]! * sizeWeights[size]!;
      const together = share * faded;
      const last = newest * faded;
      for (let at = start; at < start + size; at++) {
        const item = cells[at]!;
        const row = item * voteCount;
        // Without a branch: whether a product was voted for before cannot be foreseen by the processor either.
        voted[votedCount] = item;
        votedCount += Number(votes[row] === 0);
        votes[row]! += together;
        votes[row + 2]! += last;
      }
      for (let seed = 0; seed < matched; seed++) {
        const place = matchedAt[seed]!;
        const to = Math.min(start + size - 1, place + besideMax);
        for (let at = Math.max(start, place - besideMax); at <= to; at++) {
          if (at !== place) votes[cells[at]! * voteCount + 1]! += together / Math.abs(at - place);
        }
      }
    }
    return votedCount;
  }

  /** The products with most votes, those that are in every basket lowered a little, and what is known of them. */
  function weigh(votedCount: number): number {
    const sums = new Float64Array(voteCount);
    let kept = 0;
    for (let at = 0; at < votedCount; at++) {
      const item = voted[at]!;
      const row = item * voteCount;
      if (marks[item] === 0) {
        for (let column = 0; column < voteCount; column++) sums[column]! += votes[row + column]!;
        voted[kept] = item;
        worth[kept++] = votes[row]! / Math.sqrt(Math.sqrt(index.itemSessions[item]! + 10));
      } else votes.fill(0, row, row + voteCount);
    }
    const count = bestPlaces(worth, kept, weighedMax, items);
    const { sessions, itemSessions } = index;
    for (let place = 0; place < count; place++) {
      const item = voted[items[place]!]!;
      const row = item * voteCount;
      const into = place * featureCount;
      for (let column = 0; column < voteCount; column++) {
        const sum = sums[column]!;
        features[into + column] = Math.log((sum > 0 ? votes[row + column]! / sum : 0) + floor);
      }
      features[into + 3] = Math.log((itemSessions[item]! + 1) / (sessions + assumedBaskets));
      items[place] = item;
    }
    for (let at = 0; at < kept; at++) {
      const row = voted[at]! * voteCount;
      votes.fill(0, row, row + voteCount);
    }
    for (let place = 0; place < seedCount; place++) marks[asked[place]!] = 0;
    return count;
  }

  function attributeBasket(basket: number): void {
    const slot = baskets[basket]!;
    const start = index.sessionStart[slot]!;
    const end = start + index.sessionLength[slot]!;
    const matched = match(start, end);
    const kind = kindWeights[kindOf(slot)]!;
    const faded = kind * slow[basketAges[basket]!]! * sizeWeights[end - start]!;
    for (let seed = 0; seed < matched; seed++) reads[matchedSeed[seed]!]! += kind;
    for (let at = start; at < end; at++) {
      const rank = ranks[index.sessionCells[at]!]! - 1;
      if (rank < 0) continue;
      for (let seed = 0; seed < matched; seed++) {
        const place = matchedSeed[seed]!;
        contributions[rank * seedsMax + place]! += shares[place]! * faded;
        counts[rank * seedsMax + place]! += kind;
      }
    }
  }

  return {
    seeds: asked,
    items,
    features,
    gather(seeds) {
      makeRoom();
      findBaskets(seeds);
      weighed = seedCount === 0 ? 0 : weigh(vote());
      return weighed;
    },
    attribute() {
      contributions.fill(0, 0, weighed * seedsMax);
      counts.fill(0, 0, weighed * seedsMax);
      reads.fill(0);
      for (let place = 0; place < seedCount; place++) marks[asked[place]!] = place + 1;
      for (let rank = 0; rank < weighed; rank++) ranks[items[rank]!] = rank + 1;
      for (let basket = 0; basket < basketCount; basket++) attributeBasket(basket);
      const { sessions, itemSessions } = index;
      for (let rank = 0; rank < weighed; rank++) {
        const from = rank * seedsMax;
        const held = itemSessions[items[rank]!]!;
        causes[rank] = strongest(contributions, from, seedCount);
        roots[rank] = Number.NEGATIVE_INFINITY;
        for (let place = 0; place < seedCount; place++) {
          if (counts[from + place] === 0) continue;
          roots[rank] = Math.max(
            roots[rank]!,
            significance(counts[from + place]!, reads[place]!, held, sessions + assumedBaskets),
          );
        }
        ranks[items[rank]!] = 0;
      }
      for (let place = 0; place < seedCount; place++) marks[asked[place]!] = 0;
      return { causes, roots };
    },
  };
}

function strongest(values: Float32Array, from: number, count: number): number {
  let best = -1;
  let largest = 0;
  for (let place = 0; place < count; place++) {
    if (values[from + place]! <= largest) continue;
    largest = values[from + place]!;
    best = place;
  }
  return best;
}
