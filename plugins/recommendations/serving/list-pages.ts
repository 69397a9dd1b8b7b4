import type { Context } from '../../../src/context.js';
import { RapportError } from '../../../src/errors.js';
import {
  type Cursor,
  printOf,
  readCursor,
  rememberedMax,
  writeCursor,
} from '../../../src/kit/listing-cursor.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import type { RecommendationQuery } from '../../../src/ports/recommendations.js';

/** The listing of a cursor. The cart and the products to leave out may change from one list to the next. */
function listingOf({ placement, productId, filter = null }: RecommendationQuery, context: Context): string {
  const { locale, currency, storeId } = context;
  return JSON.stringify(['recommendations', placement, productId, filter, locale, currency, storeId]);
}

/**
 * The place that a list begins after; null for a first one. Throws `invalid` for a cursor of another list, and for one whose list cannot be
 * continued.
 */
export function placeAfter(query: RecommendationQuery, context: Context): Cursor | null {
  const after = query.after ?? '';
  if (after === '') return null;
  const cursor = readCursor(listingOf(query, context), after);
  if (cursor !== null && isContinuable(cursor.place)) return cursor;
  if (cursor !== null)
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_CURSOR_END',
      `after: the list ended after ${cursor.place + 1} products; it is continued up to ${rememberedMax} products, while \`hasNextPage\` is true`,
      { path: ['after'] },
    );
  throw new RapportError(
    'invalid',
    'RECOMMENDATIONS_CURSOR_INVALID',
    `after: ${shownValue(after)} is not a cursor of this list; use \`endCursor\` of a list of the same placement, product, filter, store, language and currency`,
    { path: ['after'] },
  );
}

/** True if a list can be continued after this place: a cursor remembers all products up to it, so that none is shown twice. */
export function isContinuable(place: number): boolean {
  return place + 1 < rememberedMax;
}

/** The place of the last of some products after a place. */
export function lastPlaceOf(after: Cursor | null, count: number): number {
  return (after?.place ?? -1) + count;
}

/** The cursor of a list of these products after a place; null for none. */
export function endCursorOf(
  query: RecommendationQuery,
  context: Context,
  after: Cursor | null,
  productIds: readonly string[],
): string | null {
  if (productIds.length === 0) return null;
  const listed = [...(after?.listed ?? []), ...productIds.map(printOf)].slice(-rememberedMax);
  const place = lastPlaceOf(after, productIds.length);
  return writeCursor(listingOf(query, context), { place, name: '', listed });
}
