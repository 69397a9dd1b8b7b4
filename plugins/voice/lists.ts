import type { Context } from '../../src/context.js';
import { formatAmount } from '../../src/money.js';
import type { Catalog, Product } from '../../src/ports/catalog.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { Recommendation, Recommendations } from '../../src/ports/recommendations.js';
import type { ProductFilterInput, Search } from '../../src/ports/search.js';
import { type ListSource, type SpokenSet, setsMax } from './conversations.js';
import { spokenProducts } from './products.js';

/** Products that are said at once; more cannot be kept in mind (Amazon's guide to voice design). */
export const setSize = 3;
/** Matches that a list of recommendations is limited to. */
const matchesMax = 1_000;

export interface FoundList {
  /** Each has at most `setSize` products; none if nothing was found. */
  readonly sets: readonly SpokenSet[];
  /** The products of the first set. */
  readonly products: readonly Product[];
  /** The same as recommendations, with their reasons; null if they were searched for. */
  readonly recommended: readonly Recommendation[] | null;
  readonly cursor: string | null;
  readonly personalized: boolean;
  readonly correctedQuery: string | null;
}

export interface Lists {
  /** The products that a source has. `after`: the cursor of the recommendation before. */
  list(shopper: Shopper, source: ListSource, after?: string | null): Promise<FoundList>;
  /** Recommendations beside a search without results. */
  instead(shopper: Shopper): Promise<FoundList>;
  /** The products that everybody finds, without anything personal: for when recommendations do not respond. */
  forEverybody(context: Context, source: ListSource): Promise<FoundList>;
}

export function createLists(catalog: Catalog, search: Search, recommendations: Recommendations): Lists {
  async function find(shopper: Shopper, { query, option, priceMaxMinor }: ListSource): Promise<FoundList> {
    const text = [query, option].filter((part) => part !== null).join(' ');
    const { ids, personalized, correctedQuery } = await search.forShopper(shopper, text, {
      limit: setSize * setsMax,
      filter: filterOf(priceMaxMinor, shopper),
      // A colour that no product has must not find products of other colours.
      searchAsWritten: option !== null,
    });
    return found(await spokenProducts(catalog, ids), { personalized, correctedQuery });
  }

  /** Ids of products that the words of the source name; null: it has none. */
  async function matches(shopper: Shopper, source: ListSource): Promise<readonly string[] | null> {
    const { query, option } = source;
    if (query === null && option === null) return null;
    const text = [query, option].filter((part) => part !== null).join(' ');
    const searchAsWritten = option !== null;
    return (await search.forShopper(shopper, text, { limit: matchesMax, searchAsWritten })).ids;
  }

  async function recommend(
    shopper: Shopper,
    placement: string,
    filter: ProductFilterInput,
    after: string | null,
  ): Promise<FoundList> {
    const { decisionId, items, personalized, endCursor, hasNext } = await recommendations.recommend(shopper, {
      placement,
      first: setSize,
      productId: null,
      cart: [],
      after,
      filter: Object.keys(filter).length > 0 ? filter : null,
    });
    const recommended = items.filter(({ product }) => product.speakable);
    const products = recommended.map(({ product }) => product);
    return {
      sets: products.length === 0 ? [] : [{ decisionId, productIds: products.map(({ id }) => id) }],
      products,
      recommended,
      cursor: hasNext ? endCursor() : null,
      personalized,
      correctedQuery: null,
    };
  }

  return {
    async list(shopper, source, after = null) {
      if (source.kind === 'FIND') return find(shopper, source);
      const ids = await matches(shopper, source);
      if (ids !== null && ids.length === 0) return found([], { personalized: false, correctedQuery: null });
      const filter = { ...filterOf(source.priceMaxMinor, shopper), ...(ids === null ? {} : { ids }) };
      return recommend(shopper, 'home', filter, after);
    },
    instead: (shopper) => recommend(shopper, 'search-empty', {}, null),
    async forEverybody(context, { query, option, priceMaxMinor }) {
      const { ids } = await search.search({
        text: [query, option].filter((part) => part !== null).join(' '),
        filter: {
          ...(catalog.currencies().length > 0 ? { purchasable: true } : {}),
          ...(priceMaxMinor === null ? {} : { priceMaxMinor }),
        },
        sort: 'RELEVANCE',
        facets: [],
        limit: setSize * setsMax,
        offset: 0,
        locale: context.locale,
        currency: context.currency,
        storeId: context.storeId,
        atMs: context.atMs,
        customerGroup: null,
        preferences: null,
        searchAsWritten: option !== null,
        signal: context.signal,
      });
      return found(await spokenProducts(catalog, ids), { personalized: false, correctedQuery: null });
    },
  };
}

function filterOf(priceMaxMinor: number | null, { context }: Shopper): ProductFilterInput {
  return {
    ...(priceMaxMinor === null ? {} : { priceMax: formatAmount(priceMaxMinor, context.currency) }),
    ...(context.storeId === null ? {} : { inStock: true }),
  };
}

function found(
  products: readonly Product[],
  how: Pick<FoundList, 'personalized' | 'correctedQuery'>,
): FoundList {
  const sets: SpokenSet[] = [];
  for (let from = 0; from < products.length; from += setSize)
    sets.push({ decisionId: null, productIds: products.slice(from, from + setSize).map(({ id }) => id) });
  return { ...how, sets, products: products.slice(0, setSize), recommended: null, cursor: null };
}
