import type { Catalog } from '../../src/ports/catalog.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Preferences, Search } from '../../src/ports/search.js';
import { plainQuery } from '../../src/ports/search-driver.js';
import { filterOf, purchasableFor } from './query-input/filter-input.js';

interface ShopperSearchParts {
  readonly search: Pick<Search, 'search'>;
  readonly catalog: Catalog;
  readonly consent: Consent;
  preferencesOf(permit: Permit<'PERSONALIZATION'>): Promise<Preferences | null>;
}

/** Searches as the field `Shopper.search` does, for plugins. */
export function createShopperSearch({
  search,
  catalog,
  consent,
  preferencesOf,
}: ShopperSearchParts): Search['forShopper'] {
  return async (shopper, text, { limit, filter, searchAsWritten = false }) => {
    const { currency, locale, storeId, atMs, customerGroup, signal } = shopper.context;
    const permit = await consent.permit(shopper, 'PERSONALIZATION');
    const preferences = permit && (await preferencesOf(permit));
    const answer = await search.search({
      ...plainQuery,
      currency,
      locale,
      storeId,
      atMs,
      customerGroup,
      text,
      searchAsWritten,
      limit,
      preferences,
      signal,
      filter: purchasableFor(catalog, shopper.context, filterOf(filter, currency)),
      requester: { shopper, permit, atMs },
    });
    return { ...answer, personalized: preferences !== null };
  };
}
