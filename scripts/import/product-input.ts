import type { Measure } from '../../src/ports/product-details.js';
import { categoriesOf, slugOf } from './categories.js';
import type {
  ImportedMedia,
  ImportedPrice,
  ImportedProduct,
  ImportedStock,
  ImportedVariant,
  Loss,
} from './imported-product.js';

/** `ProductInput` of the schema. */
export interface ProductInput {
  readonly id: string;
  readonly title: string;
  readonly handle?: string;
  readonly sku?: string;
  readonly gtin?: string;
  readonly version?: number;
  readonly status?: string;
  readonly description?: string;
  readonly brand?: string;
  readonly categoryIds?: readonly string[];
  readonly tags?: readonly string[];
  readonly prices?: readonly ImportedPrice[];
  readonly options?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly variants?: readonly VariantInput[];
  readonly attributes?: readonly { readonly name: string; readonly value: string | number | boolean }[];
  readonly media?: readonly ImportedMedia[];
  readonly sellers?: readonly { readonly id: string; readonly name: string }[];
  readonly translations?: readonly {
    readonly locale: string;
    readonly title?: string;
    readonly description?: string;
  }[];
  readonly contents?: Measure;
  readonly unitPriceBase?: Measure;
  readonly speakable?: boolean;
  readonly createdAt?: string;
  readonly stock?: readonly ImportedStock[];
}

/** `ProductVariantInput` of the schema. */
export interface VariantInput {
  readonly id: string;
  readonly sku?: string;
  readonly gtin?: string;
  readonly selectedOptions: readonly { readonly name: string; readonly value: string }[];
  readonly prices?: readonly ImportedPrice[];
  readonly stock?: readonly ImportedStock[];
  readonly media?: ImportedMedia;
  readonly contents?: Measure;
  readonly status?: string;
}

/** The limits of the catalog that a detail is cut to; other details beyond a limit are left out when the catalog refuses them. */
const limits = {
  title: 500,
  brand: 200,
  descriptionBytes: 65_536,
  attributeName: 100,
  attributeText: 10_000,
  optionValue: 200,
  categories: 50,
  tags: 250,
  attributes: 500,
  media: 250,
  variants: 2_048,
};

/** The input of the catalog for a product of a file. Texts that are too long are cut and reported. */
export function productInputOf(product: ImportedProduct, warn: (loss: Loss) => void): ProductInput {
  const { line, variants, categories, ...fields } = product;
  const cut = (column: string, text: string, length: number) => {
    if (text.length <= length) return text;
    warn({ line, column, value: text, reason: `has ${text.length} characters; it was cut to ${length}` });
    return text.slice(0, length).toWellFormed();
  };
  const first = <T>(column: string, list: readonly T[], count: number) => {
    if (list.length > count)
      warn({
        line,
        column,
        value: String(list.length),
        reason: `are more than ${count}; the first ${count} were taken`,
      });
    return list.slice(0, count);
  };
  const input: ProductInput = {
    ...fields,
    title: cut('title', fields.title, limits.title),
    ...(fields.brand === undefined ? {} : { brand: cut('brand', fields.brand, limits.brand) }),
    ...(fields.description === undefined ? {} : { description: cutBytes(fields.description, line, warn) }),
    ...(categories
      ? {
          categoryIds: first(
            'categories',
            [...new Set(categoriesOf(categories).map((path) => path.at(-1)!.id))],
            limits.categories,
          ),
        }
      : {}),
    ...(fields.attributes
      ? {
          attributes: first('attributes', fields.attributes, limits.attributes).map(({ name, value }) => ({
            name: cut(name, name, limits.attributeName),
            value: typeof value === 'string' ? cut(name, value, limits.attributeText) : value,
          })),
        }
      : {}),
  };
  if (fields.tags) Object.assign(input, { tags: first('tags', fields.tags, limits.tags) });
  if (fields.media) Object.assign(input, { media: first('media', fields.media, limits.media) });
  return variants.length === 0 ? input : withVariants(input, first('variants', variants, limits.variants));
}

/** Variants have the prices and the stock; the product keeps those prices that hold for a variant without its own. */
function withVariants(
  { stock: _, options: __, ...input }: ProductInput,
  variants: readonly ImportedVariant[],
): ProductInput {
  const ids = new Set<string>();
  return { ...input, variants: variants.map((variant) => variantInputOf(variant, input.id, ids)) };
}

function variantInputOf(variant: ImportedVariant, productId: string, ids: Set<string>): VariantInput {
  const { sku, gtin, prices, stock, image, contents, status } = variant;
  const selectedOptions = variant.options.flatMap((option) =>
    option ? [{ name: option.name ?? '', value: option.value.slice(0, limits.optionValue) }] : [],
  );
  const made =
    `${productId}/${slugOf(selectedOptions.map(({ value }) => value).join(' ')) || ids.size + 1}`.slice(
      0,
      128,
    );
  let id = variant.id ?? made;
  // Options such as "1/2" and "1 2" have one slug.
  for (let n = 2; ids.has(id); n++) id = `${made.slice(0, 120)}-${n}`;
  ids.add(id);
  return {
    id,
    selectedOptions,
    ...(sku === undefined ? {} : { sku }),
    ...(gtin === undefined ? {} : { gtin }),
    ...(prices.length > 0 ? { prices } : {}),
    ...(stock === undefined ? {} : { stock }),
    ...(image === undefined ? {} : { media: image }),
    ...(contents === undefined ? {} : { contents }),
    ...(status === undefined ? {} : { status }),
  };
}

function cutBytes(text: string, line: number, warn: (loss: Loss) => void): string {
  if (Buffer.byteLength(text) <= limits.descriptionBytes) return text;
  const reason = `has ${Buffer.byteLength(text)} bytes; it was cut to ${limits.descriptionBytes}`;
  warn({ line, column: 'description', value: text, reason });
  return Buffer.from(text)
    .subarray(0, limits.descriptionBytes - 3)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
}
