import { RapportError } from '../../../src/errors.js';
import type { RecommendationQuery } from '../../../src/ports/recommendations.js';
import type { Placement } from '../ranking/placements.js';

const firstMax = 100;
const cartMax = 100;
const excludeMax = 1_000;

/** Throws `invalid` unless a list of this length may be asked for. */
export function checkFirst(first: number): void {
  if (!Number.isInteger(first) || first < 1 || first > firstMax) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_FIRST_INVALID',
      `first must be a whole number from 1 to ${firstMax}, not ${first}`,
      { path: ['first'] },
    );
  }
}

/** Throws `invalid` unless the query names a placement and asks for a list that is allowed. */
export function checkQuery(
  { placement, first, cart, exclude = [], diversity }: RecommendationQuery,
  placements: ReadonlyMap<string, Placement>,
): void {
  if (!placements.has(placement)) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_PLACEMENT_UNKNOWN',
      `there is no placement "${placement.slice(0, 64)}"; there are ${[...placements.keys()].join(', ')}`,
      { path: ['placement'] },
    );
  }
  checkFirst(first);
  if (diversity != null && !(diversity >= 0 && diversity <= 1)) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_DIVERSITY_INVALID',
      `diversity must be a number from 0 to 1, not ${diversity}`,
      { path: ['diversity'] },
    );
  }
  if (exclude.length > excludeMax) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_EXCLUDE_TOO_LONG',
      `exclude may name at most ${excludeMax} products, not ${exclude.length}`,
      { path: ['exclude'] },
    );
  }
  if (cart.length > cartMax) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_CART_TOO_LONG',
      `cart may name at most ${cartMax} products, not ${cart.length}`,
      { path: ['cart'] },
    );
  }
}
