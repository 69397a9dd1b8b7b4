import { isDeepStrictEqual } from 'node:util';
import { describeError, isRapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import { ProductsRefused, type SearchDocument, type SearchDriver } from '../../../src/ports/search-driver.js';
import type { Collection, Store } from '../../../src/ports/store.js';
import { documentsOf } from './documents.js';

/** A product whose change the search server may not show yet. */
export interface PendingChange {
  readonly id: string;
  /** Of the newest change that was noted. */
  readonly stamp: string;
}

/** Brings changes to a search server: each is noted durably first, and struck off when the server is known to show it. */
export interface Updates {
  start(): Promise<void>;
  /** Resolves when the server shows these products as they are, or when it is away and they are noted. */
  changed(ids: readonly string[]): Promise<void>;
  /** Works off all that is noted; answers whether it could. What it could not is tried again, later and later. */
  catchUp(): Promise<boolean>;
  stop(): void;
}

const batchMax = 1_000;
/** After a write another process may still have read the product as it was: its memory follows the store within a second. */
const settledAfterMs = 1_500;
const againFirstMs = 1_000;
const againMostMs = 30_000;
/** What waits to be looked at again in memory; what is beyond stays noted and is found at the next catching up. */
const unsettledMax = 100_000;

/** A write of some products that several callers share. */
interface Batch {
  readonly ids: Set<string>;
  readonly written: Promise<void>;
}

export interface UpdateParts {
  readonly driver: SearchDriver;
  readonly catalog: Catalog;
  readonly store: Store;
  readonly host: Host;
  /** Whether some process fills the index anew: what changes meanwhile must be brought to the new one too. */
  isRebuilding(): Promise<boolean>;
}

export function createUpdates({ driver, catalog, store, host, isRebuilding }: UpdateParts): Updates {
  let pending: Collection<PendingChange> | null = null;
  let next: Batch | null = null;
  let last: Promise<void> = Promise.resolve();
  let cancelAgain: (() => void) | null = null;
  let cancelSettle: (() => void) | null = null;
  let againMs = againFirstMs;
  let stopped = false;
  /** As it was written, null for removed; with the stamp of its note. */
  const unsettled = new Map<string, { readonly stamp: string; readonly document: SearchDocument | null }>();

  /** As the catalog has them now; null for those that are not to be found. */
  async function read(ids: readonly string[]): Promise<(SearchDocument | null)[]> {
    const products = await catalog.products(ids);
    // While the store is away the catalog answers from memory, and then null says nothing.
    if (products.includes(null)) await store.check();
    const active = products.filter((product) => product?.status === 'ACTIVE').map((product) => product!);
    const documents = await documentsOf(catalog, active, true);
    const byId = new Map(documents.map((document) => [document.product.id, document]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async function writeNow(ids: readonly string[], stamps: ReadonlyMap<string, string>): Promise<void> {
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
      const stamp = stamps.get(id);
      if (stamp === undefined || refusal?.productIds.includes(id) || unsettled.size >= unsettledMax) continue;
      unsettled.set(id, { stamp, document: documents[i]! });
    }
    settleSoon();
    if (refusal) throw refusal;
  }

  const stampsOf = new Map<string, string>();

  /** Joins the batch that is written next; one at a time, so that an older state never follows a newer one. */
  function write(ids: readonly string[]): Promise<void> {
    if (!next || next.ids.size + ids.length > batchMax) {
      const batch: Batch = {
        ids: new Set(),
        written: last
          .catch(() => undefined)
          .then(async () => {
            if (next === batch) next = null;
            const all = [...batch.ids];
            for (let i = 0; i < all.length; i += batchMax) {
              const some = all.slice(i, i + batchMax);
              await writeNow(some, stampsOf);
            }
          }),
      };
      next = batch;
      last = batch.written;
    }
    for (const id of ids) next.ids.add(id);
    return next.written;
  }

  function settleSoon(): void {
    if (unsettled.size > 0 && !stopped)
      cancelSettle ??= host.clock.after(settledAfterMs, () => void settle());
  }

  /** Looks again at what was written: writes what has changed since, strikes off the rest. */
  async function settle(): Promise<void> {
    cancelSettle = null;
    const some = [...unsettled].slice(0, batchMax);
    try {
      for (const [id] of some) unsettled.delete(id);
      const documents = await read(some.map(([id]) => id));
      const stale = some.filter(([, { document }], i) => !isDeepStrictEqual(document, documents[i]));
      if (stale.length > 0) await write(stale.map(([id]) => id));
      const written = some.filter((entry) => !stale.includes(entry));
      if (await isRebuilding()) {
        for (const [id, entry] of written) if (!unsettled.has(id)) unsettled.set(id, entry);
      } else await strikeOff(written.map(([id, { stamp }]) => ({ id, stamp })));
    } catch (error) {
      failed(error);
    }
    settleSoon();
  }

  async function strikeOff(changes: readonly PendingChange[]): Promise<void> {
    await Promise.all(
      changes.map(async ({ id, stamp }) => {
        await pending!.update(id, (current) => (current?.stamp === stamp ? null : undefined), {
          skipDamaged: true,
        });
        if (stampsOf.get(id) === stamp) stampsOf.delete(id);
      }),
    );
  }

  /** What the server refuses is said and struck off; anything else is tried again. */
  function failed(error: unknown): void {
    if (error instanceof ProductsRefused) {
      host.log.error('the search server refused products; each is taken up again when it changes', {
        productIds: error.productIds.slice(0, 20),
        err: describeError(error),
      });
      const refused = error.productIds.map((id) => ({ id, stamp: stampsOf.get(id) ?? '' }));
      strikeOff(refused).catch(() => againLater());
      return;
    }
    if (!isRapportError(error, 'unavailable'))
      host.log.error('changed products could not be written to the search server', {
        err: describeError(error),
      });
    againLater(isRapportError(error) ? error.retryAfterSeconds : undefined);
  }

  function againLater(seconds = 0): void {
    if (stopped) return;
    cancelAgain ??= host.clock.after(Math.max(againMs, seconds * 1_000), () => {
      cancelAgain = null;
      void catchUp();
    });
    againMs = Math.min(againMostMs, 2 * againMs);
  }

  /** The server has just taken something: what waits for it need not wait any longer. */
  function catchUpAtOnce(): void {
    if (!cancelAgain) return;
    cancelAgain();
    cancelAgain = null;
    void catchUp();
  }

  async function catchUp(): Promise<boolean> {
    try {
      for await (const page of pending!.scan({ pageSize: batchMax })) {
        if (stopped) return false;
        for (const { id, stamp } of page) stampsOf.set(id, stamp);
        try {
          await write(page.map(({ id }) => id));
        } catch (error) {
          if (!(error instanceof ProductsRefused)) throw error;
          failed(error);
        }
      }
      againMs = againFirstMs;
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
      const stamp = host.ids.next();
      for (let i = 0; i < ids.length; i += batchMax)
        await pending!.put(ids.slice(i, i + batchMax).map((id) => ({ id, stamp })));
      for (const id of ids) stampsOf.set(id, stamp);
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
      cancelAgain?.();
      cancelSettle?.();
    },
  };
}
