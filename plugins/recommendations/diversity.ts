import type { Shelf } from '../../src/ports/catalog.js';
import { bestFirst } from './best-first.js';
import type { Pool } from './fusion.js';
import type { TieOrder } from './recommenders/candidates.js';

/** So many of the best that are left compete for the next place. */
const windowMax = 40;
/** A product of the same category is half as much alike as one of the same brand. */
const categoryPart = 0.5;

interface Waiting {
  readonly place: number;
  readonly brand: string | null;
  readonly category: string | null;
  likeness: number;
}

/**
 * Places the best first, each weighed against those placed before, after maximal marginal relevance (Carbonell,
 * Goldstein 1998): score / (1 + diversity · likeness), where likeness counts the products above of the same
 * brand and, by half, of the same first category. The weighed scores never rise down the list, and the order does not depend on
 * `limit`. `take` answers whether it took the place of the pool; one that it refused is as if it had never been there. Stops at `limit` taken.
 */
export function diversify(
  pool: Pick<Pool, 'items' | 'scores' | 'length'>,
  diversity: number,
  shelf: Pick<Shelf, 'brand' | 'categories'>,
  tie: TieOrder,
  limit: number,
  take: (place: number, score: number) => boolean,
): void {
  const { items, scores } = pool;
  const next = bestFirst(scores, pool.length, (a, b) => tie(items[a]!, items[b]!));
  const brands = new Map<string, number>();
  const categories = new Map<string, number>();
  const waiting: Waiting[] = [];

  function queue(place: number): void {
    const brand = shelf.brand(items[place]!);
    const category = shelf.categories(items[place]!)[0] ?? null;
    const likeness =
      (brand === null ? 0 : (brands.get(brand) ?? 0)) +
      (category === null ? 0 : categoryPart * (categories.get(category) ?? 0));
    waiting.push({ place, brand, category, likeness });
  }

  function count({ brand, category }: Waiting): void {
    if (brand !== null) brands.set(brand, (brands.get(brand) ?? 0) + 1);
    if (category !== null) categories.set(category, (categories.get(category) ?? 0) + 1);
    for (const other of waiting) {
      if (brand !== null && other.brand === brand) other.likeness++;
      if (category !== null && other.category === category) other.likeness += categoryPart;
    }
  }

  for (let taken = 0; taken < limit; ) {
    while (waiting.length < windowMax) {
      const place = next();
      if (place === undefined) break;
      queue(place);
    }
    let best = -1;
    let bestScore = 0;
    for (let i = 0; i < waiting.length; i++) {
      const { place, likeness } = waiting[i]!;
      // Weighing only lowers, and those waiting are in order of their own scores.
      if (scores[place]! <= bestScore) break;
      const score = scores[place]! / (1 + diversity * likeness);
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    if (best < 0) return;
    const [chosen] = waiting.splice(best, 1);
    if (!take(chosen!.place, bestScore)) continue;
    taken++;
    count(chosen!);
  }
}
