export interface OptionFilter {
  readonly name: string;
  /** Any one of them. */
  readonly values: readonly string[];
}

/** The variants to look for among those of a product. All given parts must hold for one and the same variant. */
export interface VariantFilter {
  /** For each option, one of the values. If omitted or empty, any variant. */
  readonly options?: readonly OptionFilter[];
  /** In stock in the store, or not stock-kept. If omitted, false. */
  readonly inStock?: boolean;
  /** If omitted or null, in stock anywhere. */
  readonly storeId?: string | null;
}

/** The variants of all products, in the memory of the process, by the number of the product. */
export interface Variants {
  /** The number of variants, at least 1 for a known product. */
  count(number: number): number;
  /** Returns whether the variant at this place of `variantsOf(product)` is ACTIVE and can be bought in the store, or anywhere if null. */
  available(number: number, place: number, storeId: string | null): boolean;
  /**
   * Returns a function that finds the first ACTIVE variant of a product that passes the filter: its place in `variantsOf(product)`, or
   * -1. Make it once a query: it remembers the sets of options that pass, so a call costs nanoseconds a variant.
   */
  matching(filter: VariantFilter): (number: number) => number;
}

/** A product, and which of its variants was named. */
export interface ProductReference {
  readonly productId: string;
  /** null: the product as such. */
  readonly variantId: string | null;
}

/** The kinds of codes that name a product or one of its variants. */
export type ReferenceKind = 'productId' | 'variantId' | 'sku' | 'gtin' | 'handle';
