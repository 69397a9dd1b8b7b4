/** Ranks that the figures look at: the first page of most shops. */
export const depth = 10;

/** How fast attention falls by rank: a shopper goes on to the next result with this probability. Value of Webber, Moffat & Zobel 2010, section 5. */
const persistence = 0.9;

/** The share of the first ten that both lists have, 0 to 1. Two empty lists are equal. */
export function overlapAt10(before: readonly string[], after: readonly string[]): number {
  return agreement(before, after, depth);
}

/**
 * Rank-biased overlap of the first ten (Webber, Moffat & Zobel 2010, "A similarity measure for indefinite rankings"), divided by its highest
 * value at this depth: 0 to 1. A change at the top counts more than one further below.
 */
export function rankBiasedOverlap(before: readonly string[], after: readonly string[]): number {
  let [sum, weights] = [0, 0];
  for (let d = 1; d <= depth; d++) {
    const weight = persistence ** (d - 1);
    sum += weight * agreement(before, after, d);
    weights += weight;
  }
  return sum / weights;
}

function agreement(before: readonly string[], after: readonly string[], d: number): number {
  const [a, b] = [before.slice(0, d), after.slice(0, d)];
  const longest = Math.max(a.length, b.length);
  if (longest === 0) return 1;
  const known = new Set(a);
  return b.filter((id) => known.has(id)).length / longest;
}
