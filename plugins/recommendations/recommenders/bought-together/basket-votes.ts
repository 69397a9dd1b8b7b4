import { bestPlaces } from '../../../../src/kit/best-places.js';
import { grownFloat32, grownInt32 } from '../../../../src/kit/grown-arrays.js';
import type { Candidates } from '../../../../src/ports/recommenders.js';
import type { SessionIndex } from '../../session-knn/session-index.js';
import { type Alike, type BasketReading, seedsMax } from './basket-reading.js';

/** Products that are weighed for one answer. */
export const weighedMax = 100;

export const featureNames = ['together', 'last', 'popular', 'alike'] as const;
export const featureCount = featureNames.length;
/** The features that are shares of votes; a product's lie in a row of as many. */
const voteCount = 2;
const rowBits = 1;
const [lastAt, popularAt, alikeAt] = [1, 2, 3];

/**
 * Baskets that every shop is assumed to have seen: without them the first orders of a new shop, which hold everything that
 * was ever bought, would prove nothing.
 */
export const assumedBaskets = 20;
/** A share this small is as good as none. */
const floor = 1e-4;
/** The newest seeds that products are compared with. */
const comparedMax = 5;
/** With so many baskets of one product asked with, likeness to it says half as much. */
const likenessHalf = 100;

/** By baskets with a product; from the largest number on it hardly falls. */
const rarityMax = 65_535;
const rarities = Float64Array.from({ length: rarityMax + 1 }, (_, baskets) => (baskets + 10) ** -0.25);

/**
 * Votes of baskets for the products that go with some others.
 * Reads the newest baskets that hold the given products, as neighbours of the basket asked about (session-kNN: Ludewig,
 * Jannach 2018, section 3.1; Jannach, Ludewig 2017), and lets each vote for what else it holds. A vote is divided by the
 * votes of all baskets with the given product, so that it is an estimate of the conditional probability, and by a power
 * of the basket's size. `together` counts all votes, `last` those for the newest of the given products.
 */
export function createBasketVotes(index: SessionIndex, reading: BasketReading) {
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
    if (voted.length > index.items + seedsMax) return;
    voted = grownInt32(voted, index.items + seedsMax + 1);
    votes = grownFloat32(votes, voted.length << rowBits);
    worths = grownFloat32(worths, voted.length);
    cosines = grownFloat32(cosines, voted.length);
  }

  function vote(): number {
    const { count, seeds, shares, lines, sizes, worths, matchEnds, matchPlaces } = reading;
    const [tally, order] = [votes, voted];
    let votedCount = 0;
    let match = 0;
    let end = 0;
    for (let basket = 0; basket < count; basket++) {
      const start = end;
      end += sizes[basket]!;
      const worth = worths[basket]!;
      const to = matchEnds[basket]!;
      let together = 0;
      let last = 0;
      for (; match < to; match++) {
        const place = matchPlaces[match]!;
        together += shares[place]! * worth;
        if (place === 0) last += shares[place]! * worth;
      }
      // Of one product all that is said is said of the newest: `weigh` copies it.
      if (last > 0 && seeds > 1) {
        for (let at = start; at < end; at++) tally[(lines[at]! << rowBits) + lastAt]! += last;
      }
      for (let at = start; at < end; at++) {
        const item = lines[at]!;
        const row = item << rowBits;
        const before = tally[row]!;
        // Without a branch: whether a product was voted for before cannot be foreseen by the processor either.
        order[votedCount] = item;
        votedCount += Number(before === 0);
        tally[row] = before + together;
      }
    }
    return votedCount;
  }

  /** The products with most votes, those that are in every basket lowered a little, and what is known of them. */
  function weigh(votedCount: number): number {
    const { marks, seeds } = reading;
    const { itemSessions } = index;
    const [tally, order, ranked] = [votes, voted, worths];
    let together = 0;
    let last = 0;
    let kept = 0;
    for (let at = 0; at < votedCount; at++) {
      const item = order[at]!;
      if (marks[item] !== 0) continue;
      const row = item << rowBits;
      const own = tally[row]!;
      together += own;
      last += tally[row + lastAt]!;
      order[kept] = item;
      ranked[kept++] = own * rarities[Math.min(rarityMax, itemSessions[item]!)]!;
    }
    if (seeds === 1) last = together;
    sums.set([together, last]);
    const count = bestPlaces(ranked, kept, weighedMax, items);
    const shade = likenessShade();
    for (let rank = 0; rank < count; rank++) {
      const item = order[items[rank]!]!;
      items[rank] = item;
      if (seeds === 1) tally[(item << rowBits) + lastAt] = tally[item << rowBits]!;
      describe(rank, shade);
    }
    clear(kept);
    return count;
  }

  /** All of them where that touches less memory than those voted for. */
  function clear(kept: number): void {
    const [tally, order] = [votes, voted];
    if (kept > index.items >> 4) {
      tally.fill(0, 0, index.items << rowBits);
      return;
    }
    for (let place = 0; place < reading.seeds; place++) order[kept + place] = reading.items[place]!;
    for (let at = 0; at < kept + reading.seeds; at++) {
      const row = order[at]! << rowBits;
      tally[row] = 0;
      tally[row + lastAt] = 0;
    }
  }

  function describe(rank: number, shade: number): void {
    const item = items[rank]!;
    const row = item << rowBits;
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

  function note(rows: readonly Candidates[]): void {
    for (const { items: others, scores, length } of rows) {
      for (let at = 0; at < length; at++) {
        const other = others[at]!;
        const score = scores[at]!;
        if (other < index.items && cosines[other]! < score) cosines[other] = score;
      }
    }
  }

  function forget(rows: readonly Candidates[]): void {
    for (const { items: others, length } of rows)
      for (let at = 0; at < length; at++) if (others[at]! < index.items) cosines[others[at]!] = 0;
  }

  return {
    /** The products weighed. */
    items,
    /** `featureCount` of each: logarithms, of shares of all votes or of numbers of baskets, and the likeness to what was asked with. */
    features,
    /** Of each product weighed: the largest cosine to one of the newest seeds. */
    likeness,
    /** Asks with distinct products, newest first, at most `seedsMax`; answers how many products were found. */
    gather(seeds: readonly number[], alike: Alike): number {
      reading.read(seeds);
      if (reading.count === 0) return 0;
      makeRoom();
      reading.mark();
      const rows = seeds.slice(0, comparedMax).map((seed) => alike(seed));
      note(rows);
      const count = weigh(vote());
      forget(rows);
      reading.unmark();
      return count;
    },
  };
}

export type BasketVotes = ReturnType<typeof createBasketVotes>;
