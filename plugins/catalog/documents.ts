import { isDeepStrictEqual } from 'node:util';
import type { Category, Product } from '../../src/ports/catalog.js';
import type { ProductInput } from './product-input.js';

/** The stock of a product in a store. */
export interface StockLevel {
  readonly storeId: string;
  readonly quantity: number;
}

/** A whole product in JSON; far below what the store takes, so that no backend refuses it. */
export const productBytesMax = 512 * 1024;

/** The quantities of one product, by store id. A list, because a store id may be any text and a key may not. */
export interface StockDocument {
  readonly id: string;
  readonly levels: readonly StockLevel[];
}

export interface CategoryDocument extends Category {
  /** Only named by products; absent once `saveCategories` has saved it. */
  readonly unsaved?: true;
}

/** Which product has a SKU: one document each, so that one insert decides between two savers. */
export interface SkuDocument {
  /** The SKU. */
  readonly id: string;
  readonly productId: string;
  readonly claimedAtMs: number;
}

/** The product an input makes of what is stored. */
export function productOf(input: ProductInput, current: Product | null, nowMs: number): Product {
  const translations = [...(input.translations ?? [])].sort((a, b) => (a.locale < b.locale ? -1 : 1));
  return {
    id: input.id,
    sku: input.sku ?? null,
    version: input.version ?? current?.version ?? null,
    status: input.status,
    title: input.title,
    description: input.description,
    brand: input.brand,
    categoryIds: [...new Set(input.categoryIds ?? [])],
    prices: input.prices ?? [],
    options: (input.options ?? []).map(({ name, values }) => ({ name, values: [...new Set(values)] })),
    attributes: distinct(input.attributes ?? []),
    media: (input.media ?? []).map(({ url, alt }) => ({ url, alt })),
    sellers: [...new Map((input.sellers ?? []).map((seller) => [seller.id, seller])).values()],
    translations: Object.fromEntries(
      translations.map(({ locale, title, description }) => [
        locale,
        { ...(title === null ? {} : { title }), ...(description === null ? {} : { description }) },
      ]),
    ),
    speakable: input.speakable ?? true,
    createdAtMs: input.createdAt?.getTime() ?? current?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
}

function distinct(attributes: Product['attributes']): Product['attributes'] {
  const seen = new Set<string>();
  return attributes.filter(({ name, value }) => {
    const key = `${name}\n${typeof value}\n${value}`;
    return seen.size < seen.add(key).size;
  });
}

/** A save that came after a later one. */
export function isOlder(input: ProductInput, current: Product): boolean {
  return current.version !== null && typeof input.version === 'number' && input.version < current.version;
}

/** Equal in all but the moment of the save. */
export function isSame(product: Product, current: Product): boolean {
  return isDeepStrictEqual({ ...product, updatedAtMs: 0 }, { ...current, updatedAtMs: 0 });
}

/** Sets some levels among those that are there; answers the same list if nothing changes. */
export function withLevels(
  current: readonly StockLevel[],
  changes: ReadonlyMap<string, number>,
): readonly StockLevel[] {
  const before = new Map(current.map(({ storeId, quantity }) => [storeId, quantity]));
  if ([...changes].every(([storeId, quantity]) => before.get(storeId) === quantity)) return current;
  return [...new Map([...before, ...changes])]
    .map(([storeId, quantity]) => ({ storeId, quantity }))
    .sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
}
