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

/** The place that a list begins after; null for a first one. Throws `invalid` for a cursor of another list. */
export function placeAfter(query: RecommendationQuery, context: Context): Cursor | null {
  const after = query.after ?? '';
  if (after === '') return null;
  const cursor = readCursor(listingOf(query, context), after);
  if (cursor !== null) return cursor;
  throw new RapportError(
    'invalid',
    'RECOMMENDATIONS_CURSOR_INVALID',
    `after: ${shownValue(after)} is not a cursor of this list; use \`endCursor\` of a list of the same placement, product, filter, store, language and currency`,
    { path: ['after'] },
  );
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
  const place = (after?.place ?? -1) + productIds.length;
  return writeCursor(listingOf(query, context), { place, name: '', listed });
}
