import { isDeepStrictEqual } from 'node:util';
import { describeError, isRapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import { ProductsRefused, type SearchDocument, type SearchDriver } from '../../../src/ports/search-driver.js';
import type { Collection, Store } from '../../../src/ports/store.js';
import { documentsOf } from './documents.js';

/** A product whose change the search server may not have yet. Its id is the product's. */
interface PendingChange {
  readonly id: string;
  /** Identifies the last recorded change. Missing in records of earlier versions. */
  readonly changeId?: string;
}

/** Writes changes to a search server. Each is recorded in the store first, and removed when the server is known to have it. */
interface PendingChanges {
  start(): Promise<void>;
  /** Resolves when the server has the current state of these products, or when it is down and they are recorded. */
  changed(ids: readonly string[]): Promise<void>;
  /** Writes all recorded changes. Returns whether it could; if not, it tries again with growing pauses. */
  catchUp(): Promise<boolean>;
  stop(): void;
}

const batchMax = 1_000;
/** Until then another process may still read a product as it was, since its memory follows the store within a second. */
const verifyAfterMs = 1_500;
const retryMsMin = 1_000;
const retryMsMax = 30_000;
/** Written changes in memory that are not verified yet. Others stay recorded until the next `catchUp`. */
const unverifiedMax = 100_000;

/** One write of products that several callers wait for. */
interface Batch {
  readonly ids: Set<string>;
  readonly written: Promise<void>;
}

interface PendingChangeParts {
  readonly driver: SearchDriver;
  readonly catalog: Catalog;
  readonly store: Store;
  readonly host: Host;
  /** Resolves to true while any process rebuilds the index: changes must be written to the new index, too. */
  isRebuilding(): Promise<boolean>;
}

export function createPendingChanges({
  driver,
  catalog,
  store,
  host,
  isRebuilding,
}: PendingChangeParts): PendingChanges {
  let pending: Collection<PendingChange> | null = null;
  let next: Batch | null = null;
  let last: Promise<void> = Promise.resolve();
  let cancelRetry: (() => void) | null = null;
  let cancelVerify: (() => void) | null = null;
  let retryMs = retryMsMin;
  let stopped = false;
  /** Written changes with the document as it was written, null if removed. */
  const unverified = new Map<
    string,
    { readonly changeId: string; readonly document: SearchDocument | null }
  >();

  /** Documents of the catalog's current products; null for those that are not published. */
  async function read(ids: readonly string[]): Promise<(SearchDocument | null)[]> {
    const products = await catalog.products(ids);
    // While the store is down, the catalog returns products from memory only, so that null does not mean removed.
    if (products.includes(null)) await store.check();
    const active = products.filter((product) => product?.status === 'ACTIVE').map((product) => product!);
    const documents = await documentsOf(catalog, active, true);
    const byId = new Map(documents.map((document) => [document.product.id, document]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async function writeNow(ids: readonly string[]): Promise<void> {
    const documents = await read(ids);
    const found = documents.filter((document) => document !== null);
    const gone = ids.filter((_, i) => documents[i] === null);
    if (gone.length > 0) await driver.remove(gone);
    let refusal: ProductsRefused | null = null;
    try {
      if (found.length > 0) await driver.put(found);
    } catch (error) {
      if (!(error instanceof ProductsRefused)) throw error;
      refusal = error;
    }
    for (const [i, id] of ids.entries()) {
      const changeId = changeIds.get(id);
      if (changeId === undefined || refusal?.productIds.includes(id) || unverified.size >= unverifiedMax)
        continue;
      unverified.set(id, { changeId, document: documents[i]! });
    }
    verifySoon();
    if (refusal) throw refusal;
  }

  const changeIds = new Map<string, string>();

  /** Adds to the next batch. Batches are written one at a time, so that an older state never follows a newer one. */
  function write(ids: readonly string[]): Promise<void> {
    if (!next || next.ids.size + ids.length > batchMax) {
      const batch: Batch = {
        ids: new Set(),
        written: last
          .catch(() => undefined)
          .then(async () => {
            if (next === batch) next = null;
            const all = [...batch.ids];
            for (let i = 0; i < all.length; i += batchMax) await writeNow(all.slice(i, i + batchMax));
          }),
      };
      next = batch;
      last = batch.written;
    }
    for (const id of ids) next.ids.add(id);
    return next.written;
  }

  function verifySoon(): void {
    if (unverified.size > 0 && !stopped)
      cancelVerify ??= host.clock.after(verifyAfterMs, () => void verify());
  }

  /** Compares written products with the catalog: writes those that changed since, removes the records of the others. */
  async function verify(): Promise<void> {
    cancelVerify = null;
    const some = [...unverified].slice(0, batchMax);
    try {
      for (const [id] of some) unverified.delete(id);
      const documents = await read(some.map(([id]) => id));
      const stale = some.filter(([, { document }], i) => !isDeepStrictEqual(document, documents[i]));
      if (stale.length > 0) await write(stale.map(([id]) => id));
      const written = some.filter((entry) => !stale.includes(entry));
      if (await isRebuilding()) {
        for (const [id, entry] of written) if (!unverified.has(id)) unverified.set(id, entry);
      } else await removeRecords(written.map(([id, { changeId }]) => ({ id, changeId })));
    } catch (error) {
      failed(error);
    }
    verifySoon();
  }

  async function removeRecords(changes: readonly Required<PendingChange>[]): Promise<void> {
    await Promise.all(
      changes.map(async ({ id, changeId }) => {
        await pending!.update(
          id,
          (current) => (current && (current.changeId ?? '') === changeId ? null : undefined),
          {
            skipDamaged: true,
          },
        );
        if (changeIds.get(id) === changeId) changeIds.delete(id);
      }),
    );
  }

  /** Logs refused products and removes their records. Any other failure is retried. */
  function failed(error: unknown): void {
    if (error instanceof ProductsRefused) {
      host.log.error('the search server refused products; each is written again when it changes', {
        productIds: error.productIds.slice(0, 20),
        err: describeError(error),
      });
      const refused = error.productIds.map((id) => ({ id, changeId: changeIds.get(id) ?? '' }));
      removeRecords(refused).catch(() => retryLater());
      return;
    }
    if (!isRapportError(error, 'unavailable'))
      host.log.error('changed products could not be written to the search server', {
        err: describeError(error),
      });
    retryLater(isRapportError(error) ? error.retryAfterSeconds : undefined);
  }

  function retryLater(seconds = 0): void {
    if (stopped) return;
    cancelRetry ??= host.clock.after(Math.max(retryMs, seconds * 1_000), () => {
      cancelRetry = null;
      void catchUp();
    });
    retryMs = Math.min(retryMsMax, 2 * retryMs);
  }

  /** After a successful write, a waiting retry need not wait any longer. */
  function catchUpAtOnce(): void {
    if (!cancelRetry) return;
    cancelRetry();
    cancelRetry = null;
    void catchUp();
  }

  async function catchUp(): Promise<boolean> {
    try {
      for await (const page of pending!.scan({ pageSize: batchMax })) {
        if (stopped) return false;
        for (const { id, changeId = '' } of page) changeIds.set(id, changeId);
        try {
          await write(page.map(({ id }) => id));
        } catch (error) {
          if (!(error instanceof ProductsRefused)) throw error;
          failed(error);
        }
      }
      retryMs = retryMsMin;
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  return {
    async start() {
      pending = await store.collection<PendingChange>({ name: 'search-pending', indexes: {} });
    },
    async changed(ids) {
      const changeId = host.ids.next();
      for (let i = 0; i < ids.length; i += batchMax)
        await pending!.put(ids.slice(i, i + batchMax).map((id) => ({ id, changeId })));
      for (const id of ids) changeIds.set(id, changeId);
      try {
        await write(ids);
        catchUpAtOnce();
      } catch (error) {
        failed(error);
        if (isRapportError(error, 'unavailable')) return;
        if (error instanceof ProductsRefused && !error.productIds.some((id) => ids.includes(id))) return;
        throw error;
      }
    },
    catchUp,
    stop() {
      stopped = true;
      cancelRetry?.();
      cancelVerify?.();
    },
  };
}
