import type { ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { formatAmount } from '../../src/money.js';
import type { Resolvers } from '../../src/plugin.js';
import {
  type Catalog,
  type Category,
  maySee,
  type Price,
  type Product,
  type ProductNode,
  priceOf,
  textOf,
} from '../../src/ports/catalog.js';
import { batchMax } from './faults.js';

interface CategoryNode {
  readonly category: Category;
  readonly locale: string | null;
}

interface ContextArgs {
  readonly context?: ContextInput | null;
}

const seesQuantities = new Set(['SERVER', 'MERCHANDISER', 'ADMIN']);

export function createResolvers(catalog: Catalog): Resolvers {
  const { shelf } = catalog;
  const stockOf = batched(catalog);
  const nodes = (products: readonly Product[]): ProductNode[] =>
    products.map((product) => ({ product, context: null }));

  /** A category above or of a product that the caller may see is visible, too. */
  function visibleTo(request: Request, categories: readonly Category[]): readonly Category[] {
    return request.caller.role === 'STOREFRONT'
      ? categories.filter(({ id }) => catalog.isPublished(id))
      : categories;
  }

  return {
    Query: {
      async product(
        _: unknown,
        args: ContextArgs & { id?: string | null; sku?: string | null },
        request: Request,
      ): Promise<ProductNode | null> {
        const { id = null, sku = null } = args;
        if ((id === null) === (sku === null)) {
          throw new RapportError(
            'invalid',
            'CATALOG_PRODUCT_ARGUMENTS',
            'product takes exactly one of id and sku.',
          );
        }
        const context = args.context ? request.context(args.context) : null;
        // No answer about a damaged product is the right one: that there is none is not kept by anybody.
        const onDamaged = () => request.degraded('catalog');
        const product =
          id === null
            ? await catalog.productBySku(sku!, onDamaged)
            : (await catalog.products([id], onDamaged))[0];
        if (!product || !maySee(request.caller.role, product.status)) return null;
        return { product, context };
      },
      categories(_: unknown, args: ContextArgs, request: Request): CategoryNode[] {
        const locale = args.context ? request.context(args.context).locale : null;
        return visibleTo(request, catalog.categories()).map((category) => ({ category, locale }));
      },
    },
    Product: {
      id: ({ product }: ProductNode) => product.id,
      sku: ({ product }: ProductNode) => product.sku,
      status: ({ product }: ProductNode) => product.status,
      title: ({ product, context }: ProductNode) =>
        context ? textOf(product, context.locale).title : product.title,
      description: ({ product, context }: ProductNode) =>
        context ? textOf(product, context.locale).description : product.description,
      brand: ({ product }: ProductNode) => product.brand,
      categories: ({ product, context }: ProductNode): CategoryNode[] =>
        product.categoryIds.flatMap((id) => {
          const category = catalog.category(id);
          return category ? [{ category, locale: context?.locale ?? null }] : [];
        }),
      price: (node: ProductNode) => {
        const price = priceFor(node);
        return price && money(price.amountMinor, price.currency);
      },
      listPrice: (node: ProductNode) => {
        const price = priceFor(node);
        return price && price.listAmountMinor !== null ? money(price.listAmountMinor, price.currency) : null;
      },
      prices: ({ product }: ProductNode) =>
        product.prices.map(({ amountMinor, listAmountMinor, currency, storeId }) => ({
          price: money(amountMinor, currency),
          listPrice: listAmountMinor === null ? null : money(listAmountMinor, currency),
          storeId,
        })),
      inStock: ({ product, context }: ProductNode) => {
        const number = shelf.numberOf(product.id);
        return context?.storeId ? shelf.inStore(number, context.storeId) : shelf.inStock(number);
      },
      stock: async ({ product }: ProductNode, _: unknown, request: Request) => {
        if (!seesQuantities.has(request.caller.role)) return null;
        const stock = await stockOf(request, product.id);
        if (stock === null) {
          throw new RapportError(
            'unavailable',
            'CATALOG_STOCK_UNKNOWN',
            `the stock of product "${product.id}" is damaged; set the stock of all its stores again`,
          );
        }
        const levels = Object.entries(stock);
        return levels.length === 0 ? null : levels.map(([storeId, quantity]) => ({ storeId, quantity }));
      },
      options: ({ product }: ProductNode) => product.options,
      attributes: ({ product }: ProductNode) => product.attributes,
      media: ({ product }: ProductNode) => product.media,
      image: ({ product }: ProductNode) => product.media[0] ?? null,
      sellers: ({ product }: ProductNode) => product.sellers,
      createdAt: ({ product }: ProductNode) => new Date(product.createdAtMs),
      updatedAt: ({ product }: ProductNode) => new Date(product.updatedAtMs),
    },
    Category: {
      id: ({ category }: CategoryNode) => category.id,
      name: ({ category, locale }: CategoryNode) => nameOf(category, locale),
      parent: ({ category, locale }: CategoryNode): CategoryNode | null => {
        const parent = category.parentId === null ? null : catalog.category(category.parentId);
        return parent && { category: parent, locale };
      },
      children: ({ category, locale }: CategoryNode, _: unknown, request: Request): CategoryNode[] =>
        visibleTo(request, catalog.children(category.id)).map((child) => ({ category: child, locale })),
    },
    Mutation: {
      async saveProducts(_: unknown, args: { products: readonly unknown[] }) {
        const { saved, unchanged, userErrors } = await catalog.save(args.products);
        return { products: nodes(saved), saved: saved.length, unchanged, userErrors };
      },
      async removeProducts(_: unknown, args: { ids: readonly string[] }) {
        return { removedIds: await catalog.remove(args.ids), userErrors: [] };
      },
      async setStock(_: unknown, args: { entries: Parameters<Catalog['setStock']>[0] }) {
        return catalog.setStock(args.entries);
      },
      async saveCategories(_: unknown, args: { categories: readonly unknown[] }) {
        const { saved, userErrors } = await catalog.saveCategories(args.categories);
        return { categories: saved.map((category) => ({ category, locale: null })), userErrors };
      },
    },
  };
}

/** Without a context the first price that holds everywhere. */
function priceFor({ product, context }: ProductNode): Price | null {
  if (context) return priceOf(product, context.currency, context.storeId);
  return product.prices.find(({ storeId }) => storeId === null) ?? null;
}

function money(minor: number, currency: string): { readonly amount: string; readonly currency: string } {
  return { amount: formatAmount(minor, currency), currency };
}

function nameOf(category: Category, locale: string | null): string {
  if (locale === null) return category.name;
  const translation = category.translations[locale] ?? category.translations[locale.split('-')[0]!];
  return translation?.name ?? category.name;
}

/** Collects the products whose quantities one request asks for before the next turn, and reads them at once. */
function batched(
  catalog: Catalog,
): (request: Request, productId: string) => Promise<Readonly<Record<string, number>> | null> {
  const batches = new WeakMap<
    Request,
    { readonly ids: string[]; readonly read: Promise<readonly (Readonly<Record<string, number>> | null)[]> }
  >();
  return async (request, productId) => {
    let batch = batches.get(request);
    if (!batch || batch.ids.length === batchMax) {
      const ids: string[] = [];
      const read = Promise.resolve().then(() => {
        if (batches.get(request)?.ids === ids) batches.delete(request);
        return catalog.stock(ids);
      });
      batch = { ids, read };
      batches.set(request, batch);
    }
    const at = batch.ids.push(productId) - 1;
    return (await batch.read)[at]!;
  };
}
