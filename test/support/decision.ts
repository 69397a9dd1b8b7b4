import { createDecisionIds } from '../../plugins/recommendations/serving/decision-id.js';

const decisions = createDecisionIds();

/** The id of a list, as statistics without a key believe it. `of` tells lists with the same products apart. */
export function decisionOf(placement: string, items: readonly string[], of: string | number = ''): string {
  return decisions.idOf({
    placement,
    storeId: null,
    productId: null,
    cart: [String(of)],
    items,
    sessionId: null,
  });
}
