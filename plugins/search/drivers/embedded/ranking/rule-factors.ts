import type { DriverQuery, LiveCatalog } from '../../../../../src/ports/search-driver.js';
import { withRuleFactor } from '../../shared/factors.js';
import type { Columns } from '../index/columns.js';
import { createFilter } from '../matching/filter.js';
import { type Found, withinTierMax } from '../matching/find.js';

/** Applies the factors of ranking rules to the keys of found documents. */
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
    const score = (found.keys[place]! - tier) / withinTierMax;
    found.keys[place] = tier + withinTierMax * withRuleFactor(score, factor);
  }
}
