import type { DriverQuery } from '../../../../src/ports/search-driver.js';
import { tasteFactor } from '../shared/preference-boost.js';
import type { IndexedProduct } from './documents.js';

/** What the server tells about why it put a product where it did. */
export interface RankedProduct extends Pick<IndexedProduct, 'productId' | 'brand' | 'ownCategories'> {
  readonly _rankingScoreDetails?: {
    readonly words?: { readonly matchingWords: number; readonly maxMatchingWords: number };
    readonly typo?: { readonly typoCount: number };
    readonly proximity?: { readonly score: number };
    readonly attribute?: { readonly score: number };
    readonly exactness?: { readonly score: number };
  };
}

/** Keeps the product of all factors below 1, so that tiers stay apart. */
const scale = 0.5;

/**
 * The same products in the order of this shopper's taste and the factors of ranking rules: they move products among those that match
 * equally well (all words as written, all words, some), as in the embedded engine, and leave the server's order where they are indifferent.
 */
export function byFactors<P extends RankedProduct>(
  products: readonly P[],
  { taste, changes }: Pick<DriverQuery, 'taste' | 'changes'>,
): P[] {
  let tier = Number.POSITIVE_INFINITY;
  let within = 1;
  const keyed = products.map((product, place) => {
    const own = Math.min(tier, tierOf(product));
    // The server compares rule by rule; this is one number that never contradicts its order.
    within = Math.min(own < tier ? 1 : within, closeness(product));
    tier = own;
    const factor = ruleFactor(changes, product);
    // A rule multiplies the odds, so that it never moves a product past its tier; the best match has even odds.
    const share = within / 2;
    const ruled = (share * factor) / (1 + share * (factor - 1));
    const liked = taste ? tasteFactor(taste, product.productId, product.brand, product.ownCategories) : 1;
    return { product, place, value: tier + ruled * liked * scale };
  });
  return keyed.sort((a, b) => b.value - a.value || a.place - b.place).map(({ product }) => product);
}

/** By the targets that ranking rules have: ids, brands and categories. */
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

/** 2: all words as written; 1: all words, some mended; 0: some of the words. */
export function tierOf({ _rankingScoreDetails: details }: RankedProduct): number {
  // Where all words were demanded, the server does not say that they are there.
  if (details?.words && details.words.matchingWords < details.words.maxMatchingWords) return 0;
  return (details?.typo?.typoCount ?? 0) === 0 ? 2 : 1;
}

/** How near together, how prominently and how exactly the words stand, 1/8 … 1. */
function closeness({ _rankingScoreDetails: details }: RankedProduct): number {
  const gain = (rule?: { readonly score: number }): number => (1 + (rule?.score ?? 1)) / 2;
  return gain(details?.proximity) * gain(details?.attribute) * gain(details?.exactness);
}
