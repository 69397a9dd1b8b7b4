import { isDeepStrictEqual } from 'node:util';
import { type Category, onlineStoreId, type Product, type ProductVariant } from '../../src/ports/catalog.js';
import type { Relation } from '../../src/ports/product-details.js';
import { byLocale } from './details-input.js';
import { type Feed, feedKey } from './feed-input.js';
import type { ProductInput } from './product-input.js';
import type { VariantInput } from './variant-input.js';

/** The stock of a variant in a store. */
export interface StockLevel {
  /** If omitted, the default variant: the one whose id is the product's. */
  readonly variantId?: string;
  readonly storeId: string;
  readonly quantity: number;
  /** The feed that set it and its version there. If omitted, none was given. */
  readonly source?: string;
  readonly version?: number;
}

/** A whole product in JSON; far below what the store takes, so that no backend refuses it. */
export const productBytesMax = 512 * 1024;

export interface CategoryDocument extends Category {
  /** Only named by products; absent once `saveCategories` has saved it. */
  readonly unsaved?: true;
}

/** The product that has a code: one document each, so that one insert decides between two savers. */
export interface ClaimDocument {
  /** The code as `claims.ts` writes it. */
  readonly id: string;
  readonly productId: string;
  readonly claimedAtMs: number;
}

/** The codes of a product, as `claims.ts` writes them: they stay its own while it is damaged. */
export interface ProductCodesDocument {
  /** That of the product. */
  readonly id: string;
  readonly codes: readonly string[];
}

/** The product an input makes of what is stored. */
export function productOf(input: ProductInput, current: Product | null, nowMs: number): Product {
  const variants = (input.variants ?? []).map(variantOf);
  const tags = [...new Set(input.tags ?? [])];
  return {
    id: input.id,
    ...(input.handle ? { handle: input.handle } : {}),
    sku: input.sku ?? null,
    ...(input.gtin ? { gtin: input.gtin } : {}),
    version: (input.source ? null : input.version) ?? current?.version ?? null,
    ...feedVersions(current, input, null),
    status: input.status,
    title: input.title,
    description: input.description,
    brand: input.brand,
    categoryIds: [...new Set(input.categoryIds ?? [])],
    ...(tags.length > 0 ? { tags } : {}),
    prices: input.prices ?? [],
    options: optionsOf(input, variants),
    ...(variants.length > 0 ? { variants: sorted(variants, input) } : {}),
    attributes: distinct(input.attributes ?? []),
    media: input.media ?? [],
    sellers: [...new Map((input.sellers ?? []).map((seller) => [seller.id, seller])).values()],
    translations: byLocale(input.translations, ({ title, description }) => ({
      ...(title === null ? {} : { title }),
      ...(description === null ? {} : { description }),
    })),
    ...(input.contents ? { contents: input.contents } : {}),
    ...(input.unitPriceBase ? { unitPriceBase: input.unitPriceBase } : {}),
    ...(input.rating ? { rating: input.rating } : {}),
    ...(current?.shopperRating ? { shopperRating: current.shopperRating } : {}),
    ...(input.relations?.length ? { relations: distinctRelations(input.relations) } : {}),
    ...(input.bundleOf?.length ? { bundleOf: input.bundleOf } : {}),
    speakable: input.speakable ?? true,
    createdAtMs: input.createdAt?.getTime() ?? current?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
}

function variantOf(input: VariantInput): ProductVariant {
  const { id, sku, gtin, selectedOptions, prices, media, contents, status } = input;
  return {
    id,
    ...(sku ? { sku } : {}),
    ...(gtin ? { gtin } : {}),
    selectedOptions,
    ...(prices?.length ? { prices } : {}),
    ...(media ? { media } : {}),
    ...(contents ? { contents } : {}),
    ...(status && status !== 'ACTIVE' ? { status } : {}),
  };
}

/** The options that the input lists, then those that only variants select, each with its values in the order in which they come. */
function optionsOf(input: ProductInput, variants: readonly ProductVariant[]): Product['options'] {
  const options = new Map<string, Set<string>>();
  const add = (name: string, value: string) => {
    const values = options.get(name) ?? new Set();
    options.set(name, values.add(value));
  };
  for (const { name, values } of input.options ?? []) for (const value of values) add(name, value);
  for (const { selectedOptions } of variants) for (const { name, value } of selectedOptions) add(name, value);
  const translations = new Map((input.options ?? []).map((option) => [option.name, option.translations]));
  return [...options].map(([name, values]) => {
    const texts = translations.get(name);
    return { name, values: [...values], ...(texts ? { translations: texts } : {}) };
  });
}

/** The same variants, each with its selected options in the order of the product's options. */
function sorted(variants: readonly ProductVariant[], input: ProductInput): readonly ProductVariant[] {
  const order = optionsOf(input, variants).map(({ name }) => name);
  return variants.map((variant) => ({
    ...variant,
    selectedOptions: [...variant.selectedOptions].sort(
      (a, b) => order.indexOf(a.name) - order.indexOf(b.name),
    ),
  }));
}

function distinctRelations(relations: readonly Relation[]): readonly Relation[] {
  return [
    ...new Map(relations.map((relation) => [`${relation.kind} ${relation.productId}`, relation])).values(),
  ];
}

function distinct(attributes: Product['attributes']): Product['attributes'] {
  const seen = new Set<string>();
  return attributes.filter(({ name, value }) => {
    const key = `${name}\n${typeof value}\n${value}`;
    return seen.size < seen.add(key).size;
  });
}

/** The versions of feeds after an input of one of them. */
export function feedVersions(
  current: Product | null,
  { source, version }: Feed,
  variantId: string | null,
): Pick<Product, 'feedVersions'> {
  const before = current?.feedVersions;
  if (!source || typeof version !== 'number') return before ? { feedVersions: before } : {};
  return { feedVersions: { ...before, [feedKey(source, variantId)]: version } };
}

/** True for an input of a feed that came after a later one of the same feed. */
export function isOlder(
  { source, version }: Feed,
  current: Product,
  variantId: string | null = null,
): boolean {
  if (typeof version !== 'number') return false;
  const before = source ? current.feedVersions?.[feedKey(source, variantId)] : current.version;
  return typeof before === 'number' && version < before;
}

/** Equal in all but the moment of the save. */
export function isSame(product: Product, current: Product): boolean {
  return isDeepStrictEqual({ ...product, updatedAtMs: 0 }, { ...current, updatedAtMs: 0 });
}

function keyOf({ variantId, storeId }: StockLevel): string {
  return variantId === undefined ? storeId : `${variantId}\n${storeId}`;
}

function isSameLevel(before: StockLevel, { quantity, source, version }: StockLevel): boolean {
  const isKnown = version === undefined || (before.source === source && before.version === version);
  return before.quantity === quantity && isKnown;
}

function isOlderLevel(before: StockLevel, { source, version }: StockLevel): boolean {
  return before.source === source && version !== undefined && version < (before.version ?? 0);
}

function isSamePlace(a: StockLevel, b: StockLevel): boolean {
  return a.storeId === b.storeId && a.variantId === b.variantId;
}

/** Sets some levels among those that are there. Returns the same list if nothing changes. The last of two levels for one place holds. */
export function withLevels(
  current: readonly StockLevel[],
  changes: readonly StockLevel[],
): readonly StockLevel[] {
  return changes.length <= scannedMax ? withFew(current, changes) : withMany(current, changes);
}

/** So few changes are looked up faster one by one than by a map of all levels. */
const scannedMax = 8;

function withFew(current: readonly StockLevel[], changes: readonly StockLevel[]): readonly StockLevel[] {
  let levels: StockLevel[] | null = null;
  for (const change of changes) {
    const before: readonly StockLevel[] = levels ?? current;
    const at = before.findIndex((level) => isSamePlace(level, change));
    const old = before[at];
    if (old && (isSameLevel(old, change) || isOlderLevel(old, change))) continue;
    levels ??= [...current];
    if (old) {
      levels[at] = change;
      continue;
    }
    // Sorted, so that equal stock is stored as equal documents.
    const key = keyOf(change);
    const next = levels.findIndex((level) => keyOf(level) > key);
    levels.splice(next < 0 ? levels.length : next, 0, change);
  }
  return levels ?? current;
}

function withMany(current: readonly StockLevel[], changes: readonly StockLevel[]): readonly StockLevel[] {
  const levels = new Map(current.map((level) => [keyOf(level), level]));
  let changed = false;
  for (const change of changes) {
    const key = keyOf(change);
    const old = levels.get(key);
    if (old && (isSameLevel(old, change) || isOlderLevel(old, change))) continue;
    levels.set(key, change);
    changed = true;
  }
  if (!changed) return current;
  return [...levels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, level]) => level);
}

/** The levels that an input of a feed gives for a variant of a product. */
export function levelsFor(
  productId: string,
  variantId: string,
  given: readonly { readonly storeId?: string | null | undefined; readonly quantity: number }[],
  { source, version }: Feed = {},
): StockLevel[] {
  const of = variantId === productId ? {} : { variantId };
  const by = typeof version === 'number' ? { ...(source ? { source } : {}), version } : {};
  return given.map(({ storeId, quantity }) => ({
    ...of,
    storeId: storeId ?? onlineStoreId,
    quantity,
    ...by,
  }));
}
