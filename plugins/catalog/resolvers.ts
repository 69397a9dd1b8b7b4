import { type Context, type ContextInput, inCustomerGroup, type Request } from '../../src/context.js';
import type { Contributed } from '../../src/contributed.js';
import { RapportError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import type { Topics } from '../../src/kit/topics.js';
import type { Instance, Resolvers } from '../../src/plugin.js';
import type { Category, Product, ProductNode } from '../../src/ports/catalog.js';
import type { CustomerGroups } from '../../src/ports/customers.js';
import { inLocale } from '../../src/ports/product-details.js';
import { maySee } from '../../src/ports/product-status.js';
import { collectionFields } from './collection-fields.js';
import { catalogNodes } from './node-types.js';
import { type CategoryNode, type ProductFieldParts, productFields } from './product-fields.js';

interface ContextArgs {
  readonly context?: ContextInput | null;
}

interface WatchArgs extends ContextArgs {
  readonly productIds: readonly string[];
}

const namings = ['id', 'sku', 'gtin', 'handle'] as const;

type Named = { readonly [K in (typeof namings)[number]]?: string | null };

/** A customer's group is left out of a response that would wait longer for it. */
const groupDeadlineMs = 500;

/** Products of one stream of `stockChanged`. */
const watchedMax = 100;

export interface ResolverParts extends ProductFieldParts {
  readonly changes: Topics;
  readonly customerGroups: () => readonly Contributed<CustomerGroups>[];
}

export function createResolvers({ catalog, priceChanges, changes, nowMs, customerGroups }: ResolverParts): {
  readonly resolvers: Resolvers;
  readonly nodes: NonNullable<Instance<unknown>['nodes']>;
} {
  /** The context with the group of its customer, if the customer has one. */
  async function inGroup(context: Context, request: Request): Promise<Context> {
    const { customerId, customerGroup } = context;
    if (customerId === null || customerGroup) return context;
    for (const source of customerGroups()) {
      const group = await source.call(groupDeadlineMs, async (groups) => ({
        name: await groups.groupOf(customerId),
      }));
      if (group === null) request.degraded('prices');
      else if (group.name !== null) return inCustomerGroup(context, group.name);
    }
    return context;
  }

  const nodes = (products: readonly Product[]): ProductNode[] =>
    products.map((product) => ({ product, context: null }));

  /** An id that no product has may be that of a variant, a SKU or a GTIN. */
  async function productNamed(
    name: (typeof namings)[number],
    text: string,
    onDamaged: () => void,
  ): Promise<Product | null> {
    if (name !== 'id') return catalog.productBy(name, text, onDamaged);
    const [product] = await catalog.products([text], onDamaged);
    if (product) return product;
    const found = catalog.resolve(text);
    if (found === null || found.productId === text) return null;
    return (await catalog.products([found.productId], onDamaged))[0] ?? null;
  }

  /** A category above or of a product that the caller may see is visible, too. */
  const seesCategory = ({ caller }: Request, id: string) =>
    caller.role !== 'STOREFRONT' || catalog.isPublished(id);

  function visibleTo(request: Request, categories: readonly Category[]): readonly Category[] {
    return categories.filter(({ id }) => seesCategory(request, id));
  }

  const ofCollections = collectionFields(catalog.collections, ({ context }: ContextArgs, request) =>
    context ? request.context(context).locale : null,
  );

  const resolvers: Resolvers = {
    ...ofCollections,
    Query: {
      ...ofCollections.Query,
      async product(_: unknown, args: ContextArgs & Named, request: Request): Promise<ProductNode | null> {
        const given = namings.filter((name) => args[name] !== null && args[name] !== undefined);
        const [name] = given;
        if (name === undefined || given.length > 1) {
          throw new RapportError(
            'invalid',
            'CATALOG_PRODUCT_ARGUMENTS',
            `product takes exactly one of id, sku, gtin and handle; it got ${given.length === 0 ? 'none' : given.join(' and ')}.`,
          );
        }
        const context = args.context ? await inGroup(request.context(args.context), request) : null;
        // No answer about a damaged product is the right one: that there is none is not kept by anybody.
        const onDamaged = () => request.degraded('catalog');
        const product = await productNamed(name, args[name]!, onDamaged);
        if (!product || !maySee(request.caller.role, product.status)) return null;
        return { product, context };
      },
      categories(_: unknown, args: ContextArgs, request: Request): CategoryNode[] {
        const locale = args.context ? request.context(args.context).locale : null;
        return visibleTo(request, catalog.categories()).map((category) => ({ category, locale }));
      },
    },
    Subscription: {
      stockChanged: {
        async subscribe(_: unknown, { productIds }: WatchArgs, request: Request) {
          const ids = [...new Set(productIds.map((id) => catalog.resolve(id)?.productId ?? id))];
          if (ids.length === 0 || productIds.length > watchedMax) throw watchedFault(productIds.length);
          const products = await catalog.products(ids);
          const unknown = ids.find((_, i) => !maySee(request.caller.role, products[i]?.status ?? null));
          if (unknown !== undefined) throw unknownProduct(unknown);
          return changes.subscribe(ids, ids);
        },
        async resolve(id: string, args: WatchArgs, request: Request): Promise<ProductNode | null> {
          const context = args.context ? await inGroup(request.context(args.context), request) : null;
          const [product] = await catalog.products([id]);
          return product && maySee(request.caller.role, product.status) ? { product, context } : null;
        },
      },
    },
    ...productFields({ catalog, priceChanges, nowMs }),
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
      ...ofCollections.Mutation,
      async saveProducts(_: unknown, args: { products: readonly unknown[] }) {
        const { saved, unchanged, userErrors } = await catalog.save(args.products);
        return { products: nodes(saved), saved: saved.length, unchanged, userErrors };
      },
      async updateProducts(_: unknown, args: { products: readonly unknown[] }) {
        const { saved, unchanged, userErrors } = await catalog.update(args.products);
        return { products: nodes(saved), saved: saved.length, unchanged, userErrors };
      },
      setPrices: (_: unknown, args: { entries: readonly unknown[] }) => catalog.setPrices(args.entries),
      async removeProducts(_: unknown, args: { ids: readonly string[] }) {
        return { removedIds: await catalog.remove(args.ids), userErrors: [] };
      },
      setStock: (_: unknown, args: { entries: readonly unknown[] }) => catalog.setStock(args.entries),
      async saveCategories(_: unknown, args: { categories: readonly unknown[] }) {
        const { saved, userErrors } = await catalog.saveCategories(args.categories);
        return { categories: saved.map((category) => ({ category, locale: null })), userErrors };
      },
    },
  };
  return { resolvers, nodes: catalogNodes({ catalog, inGroup, seesCategory }) };
}

function nameOf(category: Category, locale: string | null): string {
  if (locale === null) return category.name;
  return inLocale(category.translations, locale)?.name ?? category.name;
}

function watchedFault(count: number): RapportError {
  return new RapportError(
    'invalid',
    'CATALOG_WATCHED_PRODUCTS',
    `productIds has ${count} ids; a stream takes 1 to ${watchedMax}. Open another one for more.`,
    { path: ['productIds'] },
  );
}

function unknownProduct(id: string): RapportError {
  return new RapportError(
    'missing',
    'CATALOG_PRODUCT_UNKNOWN',
    `productIds names ${shownValue(id)}, which no published product has.`,
    { path: ['productIds'] },
  );
}
