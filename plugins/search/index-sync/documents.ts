import { type Catalog, type Category, onlineStoreId, type Product } from '../../../src/ports/catalog.js';
import type { LiveCatalog, SearchDocument } from '../../../src/ports/search-driver.js';

/** Products with what a driver needs to know beside; `withStock` only for drivers that cannot ask for it. */
export async function documentsOf(
  catalog: Catalog,
  products: readonly Product[],
  withStock: boolean,
): Promise<SearchDocument[]> {
  const active = products.filter(({ status }) => status === 'ACTIVE');
  const stock = withStock && active.length > 0 ? await catalog.stock(active.map(({ id }) => id)) : [];
  // Damaged stock: not known to be in stock anywhere.
  return active.map((product, i) =>
    documentOf(catalog, product, withStock ? (stock[i] ?? { [onlineStoreId]: 0 }) : {}),
  );
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
  const { shelf } = catalog;
  return {
    inStock(productId, storeId) {
      const number = shelf.numberOf(productId);
      return storeId === null ? shelf.inStock(number) : shelf.inStore(number, storeId);
    },
    lineage(categoryId) {
      const lineage = lineageOf(catalog, categoryId);
      return lineage.length > 0 ? lineage.map(({ id }) => id) : [categoryId];
    },
    categoryName(categoryId, locale) {
      const category = catalog.category(categoryId);
      if (!category) return categoryId;
      const translation = category.translations[locale] ?? category.translations[locale.split('-', 1)[0]!];
      return translation?.name ?? category.name;
    },
  };
}
