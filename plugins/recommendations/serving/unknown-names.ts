import { type UserError, userError } from '../../../src/errors.js';
import { shownList, shownValue } from '../../../src/kit/shown-value.js';
import type { RecommendationQuery } from '../../../src/ports/recommendations.js';

/**
 * Returns a warning for each part of a query that names something unknown, so that the list is not the one that was meant. It stays no
 * error, because a product can be removed or unpublished while its page is open.
 */
export function unknownNames(
  { productId, cart }: Pick<RecommendationQuery, 'productId' | 'cart'>,
  isKnown: (productId: string) => boolean,
): readonly UserError[] {
  const warnings: UserError[] = [];
  if (productId !== null && !isKnown(productId)) {
    const message = `productId ${shownValue(productId)} is not a product of this shop, so the list is made without a product of the page; ids are case-sensitive`;
    warnings.push(userError('RECOMMENDATIONS_PRODUCT_UNKNOWN', message, ['productId']));
  }
  const unknown = cart.filter((id) => !isKnown(id));
  if (unknown.length > 0) {
    const message = `cart names ${shownList(unknown.map(shownValue))}, which this shop does not have; the list is made without them`;
    warnings.push(userError('RECOMMENDATIONS_CART_UNKNOWN', message, ['cart']));
  }
  return warnings;
}
