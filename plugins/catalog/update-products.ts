import { type UserError, userError } from '../../src/errors.js';
import type { Product, ProductVariant, SaveResult } from '../../src/ports/catalog.js';
import { isOlder, levelsFor, productOf, type StockLevel } from './documents.js';
import { checkBatch, checkEach } from './faults.js';
import type { Feed } from './feed-input.js';
import type { ProductInput } from './product-input.js';
import { type ProductPatch, productPatch, target } from './product-patch-input.js';
import { productCode } from './save-products.js';
import { finder, named } from './set-stock.js';
import type { NamedBy } from './stock-input.js';
import type { VariantInput, VariantPatch } from './variant-input.js';
import { type ProductWrite, writeProducts } from './write-products.js';
import type { Writing } from './writing.js';

/** A patch and the variant that it names; null: the product as such. */
interface Patch {
  readonly index: number;
  readonly patch: ProductPatch;
  readonly variantId: string | null;
}

/** Changes the given fields of products and no others. Several patches of one product apply in their order. */
export async function updateProducts(writing: Writing, inputs: readonly unknown[]): Promise<SaveResult> {
  checkBatch(inputs, 'products');
  const { passed, userErrors } = checkEach(productPatch, inputs, 'products', productCode);
  const elements = passed.map(({ index, input }) => ({ index, input, by: target(input)! }));
  const find = await finder(
    writing,
    elements.map(({ by }) => by),
  );
  const byProduct = new Map<string, Patch[]>();
  for (const { index, input, by } of elements) {
    const found = find(by);
    if (found === null) {
      userErrors.push(unknownProduct(by, ['products', index, by.kind]));
      continue;
    }
    if (found.variantId === null && input.stock?.length) {
      const message = `${named(by)} names a product with several variants; give the stock with each of them in \`variants\``;
      userErrors.push(userError('CATALOG_VARIANT_NEEDED', message, ['products', index, 'stock']));
      continue;
    }
    const patches = byProduct.get(found.productId) ?? [];
    const unknown = unknownVariant(found.productId, input, [
      ...writing.known.variantIds(found.productId),
      ...patches.flatMap(({ patch }) => patch.variants?.map(({ id }) => id) ?? []),
    ]);
    if (unknown !== null) {
      const { at, message } = unknown;
      userErrors.push(
        userError('CATALOG_VARIANT_UNKNOWN', message, ['products', index, 'variants', at, 'id']),
      );
      continue;
    }
    byProduct.set(found.productId, patches);
    patches.push({ index, patch: input, variantId: found.variantId });
  }
  const writes = [...byProduct].map(
    ([id, patches]): ProductWrite => ({
      index: patches[0]!.index,
      id,
      apply: (current, nowMs) =>
        current && patches.reduce((product, patch) => patched(product, patch, nowMs), current),
      levels: (current) => (current ? patches.flatMap((patch) => levelsOf(current, patch)) : []),
    }),
  );
  return writeProducts(writing, writes, 'products', userErrors);
}

/**
 * The first variant of a patch that the product does not have and that names no options: a wrong id would add a variant that can be
 * bought. A product without variants takes one without options.
 */
function unknownVariant(
  productId: string,
  { variants }: ProductPatch,
  known: readonly string[],
): { readonly at: number; readonly message: string } | null {
  if (known.every((id) => id === productId)) return null;
  const at = variants?.findIndex(({ id, selectedOptions }) => !selectedOptions && !known.includes(id)) ?? -1;
  if (at < 0) return null;
  const message = `product "${productId}" has no variant "${variants?.[at]?.id}"; give selectedOptions to add it`;
  return { at, message };
}

export function unknownProduct(by: NamedBy, path: (string | number)[]): UserError {
  return userError('CATALOG_PRODUCT_UNKNOWN', `there is no product with ${named(by)}; save it first`, path);
}

/** Several variants: prices and stock of the patch are those of the one that it names. */
function ownVariant({ variants }: Product, variantId: string | null): ProductVariant | null {
  return variants?.find(({ id }) => id === variantId) ?? null;
}

function patched(product: Product, { patch, variantId }: Patch, nowMs: number): Product {
  if (isOlder(patch, product)) return product;
  const {
    id,
    productId,
    variantId: _,
    source,
    version,
    variants,
    removeVariantIds,
    prices,
    ...fields
  } = patch;
  const own = ownVariant(product, variantId);
  const names = id ?? productId ?? patch.variantId;
  const { sku, gtin, stock: __, ...rest } = fields;
  const codes = names === null || names === undefined ? {} : given({ sku, gtin });
  const input: ProductInput = {
    ...inputOf(product),
    ...given(rest),
    ...codes,
    ...(prices === undefined || own ? {} : { prices }),
    source,
    version,
  };
  const changes = [...(variants ?? []), ...(own && prices !== undefined ? [{ id: own.id, prices }] : [])];
  const removed = new Set(removeVariantIds ?? []);
  return productOf(
    { ...input, variants: withVariants(input.variants ?? [], changes, removed) },
    product,
    nowMs,
  );
}

/** The fields that a patch gives; an absent one is undefined in it. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function withVariants(
  variants: readonly VariantInput[],
  changes: readonly VariantPatch[],
  removed: ReadonlySet<string>,
): VariantInput[] {
  const result = new Map(variants.map((variant) => [variant.id, variant]));
  for (const change of changes) {
    const before = result.get(change.id) ?? { id: change.id, selectedOptions: [] };
    result.set(change.id, { ...before, ...given(change) });
  }
  return [...result.values()].filter(({ id }) => !removed.has(id));
}

/** The input that saves a product as it is. */
function inputOf(product: Product): ProductInput {
  const {
    version: _,
    createdAtMs: __,
    updatedAtMs: ___,
    feedVersions: ____,
    shopperRating: _____,
    translations,
    variants,
    ...fields
  } = product;
  return {
    ...fields,
    categoryIds: [...product.categoryIds],
    tags: [...(product.tags ?? [])],
    prices: [...product.prices],
    options: [...product.options],
    attributes: [...product.attributes],
    media: [...product.media],
    sellers: [...product.sellers],
    relations: [...(product.relations ?? [])],
    bundleOf: [...(product.bundleOf ?? [])],
    translations: Object.entries(translations).map(([locale, { title, description }]) => ({
      locale,
      title: title ?? null,
      description: description ?? null,
    })),
    variants: variants?.map((variant) => ({
      ...variant,
      selectedOptions: [...variant.selectedOptions],
      prices: variant.prices && [...variant.prices],
    })),
  };
}

function levelsOf(product: Product, { patch, variantId }: Patch): StockLevel[] {
  if (isOlder(patch, product)) return [];
  const feed: Feed = patch.source ? patch : {};
  const own = levelsFor(product.id, variantId ?? product.id, patch.stock ?? [], feed);
  const ofVariants = (patch.variants ?? []).flatMap(({ id, stock }) =>
    levelsFor(product.id, id, stock ?? [], feed),
  );
  return [...own, ...ofVariants];
}
