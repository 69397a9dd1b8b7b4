import type { Measure } from '../../src/ports/product-details.js';
import type { ProductStatus } from '../../src/ports/product-status.js';

/** A price as a file states it, with the conditions under which it holds. */
export interface ImportedPrice {
  /** Plain decimal notation, with no more decimals than the currency has. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly listAmount?: string;
  readonly storeId?: string;
  readonly customerGroup?: string;
  readonly minQuantity?: number;
  /** RFC 3339, in UTC. */
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly taxIncluded?: boolean;
}

export interface ImportedStock {
  readonly storeId?: string;
  /** From 0. */
  readonly quantity: number;
}

export interface ImportedMedia {
  readonly url: string;
  readonly alt?: string;
}

/** A value of an option; the name is absent if only an earlier row of the product states it. */
export interface ImportedOption {
  readonly name?: string;
  readonly value: string;
}

/** One article that a product is sold as. */
export interface ImportedVariant {
  /** Its line in the file. */
  readonly line: number;
  readonly id?: string;
  readonly sku?: string;
  readonly gtin?: string;
  readonly title?: string;
  /** By position; null at a position for which the row has no value. */
  readonly options: readonly (ImportedOption | null)[];
  readonly prices: readonly ImportedPrice[];
  /** If omitted, the file says nothing of its stock. */
  readonly stock?: readonly ImportedStock[];
  readonly image?: ImportedMedia;
  readonly contents?: Measure;
  readonly status?: ProductStatus;
}

export interface ImportedAttribute {
  readonly name: string;
  readonly value: string | number | boolean;
}

/** A category by its names from the root. */
export type CategoryPath = readonly string[];

/** The fields of a product that one row, or all rows of a product together, state. Absent fields are not stated. */
export interface ImportedFields {
  readonly id?: string;
  readonly title?: string;
  readonly handle?: string;
  readonly sku?: string;
  readonly gtin?: string;
  readonly version?: number;
  readonly status?: ProductStatus;
  readonly description?: string;
  readonly brand?: string;
  readonly contents?: Measure;
  readonly unitPriceBase?: Measure;
  readonly speakable?: boolean;
  readonly createdAt?: string;
  readonly tags?: readonly string[];
  readonly categories?: readonly CategoryPath[];
  readonly prices?: readonly ImportedPrice[];
  readonly stock?: readonly ImportedStock[];
  readonly options?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly attributes?: readonly ImportedAttribute[];
  readonly media?: readonly ImportedMedia[];
  readonly sellers?: readonly { readonly id: string; readonly name: string }[];
  readonly translations?: readonly {
    readonly locale: string;
    readonly title?: string;
    readonly description?: string;
  }[];
}

/** The part of a product that one row states. */
export interface ImportedPart {
  readonly line: number;
  readonly fields: ImportedFields;
  readonly variants: readonly ImportedVariant[];
}

/**
 * A product with all its rows, in the words of the file: the record between the mapping of any format and the inputs of the catalog.
 * Without variants it is sold as one article, with its own SKU, prices and stock.
 */
export interface ImportedProduct extends ImportedFields {
  readonly line: number;
  readonly id: string;
  readonly title: string;
  readonly variants: readonly ImportedVariant[];
}

/** A detail that was not kept as it stands in the file. */
export interface Loss {
  readonly line: number;
  /** The field of the file, or of the product. */
  readonly column: string;
  readonly value: string;
  readonly reason: string;
}
