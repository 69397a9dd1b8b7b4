import type { ImportedPrice, ImportedStock } from '../import/imported-product.js';
import type { ProductInput } from '../import/product-input.js';

/** `MediaInput` of the schema. */
export interface DemoImage {
  readonly url: string;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly option?: { readonly name: string; readonly value: string };
}

/** `ProductOptionInput` of the schema. */
export interface DemoOption {
  readonly name: string;
  readonly values: readonly string[];
  readonly translations: readonly {
    readonly locale: string;
    readonly label: string;
    readonly values: readonly { readonly value: string; readonly label: string }[];
  }[];
}

/** `ProductVariantInput` of the schema, as far as the demo shop uses it. */
export interface DemoVariant {
  readonly id: string;
  readonly sku: string;
  readonly gtin: string;
  readonly selectedOptions: readonly { readonly name: string; readonly value: string }[];
  /** If omitted, the variant costs what the product does. */
  readonly prices?: readonly ImportedPrice[];
  readonly stock: readonly ImportedStock[];
}

/** `ProductInput` of the schema, as far as the demo shop uses it. */
export interface DemoProductInput extends Omit<ProductInput, 'options' | 'variants' | 'media'> {
  readonly options: readonly DemoOption[];
  /** Empty for a product without options, which has `gtin` and `stock` itself. */
  readonly variants: readonly DemoVariant[];
  readonly media: readonly DemoImage[];
  readonly rating?: { readonly average: number; readonly count: number };
  readonly contents?: { readonly value: number; readonly unit: 'G' };
}
