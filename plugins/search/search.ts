import { RapportError } from '../../src/errors.js';
import type { Reactions } from '../../src/facts.js';
import type { Host, ReadContributions } from '../../src/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import type { Merchandising, Synonym } from '../../src/ports/merchandising.js';
import type { Search, SearchAnswer, SearchQuery, Suggestion } from '../../src/ports/search.js';
import {
  type CompletionOptions,
  type DriverQuery,
  type EngineAnswer,
  plainQuery,
  type SearchDriver,
} from '../../src/ports/search-driver.js';
import type { Store } from '../../src/ports/store.js';
import { namedByCode } from './code-match.js';
import { liveCatalog } from './index-sync/documents.js';
import { createLocalSync } from './index-sync/local-sync.js';
import { createServerSync } from './index-sync/server-sync.js';
import { createCircuitBreaker } from './outage/circuit-breaker.js';
import { createFallback } from './outage/fallback.js';
import { inOrder, onlyIn, publishedCollection } from './query-input/collection-filter.js';
import { filterOf, purchasableFor } from './query-input/filter-input.js';
import { pricePhraseIn } from './query-input/price-phrases.js';
import { checkQuery, createQueryWarnings, limitMax } from './query-input/query-checks.js';
import { createReplacements } from './query-input/replacements.js';
import type { QueryLog } from './query-log/query-log.js';
import { createRuledSearch, type FoundProducts } from './ranking-rules.js';
import { createSuggestions } from './suggestions/suggestions.js';

export const suggestionsMax = 20;
const dayMs = 86_400_000;

interface SearchParts {
  readonly driver: SearchDriver;
  readonly catalog: Catalog;
  readonly merchandising: Merchandising;
  readonly log: QueryLog;
  readonly store: Store;
  readonly host: Host;
  /** If omitted, there are none. */
  readonly contributions?: ReadContributions;
}

export interface RunningSearch {
  readonly port: Omit<Search, 'forShopper'>;
  /** The currency of most prices, for listings without a shopper. */
  currency(): string;
  /** The parts of a synonym that the search engine in use cannot apply. */
  limitsOf(synonym: Synonym): readonly string[];
  /** Begins to fill a new index from the catalog, beside the one that serves; false while that is going on. */
  rebuild(): Promise<boolean>;
  readonly reactions: Reactions;
  start(): Promise<void>;
  /** Rejects if searches are degraded now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The parts above every driver: checks, index sync, synonyms, ranking rules, suggestions. */
export function createSearch({
  driver,
  catalog,
  merchandising,
  log,
  store,
  host,
  contributions = () => [],
}: SearchParts): RunningSearch {
  const sync = driver.live
    ? createLocalSync(driver, catalog, host)
    : createServerSync(driver, catalog, store, host);
  if (driver.live) {
    catalog.readAtStart((pages) => {
      driver.connect(liveCatalog(catalog));
      return sync.start(pages);
    });
  }
  const breaker = createCircuitBreaker(host);
  const fallback = createFallback(catalog, host);
  const replacements = createReplacements();
  let rules: ReturnType<typeof contributions<'rankingRule'>> = [];
  let sources: ReturnType<typeof contributions<'suggestionSource'>> = [];
  const ruled = createRuledSearch({
    rules: () => rules,
    catalog,
    clock: host.clock,
    clickedFor: log.clickedFor,
    answer: answerOrdered,
  });
  const suggestions = createSuggestions({
    engine: { search: answerOrdered, complete },
    log,
    merchandising,
    catalog,
    clock: host.clock,
    visibility: ruled.visibility,
    sources: () => sources,
  });
  const warningsOf = createQueryWarnings({
    catalog,
    countFacets: async (facets, { locale, currency }) =>
      (await answerOrdered({ ...plainQuery, facets, locale, currency })).facets,
  });
  let stopSynonyms = (): void => undefined;
  let changedSynonyms = true;

  /** Many synonyms may be saved before the next search. */
  function takeSynonyms(): void {
    if (!changedSynonyms) return;
    changedSynonyms = false;
    const all = merchandising.allSynonyms();
    driver.setSynonyms(all);
    fallback.setSynonyms(all);
    replacements.set(all);
  }

  async function search(query: SearchQuery): Promise<SearchAnswer> {
    checkQuery(query);
    sync.checkCategories();
    takeSynonyms();
    const { text, terms } = query.searchAsWritten
      ? { text: query.text, terms: [] }
      : replacements.in(query.text, query.locale);
    const meant = terms.length === 0 ? query : { ...query, text };
    const found = (await searchByPrice(meant)) ?? (await searchWords(meant));
    const answer =
      terms.length === 0
        ? found
        : { ...found, appliedSynonyms: [...new Set([...terms, ...found.appliedSynonyms])] };
    // A catalog scan counts no facets, so that they say nothing about the query.
    return { ...answer, warnings: answer.degraded ? [] : await warningsOf(query, answer) };
  }

  /**
   * Uses a price in words as a filter; null if the query states none, or if nothing has such a price. That is decided without the shopper's
   * filter, so that a filter never changes what the query means.
   */
  async function searchByPrice(query: SearchQuery): Promise<FoundProducts | null> {
    const stated = query.searchAsWritten ? null : pricePhraseIn(query.text, query.locale, query.currency);
    if (!stated) return null;
    const { text, phrase, minMinor, maxMinor } = stated;
    const low = highest(query.filter.priceMinMinor ?? null, minMinor);
    const high = lowest(query.filter.priceMaxMinor ?? null, maxMinor);
    const filter = { ...query.filter, priceMinMinor: low, priceMaxMinor: high };
    const found = await searchWords({ ...query, text, filter });
    if (found.total === 0) {
      const anyFilter = { priceMinMinor: minMinor, priceMaxMinor: maxMinor };
      const any = await searchWords({ ...query, text, filter: anyFilter, facets: [], limit: 0, offset: 0 });
      if (any.total === 0) return null;
    }
    const { correctedQuery } = found;
    return {
      ...found,
      statedPrice: { minMinor, maxMinor },
      correctedQuery: correctedQuery && `${correctedQuery} ${phrase}`,
    };
  }

  async function searchWords(query: SearchQuery): Promise<FoundProducts> {
    const { categoryId, collectionId = null } = query.filter;
    const categoryIds = (categoryId ?? null) === null ? null : catalog.descendants(categoryId!);
    const collection = collectionId === null ? null : publishedCollection(catalog, collectionId);
    const isListing = query.text.trim() === '' && query.sort === 'RELEVANCE';
    const driverQuery: DriverQuery = {
      ...query,
      categoryIds,
      atMs: query.atMs ?? query.requester?.atMs ?? host.clock.nowMs(),
      changes: collectionId === null ? [] : [onlyIn(collection, catalog)],
      order: isListing ? collection?.productIds : undefined,
    };
    const isWord = async (): Promise<boolean> => {
      const asWritten = { ...plainQuery, text: query.text, locale: query.locale, searchAsWritten: true };
      return (await answerFrom(asWritten)).total > 0;
    };
    return ruled.search(driverQuery, await namedByCode(catalog, query.text, isWord));
  }

  function answerOrdered({ order, ...query }: DriverQuery): Promise<EngineAnswer> {
    return order ? inOrder(order, query, answerFrom) : answerFrom(query);
  }

  function answerFrom(query: DriverQuery): Promise<EngineAnswer> {
    return breaker.call(
      async () =>
        (await sync.isFilled())
          ? { ...(await driver.search(query)), degraded: false }
          : fallback.search(query),
      () => fallback.search(query),
    );
  }

  function complete(prefix: string, options: CompletionOptions): Promise<readonly Suggestion[]> {
    return breaker.call(
      async () =>
        (await sync.isFilled()) ? driver.complete(prefix, options) : fallback.complete(prefix, options),
      () => fallback.complete(prefix, options),
    );
  }

  return {
    port: {
      search,
      async passing(input, context, among) {
        const filter = purchasableFor(catalog, context, filterOf(input, context.currency));
        const ids = among?.filter((id) => !filter.ids || filter.ids.includes(id));
        const { currency, locale, storeId, atMs, customerGroup } = context;
        const place = { currency, locale, storeId, atMs, customerGroup };
        return search({
          ...plainQuery,
          ...place,
          sort: 'NEWEST',
          filter: ids ? { ...filter, ids } : filter,
          limit: limitMax,
        });
      },
      async preview(shopper, text, limit) {
        const { context } = shopper;
        const { currency, locale, storeId, atMs, customerGroup } = context;
        const requester = { shopper, permit: null, atMs };
        const filter = purchasableFor(catalog, context, {});
        const place = { currency, locale, storeId, atMs, customerGroup };
        return search({ ...plainQuery, ...place, text, filter, requester, limit });
      },
      frequentQueries(days, limit) {
        const toMs = host.clock.nowMs() + 1;
        return log.report({ fromMs: toMs - days * dayMs, toMs, limit });
      },
      suggest(prefix, options) {
        takeSynonyms();
        const limit = Math.min(suggestionsMax, Math.max(0, Math.floor(options.limit)));
        return suggestions.suggest(prefix, { ...options, limit });
      },
    },
    currency: sync.currency,
    rebuild: sync.rebuild,
    limitsOf(synonym) {
      takeSynonyms();
      return driver.limitsOf(synonym);
    },
    reactions: driver.live
      ? {}
      : {
          'product.changed': ({ ids }) => sync.changed(ids),
          'stock.changed': ({ ids }) => sync.changed(ids),
        },
    async start() {
      rules = contributions('rankingRule');
      sources = contributions('suggestionSource');
      if (!driver.live) driver.connect(liveCatalog(catalog));
      stopSynonyms = merchandising.watch(() => {
        changedSynonyms = true;
      });
      if (!driver.live) await sync.start();
      await log.start(suggestions.isPublished);
    },
    async check() {
      await driver.check();
      if (await sync.isFilled()) return;
      throw new RapportError(
        'unavailable',
        'SEARCH_FILLING',
        'The search server is being filled; until then the shop searches its own index.',
      );
    },
    async close() {
      stopSynonyms();
      suggestions.stop();
      sync.stop();
      fallback.stop();
      await log.close();
    },
  };
}

const highest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);
const lowest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
