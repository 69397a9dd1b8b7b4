import {
  type Catalog,
  type Category,
  canBuyVariant,
  onlineStoreId,
  type Product,
} from '../../../src/ports/catalog.js';
import { inLocale } from '../../../src/ports/product-details.js';
import type { LiveCatalog, SearchDocument } from '../../../src/ports/search-driver.js';

type VariantStock = NonNullable<SearchDocument['variantStock']>;

const nowhere = { [onlineStoreId]: 0 };

/** Products with what a driver needs to know beside; `withStock` only for drivers that cannot ask for it. */
export async function documentsOf(
  catalog: Catalog,
  products: readonly Product[],
  withStock: boolean,
): Promise<SearchDocument[]> {
  const active = products.filter(({ status }) => status === 'ACTIVE');
  const stock = withStock && active.length > 0 ? await catalog.stock(active.map(({ id }) => id)) : [];
  const sized = withStock ? active.filter(({ variants }) => variants !== undefined) : [];
  const stockOfSized = sized.length > 0 ? await catalog.stockByVariant(sized.map(({ id }) => id)) : [];
  const byVariant = new Map(sized.map(({ id }, i) => [id, stockOfSized[i]]));
  // Damaged stock: not known to be in stock anywhere.
  return active.map((product, i) => {
    if (!withStock) return documentOf(catalog, product);
    const document = documentOf(catalog, product, stock[i] ?? nowhere);
    if (!product.variants) return document;
    const damaged = (): VariantStock => new Map(product.variants?.map(({ id }) => [id, nowhere]));
    return { ...document, variantStock: byVariant.get(product.id) ?? damaged() };
  });
}

export function documentOf(
  catalog: Catalog,
  product: Product,
  stock: Readonly<Record<string, number>> = {},
): SearchDocument {
  const categories = new Map<string, Category>();
  const lineages = product.categoryIds.map((id) => lineageOf(catalog, id));
  for (const [own] of lineages) if (own) categories.set(own.id, own);
  for (const lineage of lineages) for (const category of lineage) categories.set(category.id, category);
  return { product, categories: [...categories.values()], stock };
}

const depthMax = 20;

/** A category, then those above it, nearest first; empty for an unknown one. */
function lineageOf(catalog: Catalog, categoryId: string): Category[] {
  const lineage: Category[] = [];
  let category = catalog.category(categoryId);
  while (category && lineage.length < depthMax && !lineage.includes(category)) {
    lineage.push(category);
    category = category.parentId === null ? null : catalog.category(category.parentId);
  }
  return lineage;
}

export function liveCatalog(catalog: Catalog): LiveCatalog {
  const { variants } = catalog;
  const { numberOf, inStock, inStore } = catalog.shelf;
  return {
    inStock(productId, storeId) {
      const number = numberOf(productId);
      return storeId === null ? inStock(number) : inStore(number, storeId);
    },
    available: (productId, place, storeId) => canBuyVariant(catalog, productId, place, storeId),
    matching(filter) {
      const placeOf = variants.matching(filter);
      return (productId) => placeOf(numberOf(productId)) >= 0;
    },
    lineage(categoryId) {
      const lineage = lineageOf(catalog, categoryId);
      return lineage.length > 0 ? lineage.map(({ id }) => id) : [categoryId];
    },
    categoryName(categoryId, locale) {
      const category = catalog.category(categoryId);
      return category ? (inLocale(category.translations, locale)?.name ?? category.name) : categoryId;
    },
  };
}
