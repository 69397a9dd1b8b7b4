import type { Context, Role } from '../context.js';
import type { UserError } from '../errors.js';

export type ProductStatus = 'ACTIVE' | 'DRAFT' | 'ARCHIVED';

export interface Price {
  /** ISO 4217. */
  readonly currency: string;
  readonly amountMinor: number;
  /** The price before a reduction; null when there is none. */
  readonly listAmountMinor: number | null;
  /** Holds in this store only; null: everywhere no store has its own. */
  readonly storeId: string | null;
}

export interface Attribute {
  readonly name: string;
  readonly value: string | number | boolean;
}

export interface Product {
  readonly id: string;
  readonly sku: string | null;
  /** The caller's own counter: a save with a lower one than is stored is ignored. */
  readonly version: number | null;
  readonly status: ProductStatus;
  readonly title: string;
  readonly description: string;
  readonly brand: string | null;
  readonly categoryIds: readonly string[];
  readonly prices: readonly Price[];
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly attributes: readonly Attribute[];
  readonly media: readonly { readonly url: string; readonly alt: string | null }[];
  readonly sellers: readonly { readonly id: string; readonly name: string }[];
  /** By BCP 47 locale; a missing text falls back to the product's own. */
  readonly translations: Readonly<Record<string, { readonly title?: string; readonly description?: string }>>;
  /** What voice may not say aloud: gifts, intimate goods. */
  readonly speakable: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The parent object of the GraphQL type `Product`, wherever it is answered. */
export interface ProductNode {
  readonly product: Product;
  /** Gives locale, currency and store of title, price and stock; null: its own text, its first price, stock anywhere. */
  readonly context: Context | null;
}

export interface Category {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly translations: Readonly<Record<string, { readonly name?: string }>>;
}

/** The store of stock entries that name none: what the shop ships. */
export const onlineStoreId = 'online';

/**
 * The data of every product that ranking needs, in the memory of the process, by number. Numbers are dense from 0 and
 * never change their meaning while the process lives; removed products keep theirs and are not eligible.
 * Every acknowledged write is in it.
 */
export interface Shelf {
  readonly size: number;
  /** Grows with every change of what is answered here, whichever process wrote it. */
  readonly changes: number;
  /** -1 for an unknown id. */
  numberOf(id: string): number;
  idOf(number: number): string;
  /** ACTIVE, and in stock somewhere or not stock-kept at all. */
  eligible(number: number): boolean;
  /** In stock in a store or online, or not stock-kept at all; whatever the status. */
  inStock(number: number): boolean;
  /** null for a removed product, and for one of which only the stock is known. */
  status(number: number): ProductStatus | null;
  /** In stock in this store, or not stock-kept at all. */
  inStore(number: number, storeId: string): boolean;
  /** True if a product was ever stocked there. */
  knowsStore(storeId: string): boolean;
  brand(number: number): string | null;
  /** The categories of a product, without their ancestors. */
  categories(number: number): readonly string[];
  createdAtMs(number: number): number;
}

export interface SaveResult {
  readonly saved: readonly Product[];
  /** Equal to what is stored, or older by version. */
  readonly unchanged: number;
  readonly userErrors: readonly UserError[];
}

export interface ProductChange {
  readonly id: string;
  /** null: removed. */
  readonly product: Product | null;
}

/** The central product truth. Inputs are validated here, element by element, before anything is written. */
export interface Catalog {
  readonly shelf: Shelf;
  /** In the order of the ids; null for unknown ones, and for damaged ones, which `onDamaged` is told. Any status. At most 1,000. */
  products(ids: readonly string[], onDamaged?: (id: string) => void): Promise<(Product | null)[]>;
  productBySku(sku: string, onDamaged?: (id: string) => void): Promise<Product | null>;
  /** All products in the order of their ids. */
  scan(): AsyncIterable<readonly Product[]>;
  /**
   * Quantities by store; an empty record for a product that is not stock-kept; null where what is stored is damaged: such a product
   * counts as out of stock until its stock is set again. In the order of the ids.
   */
  stock(productIds: readonly string[]): Promise<(Readonly<Record<string, number>> | null)[]>;
  /**
   * Upserts up to 1,000 products, all or nothing per element. `inputs` are `ProductInput`s of the schema. A category
   * that nobody has saved yet comes to be, named after its id; stock that is given is set as by `setStock`.
   */
  save(inputs: readonly unknown[]): Promise<SaveResult>;
  /** Answers the ids that existed. */
  remove(ids: readonly string[]): Promise<readonly string[]>;
  /** Sets quantities, up to 1,000 entries, in their order; unknown products are user errors. */
  setStock(
    entries: readonly { productId: string; storeId?: string | null; quantity: number }[],
  ): Promise<{ readonly set: number; readonly userErrors: readonly UserError[] }>;
  /** Parents before children, siblings by name. */
  categories(): readonly Category[];
  category(id: string): Category | null;
  /** Directly below, by name; empty for an unknown one. */
  children(categoryId: string): readonly Category[];
  /** The category and all below it; empty for an unknown one. */
  descendants(categoryId: string): readonly string[];
  /**
   * True if a storefront may see the category: it or one below it has an ACTIVE product, or it was saved and has no product at all.
   * A plugin that returns names of categories must call it for the role STOREFRONT.
   */
  isPublished(categoryId: string): boolean;
  /** Upserts up to 1,000 categories, parents in the same call or before; circles are user errors. */
  saveCategories(
    inputs: readonly unknown[],
  ): Promise<{ readonly saved: readonly Category[]; readonly userErrors: readonly UserError[] }>;
  /** Calls back, before the write is acknowledged, for each product saved or removed. Answers the stop function. */
  watch(listener: (changes: readonly ProductChange[]) => void): () => void;
}

/**
 * Returns whether a caller may see a product of this status: a STOREFRONT only what is published (ACTIVE), every other role all of
 * them. Ask it wherever a product, or a text made from one, leaves a plugin.
 */
export function maySee(role: Role, status: ProductStatus | null): boolean {
  return status === 'ACTIVE' || (role !== 'STOREFRONT' && status !== null);
}

/**
 * True if a product in a shopper's history says something about them to this caller. One that was never published does not: its brand
 * and categories would show in what is recommended and found. An archived one does, since the shopper saw it when it was published.
 */
export function countsInHistory(role: Role, status: ProductStatus | null): boolean {
  return maySee(role, status) || status === 'ARCHIVED';
}

/** The price that holds in a store and currency: the store's own, else the general one; null without either. */
export function priceOf(product: Product, currency: string, storeId: string | null): Price | null {
  let general: Price | null = null;
  for (const price of product.prices) {
    if (price.currency !== currency) continue;
    if (storeId !== null && price.storeId === storeId) return price;
    if (price.storeId === null) general = price;
  }
  return general;
}

/** The text of a product in a locale: exact, then by language, then the product's own. */
export function textOf(
  product: Product,
  locale: string,
): { readonly title: string; readonly description: string } {
  const translation = product.translations[locale] ?? product.translations[locale.split('-')[0]!];
  return {
    title: translation?.title ?? product.title,
    description: translation?.description ?? product.description,
  };
}
