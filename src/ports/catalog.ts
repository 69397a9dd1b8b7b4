import type { Context } from '../context.js';
import type { UserError } from '../errors.js';
import type { Collections } from './collections.js';
import {
  type Attribute,
  type BundleItem,
  inLocale,
  type Measure,
  type Media,
  type ProductOption,
  type Rating,
  type Relation,
  type SelectedOption,
} from './product-details.js';
import type { ProductStatus } from './product-status.js';
import type { ProductReference, ReferenceKind, Variants } from './variants.js';

/** A price and the conditions that it holds under. `resolvePrice` in `prices.ts` chooses among several. */
export interface Price {
  /** ISO 4217. */
  readonly currency: string;
  readonly amountMinor: number;
  /** The price before a reduction; null when there is none. */
  readonly listAmountMinor: number | null;
  /** Holds in this store only; null: everywhere no store has its own. */
  readonly storeId: string | null;
  /** Holds for customers of this group only. If omitted, for everybody. */
  readonly customerGroup?: string;
  /** Pieces of one order line from which the price holds. If omitted, 1. */
  readonly minQuantity?: number;
  /** The first moment at which it holds. If omitted, it has no beginning. */
  readonly validFromMs?: number;
  /** The first moment at which it no longer holds. If omitted, it has no end. */
  readonly validUntilMs?: number;
  /** True if the amount includes tax, false if it does not. If omitted, the shop did not state it. */
  readonly taxIncluded?: boolean;
}

/** A form in which a product is sold, for example the shirt in size M and red. */
export interface ProductVariant {
  /** Unique in the shop. */
  readonly id: string;
  /** If omitted, it has none. */
  readonly sku?: string;
  /** GTIN-14: EAN, UPC and ISBN with leading zeros. If omitted, it has none. */
  readonly gtin?: string;
  /** At most one value for each option, in the order of the product's options. Empty for a default variant. */
  readonly selectedOptions: readonly SelectedOption[];
  /** Its own prices. Where none of them holds, those of the product do. If omitted, it has none. */
  readonly prices?: readonly Price[];
  /** If omitted, the media of the product show it. */
  readonly media?: Media;
  /** The amount in the package, for unit prices. If omitted, that of the product. */
  readonly contents?: Measure;
  /** If omitted, ACTIVE. A variant is sold only while its product is ACTIVE, too. */
  readonly status?: ProductStatus;
}

export interface Product {
  readonly id: string;
  /** Names the product in URLs; unique in the shop. If omitted, it has none. */
  readonly handle?: string;
  /** Of the default variant, or of the product as a whole if it has `variants`. */
  readonly sku: string | null;
  /** GTIN-14, as `sku`. If omitted, it has none. */
  readonly gtin?: string;
  /** The caller's own counter: a save with a lower one than is stored is ignored. */
  readonly version: number | null;
  /** The counters of feeds, by the name of the feed, or by name, line break and variant id. If omitted, none gave one. */
  readonly feedVersions?: Readonly<Record<string, number>>;
  readonly status: ProductStatus;
  readonly title: string;
  readonly description: string;
  readonly brand: string | null;
  readonly categoryIds: readonly string[];
  /** In the order that the shop gave. If omitted, it has none. */
  readonly tags?: readonly string[];
  /** They hold for each variant for which none of its own prices holds. */
  readonly prices: readonly Price[];
  readonly options: readonly ProductOption[];
  /** At least one if given. If omitted, the product is sold as one default variant; read them by `variantsOf`. */
  readonly variants?: readonly ProductVariant[];
  readonly attributes: readonly Attribute[];
  readonly media: readonly Media[];
  /** The amount in the package, for unit prices. If omitted, there are none. */
  readonly contents?: Measure;
  /** The amount that unit prices are for. If omitted, one kilogram, litre, metre, square metre or piece. */
  readonly unitPriceBase?: Measure;
  /** Ratings as the shop counted them. If omitted, unknown. Read it by `ratingOf`. */
  readonly rating?: Rating;
  /** Ratings in shoppers' events. If omitted, none count. A save of the product leaves it. */
  readonly shopperRating?: Rating;
  /** Other products, in the shop's order within a kind. If omitted, none. */
  readonly relations?: readonly Relation[];
  /** The products that it is a bundle of. If omitted, it is no bundle. */
  readonly bundleOf?: readonly BundleItem[];
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

/** The parent object of the GraphQL type `ProductVariant`, wherever it is answered. */
export interface VariantNode {
  readonly node: ProductNode;
  readonly variant: ProductVariant;
  /** In `variantsOf(product)`. */
  readonly place: number;
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
  /**
   * The number of a product by its id or another code that `Catalog.resolve` takes; -1 for an unknown one. So events and carts may
   * name products by variant id, SKU, GTIN or Shopify GID, and count as soon as their product is saved.
   */
  numberOf(reference: string): number;
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
  /** True if it has a price in this currency, for whatever store, customer group, quantity and time. */
  isSoldIn(number: number, currency: string): boolean;
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
  readonly variants: Variants;
  /** The currencies that a product ever had a price in. Empty in a shop that keeps its prices elsewhere. */
  currencies(): readonly string[];
  /**
   * Resolves a product id, variant id, SKU, GTIN in any of its forms, or Shopify GID, in this order, from memory. With a kind, only
   * a code of that kind; `skuInAnyCase` is a SKU as written, otherwise one that differs only in the case of its letters. Null for one
   * that no product has, whatever its status.
   */
  resolve(reference: string, kind?: ReferenceKind | 'skuInAnyCase'): ProductReference | null;
  /** In the order of the ids; null for unknown ones, and for damaged ones, which `onDamaged` is told. Any status. At most 1,000. */
  products(ids: readonly string[], onDamaged?: (id: string) => void): Promise<(Product | null)[]>;
  /** The product that a SKU or one of the other codes names; null without one. */
  productBy(kind: ReferenceKind, code: string, onDamaged?: (id: string) => void): Promise<Product | null>;
  /** All products in the order of their ids. */
  scan(): AsyncIterable<readonly Product[]>;
  /**
   * Passes all products to a reader while the catalog starts: one reading of the store for all readers, since it takes most of a start.
   * To be called in `create`. Drivers are open then, other plugins have not started. A product that changes meanwhile is reported by `watch`, and is
   * in no later page. The catalog has started when all readers have resolved; one that rejects fails the start.
   */
  readAtStart(reader: (pages: AsyncIterable<readonly Product[]>) => Promise<void>): void;
  /**
   * Quantities by store, summed over the ACTIVE variants; an empty record for a product of which one is not stock-kept; null where what
   * is stored is damaged: such a product counts as out of stock until its stock is set again. In the order of the ids.
   */
  stock(productIds: readonly string[]): Promise<(Readonly<Record<string, number>> | null)[]>;
  /** The same by variant id. A variant that is not stock-kept is not in the map. */
  stockByVariant(
    productIds: readonly string[],
  ): Promise<(ReadonlyMap<string, Readonly<Record<string, number>>> | null)[]>;
  /**
   * Upserts up to 1,000 products, all or nothing per element. `inputs` are `ProductInput`s of the schema. A category
   * that nobody has saved yet comes to be, named after its id; stock that is given is set as by `setStock`.
   */
  save(inputs: readonly unknown[]): Promise<SaveResult>;
  /**
   * Changes the given fields of up to 1,000 products and no others. `inputs` are `ProductPatchInput`s of the schema; an unknown product
   * is a user error. `saved` and `unchanged` count products.
   */
  update(inputs: readonly unknown[]): Promise<SaveResult>;
  /**
   * Sets prices, up to 1,000 `PriceEntryInput`s of the schema. The entries of a call for one product or variant, currency, store and customer
   * group replace its prices there; others stay.
   */
  setPrices(
    entries: readonly unknown[],
  ): Promise<{ readonly set: number; readonly userErrors: readonly UserError[] }>;
  /**
   * Sets the ratings in shoppers' events, up to 1,000; null: none count. Unknown and damaged products are passed over.
   * @internal For plugins of this repository.
   */
  setShopperRatings(
    ratings: readonly { readonly productId: string; readonly rating: Rating | null }[],
  ): Promise<void>;
  /** Answers the ids that existed. */
  remove(ids: readonly string[]): Promise<readonly string[]>;
  /** Sets quantities, up to 1,000 `StockInput`s, in their order; unknown products and variants are user errors. */
  setStock(
    entries: readonly unknown[],
  ): Promise<{ readonly set: number; readonly userErrors: readonly UserError[] }>;
  readonly collections: Collections;
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

/** The variants of a product, in the shop's order: at least one. A product without options has one default variant, whose id is the product's. */
export function variantsOf(product: Product): readonly ProductVariant[] {
  if (product.variants !== undefined) return product.variants;
  const { id, sku, gtin } = product;
  return [
    { id, ...(sku === null ? {} : { sku }), ...(gtin === undefined ? {} : { gtin }), selectedOptions: [] },
  ];
}

/** Returns whether the variant at this place of `variantsOf(product)` is ACTIVE and can be bought in the store, or anywhere if null. */
export function canBuyVariant(
  catalog: Catalog,
  productId: string,
  place: number,
  storeId: string | null,
): boolean {
  return catalog.variants.available(catalog.shelf.numberOf(productId), place, storeId);
}

/** The ratings that the shop counted and those in shoppers' events together. Null without any. */
export function ratingOf({ rating, shopperRating }: Product): Rating | null {
  if (rating === undefined || shopperRating === undefined) return rating ?? shopperRating ?? null;
  const count = rating.count + shopperRating.count;
  const stars = rating.average * rating.count + shopperRating.average * shopperRating.count;
  return { average: Math.round((stars / count) * 100) / 100, count };
}

/** The text of a product in a locale: exact, then by language, then the product's own. */
export function textOf(
  product: Product,
  locale: string,
): { readonly title: string; readonly description: string } {
  const translation = inLocale(product.translations, locale);
  return {
    title: translation?.title ?? product.title,
    description: translation?.description ?? product.description,
  };
}
