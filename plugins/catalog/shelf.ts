import { ensureCapacity } from '../../src/kit/ensure-capacity.js';
import { type Catalog, type Product, type Shelf, variantsOf } from '../../src/ports/catalog.js';
import { pricesOf } from '../../src/ports/prices.js';
import type { Variants } from '../../src/ports/variants.js';
import { createBitsByKey } from './bits-by-key.js';
import { type Codes, createCodes } from './codes.js';
import type { StockLevel } from './documents.js';
import { createNumbering } from './numbering.js';
import type { PublishedCategories } from './published-categories.js';
import { createVariantRows } from './variant-rows.js';

const active = 1;
const stockKept = 2;
const inStockSomewhere = 4;
const known = 8;
const draft = 16;

/** The writing side of the product index; called with every acknowledged write before it is acknowledged. */
export interface ProductIndexWriter {
  readonly shelf: Shelf;
  readonly variants: Variants;
  readonly currencies: Catalog['currencies'];
  /** True once a product has had a stock level. */
  keepsStock(): boolean;
  readonly codes: Pick<Codes, 'find' | 'resolve'>;
  /** The ids of a product's variants, or of its ACTIVE ones, in their order; empty for an unknown product. */
  variantIds(productId: string, which?: 'active'): readonly string[];
  setProduct(product: Product): void;
  removeProduct(id: string): void;
  /** null: not stock-kept; an empty list: all variants are out of stock. */
  setStock(productId: string, levels: readonly StockLevel[] | null): void;
}

/** Columns by product number: one byte of flags, brand and category set as numbers, and one bit a store and a currency; and rows of variants. */
export function createShelf(count: PublishedCategories['count'] = () => undefined): ProductIndexWriter {
  const ids: string[] = [];
  const numbers = new Map<string, number>();
  const brands = createNumbering();
  const categorySets: (readonly string[])[] = [];
  const categorySetNumbers = new Map<string, number>();
  const stockedIn = createBitsByKey();
  const soldIn = createBitsByKey();
  const rows = createVariantRows();
  const codes = createCodes(rows, {
    numberOf(id) {
      const number = numbers.get(id) ?? -1;
      return (flagsOf(number) & known) === 0 ? -1 : number;
    },
    idOf: (number) => ids[number]!,
  });
  let flags = new Uint8Array(1024);
  let brandOf = new Int32Array(1024);
  let categorySetOf = new Int32Array(1024);
  let createdAtMs = new Float64Array(1024);
  let changes = 0;

  function numberFor(id: string): number {
    let number = numbers.get(id);
    if (number !== undefined) return number;
    number = ids.length;
    flags = ensureCapacity(Uint8Array, flags, number + 1);
    brandOf = ensureCapacity(Int32Array, brandOf, number + 1);
    categorySetOf = ensureCapacity(Int32Array, categorySetOf, number + 1);
    createdAtMs = ensureCapacity(Float64Array, createdAtMs, number + 1);
    ids.push(id);
    numbers.set(id, number);
    brandOf[number] = -1;
    return number;
  }

  function categorySet(categoryIds: readonly string[]): number {
    const key = JSON.stringify(categoryIds);
    let number = categorySetNumbers.get(key);
    if (number === undefined) {
      number = categorySets.length;
      categorySetNumbers.set(key, number);
      categorySets.push(Object.freeze([...categoryIds]));
    }
    return number;
  }
  categorySet([]);

  const flagsOf = (number: number) => flags[number] ?? 0;
  const available = (number: number) => (flagsOf(number) & (stockKept | inStockSomewhere)) !== stockKept;

  /** Read at every request, so it is frozen once instead of copied. */
  const shelf: Shelf = Object.freeze<Shelf>({
    get size() {
      return ids.length;
    },
    get changes() {
      return changes;
    },
    numberOf(id) {
      const number = numbers.get(id);
      if (number !== undefined && (flagsOf(number) & known) !== 0) return number;
      const found = codes.resolve(id);
      return found === null ? (number ?? -1) : numbers.get(found.productId)!;
    },
    idOf: (number) => ids[number]!,
    eligible: (number) => (flagsOf(number) & active) !== 0 && available(number),
    inStock: (number) => (flagsOf(number) & known) !== 0 && available(number),
    status: (number) => {
      if ((flagsOf(number) & known) === 0) return null;
      if ((flagsOf(number) & active) !== 0) return 'ACTIVE';
      return (flagsOf(number) & draft) !== 0 ? 'DRAFT' : 'ARCHIVED';
    },
    inStore: (number, storeId) =>
      (flagsOf(number) & known) !== 0 &&
      ((flagsOf(number) & stockKept) === 0 || stockedIn.has(storeId, number)),
    knowsStore: rows.knowsStore,
    isSoldIn: (number, currency) => soldIn.has(currency, number),
    brand: (number) => brands.values[brandOf[number] ?? -1] ?? null,
    categories: (number) => categorySets[categorySetOf[number] ?? 0]!,
    createdAtMs: (number) => createdAtMs[number] ?? 0,
  });

  function leaveCategories(number: number): void {
    if ((flagsOf(number) & known) !== 0)
      count(shelf.categories(number), (flagsOf(number) & active) !== 0, -1);
  }

  /** Derives the stock of a product from that of its variants. */
  function refreshStock(number: number): void {
    const first = rows.first(number);
    const end = first + rows.count(number);
    if (first < 0) return;
    const isIn = (storeId: string | null) => {
      for (let row = first; row < end; row++) if (rows.available(row, storeId)) return true;
      return false;
    };
    stockedIn.clear(number);
    const rest = flagsOf(number) & ~(stockKept | inStockSomewhere);
    if (!rows.isStockKept(number)) {
      flags[number] = rest;
      return;
    }
    flags[number] = rest | stockKept | (isIn(null) ? inStockSomewhere : 0);
    for (const storeId of rows.stores()) if (isIn(storeId)) stockedIn.set(storeId, number);
  }

  const variants: Variants = Object.freeze<Variants>({
    count: rows.count,
    available: (number, place, storeId) =>
      place < rows.count(number) && rows.available(rows.first(number) + place, storeId),
    matching: rows.matching,
  });

  return {
    shelf,
    variants,
    currencies: () => [...soldIn.keys()],
    keepsStock: rows.keepsStock,
    codes,
    variantIds(productId, which) {
      const number = numbers.get(productId) ?? -1;
      if ((flagsOf(number) & known) === 0) return [];
      const places = Array.from({ length: rows.count(number) }, (_, i) => rows.first(number) + i);
      return places.filter((row) => which === undefined || rows.isActive(row)).map(rows.idOf);
    },
    setProduct(product) {
      changes++;
      const number = numberFor(product.id);
      const isActive = product.status === 'ACTIVE';
      count(product.categoryIds, isActive, 1);
      leaveCategories(number);
      const ofProduct = variantsOf(product);
      if (!rows.keeps(number, ofProduct)) codes.remove(number);
      const row = rows.set(number, product.id, ofProduct);
      codes.set(number, product, row);
      soldIn.clear(number);
      for (const { currency } of pricesOf(product)) soldIn.set(currency, number);
      flags[number] = known | (isActive ? active : product.status === 'DRAFT' ? draft : 0);
      refreshStock(number);
      brandOf[number] = product.brand === null ? -1 : brands.numberOf(product.brand);
      categorySetOf[number] = categorySet(product.categoryIds);
      createdAtMs[number] = product.createdAtMs;
    },
    removeProduct(id) {
      changes++;
      const number = numbers.get(id);
      if (number === undefined) return;
      leaveCategories(number);
      codes.remove(number);
      flags[number] = flags[number]! & (stockKept | inStockSomewhere);
    },
    setStock(productId, levels) {
      changes++;
      const number = numberFor(productId);
      rows.setStock(number, productId, levels);
      refreshStock(number);
    },
  };
}
