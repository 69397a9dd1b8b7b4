import type { ProductStatus } from '../../src/ports/product-status.js';
import type { ProductInput, VariantInput } from './product-input.js';

/** `ProductPatchInput` of the schema: an absent field stays, null empties it. */
export interface ProductPatch {
  readonly id: string;
  readonly variants?: readonly VariantPatch[];
  readonly removeVariantIds?: readonly string[];
  readonly [field: string]: unknown;
}

interface VariantPatch {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** A product as the catalog has it. */
export interface StoredProduct {
  readonly status: ProductStatus;
  /** Empty for a product without options. */
  readonly variantIds: readonly string[];
}

export interface PatchOptions {
  /** The fields that the file states; see `FieldWatch`. Fields without a value are emptied only if they are stated. */
  readonly stated: ReadonlySet<string>;
  /** Change these fields only, and neither add nor remove variants; if omitted, all that are stated. */
  readonly only?: ReadonlySet<UpdateField> | undefined;
  /** A product that is archived, though the file lists it without a status, becomes ACTIVE again. */
  readonly reactivate?: boolean | undefined;
}

/** The names of fields for --update, and the fields of the schema that they stand for. */
export const updateFields = {
  title: ['title'],
  description: ['description'],
  brand: ['brand'],
  handle: ['handle'],
  codes: ['sku', 'gtin'],
  status: ['status'],
  categories: ['categoryIds'],
  tags: ['tags'],
  attributes: ['attributes'],
  images: ['media'],
  prices: ['prices'],
  stock: ['stock'],
  contents: ['contents', 'unitPriceBase'],
  sellers: ['sellers'],
  translations: ['translations'],
} as const;
export type UpdateField = keyof typeof updateFields;

/** The places of a mapping that state a field of a product. */
const placeOf: Readonly<Record<string, string>> = { categoryIds: 'categories', media: 'images' };
/** Fields that a blank cell empties. Prices, stock and status stay: what is sold does not change by an omission. */
const emptied = [
  'handle',
  'sku',
  'gtin',
  'description',
  'brand',
  'categoryIds',
  'tags',
  'attributes',
  'media',
  'sellers',
  'translations',
  'contents',
  'unitPriceBase',
];
const emptiedOfVariant = ['sku', 'gtin', 'media', 'contents'];

/** The change that makes a stored product what the file states of it, and leaves everything else. */
export function patchOf(
  input: ProductInput,
  stored: StoredProduct | null,
  options: PatchOptions,
): ProductPatch {
  const { id, variants, ...fields } = input;
  const { stated, only } = options;
  const chosen = only && new Set<string>([...only].flatMap((field) => updateFields[field]));
  const isChosen = (field: string) => chosen === undefined || chosen.has(field);
  const patch: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (field === 'title' && value === '') continue;
    if (isChosen(field) || field === 'version') patch[field] = value;
  }
  for (const field of emptied) {
    // The codes and the pictures of a product without options are those of its only variant.
    const isStated =
      stated.has(placeOf[field] ?? field) || (variants === undefined && stated.has(`variants.${field}`));
    if (
      isChosen(field) &&
      isStated &&
      patch[field] === undefined &&
      !(variants && (field === 'sku' || field === 'gtin'))
    )
      patch[field] = null;
  }
  if (options.reactivate && patch.status === undefined && stored?.status === 'ARCHIVED')
    patch.status = 'ACTIVE';
  const known = new Set(variants?.map((variant) => variant.id));
  const gone = stored?.variantIds.filter((variantId) => !known.has(variantId)) ?? [];
  const removes =
    only === undefined && gone.length > 0 && [...stated].some((place) => place.startsWith('variants'));
  // The catalog makes the options of the variants; those that it has would keep values that no variant has any more.
  if (only === undefined && (variants || removes)) patch.options ??= [];
  return {
    ...patch,
    id,
    ...(variants ? { variants: variants.map((variant) => variantPatchOf(variant, stated, chosen)) } : {}),
    ...(removes ? { removeVariantIds: gone } : {}),
  };
}

function variantPatchOf(
  { id, selectedOptions, ...fields }: VariantInput,
  stated: ReadonlySet<string>,
  chosen: ReadonlySet<string> | undefined,
): VariantPatch {
  const patch: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) if (!chosen || chosen.has(field)) patch[field] = value;
  for (const field of emptiedOfVariant) {
    const isStated = stated.has(`variants.${field === 'media' ? 'image' : field}`);
    if ((!chosen || chosen.has(field)) && isStated && patch[field] === undefined) patch[field] = null;
  }
  return { ...patch, id, ...(chosen ? {} : { selectedOptions }) };
}
