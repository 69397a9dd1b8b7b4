import type { Host } from '../../src/plugin.js';
import type { Catalog, Category, Product } from '../../src/ports/catalog.js';
import { documentOf, documentsOf } from './documents.js';
import type { SearchDocument, SearchDriver } from './driver.js';

const refreshPage = 100;
const refreshPauseMs = 1;

/**
 * Keeps the index what the catalog is. A driver in this process takes a change up before the write is acknowledged; another one is
 * told by facts, which are retried until it has.
 */
export function createFreshness(driver: SearchDriver, catalog: Catalog, host: Host) {
  const currencies = new Map<string, number>();
  let stopWatching = (): void => undefined;
  let stopped = false;
  /** While the index is filled: what changed meanwhile and is newer than what the fill reads. */
  let changedMeanwhile: Set<string> | null = null;
  let categories: readonly Category[] = [];
  let refreshing: Promise<void> | null = null;

  function note(product: Product): void {
    for (const { currency } of product.prices) currencies.set(currency, (currencies.get(currency) ?? 0) + 1);
  }

  async function* allDocuments(): AsyncGenerator<readonly SearchDocument[]> {
    for await (const page of catalog.scan()) {
      const unchanged = page.filter(({ id }) => !changedMeanwhile?.has(id));
      for (const product of unchanged) note(product);
      yield await documentsOf(catalog, unchanged, !driver.live);
    }
  }

  async function refresh(ids: readonly string[]): Promise<void> {
    const products = await catalog.products(ids);
    const gone = ids.filter((_, i) => products[i]?.status !== 'ACTIVE');
    for (const product of products) if (product) note(product);
    const documents = await documentsOf(
      catalog,
      products.filter((product) => product !== null),
      !driver.live,
    );
    await driver.put(documents);
    if (gone.length > 0) await driver.remove(gone);
  }

  /** Products of categories that were renamed or moved are found by the new names. */
  async function refreshCategories(before: readonly Category[], after: readonly Category[]): Promise<void> {
    const known = new Set(before);
    const changed = new Set<string>();
    for (const category of after) {
      if (!known.has(category)) for (const id of catalog.descendants(category.id)) changed.add(id);
    }
    if (changed.size === 0 || before.length === 0) return;
    for await (const page of catalog.scan()) {
      const ids = page
        .filter(({ categoryIds }) => categoryIds.some((id) => changed.has(id)))
        .map(({ id }) => id);
      for (let i = 0; i < ids.length && !stopped; i += refreshPage) {
        await refresh(ids.slice(i, i + refreshPage));
        await new Promise<void>((resolve) => host.clock.after(refreshPauseMs, resolve));
      }
      if (stopped) return;
    }
  }

  return {
    /** The currency most prices are in. */
    currency: (): string => [...currencies].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'EUR',
    /** Begins what changed categories ask for, in the background. */
    notice(): void {
      const now = catalog.categories();
      if (now === categories) return;
      const before = categories;
      categories = now;
      refreshing = (refreshing ?? Promise.resolve())
        .then(() => refreshCategories(before, now))
        .catch((error: unknown) =>
          host.log.warn('categories could not be refreshed in the index', { error: String(error) }),
        );
    },
    refresh,
    async start(): Promise<void> {
      changedMeanwhile = new Set();
      if (driver.live) {
        stopWatching = catalog.watch((changes) => {
          for (const { id, product } of changes) {
            changedMeanwhile?.add(id);
            if (product) note(product);
            if (product?.status === 'ACTIVE') driver.put([documentOf(catalog, product)]);
            else driver.remove([id]);
          }
        });
      }
      if (!(await driver.isFilled())) await driver.fill(allDocuments());
      categories = catalog.categories();
      changedMeanwhile = null;
    },
    stop(): void {
      stopped = true;
      stopWatching();
    },
  };
}
