import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog, Product } from '../../../src/ports/catalog.js';
import type { Synonym } from '../../../src/ports/merchandising.js';
import type { Suggestion } from '../../../src/ports/search.js';
import {
  type CompletionOptions,
  type DriverChange,
  type DriverQuery,
  type EngineAnswer,
  indexedMax,
  type SearchDriver,
} from '../../../src/ports/search-driver.js';
import { liveCatalog } from '../index-sync/documents.js';
import { createFreshness } from '../index-sync/index-sync.js';

/** What answers while the search server does not. */
export interface Fallback {
  search(query: DriverQuery): Promise<EngineAnswer>;
  complete(prefix: string, options: CompletionOptions): Promise<readonly Suggestion[]>;
  setSynonyms(synonyms: readonly Synonym[]): void;
  /** Whether an index in this process is ready, so that answers are as good as with the server. */
  isReady(): boolean;
  stop(): void;
}

/** The index of a small catalog is there in a moment: whoever asks first waits for it, so long at most. */
const awaitedMax = 5_000;
const awaitedMs = 1_000;
/** An index that nobody has asked for so long is given up. */
const keptMs = 10 * 60_000;

/**
 * The first question of an outage begins an index in this process, built in slices beside the requests; until it is ready the catalog is scanned.
 * It is kept current, and given up when it was not needed for a while.
 */
export function createFallback(catalog: Catalog, host: Host): Fallback {
  let index: { readonly driver: SearchDriver; stop(): void } | null = null;
  let synonyms: readonly Synonym[] = [];
  let building: Promise<void> | null = null;
  let stopped = false;
  let askedAtMs = 0;

  async function build(): Promise<void> {
    const { open, settings } = await import('../drivers/embedded.js');
    const driver = await open(settings.parse({ snapshot: 'false' }), host);
    const freshness = createFreshness(driver, catalog, host);
    driver.connect(liveCatalog(catalog));
    await freshness.start();
    const stop = (): void => {
      freshness.stop();
      void driver.close();
    };
    if (stopped) stop();
    else {
      driver.setSynonyms(synonyms);
      index = { driver, stop };
    }
  }

  function giveUpLater(): void {
    host.clock.after(keptMs, () => {
      if (stopped || !index) return;
      if (host.clock.nowMs() - askedAtMs < keptMs) giveUpLater();
      else {
        index.stop();
        index = null;
      }
    });
  }

  function begin(): void {
    building = build()
      .then(giveUpLater)
      .catch((error: unknown) =>
        host.log.warn('no index could be built to stand in for the search server', {
          err: describeError(error),
        }),
      )
      .finally(() => {
        building = null;
      });
  }

  async function ready(): Promise<SearchDriver | null> {
    askedAtMs = host.clock.nowMs();
    const { size } = catalog.shelf;
    if (!index && !building && !stopped && size <= indexedMax) begin();
    if (!index && building && size <= awaitedMax) await soon(building);
    return index?.driver ?? null;
  }

  /** Until it has come to an end, for a moment at most. */
  function soon(what: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = host.clock.after(awaitedMs, resolve);
      void what.then(() => {
        cancel();
        resolve();
      });
    });
  }

  return {
    async search(query) {
      const driver = await ready();
      if (!driver) return scanCatalog(catalog, query);
      return { ...(await driver.search(query)), degraded: true };
    },
    complete: async (prefix, options) => (await (await ready())?.complete(prefix, options)) ?? [],
    setSynonyms(all) {
      synonyms = all;
      index?.driver.setSynonyms(all);
    },
    isReady: () => index !== null,
    stop() {
      stopped = true;
      index?.stop();
    },
  };
}

/** How many products are looked at when the search server does not answer. */
const productsMax = 20_000;
const wordsMax = 8;
const notInWords = /[^\p{L}\p{N}\p{M}]+/u;

/**
 * What the catalog alone can answer while the search server is down: products whose title or brand holds every word,
 * narrowed by ids, category, brand and stock, in the catalog's order. No facets, no typos.
 */
export async function scanCatalog(catalog: Catalog, query: DriverQuery): Promise<EngineAnswer> {
  const words = query.text.toLowerCase().split(/\s+/u).filter(Boolean).slice(0, wordsMax);
  const { ids, brands, categoryId, inStock } = query.filter;
  const allowed = (categoryId ?? null) === null ? null : new Set(catalog.descendants(categoryId!));
  const { shelf } = catalog;

  function isAbout(product: Product, { filter, categoryIds }: DriverChange): boolean {
    if (filter.ids && !filter.ids.includes(product.id)) return false;
    if (filter.brands && !filter.brands.includes(product.brand ?? '')) return false;
    return !categoryIds || product.categoryIds.some((id) => categoryIds.includes(id));
  }

  function passes(product: Product): boolean {
    if (product.status !== 'ACTIVE') return false;
    if (ids && !ids.includes(product.id)) return false;
    if (brands && !brands.includes(product.brand ?? '')) return false;
    if (allowed && !product.categoryIds.some((id) => allowed.has(id))) return false;
    if ((inStock ?? null) !== null) {
      const number = shelf.numberOf(product.id);
      const there = query.storeId === null ? shelf.inStock(number) : shelf.inStore(number, query.storeId);
      if (there !== inStock) return false;
    }
    for (const change of query.changes) {
      if (change.effect === 'hide' && isAbout(product, change)) return false;
      if (change.effect === 'only' && !isAbout(product, change)) return false;
    }
    const text = `${product.title} ${product.brand ?? ''}`.toLowerCase();
    if (query.exact !== true) return words.every((word) => text.includes(word));
    const whole = new Set(text.split(notInWords));
    return words.every((word) => whole.has(word));
  }

  const found: string[] = [];
  let seen = 0;
  for await (const page of catalog.scan()) {
    for (const product of page) if (passes(product)) found.push(product.id);
    seen += page.length;
    if (seen >= productsMax) break;
  }
  return {
    ids: found.slice(query.offset, query.offset + query.limit),
    total: found.length,
    facets: [],
    correctedQuery: null,
    appliedSynonyms: [],
    degraded: true,
  };
}
