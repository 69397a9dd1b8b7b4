import type { Catalog } from '../../src/ports/catalog.js';
import type { Permit } from '../../src/ports/consent.js';
import type { Events, EventType } from '../../src/ports/events.js';
import { countsInHistory } from '../../src/ports/product-status.js';
import type { Preferences } from '../../src/ports/search.js';

const historyMax = 200;
const productsMax = 60;
/** An event weighs half as much as one that is this many days newer. */
const halfLifeDays = 14;
const dayMs = 86_400_000;
/** The boost of a brand or category that the whole history is about. */
const strength = 0.3;

const weightOf: Readonly<Partial<Record<EventType, number>>> = {
  PRODUCT_VIEWED: 1,
  SEARCH_RESULT_CLICKED: 1,
  RECOMMENDATION_CLICKED: 1,
  WISHLIST_ADDED: 2,
  PRODUCT_ADDED_TO_CART: 3,
  ORDER_COMPLETED: 4,
};
const types = [...(Object.keys(weightOf) as EventType[]), 'PRODUCT_DISMISSED'] as const;

/**
 * The shopper's preferences, from what they viewed and bought lately; null if they have not done
 * anything yet.
 */
export function createPreferences(
  events: Events,
  catalog: Catalog,
): (permit: Permit<'PERSONALIZATION'>) => Promise<Preferences | null> {
  return async (permit) => {
    const { shopper } = permit;
    const { role } = shopper.context.caller;
    const { numberOf, brand: brandOf, categories: categoriesOf, status } = catalog.shelf;
    const history = await events.history(permit, { limit: historyMax, types });
    const weights = new Map<string, number>();
    const dismissed = new Set<string>();
    for (const { type, productIds, atMs } of history) {
      const age = Math.max(0, shopper.context.atMs - atMs) / dayMs;
      const weight = (weightOf[type] ?? 0) * 0.5 ** (age / halfLifeDays);
      for (const id of productIds) {
        if (type === 'PRODUCT_DISMISSED') dismissed.add(id);
        else if (weights.has(id) || weights.size < productsMax)
          weights.set(id, (weights.get(id) ?? 0) + weight);
      }
    }
    if (weights.size === 0 && dismissed.size === 0) return null;
    const brands = new Map<string, number>();
    const categories = new Map<string, number>();
    let total = 0;
    for (const [id, weight] of weights) {
      const number = numberOf(id);
      if (number < 0 || dismissed.has(id)) continue;
      if (!countsInHistory(role, status(number))) continue;
      total += weight;
      const brand = brandOf(number);
      if (brand !== null) brands.set(brand, (brands.get(brand) ?? 0) + weight);
      for (const category of categoriesOf(number))
        categories.set(category, (categories.get(category) ?? 0) + weight);
    }
    const asFactors = (counted: ReadonlyMap<string, number>): Map<string, number> =>
      new Map([...counted].map(([name, weight]) => [name, 1 + strength * (weight / total)]));
    return {
      brands: asFactors(brands),
      categories: asFactors(categories),
      products: new Map([...dismissed].map((id) => [id, 0.5])),
    };
  };
}
