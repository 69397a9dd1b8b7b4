import type { Taste } from '../../../../src/ports/search.js';

/** How many of the best by words are ordered more closely, by taste too. The same for every page, so that pages fit together. */
export const refinedMax = 200;

/** Taste may move a product within its tier by at most this factor, either way. */
export const tasteFactorMax = 1.3;

/** A factor from 1/1.3 to 1.3 by how much more this shopper cares for the product, its brand and the best of its categories. */
export function tasteFactor(
  taste: Taste,
  productId: string,
  brand: string,
  categoryIds: Iterable<string>,
): number {
  let factor = taste.products.get(productId) ?? 1;
  factor *= taste.brands.get(brand) ?? 1;
  let category = 0;
  for (const id of categoryIds) category = Math.max(category, taste.categories.get(id) ?? 0);
  if (category > 0) factor *= category;
  return Math.min(tasteFactorMax, Math.max(1 / tasteFactorMax, factor));
}
