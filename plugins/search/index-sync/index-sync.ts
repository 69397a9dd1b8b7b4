import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog, Category, Product, Shelf } from '../../../src/ports/catalog.js';
import { indexedMax, type SearchDocument, type SearchDriver } from '../../../src/ports/search-driver.js';
import type { Store } from '../../../src/ports/store.js';
import { documentOf, documentsOf } from './documents.js';
import { createUpdates } from './pending-changes.js';
import { createRebuilds } from './rebuild.js';

const refreshPage = 100;
const refreshPauseMs = 1;
/** So many products tell which currency a shop's prices are in. */
const sampled = 1_000;
/** Between two looks whether the index has been filled meanwhile. */
const filledAgainMs = 1_000;
/** An index on a server that holds less of what can be bought is answered for by what stands in for it. */
const shareEnough = 0.9;
/** The same where the catalog is so large that what stands in knows but a part of it. */
const shareEnoughOfMany = 0.5;
/** An index that has got no fuller for so long is filled anew: what should have told it of products is lost. */
const stalledMs = 60_000;

/** Keeps the index what the catalog is. */
export interface Freshness {
  /** The currency most prices are in. */
  currency(): string;
  /** Begins what changed categories ask for, in the background. */
  notice(): void;
  /** Whether the index holds the catalog, or most of it; until then little is found there. */
  isFilled(): Promise<boolean>;
  /** Resolves when the index shows these products, or when it is noted that it does not yet. */
  changed(ids: readonly string[]): Promise<void>;
  /** Begins to fill the index anew, beside the one that answers; false while that is being done already. */
  rebuild(): Promise<boolean>;
  start(): Promise<void>;
  stop(): void;
}

/** Of a driver in this process: it takes a change up before the write is acknowledged. */
export function createFreshness(driver: SearchDriver, catalog: Catalog, host: Host): Freshness {
  const currencies = createCurrencies();
  /** While the index is filled: what changed meanwhile and is newer than what the fill reads. */
  let changedMeanwhile: Set<string> | null = null;
  let stopWatching = (): void => undefined;

  async function* allDocuments(): AsyncGenerator<readonly SearchDocument[]> {
    for await (const page of catalog.scan()) {
      const unchanged = page.filter(({ id }) => !changedMeanwhile?.has(id));
      for (const product of unchanged) currencies.note(product);
      yield await documentsOf(catalog, unchanged, false);
    }
  }

  async function fill(): Promise<void> {
    changedMeanwhile = new Set();
    try {
      await driver.fill(allDocuments());
    } finally {
      changedMeanwhile = null;
    }
  }

  async function refresh(ids: readonly string[]): Promise<void> {
    const products = await catalog.products(ids);
    const known = products.filter((product) => product !== null);
    await driver.put(await documentsOf(catalog, known, false));
  }

  const follower = createCategoryFollower(catalog, host, refresh);
  return {
    currency: currencies.most,
    notice: follower.notice,
    isFilled: async () => true,
    changed: async () => undefined,
    async rebuild() {
      if (changedMeanwhile) return false;
      fill().catch((error: unknown) =>
        host.log.error('the search index could not be filled anew', { err: describeError(error) }),
      );
      return true;
    },
    async start() {
      stopWatching = catalog.watch((changes) => {
        for (const { id, product } of changes) {
          changedMeanwhile?.add(id);
          if (product) currencies.note(product);
          if (product?.status === 'ACTIVE') driver.put([documentOf(catalog, product)]);
          else driver.remove([id]);
        }
      });
      if (!(await driver.isFilled())) await fill();
      follower.start();
    },
    stop() {
      follower.stop();
      stopWatching();
    },
  };
}

/** Of a search server: it is told by facts, which this plugin notes durably until it shows them. */
export function createServedFreshness(
  driver: SearchDriver,
  catalog: Catalog,
  store: Store,
  host: Host,
): Freshness {
  const currencies = createCurrencies();
  const updates = createUpdates({ driver, catalog, store, host, isRebuilding: () => rebuilds.isRunning() });
  const rebuilds = createRebuilds({
    store,
    host,
    fill: () => driver.fill(allDocuments()),
    catchUp: updates.catchUp,
  });
  let filled = false;
  let lookAgainAtMs = 0;
  /** How many products the shop had at the last look, in any state. */
  let sizeSeen = 0;
  let grown = { count: -1, atMs: 0 };
  const follower = createCategoryFollower(catalog, host, updates.changed);

  async function* allDocuments(): AsyncGenerator<readonly SearchDocument[]> {
    for await (const page of catalog.scan()) yield await documentsOf(catalog, page, true);
  }

  const enough = (): number => (catalog.shelf.size <= indexedMax ? shareEnough : shareEnoughOfMany);

  async function look(): Promise<boolean> {
    const nowMs = host.clock.nowMs();
    lookAgainAtMs = nowMs + filledAgainMs;
    sizeSeen = catalog.shelf.size;
    filled = false;
    // The process that was filling it may be gone.
    if (!(await driver.isFilled())) await rebuild();
    else {
      const count = await driver.count();
      filled = count >= enough() * eligibleOn(catalog.shelf);
      if (count > grown.count || filled) grown = { count, atMs: nowMs };
      else if (nowMs - grown.atMs > stalledMs) {
        grown = { count: -1, atMs: nowMs };
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
    currency: currencies.most,
    notice: follower.notice,
    async isFilled() {
      // A shop that has many more products than before may have them nowhere but in its catalog yet.
      const isOutgrown = catalog.shelf.size > sizeSeen / enough();
      if (!isOutgrown && (filled || host.clock.nowMs() < lookAgainAtMs)) return filled;
      return look();
    },
    changed: updates.changed,
    rebuild,
    async start() {
      await rebuilds.start();
      await updates.start();
      let seen = 0;
      for await (const page of catalog.scan()) {
        for (const product of page) currencies.note(product);
        seen += page.length;
        if (seen >= sampled) break;
      }
      follower.start();
      await look();
      void updates.catchUp();
    },
    stop() {
      follower.stop();
      rebuilds.stop();
      updates.stop();
    },
  };
}

/** What can be bought: an index holds at least that. */
function eligibleOn(shelf: Shelf): number {
  let count = 0;
  for (let number = 0; number < shelf.size; number++) if (shelf.eligible(number)) count++;
  return count;
}

function createCurrencies() {
  const counts = new Map<string, number>();
  return {
    note(product: Product): void {
      for (const { currency } of product.prices) counts.set(currency, (counts.get(currency) ?? 0) + 1);
    },
    most: (): string => [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'EUR',
  };
}

/** Products of categories that were renamed or moved are found by the new names. */
function createCategoryFollower(
  catalog: Catalog,
  host: Host,
  refresh: (ids: readonly string[]) => Promise<void>,
) {
  let categories: readonly Category[] = [];
  let refreshing: Promise<void> = Promise.resolve();
  let stopped = false;

  async function refreshProducts(before: readonly Category[], after: readonly Category[]): Promise<void> {
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
    notice(): void {
      const now = catalog.categories();
      if (now === categories) return;
      const before = categories;
      categories = now;
      refreshing = refreshing
        .then(() => refreshProducts(before, now))
        .catch((error: unknown) =>
          host.log.warn('categories could not be refreshed in the index', { err: describeError(error) }),
        );
    },
    start(): void {
      categories = catalog.categories();
    },
    stop(): void {
      stopped = true;
    },
  };
}
