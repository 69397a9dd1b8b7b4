import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type { Host } from '../../src/plugin.js';
import type { Catalog, Product, ProductChange } from '../../src/ports/catalog.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Store } from '../../src/ports/store.js';
import { createCategoryTree } from './categories.js';
import type { CategoryDocument, SkuDocument, StockDocument } from './documents.js';
import { checkBatch } from './faults.js';
import { createProductCache } from './product-cache.js';
import { createPublishedCategories } from './published-categories.js';
import { saveCategories } from './save-categories.js';
import { saveProducts } from './save-products.js';
import { scanKept } from './scan-kept.js';
import { setStock } from './set-stock.js';
import { createShelf } from './shelf.js';
import { createSkus } from './skus.js';
import { isId } from './texts.js';
import type { Kept, Writing } from './writing.js';

export function createCatalog(
  store: Store,
  queue: Queue,
  host: Pick<Host, 'clock'>,
): {
  readonly port: Catalog;
  start(): Promise<void>;
  /** Grows with every change of the categories that anybody sees. */
  categoryChanges(): number;
} {
  const tree = createCategoryTree();
  const published = createPublishedCategories(tree);
  const keeper = createShelf(published.count);
  const productIndex = keeper.shelf;
  const cache = createProductCache(() => opened().products, !store.ordered);
  const listeners = new Set<(changes: readonly ProductChange[]) => void>();
  let kept: Kept | null = null;

  function opened(): Kept {
    if (!kept) throw new Error('the catalog has not started');
    return kept;
  }

  const writing = (): Writing => ({ kept: opened(), tree, queue, clock: host.clock });

  /** Changes that arrive while everything is read at the start are newer than what is read. */
  function follow({ products, stock, categories }: Kept, changed: Set<string>): void {
    products.watch((changes) => {
      for (const { id, document } of changes) {
        changed.add(`product ${id}`);
        cache.changed(id, document);
        if (document) keeper.setProduct(document);
        else keeper.removeProduct(id);
      }
      const notice = deepFreeze(changes.map(({ id, document }) => ({ id, product: document })));
      for (const listener of listeners) listener(notice);
    });
    stock.watch((changes) => {
      for (const { id, document } of changes) {
        changed.add(`stock ${id}`);
        keeper.setStock(id, document?.levels ?? null);
      }
    });
    categories.watch((changes) => {
      for (const { id, document } of changes) {
        changed.add(`category ${id}`);
        if (document) tree.set(document);
        else tree.remove(id);
      }
    });
  }

  async function start(): Promise<void> {
    const products = await store.collection<Product>({ name: 'products', indexes: {} });
    const claims = await store.collection<SkuDocument>({ name: 'skus', indexes: {} });
    const all: Kept = {
      products,
      stock: await store.collection<StockDocument>({ name: 'stock', indexes: {} }),
      skus: createSkus(claims, products, () => host.clock.nowMs()),
      categories: await store.collection<CategoryDocument>({ name: 'categories', indexes: {} }),
    };
    kept = all;
    const changed = new Set<string>();
    follow(all, changed);
    for await (const page of all.categories.scan()) {
      for (const category of page) if (!changed.has(`category ${category.id}`)) tree.set(category);
    }
    const restore = await all.skus.restorer();
    for await (const page of all.products.scan()) {
      await restore(page);
      for (const product of page) {
        if (changed.has(`product ${product.id}`)) continue;
        keeper.setProduct(product);
        cache.keep(product);
      }
    }
    const skipDamaged = (id: string) => !changed.has(`stock ${id}`) && keeper.setStock(id, []);
    for await (const page of all.stock.scan({ skipDamaged })) {
      for (const { id, levels } of page) if (!changed.has(`stock ${id}`)) keeper.setStock(id, levels);
    }
    changed.clear();
  }

  const port: Catalog = {
    shelf: productIndex,
    products(ids, onDamaged) {
      checkBatch(ids, 'ids');
      return cache.products(ids, onDamaged);
    },
    async productBySku(sku, onDamaged) {
      if (!isId(sku)) return null;
      const claimant = await opened().skus.claimantOf(sku);
      const product = claimant === null ? null : (await cache.products([claimant], onDamaged))[0];
      return product?.sku === sku ? product : null;
    },
    scan() {
      const { products } = opened();
      return store.ordered ? scanKept(productIndex, cache.readAll) : products.scan();
    },
    async stock(productIds) {
      checkBatch(productIds, 'productIds');
      const unknown = new Set<string>();
      const documents = await opened().stock.getMany(productIds.filter(isId), {
        skipDamaged: (id) => unknown.add(id),
      });
      for (const id of unknown) keeper.setStock(id, []);
      const byId = new Map(documents.map((document) => [document?.id, document]));
      return productIds.map((id) => {
        if (unknown.has(id)) return null;
        const document = byId.get(id);
        const levels: Record<string, number> = Object.create(null);
        for (const { storeId, quantity } of document?.levels ?? []) levels[storeId] = quantity;
        return levels;
      });
    },
    save: (inputs) => saveProducts(writing(), inputs),
    async remove(ids) {
      checkBatch(ids, 'ids');
      const { products, stock, skus } = opened();
      const damaged: string[] = [];
      const found = (
        await products.getMany([...new Set(ids)].filter(isId), { skipDamaged: (id) => damaged.push(id) })
      ).filter((product) => product !== null);
      const foundIds = [...found.map(({ id }) => id), ...damaged];
      if (foundIds.length === 0) return [];
      await queue.publishing([{ type: 'product.changed', ids: foundIds }], async () => {
        await products.remove(foundIds);
        await stock.remove(foundIds);
        await skus.release(found.flatMap(({ id, sku }) => (sku === null ? [] : [{ sku, productId: id }])));
      });
      return foundIds;
    },
    setStock: (entries) => setStock(writing(), entries),
    categories: () => tree.all(),
    category: (id) => tree.get(id),
    children: (id) => tree.children(id),
    descendants: (id) => tree.descendants(id),
    isPublished: (categoryId) => published.has(categoryId),
    saveCategories: (inputs) => saveCategories(writing(), inputs),
    watch(listener) {
      const own = (changes: readonly ProductChange[]) => listener(changes);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };

  return { port, start, categoryChanges: () => published.changes };
}
