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
import { liveCatalog } from './index-sync/documents.js';
import { createFreshness, createServedFreshness } from './index-sync/index-sync.js';
import { createAvailability } from './outage/circuit-breaker.js';
import { createFallback } from './outage/fallback.js';
import { checkQuery, createQueryWarnings } from './query-input/query-checks.js';
import type { QueryLog } from './query-log/query-log.js';
import { createRuledSearch } from './ranking-rules.js';
import { createSuggestions } from './suggestions/suggestions.js';

export const suggestionsMax = 20;

export interface SearchParts {
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
  readonly port: Search;
  /** The currency most products have a price in: of listings for nobody in particular. */
  currency(): string;
  /** What the search engine in use will not do with a synonym. */
  limitsOf(synonym: Synonym): readonly string[];
  /** Begins to fill the index anew from the catalog, beside the one that answers; false while that is being done already. */
  rebuild(): Promise<boolean>;
  readonly reactions: Reactions;
  start(): Promise<void>;
  /** Rejects when it cannot answer as it should now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The rules above every driver: bounds, freshness, synonyms, suggestions. */
export function createSearch({
  driver,
  catalog,
  merchandising,
  log,
  store,
  host,
  contributions = () => [],
}: SearchParts): RunningSearch {
  const freshness = driver.live
    ? createFreshness(driver, catalog, host)
    : createServedFreshness(driver, catalog, store, host);
  const availability = createAvailability(host);
  const fallback = createFallback(catalog, host);
  let rules: ReturnType<typeof contributions<'rankingRule'>> = [];
  let sources: ReturnType<typeof contributions<'suggestionSource'>> = [];
  const ruled = createRuledSearch({ rules: () => rules, catalog, clock: host.clock, answer });
  const suggestions = createSuggestions({
    engine: { search: answer, complete },
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
      (await answer({ ...plainQuery, facets, locale, currency })).facets,
  });
  let stopSynonyms = (): void => undefined;

  async function search(query: SearchQuery): Promise<SearchAnswer> {
    checkQuery(query);
    freshness.notice();
    const { categoryId } = query.filter;
    const categoryIds = (categoryId ?? null) === null ? null : catalog.descendants(categoryId!);
    const answer = await ruled.search({ ...query, categoryIds });
    // A catalog scan counts no facets, so that they say nothing about the query.
    return { ...answer, warnings: answer.degraded ? [] : await warningsOf(query, answer) };
  }

  function answer(query: DriverQuery): Promise<EngineAnswer> {
    return availability.ask(
      async () =>
        (await freshness.isFilled())
          ? { ...(await driver.search(query)), degraded: false }
          : fallback.search(query),
      () => fallback.search(query),
    );
  }

  function complete(prefix: string, options: CompletionOptions): Promise<readonly Suggestion[]> {
    return availability.ask(
      async () =>
        (await freshness.isFilled()) ? driver.complete(prefix, options) : fallback.complete(prefix, options),
      () => fallback.complete(prefix, options),
    );
  }

  return {
    port: {
      search,
      suggest(prefix, options) {
        const limit = Math.min(suggestionsMax, Math.max(0, Math.floor(options.limit)));
        return suggestions.suggest(prefix, { ...options, limit });
      },
    },
    currency: freshness.currency,
    rebuild: freshness.rebuild,
    limitsOf: (synonym) => driver.limitsOf(synonym),
    reactions: driver.live
      ? {}
      : {
          'product.changed': ({ ids }) => freshness.changed(ids),
          'stock.changed': ({ ids }) => freshness.changed(ids),
        },
    async start() {
      rules = contributions('rankingRule');
      sources = contributions('suggestionSource');
      driver.connect(liveCatalog(catalog));
      const takeSynonyms = (): void => {
        const all = merchandising.allSynonyms();
        driver.setSynonyms(all);
        fallback.setSynonyms(all);
      };
      takeSynonyms();
      stopSynonyms = merchandising.watch(takeSynonyms);
      await freshness.start();
      await log.start(suggestions.isPublished);
    },
    async check() {
      await driver.check();
      if (await freshness.isFilled()) return;
      throw new RapportError(
        'unavailable',
        'SEARCH_FILLING',
        'The search server is taking up the catalog; until then the shop answers from its own.',
      );
    },
    async close() {
      stopSynonyms();
      suggestions.stop();
      freshness.stop();
      fallback.stop();
      await log.close();
    },
  };
}
