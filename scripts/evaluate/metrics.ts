/**
 * Counts ranks (from 1; 0: not ranked) up to a cutoff, and what was shown. Each query has one right answer, so the
 * hit rate is what the session papers call P@k or recall.
 */
export function createRankTally(cutoff: number, catalogSize: number) {
  const shown = new Float64Array(catalogSize);
  let queries = 0;
  let hits = 0;
  let reciprocal = 0;
  let discounted = 0;
  let shownTotal = 0;

  return {
    add(rank: number, list: ArrayLike<number>): void {
      queries++;
      if (rank > 0 && rank <= cutoff) {
        hits++;
        reciprocal += 1 / rank;
        discounted += 1 / Math.log2(1 + rank);
      }
      for (let place = 0; place < Math.min(cutoff, list.length); place++) {
        shown[list[place]!]!++;
        shownTotal++;
      }
    },
    hitRate: () => hits / queries,
    reciprocalRank: () => reciprocal / queries,
    ndcg: () => discounted / queries,
    /** Share of all items that were shown at least once. */
    coverage: () => shown.reduce((sum, times) => sum + (times > 0 ? 1 : 0), 0) / catalogSize,
    /** Share of all places that went to the one percent of items shown most. */
    concentration(): number {
      const top = Math.ceil(catalogSize / 100);
      const sorted = shown.slice().sort().reverse();
      return sorted.subarray(0, top).reduce((sum, times) => sum + times, 0) / Math.max(1, shownTotal);
    },
  };
}

/** The rank of an item, from 1, every equal score counted against it; 0 if it is not in the list. */
export function rankOf(items: ArrayLike<number>, scores: ArrayLike<number>, target: number): number {
  let at = 0;
  while (at < items.length && items[at] !== target) at++;
  if (at === items.length) return 0;
  let rank = 0;
  for (let place = 0; place < items.length; place++) if (scores[place]! >= scores[at]!) rank++;
  return rank;
}
