import type { Host } from '../../../src/plugin.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import { indexedMax, type SearchDocument, type SearchDriver } from '../../../src/ports/search-driver.js';
import type { Store } from '../../../src/ports/store.js';
import { createCategoryChanges } from './category-changes.js';
import { documentsOf } from './documents.js';
import { createCurrencyCounter, eligibleProducts, type IndexSync } from './index-sync.js';
import { createPendingChanges } from './pending-changes.js';
import { createRebuilds } from './rebuild.js';

/** Products that are read at the start to find the currency of most prices. */
const sampled = 1_000;
const checkEveryMs = 1_000;
/** The share of the products that can be bought which the server must have, else the fallback answers. */
const filledShare = 0.9;
/** The same for a catalog that is larger than the fallback can index. */
const filledShareOfLarge = 0.5;
/** An index that got no fuller for this long is rebuilt, because facts about its products were lost. */
const stalledMs = 60_000;

/** For a search server: facts name the changes, and each is recorded in the store until the server has it. */
export function createServerSync(
  driver: SearchDriver,
  catalog: Catalog,
  store: Store,
  host: Host,
): IndexSync {
  const currencies = createCurrencyCounter();
  const pending = createPendingChanges({
    driver,
    catalog,
    store,
    host,
    isRebuilding: () => rebuilds.isRunning(),
  });
  const rebuilds = createRebuilds({
    store,
    host,
    fill: () => driver.fill(allDocuments()),
    catchUp: pending.catchUp,
  });
  const categories = createCategoryChanges(catalog, host, pending.changed);
  let filled = false;
  let nextCheckAtMs = 0;
  /** The size of the catalog at the last check. */
  let sizeAtCheck = 0;
  /** The highest count of products in the index so far. */
  let progress = { count: -1, atMs: 0 };

  async function* allDocuments(): AsyncGenerator<readonly SearchDocument[]> {
    for await (const page of catalog.scan()) yield await documentsOf(catalog, page, true);
  }

  const shareMin = (): number => (catalog.shelf.size <= indexedMax ? filledShare : filledShareOfLarge);

  async function check(): Promise<boolean> {
    const nowMs = host.clock.nowMs();
    nextCheckAtMs = nowMs + checkEveryMs;
    sizeAtCheck = catalog.shelf.size;
    filled = false;
    // The process that was filling the index may have ended.
    if (!(await driver.isFilled())) await rebuild();
    else {
      const count = await driver.count();
      filled = count >= shareMin() * eligibleProducts(catalog);
      if (count > progress.count || filled) progress = { count, atMs: nowMs };
      else if (nowMs - progress.atMs > stalledMs) {
        progress = { count: -1, atMs: nowMs };
        await rebuild();
      }
    }
    return filled;
  }

  async function rebuild(): Promise<boolean> {
    const begun = await rebuilds.begin();
    begun?.ended.catch(() => undefined);
    return begun !== null;
  }

  return {
    currency: currencies.mostFrequent,
    checkCategories: categories.check,
    async isFilled() {
      // After a large import, the server may not have most of the catalog yet.
      const hasGrown = catalog.shelf.size > sizeAtCheck / shareMin();
      if (!hasGrown && (filled || host.clock.nowMs() < nextCheckAtMs)) return filled;
      return check();
    },
    changed: pending.changed,
    rebuild,
    async start() {
      await rebuilds.start();
      await pending.start();
      let seen = 0;
      for await (const page of catalog.scan()) {
        for (const product of page) currencies.add(product);
        seen += page.length;
        if (seen >= sampled) break;
      }
      categories.start();
      await check();
      void pending.catchUp();
    },
    stop() {
      categories.stop();
      rebuilds.stop();
      pending.stop();
    },
  };
}
