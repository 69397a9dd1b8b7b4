import type { DriverQuery } from '../../../../src/ports/search-driver.js';
import { preferenceBoost, withRuleFactor } from '../shared/factors.js';
import type { IndexedProduct } from './documents.js';

/** A result with the server's score details. */
export interface RankedProduct extends Pick<IndexedProduct, 'productId' | 'brand' | 'ownCategories'> {
  readonly _rankingScoreDetails?: {
    readonly words?: { readonly matchingWords: number; readonly maxMatchingWords: number };
    readonly typo?: { readonly typoCount: number };
    readonly proximity?: { readonly score: number };
    readonly attribute?: { readonly score: number };
    readonly exactness?: { readonly score: number };
  };
}

/** Keeps the product of all factors below 1, so that no factor crosses tiers. */
const scale = 0.5;

/**
 * Reorders results by the shopper's preferences and the factors of ranking rules, within tiers as in the embedded engine: all words as
 * written, all words, some words. Ties stay in the server's order.
 */
export function byFactors<P extends RankedProduct>(
  products: readonly P[],
  { preferences, changes }: Pick<DriverQuery, 'preferences' | 'changes'>,
): P[] {
  let tier = Number.POSITIVE_INFINITY;
  let within = 1;
  const keyed = products.map((product, place) => {
    const own = Math.min(tier, tierOf(product));
    // The server compares rule by rule. This single number never contradicts its order.
    within = Math.min(own < tier ? 1 : within, closeness(product));
    tier = own;
    const factor = ruleFactor(changes, product);
    const ruled = withRuleFactor(within, factor);
    const boost = preferences
      ? preferenceBoost(preferences, product.productId, product.brand, product.ownCategories)
      : 1;
    return { product, place, value: tier + ruled * boost * scale };
  });
  return keyed.sort((a, b) => b.value - a.value || a.place - b.place).map(({ product }) => product);
}

/** The product of the factors whose target (ids, brands, category) a product is. */
function ruleFactor(
  changes: DriverQuery['changes'],
  { productId, brand, ownCategories }: RankedProduct,
): number {
  let product = 1;
  for (const { filter, categoryIds, effect } of changes) {
    if (typeof effect === 'string') continue;
    const matches =
      (!filter.ids || filter.ids.includes(productId)) &&
      (!filter.brands || filter.brands.includes(brand)) &&
      (!categoryIds || ownCategories.some((id) => categoryIds.includes(id)));
    if (matches) product *= effect.factor;
  }
  return product;
}

/** 2: all words as written; 1: all words, some corrected; 0: some of the words. */
export function tierOf({ _rankingScoreDetails: details }: RankedProduct): number {
  // If all words were required, the details do not count them.
  if (details?.words && details.words.matchingWords < details.words.maxMatchingWords) return 0;
  return (details?.typo?.typoCount ?? 0) === 0 ? 2 : 1;
}

/** The proximity, prominence and exactness of the matched words, 1/8 to 1. */
function closeness({ _rankingScoreDetails: details }: RankedProduct): number {
  const gain = (rule?: { readonly score: number }): number => (1 + (rule?.score ?? 1)) / 2;
  return gain(details?.proximity) * gain(details?.attribute) * gain(details?.exactness);
}
