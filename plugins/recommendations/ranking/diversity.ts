import { bestFirst } from '../../../src/kit/best-first.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { TieOrder } from '../recommenders/candidates.js';
import type { Pool } from './fusion.js';

/** So many of the best that are left compete for the next place. */
const windowMax = 40;
/** A product of the same category is half as much alike as one of the same brand. */
const categoryPart = 0.5;

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
  if (diversity === 0) {
    for (let taken = 0; taken < limit; ) {
      const place = next();
      if (place === undefined) return;
      if (take(place, scores[place]!)) taken++;
    }
    return;
  }
  const takenBrands: string[] = [];
  const takenCategories: string[] = [];
  const { places, own, brands, categories, likeness } = waitingRoom;
  let waiting = 0;
  let more = true;

  /** Whether one more of the pool could be looked at. */
  function queue(): boolean {
    if (!more || waiting === windowMax) return false;
    const place = next();
    more = place !== undefined;
    if (place === undefined) return false;
    const brand = shelf.brand(items[place]!);
    const category = shelf.categories(items[place]!)[0] ?? null;
    places[waiting] = place;
    own[waiting] = scores[place]!;
    brands[waiting] = brand;
    categories[waiting] = category;
    likeness[waiting] =
      occurrences(takenBrands, brand) + categoryPart * occurrences(takenCategories, category);
    waiting++;
    return true;
  }

  function remove(at: number): void {
    waiting--;
    for (let i = at; i < waiting; i++) {
      places[i] = places[i + 1]!;
      own[i] = own[i + 1]!;
      likeness[i] = likeness[i + 1]!;
      brands[i] = brands[i + 1]!;
      categories[i] = categories[i + 1]!;
    }
  }

  function count(brand: string | null, category: string | null): void {
    if (brand !== null) takenBrands.push(brand);
    if (category !== null) takenCategories.push(category);
    for (let i = 0; i < waiting; i++) {
      if (brand !== null && brands[i] === brand) likeness[i] = likeness[i]! + 1;
      if (category !== null && categories[i] === category) likeness[i] = likeness[i]! + categoryPart;
    }
  }

  for (let taken = 0; taken < limit; ) {
    let best = -1;
    let bestScore = 0;
    for (let i = 0; i < waiting || queue(); i++) {
      // Weighing only lowers, and those waiting are in order of their own scores.
      if (own[i]! <= bestScore) break;
      const score = own[i]! / (1 + diversity * likeness[i]!);
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    if (best < 0) return;
    const place = places[best]!;
    const brand = brands[best]!;
    const category = categories[best]!;
    remove(best);
    if (!take(place, bestScore)) continue;
    taken++;
    count(brand, category);
  }
}

/** Those that wait, best first; one for all calls, which are never inside each other. */
const waitingRoom = {
  places: new Int32Array(windowMax),
  own: new Float64Array(windowMax),
  likeness: new Float64Array(windowMax),
  brands: Array.from({ length: windowMax }, (): string | null => null),
  categories: Array.from({ length: windowMax }, (): string | null => null),
};

/** Lists are short: cheaper than a map. */
function occurrences(names: readonly string[], name: string | null): number {
  if (name === null) return 0;
  let count = 0;
  for (const other of names) if (other === name) count++;
  return count;
}
