import type { Request, Role } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import {
  type Catalog,
  type Category,
  type Price,
  type Product,
  type ProductNode,
  ratingOf,
  textOf,
  type VariantNode,
  variantsOf,
} from '../../src/ports/catalog.js';
import { type PriceContext, priceOf, priceRangeOf, pricesOf, variantPrice } from '../../src/ports/prices.js';
import { inLocale, type ProductOption, type RelationKind } from '../../src/ports/product-details.js';
import { maySee } from '../../src/ports/product-status.js';
import { areComparable, unitPriceOf } from '../../src/ports/unit-price.js';
import { type CollectionNode, seesCollection } from './collection-fields.js';
import { batchedPerRequest } from './per-request.js';
import { lowestPrice30Days, type PriceChange } from './price-history.js';
import {
  amountOf,
  imageOf,
  isGeneral,
  listAmountOf,
  mediaFields,
  money,
  priceFields,
  variantImage,
} from './product-values.js';
import { type Levels, readLevels } from './stock-reader.js';

export interface CategoryNode {
  readonly category: Category;
  readonly locale: string | null;
}

export interface SellerNode {
  readonly productId: string;
  readonly seller: Product['sellers'][number];
}

const seesQuantities = new Set<Role>(['SERVER', 'MERCHANDISER', 'ADMIN']);

export interface ProductFieldParts {
  readonly catalog: Catalog;
  /** The replaced prices of products, oldest first, in the order of the ids. */
  readonly priceChanges: (productIds: readonly string[]) => Promise<(readonly PriceChange[])[]>;
  readonly nowMs: () => number;
}

/** The fields of `Product` and `ProductVariant`. */
export function productFields({ catalog, priceChanges, nowMs }: ProductFieldParts): Resolvers {
  const { shelf, variants: index } = catalog;
  const stockOf = batchedPerRequest((ids) => readLevels(catalog, ids));
  const changesOf = batchedPerRequest(priceChanges);

  /** Without a context: the currency of the product's first general price, in no store, now. */
  function priceContext({ product, context }: ProductNode): PriceContext {
    if (context) return context;
    const first = pricesOf(product).find(isGeneral);
    return { currency: first?.currency ?? '', storeId: null, atMs: nowMs() };
  }

  function available(node: ProductNode, place: number): boolean {
    return index.available(shelf.numberOf(node.product.id), place, node.context?.storeId ?? null);
  }

  function productPrice(node: ProductNode): Price | null {
    return priceOf(node.product, priceContext(node), (place) => available(node, place));
  }

  function visibleVariants(node: ProductNode, { caller }: Request): VariantNode[] {
    return variantsOf(node.product).flatMap((variant, place) =>
      maySee(caller.role, variant.status ?? 'ACTIVE') ? [{ node, variant, place }] : [],
    );
  }

  /** Prices of customer groups, and those that hold at another time, are not for a storefront. */
  function visiblePrices(node: ProductNode, prices: readonly Price[], { caller }: Request): readonly Price[] {
    if (caller.role !== 'STOREFRONT') return prices;
    const { atMs } = priceContext(node);
    return prices.filter(
      ({ customerGroup, validFromMs = 0, validUntilMs = Number.POSITIVE_INFINITY }) =>
        customerGroup === undefined && validFromMs <= atMs && atMs < validUntilMs,
    );
  }

  async function stockLevels(
    request: Request,
    productId: string,
    pick: (stock: Levels) => Readonly<Record<string, number>> | undefined,
  ) {
    if (!seesQuantities.has(request.caller.role)) return null;
    const stock = await stockOf(request, productId);
    if (stock === null) {
      throw new RapportError(
        'unavailable',
        'CATALOG_STOCK_UNKNOWN',
        `the stock of product "${productId}" is damaged; set the stock of all its stores again`,
      );
    }
    const levels = Object.entries(pick(stock) ?? {});
    return levels.length === 0 ? null : levels.map(([storeId, quantity]) => ({ storeId, quantity }));
  }

  function optionValues(node: ProductNode, { name, values, translations }: ProductOption, request: Request) {
    const { product, context } = node;
    const labels = context ? inLocale(translations, context.locale)?.values : undefined;
    const labelOf = (value: string) => labels?.find((each) => each.value === value)?.label ?? value;
    if (!product.variants) {
      const isAvailable = available(node, 0);
      return values.map((value) => ({ value, label: labelOf(value), available: isAvailable }));
    }
    const found = new Map<string, boolean>();
    for (const { variant, place } of visibleVariants(node, request)) {
      const value = variant.selectedOptions.find((option) => option.name === name)?.value;
      if (value !== undefined) found.set(value, found.get(value) === true || available(node, place));
    }
    return values.flatMap((value) => {
      const isAvailable = found.get(value);
      return isAvailable === undefined ? [] : [{ value, label: labelOf(value), available: isAvailable }];
    });
  }

  /** Products that the caller may see, in the order of the ids. */
  async function nodesOf(ids: readonly string[], context: ProductNode['context'], { caller }: Request) {
    const products = await catalog.products(ids);
    return products.map((product) =>
      product && maySee(caller.role, product.status) ? { product, context } : null,
    );
  }

  function unitPrice({ product }: ProductNode, price: Price | null, contents = product.contents) {
    if (price === null || contents === undefined) return null;
    const base = product.unitPriceBase;
    const { amountMinor, per } = unitPriceOf(
      price.amountMinor,
      contents,
      base && areComparable(base, contents) ? base : undefined,
    );
    return { ...money(amountMinor, price.currency), per };
  }

  return {
    Product: {
      id: ({ product }: ProductNode) => product.id,
      handle: ({ product }: ProductNode) => product.handle ?? null,
      sku: ({ product }: ProductNode) => product.sku,
      gtin: ({ product }: ProductNode) => product.gtin ?? null,
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
      tags: ({ product }: ProductNode) => product.tags ?? [],
      price: (node: ProductNode) => amountOf(productPrice(node)),
      listPrice: (node: ProductNode) => listAmountOf(productPrice(node)),
      priceRange: (node: ProductNode) => {
        const range = priceRangeOf(node.product, priceContext(node));
        return range && { min: amountOf(range.min), max: amountOf(range.max) };
      },
      prices: (node: ProductNode, _: unknown, request: Request) =>
        visiblePrices(node, node.product.prices, request).map(priceFields),
      inStock: ({ product, context }: ProductNode) => {
        const number = shelf.numberOf(product.id);
        return context?.storeId ? shelf.inStore(number, context.storeId) : shelf.inStock(number);
      },
      stock: ({ product }: ProductNode, _: unknown, request: Request) =>
        stockLevels(request, product.id, ({ sum }) => sum),
      options: (node: ProductNode, _: unknown, request: Request) =>
        node.product.options.flatMap((option) => {
          const values = optionValues(node, option, request);
          const { locale } = node.context ?? {};
          const label = (locale && inLocale(option.translations, locale)?.label) ?? option.name;
          return values.length === 0 ? [] : [{ name: option.name, label, values }];
        }),
      variants: (node: ProductNode, _: unknown, request: Request) => visibleVariants(node, request),
      attributes: ({ product, context }: ProductNode) =>
        product.attributes.map(({ name, value, label, translations }) => {
          const texts = context ? inLocale(translations, context.locale) : undefined;
          return { name, value, label: texts?.label ?? label ?? name, text: texts?.value ?? String(value) };
        }),
      media: ({ product }: ProductNode) => product.media.map(mediaFields),
      image: ({ product }: ProductNode) => imageOf(product),
      sellers: ({ product: { id, sellers } }: ProductNode): SellerNode[] =>
        sellers.map((seller) => ({ productId: id, seller })),
      unitPrice: (node: ProductNode) => unitPrice(node, productPrice(node)),
      rating: ({ product }: ProductNode) => ratingOf(product),
      collections: ({ product, context }: ProductNode, _: unknown, { caller }: Request): CollectionNode[] =>
        catalog.collections
          .of(product)
          .filter((collection) => seesCollection(caller.role, collection))
          .map((collection) => ({ collection, locale: context?.locale ?? null })),
      purchasable: (node: ProductNode) => productPrice(node) !== null,
      related: async (
        { product, context }: ProductNode,
        args: { kind?: RelationKind | null },
        request: Request,
      ) => {
        const relations = product.relations?.filter(({ kind }) => !args.kind || kind === args.kind) ?? [];
        const ids = [...new Set(relations.map(({ productId }) => productId))];
        const found = await nodesOf(ids, context, request);
        return found.filter((node) => node !== null);
      },
      bundleOf: async ({ product, context }: ProductNode, _: unknown, request: Request) => {
        const { bundleOf = [] } = product;
        const found = await nodesOf(
          bundleOf.map(({ productId }) => productId),
          context,
          request,
        );
        return bundleOf.flatMap(({ variantId, quantity }, at) => {
          const node = found[at];
          if (!node) return [];
          const variant = visibleVariants(node, request).find((each) => each.variant.id === variantId);
          return [{ product: node, variant: variant ?? null, quantity }];
        });
      },
      createdAt: ({ product }: ProductNode) => new Date(product.createdAtMs),
      updatedAt: ({ product }: ProductNode) => new Date(product.updatedAtMs),
    },
    Seller: {
      id: ({ seller }: SellerNode) => seller.id,
      name: ({ seller }: SellerNode) => seller.name,
    },
    ProductVariant: {
      id: ({ variant }: VariantNode) => variant.id,
      sku: ({ variant }: VariantNode) => variant.sku ?? null,
      gtin: ({ variant }: VariantNode) => variant.gtin ?? null,
      title: ({ node, variant }: VariantNode) => {
        if (variant.selectedOptions.length > 0)
          return variant.selectedOptions.map(({ value }) => value).join(' / ');
        return node.context ? textOf(node.product, node.context.locale).title : node.product.title;
      },
      status: ({ variant }: VariantNode) => variant.status ?? 'ACTIVE',
      selectedOptions: ({ variant }: VariantNode) => variant.selectedOptions,
      price: ({ node, variant }: VariantNode) =>
        amountOf(variantPrice(node.product, variant, priceContext(node))),
      listPrice: ({ node, variant }: VariantNode) =>
        listAmountOf(variantPrice(node.product, variant, priceContext(node))),
      lowestPrice30Days: async ({ node, variant }: VariantNode, _: unknown, request: Request) => {
        const changes = await changesOf(request, node.product.id);
        const context = priceContext(node);
        const lowest = lowestPrice30Days(node.product, variant, changes, context);
        return lowest === null ? null : money(lowest, context.currency);
      },
      unitPrice: ({ node, variant }: VariantNode) =>
        unitPrice(node, variantPrice(node.product, variant, priceContext(node)), variant.contents),
      prices: ({ node, variant }: VariantNode, _: unknown, request: Request) =>
        visiblePrices(node, variant.prices ?? node.product.prices, request).map(priceFields),
      inStock: ({ node, place }: VariantNode) => available(node, place),
      stock: ({ node, variant }: VariantNode, _: unknown, request: Request) =>
        stockLevels(request, node.product.id, ({ byVariant }) => byVariant.get(variant.id)),
      image: ({ node, variant }: VariantNode) => variantImage(node.product, variant),
      product: ({ node }: VariantNode) => node,
    },
  };
}
