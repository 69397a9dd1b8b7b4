import type { DriverQuery, LiveCatalog } from '../../../../../src/ports/search-driver.js';
import type { Columns } from '../index/columns.js';
import { createFilter } from '../matching/filter.js';
import type { Found } from '../matching/find.js';

/** A key is the number of a tier, plus a score within the tier of at most a quarter. */
const withinMax = 0.25;

/**
 * Applies the factors of ranking rules to what was found. A factor multiplies the odds of the key within its tier, so that a product moves
 * among those that match equally well, and never past its tier. The best match has even odds: there is as much room above it as below.
 */
export function applyFactors(columns: Columns, catalog: LiveCatalog, found: Found, query: DriverQuery): void {
  const ruled = query.changes.flatMap(({ filter, categoryIds, effect }) =>
    typeof effect === 'string'
      ? []
      : [
          {
            factor: effect.factor,
            matches: createFilter(columns, catalog, { ...query, filter, categoryIds, changes: [] }),
          },
        ],
  );
  if (ruled.length === 0) return;
  for (const [place, document] of found.documents.entries()) {
    let factor = 1;
    for (const { factor: own, matches } of ruled) if (matches(document)) factor *= own;
    const tier = Math.floor(found.keys[place]!);
    const share = (found.keys[place]! - tier) / withinMax / 2;
    found.keys[place] = tier + (withinMax * share * factor) / (1 + share * (factor - 1));
  }
}
