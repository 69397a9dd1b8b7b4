import type { Shelf } from '../../src/ports/catalog.js';
import type { Fused } from './fusion.js';
import type { TieOrder } from './recommenders/candidates.js';

/** So many of the best that are left compete for the next place. */
const windowMax = 40;
/** A product of the same category is half as much alike as one of the same brand and category. */
const categoryPart = 0.5;

/**
 * Places the best first, each weighed against those placed before, after maximal marginal relevance (Carbonell,
 * Goldstein 1998): score / (1 + diversity · likeness), where likeness counts the products above of the same
 * brand and, by half, of the same first category. Scores become the weighed ones, which never rise down the list.
 * `place` answers whether it took the item; one that it refused is as if it had never been there. Stops at `limit` taken.
 * The order does not depend on `limit`.
 */
export function diversify(
  ranked: Fused[],
  diversity: number,
  shelf: Pick<Shelf, 'brand' | 'categories'>,
  tie: TieOrder,
  limit: number,
  place: (fused: Fused) => boolean,
): void {
  ranked.sort((a, b) => b.score - a.score || tie(a.item, b.item));
  const brands = new Map<string, number>();
  const categories = new Map<string, number>();
  const waiting: {
    readonly fused: Fused;
    readonly brand: string | null;
    readonly category: string | null;
  }[] = [];
  let next = 0;
  let taken = 0;
  while (taken < limit) {
    while (waiting.length < windowMax && next < ranked.length) {
      const fused = ranked[next++]!;
      const { item } = fused;
      waiting.push({ fused, brand: shelf.brand(item), category: shelf.categories(item)[0] ?? null });
    }
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < waiting.length; i++) {
      const { fused, brand, category } = waiting[i]!;
      // Scores only fall by weighing, and those waiting are in order of their own.
      if (fused.score <= bestScore) break;
      const likeness =
        (brand === null ? 0 : (brands.get(brand) ?? 0)) +
        (category === null ? 0 : categoryPart * (categories.get(category) ?? 0));
      const score = fused.score / (1 + diversity * likeness);
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    if (best < 0) return;
    const [{ fused, brand, category }] = waiting.splice(best, 1) as [(typeof waiting)[number]];
    if (!place({ ...fused, score: bestScore })) continue;
    taken++;
    if (brand !== null) brands.set(brand, (brands.get(brand) ?? 0) + 1);
    if (category !== null) categories.set(category, (categories.get(category) ?? 0) + 1);
  }
}
