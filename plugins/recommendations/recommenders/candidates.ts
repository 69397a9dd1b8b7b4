/**
 * Orders items that are equal otherwise. Numbers differ between two runs of the process, so the answer comes
 * from what the items are.
 */
export type TieOrder = (a: number, b: number) => number;

/** What a recommender proposes: item numbers of the shelf, best first, read up to `length`. */
export interface Candidates {
  readonly items: ArrayLike<number>;
  /** Positive; comparable within this list only. */
  readonly scores: ArrayLike<number>;
  /** The item that contributed most to each, -1 where none did. */
  readonly causes: ArrayLike<number>;
  readonly length: number;
}

export const noCandidates: Candidates = { items: [], scores: [], causes: [], length: 0 };

/** An item that asks for others, e.g. the product of the page or one in the cart. */
export interface Seed {
  readonly item: number;
  /** In (0, 1]. */
  readonly weight: number;
}

interface Tally {
  score: number;
  cause: number;
  causeShare: number;
}

/**
 * Adds up what several seeds propose: an item's score is the weighted sum, its cause the seed that gave most.
 * Seeds themselves are left out. `row` answers the proposals of one item.
 */
export function bySeeds(
  seeds: readonly Seed[],
  limit: number,
  row: (item: number) => Candidates,
  tie: TieOrder,
): Candidates {
  if (seeds.length === 0) return noCandidates;
  const tallies = new Map<number, Tally>();
  for (const seed of seeds) {
    const proposals = row(seed.item);
    for (let i = 0; i < proposals.length; i++) {
      const share = seed.weight * proposals.scores[i]!;
      const tally = tallies.get(proposals.items[i]!);
      if (!tally) {
        tallies.set(proposals.items[i]!, { score: share, cause: seed.item, causeShare: share });
        continue;
      }
      tally.score += share;
      if (share > tally.causeShare) {
        tally.cause = seed.item;
        tally.causeShare = share;
      }
    }
  }
  for (const seed of seeds) tallies.delete(seed.item);
  const best = [...tallies].sort((a, b) => b[1].score - a[1].score || tie(a[0], b[0])).slice(0, limit);
  return {
    items: best.map(([item]) => item),
    scores: best.map(([, tally]) => tally.score),
    causes: best.map(([, tally]) => tally.cause),
    length: best.length,
  };
}
