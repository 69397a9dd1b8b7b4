import { type Candidates, noCandidates, type Seed } from '../../../src/ports/recommenders.js';

/**
 * Orders items that are equal otherwise. Numbers differ between two runs of the process, so the answer comes
 * from what the items are.
 */
export type TieOrder = (a: number, b: number) => number;

/** At most so many products of one recommender, or 150 where it adds up what several products ask for. */
export const proposalsMax = 60;

/** Of each seed where there are several; of the seeds the weightiest. */
const perSeedMax = 30;
const seedsMax = 5;

/**
 * Adds up what several seeds propose: an item's score is the weighted sum, its cause the seed that gave most.
 * Seeds themselves are left out, and only the first five ask. `row` answers the proposals of one item, best first.
 */
export function bySeeds(seeds: readonly Seed[], row: (item: number) => Candidates): Candidates {
  if (seeds.length === 0) return noCandidates;
  const [only] = seeds;
  if (seeds.length === 1) return row(only!.item);
  const places = new Map<number, number>();
  const items: number[] = [];
  const scores: number[] = [];
  const causes: number[] = [];
  const shares: number[] = [];
  // Seeds hold places that no proposal can take.
  for (const seed of seeds) places.set(seed.item, -1);
  for (const seed of seeds.slice(0, seedsMax)) {
    const proposals = row(seed.item);
    const length = Math.min(proposals.length, perSeedMax);
    for (let i = 0; i < length; i++) {
      const item = proposals.items[i]!;
      const share = seed.weight * proposals.scores[i]!;
      const place = places.get(item);
      if (place === undefined) {
        places.set(item, items.length);
        items.push(item);
        scores.push(share);
        causes.push(seed.item);
        shares.push(share);
      } else if (place >= 0) {
        scores[place]! += share;
        if (share > shares[place]!) {
          shares[place] = share;
          causes[place] = seed.item;
        }
      }
    }
  }
  return { items, scores, causes, length: items.length };
}
