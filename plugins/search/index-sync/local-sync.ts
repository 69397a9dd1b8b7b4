import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog, Product } from '../../../src/ports/catalog.js';
import type { SearchDocument, SearchDriver } from '../../../src/ports/search-driver.js';
import { createCategoryChanges } from './category-changes.js';
import { documentOf, documentsOf } from './documents.js';
import { createCurrencyCounter, type IndexSync } from './index-sync.js';

/** For a driver in this process: it has a change before the write is acknowledged. */
export function createLocalSync(driver: SearchDriver, catalog: Catalog, host: Host): IndexSync {
  const currencies = createCurrencyCounter();
  /** During a fill: products that changed since it began, so that the fill does not replace them by older versions. */
  let changedDuringFill: Set<string> | null = null;
  let stopWatching = (): void => undefined;

  async function* documentsIn(
    pages: AsyncIterable<readonly Product[]>,
  ): AsyncGenerator<readonly SearchDocument[]> {
    for await (const page of pages) {
      const unchanged = page.filter(({ id }) => !changedDuringFill?.has(id));
      for (const product of unchanged) currencies.add(product);
      yield await documentsOf(catalog, unchanged, false);
    }
  }

  async function fill(pages = catalog.scan()): Promise<void> {
    changedDuringFill = new Set();
    try {
      await driver.fill(documentsIn(pages));
    } finally {
      changedDuringFill = null;
    }
  }

  async function put(ids: readonly string[]): Promise<void> {
    const products = await catalog.products(ids);
    const known = products.filter((product) => product !== null);
    await driver.put(await documentsOf(catalog, known, false));
  }

  const categories = createCategoryChanges(catalog, host, put);
  return {
    currency: currencies.mostFrequent,
    checkCategories: categories.check,
    isFilled: async () => true,
    changed: async () => undefined,
    async rebuild() {
      if (changedDuringFill) return false;
      fill().catch((error: unknown) =>
        host.log.error('the search index could not be rebuilt', { err: describeError(error) }),
      );
      return true;
    },
    async start(pages) {
      stopWatching = catalog.watch((changes) => {
        for (const { id, product } of changes) {
          changedDuringFill?.add(id);
          if (product) currencies.add(product);
          if (product?.status === 'ACTIVE') driver.put([documentOf(catalog, product)]);
          else driver.remove([id]);
        }
      });
      if (!(await driver.isFilled())) await fill(pages);
      categories.start();
    },
    stop() {
      categories.stop();
      stopWatching();
    },
  };
}
