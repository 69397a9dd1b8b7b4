import type { Preferences } from '../../../../src/ports/search.js';

/** The number of best results that preferences reorder. The same for every page, so that pages fit together. */
export const refinedMax = 200;

/** Preferences move a product within its tier by at most this factor, up or down. */
export const boostMax = 1.3;

/** A factor from 1/1.3 to 1.3: the shopper's preference for the product, its brand and the best of its categories. */
export function preferenceBoost(
  preferences: Preferences,
  productId: string,
  brand: string,
  categoryIds: Iterable<string>,
): number {
  let factor = preferences.products.get(productId) ?? 1;
  factor *= preferences.brands.get(brand) ?? 1;
  let category = 0;
  for (const id of categoryIds) category = Math.max(category, preferences.categories.get(id) ?? 0);
  if (category > 0) factor *= category;
  return Math.min(boostMax, Math.max(1 / boostMax, factor));
}

/**
 * Applies the factor of ranking rules to a score within a tier, from 0 to 1. It multiplies the odds, so that a product moves among those that
 * match equally well and never leaves its tier. The best match has even odds: there is as much room above it as below.
 */
export function withRuleFactor(score: number, factor: number): number {
  const share = score / 2;
  return (share * factor) / (1 + share * (factor - 1));
}
