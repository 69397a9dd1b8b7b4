import type { Context } from '../../src/context.js';
import type { UserError } from '../../src/errors.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import { createTopics, type Topics } from '../../src/kit/topics.js';
import type { Host } from '../../src/plugin.js';
import { type Catalog, type Product, type ProductChange, variantsOf } from '../../src/ports/catalog.js';
import type { ProductCollection } from '../../src/ports/collections.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Store } from '../../src/ports/store.js';
import { createCategoryTree } from './categories.js';
import { createClaimDocuments } from './claim-documents.js';
import { type Code, codesOf, createClaims } from './claims.js';
import { createCollections } from './collections.js';
import { createDerivedClaims, type DerivedClaims } from './derived-claims.js';
import type { CategoryDocument, ClaimDocument, ProductCodesDocument } from './documents.js';
import { checkBatch } from './faults.js';
import { readGtin } from './gtin.js';
import { packedProducts } from './packed-products.js';
import type { PriceChange, PriceHistoryDocument } from './price-history.js';
import { createProductCache } from './product-cache.js';
import { isHandle } from './product-input.js';
import { createPublishedCategories } from './published-categories.js';
import { type StockByVariant, stockByVariant, summedStock } from './read-stock.js';
import { saveCategories } from './save-categories.js';
import { saveProducts } from './save-products.js';
import { scanKept } from './scan-kept.js';
import { setPrices } from './set-prices.js';
import { setShopperRatings } from './set-shopper-ratings.js';
import { setStock } from './set-stock.js';
import { createShelf } from './shelf.js';
import { createStartReaders } from './start-readers.js';
import { levelsIn, type StockDocument } from './stock-document.js';
import { isId } from './texts.js';
import { unknownPlaces } from './unknown-places.js';
import { updateProducts } from './update-products.js';
import type { Kept, Writing } from './writing.js';

export function createCatalog(
  store: Store,
  queue: Queue,
  host: Pick<Host, 'clock'>,
): {
  readonly port: Catalog;
  /** The replaced prices of products, oldest first, in the order of the ids. */
  priceChanges(productIds: readonly string[]): Promise<(readonly PriceChange[])[]>;
  /** Changes of products and of their stock, by product id. */
  readonly changes: Topics;
  contextWarnings(context: Context): readonly UserError[];
  start(): Promise<void>;
  /** Grows with every change of the categories that anybody sees. */
  categoryChanges(): number;
} {
  const tree = createCategoryTree();
  const published = createPublishedCategories(tree);
  const collections = createCollections(tree.descendants);
  const keeper = createShelf(published.count);
  const productIndex = keeper.shelf;
  const cache = createProductCache(() => opened().products, !store.ordered);
  const startReaders = createStartReaders();
  const listeners = new Set<(changes: readonly ProductChange[]) => void>();
  let kept: Kept | null = null;
  const productChanges = createTopics();

  function opened(): Kept {
    if (!kept) throw new Error('the catalog has not started');
    return kept;
  }

  const writing = (): Writing => ({ kept: opened(), tree, queue, known: keeper, clock: host.clock });

  /** Changes that arrive while everything is read at the start are newer than what is read. */
  function follow(
    { products, stock, categories }: Kept,
    changed: Set<string>,
    derived: DerivedClaims | null,
  ): void {
    products.watch((changes) => {
      for (const { id, document } of changes) {
        changed.add(`product ${id}`);
        cache.changed(id, document);
        if (document) keeper.setProduct(document);
        else keeper.removeProduct(id);
        derived?.changed(id, document);
      }
      for (const { id } of changes) productChanges.publish(id);
      const notice = deepFreeze(changes.map(({ id, document }) => ({ id, product: document })));
      for (const listener of listeners) listener(notice);
    });
    stock.watch((changes) => {
      for (const { id, document } of changes) {
        changed.add(`stock ${id}`);
        keeper.setStock(id, document && levelsIn(document));
        productChanges.publish(id);
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
    const products = packedProducts(await store.collection({ name: 'products', indexes: {} }));
    // The name is from the time when only SKUs were claimed.
    const claims = await store.collection<ClaimDocument>({ name: 'skus', indexes: {}, watched: false });
    const ownerOf = ({ kind, text }: Code) => {
      const found = keeper.codes.find(kind, text);
      // The id of a product with several variants is the id of none of them.
      return (
        (found ?? (kind === 'variantId' ? keeper.codes.find('productId', text) : null))?.productId ?? null
      );
    };
    const nowMs = () => host.clock.nowMs();
    const derived = store.ordered
      ? createDerivedClaims({
          older: claims,
          records: await store.collection<ProductCodesDocument>({
            name: 'product-codes',
            indexes: {},
            watched: false,
          }),
          products,
          ownerOf,
          nowMs,
        })
      : null;
    const all: Kept = {
      products,
      stock: await store.collection<StockDocument>({ name: 'stock', indexes: {} }),
      claims: createClaims(derived ?? createClaimDocuments(claims), products, ownerOf, nowMs),
      priceHistory: await store.collection<PriceHistoryDocument>({
        name: 'price-history',
        indexes: {},
        shardBy: 'id',
        watched: false,
      }),
      categories: await store.collection<CategoryDocument>({ name: 'categories', indexes: {} }),
    };
    kept = all;
    await collections.start(await store.collection<ProductCollection>({ name: 'collections', indexes: {} }));
    const changed = new Set<string>();
    follow(all, changed, derived);
    for await (const page of all.categories.scan()) {
      for (const category of page) if (!changed.has(`category ${category.id}`)) tree.set(category);
    }
    const damaged: string[] = [];
    await startReaders.read(
      indexed(
        all.products.scan({ skipDamaged: (id) => damaged.push(id) }),
        (id) => !changed.has(`product ${id}`),
      ),
    );
    await derived?.start(damaged.filter((id) => !changed.has(`product ${id}`)));
    const skipDamaged = (id: string) => !changed.has(`stock ${id}`) && keeper.setStock(id, []);
    for await (const page of all.stock.scan({ skipDamaged })) {
      for (const document of page)
        if (!changed.has(`stock ${document.id}`)) keeper.setStock(document.id, levelsIn(document));
    }
    changed.clear();
  }

  /** Pages of those products that `isCurrent` lets through, each after the index and the cache have it. */
  async function* indexed(pages: AsyncIterable<readonly Product[]>, isCurrent: (id: string) => boolean) {
    for await (const page of pages) {
      const current = page.filter(({ id }) => isCurrent(id));
      for (const product of current) {
        keeper.setProduct(product);
        cache.keep(product);
      }
      yield deepFreeze(current);
    }
  }

  async function readStock(productIds: readonly string[]): Promise<(StockByVariant | null)[]> {
    checkBatch(productIds, 'productIds');
    return stockByVariant(opened().stock, keeper, productIds);
  }

  const port: Catalog = {
    shelf: productIndex,
    variants: keeper.variants,
    currencies: keeper.currencies,
    resolve: (reference, kind) =>
      kind === undefined ? keeper.codes.resolve(reference) : keeper.codes.find(kind, reference),
    products(ids, onDamaged) {
      checkBatch(ids, 'ids');
      return cache.products(ids, onDamaged);
    },
    async productBy(kind, code, onDamaged) {
      const text = kind === 'gtin' ? readGtin(code) : code;
      if (typeof text !== 'string' || !(kind === 'handle' ? isHandle(text) : isId(text))) return null;
      // The claim leads to a product that is damaged, or that another process has just saved.
      const productId =
        keeper.codes.find(kind, text)?.productId ??
        (kind === 'productId' ? text : await opened().claims.claimantOf({ kind, text }));
      const product = productId === null ? null : (await cache.products([productId], onDamaged))[0];
      if (!product || kind === 'productId') return product ?? null;
      const has =
        kind === 'variantId'
          ? variantsOf(product).some(({ id }) => id === text)
          : codesOf(product).some((own) => own.kind === kind && own.text === text);
      return has ? product : null;
    },
    scan() {
      const { products } = opened();
      return store.ordered ? scanKept(productIndex, cache.readAll) : products.scan();
    },
    readAtStart: startReaders.add,
    async stock(productIds) {
      const stock = await readStock(productIds);
      return stock.map((byVariant, at) => byVariant && summedStock(byVariant, keeper, productIds[at]!));
    },
    stockByVariant: readStock,
    save: (inputs) => saveProducts(writing(), inputs),
    update: (inputs) => updateProducts(writing(), inputs),
    setPrices: (entries) => setPrices(writing(), entries),
    setShopperRatings: (ratings) => setShopperRatings(writing(), ratings),
    async remove(ids) {
      checkBatch(ids, 'ids');
      const { products, stock, claims, priceHistory } = opened();
      const damaged: string[] = [];
      const found = (
        await products.getMany([...new Set(ids)].filter(isId), { skipDamaged: (id) => damaged.push(id) })
      ).filter((product) => product !== null);
      const foundIds = [...found.map(({ id }) => id), ...damaged];
      if (foundIds.length === 0) return [];
      await queue.publishing([{ type: 'product.changed', ids: foundIds }], async () => {
        await products.remove(foundIds);
        await stock.remove(foundIds);
        await priceHistory.remove(foundIds);
        await claims.release(
          found.flatMap((product) => codesOf(product).map((code) => ({ ...code, productId: product.id }))),
        );
      });
      return foundIds;
    },
    setStock: (entries) => setStock(writing(), entries),
    collections: collections.port,
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

  async function priceChanges(productIds: readonly string[]): Promise<(readonly PriceChange[])[]> {
    const found = await opened().priceHistory.getMany(productIds, { skipDamaged: true });
    return found.map((document) => document?.changes ?? []);
  }

  const places = { ...keeper, knowsStore: productIndex.knowsStore };
  return {
    port,
    priceChanges,
    changes: productChanges,
    contextWarnings: (context) => unknownPlaces(context, places),
    start,
    categoryChanges: () => published.changes,
  };
}
