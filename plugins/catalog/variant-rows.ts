import { ensureCapacity } from '../../src/kit/ensure-capacity.js';
import type { ProductVariant } from '../../src/ports/catalog.js';
import type { VariantFilter } from '../../src/ports/variants.js';
import { createBitsByKey } from './bits-by-key.js';
import type { StockLevel } from './documents.js';
import { createOptionSets } from './option-sets.js';

const active = 1;
const stockKept = 2;
const inStockSomewhere = 4;

/** The variants of all products in memory: one row each, the rows of a product side by side in the order of its variants. */
export interface VariantRows {
  /** Replaces the variants of a product. Stock stays with the variants that keep their ids. Returns the first row. */
  set(product: number, productId: string, variants: readonly ProductVariant[]): number;
  /**
   * Replaces the stock of a product. Variants without a level are not stock-kept; null: none is; an empty list: all are, and out of
   * stock. Levels of unknown variants wait for `set`.
   */
  setStock(product: number, productId: string, levels: readonly StockLevel[] | null): void;
  /** Returns whether `set` with these variants keeps the rows. */
  keeps(product: number, variants: readonly ProductVariant[]): boolean;
  /** The row of the first variant; -1 for a product without. */
  first(product: number): number;
  count(product: number): number;
  /** The product of a row. */
  productOf(row: number): number;
  idOf(row: number): string;
  isActive(row: number): boolean;
  /** Returns whether the variant can be bought: ACTIVE, and in stock in the store, or anywhere if null, or not stock-kept. */
  available(row: number, storeId: string | null): boolean;
  /** True if each ACTIVE variant is stock-kept. */
  isStockKept(product: number): boolean;
  /** True if a variant was ever stocked there. */
  knowsStore(storeId: string): boolean;
  /** True if a product was ever stocked somewhere. */
  keepsStock(): boolean;
  stores(): Iterable<string>;
  /** See `Variants.matching`. */
  matching(filter: VariantFilter): (product: number) => number;
}

export function createVariantRows(): VariantRows {
  const ids: string[] = [];
  const optionSets = createOptionSets();
  const stock = createBitsByKey();
  let products = new Int32Array(0);
  let flags = new Uint8Array(0);
  let optionSet = new Int32Array(0);
  /** By product: its first row plus 1, and the number of its rows. */
  let firstOf = new Int32Array(0);
  let countOf = new Uint16Array(0);
  /** Ranges of rows that no product uses, by their length. */
  const free = new Map<number, number[]>();
  /** Stock of products with levels of variants that they do not have, or not yet. */
  const waiting = new Map<number, readonly StockLevel[]>();

  const first = (product: number) => (firstOf[product] ?? 0) - 1;
  const count = (product: number) => countOf[product] ?? 0;

  function allocate(length: number): number {
    const freed = free.get(length)?.pop();
    if (freed !== undefined) return freed;
    const row = ids.length;
    products = ensureCapacity(Int32Array, products, row + length);
    flags = ensureCapacity(Uint8Array, flags, row + length);
    optionSet = ensureCapacity(Int32Array, optionSet, row + length);
    for (let i = 0; i < length; i++) ids.push('');
    return row;
  }

  function release(row: number, length: number): void {
    for (let i = row; i < row + length; i++) {
      ids[i] = '';
      flags[i] = 0;
      products[i] = -1;
      stock.clear(i);
    }
    const ranges = free.get(length) ?? [];
    ranges.push(row);
    free.set(length, ranges);
  }

  /** Moves the rows of a product to a new range, with the stock of those whose ids stay. */
  function move(product: number, variants: readonly ProductVariant[]): number {
    const before = first(product);
    const length = count(product);
    const row = allocate(variants.length);
    firstOf = ensureCapacity(Int32Array, firstOf, product + 1);
    countOf = ensureCapacity(Uint16Array, countOf, product + 1);
    firstOf[product] = row + 1;
    countOf[product] = variants.length;
    const places = new Map<string, number>();
    for (let i = 0; i < length; i++) places.set(ids[before + i]!, before + i);
    for (const [i, { id }] of variants.entries()) {
      const old = places.get(id);
      ids[row + i] = id;
      products[row + i] = product;
      flags[row + i] = old === undefined ? 0 : flags[old]!;
      if (old !== undefined) stock.copy(old, row + i);
    }
    if (length > 0) release(before, length);
    return row;
  }

  function keeps(product: number, variants: readonly ProductVariant[]): boolean {
    if (count(product) !== variants.length) return false;
    const row = first(product);
    return variants.every(({ id }, i) => ids[row + i] === id);
  }

  function applyStock(product: number, productId: string, levels: readonly StockLevel[] | null): void {
    const row = first(product);
    const length = count(product);
    for (let i = row; i < row + length; i++) {
      flags[i] = (flags[i]! & active) | (levels?.length === 0 ? stockKept : 0);
      stock.clear(i);
    }
    let unknown = length === 0 && levels !== null;
    // The levels are sorted by variant, so most of them belong to the row of the level before.
    let last = row;
    for (const { variantId = productId, storeId, quantity } of levels ?? []) {
      stock.know(storeId);
      if (length === 0 || ids[last] !== variantId) {
        last = row;
        while (last < row + length && ids[last] !== variantId) last++;
      }
      if (last >= row + length) {
        unknown = true;
        last = row;
        continue;
      }
      flags[last]! |= stockKept;
      if (quantity <= 0) continue;
      flags[last]! |= inStockSomewhere;
      stock.set(storeId, last);
    }
    if (unknown && levels) waiting.set(product, levels);
    else waiting.delete(product);
  }

  function available(row: number, storeId: string | null): boolean {
    const bits = flags[row] ?? 0;
    if ((bits & active) === 0) return false;
    if ((bits & stockKept) === 0) return true;
    return storeId === null ? (bits & inStockSomewhere) !== 0 : stock.has(storeId, row);
  }

  return {
    set(product, productId, variants) {
      const row = keeps(product, variants) ? first(product) : move(product, variants);
      for (const [i, { selectedOptions, status = 'ACTIVE' }] of variants.entries()) {
        flags[row + i] = (flags[row + i]! & ~active) | (status === 'ACTIVE' ? active : 0);
        optionSet[row + i] = optionSets.numberOf(selectedOptions);
      }
      const levels = waiting.get(product);
      if (levels) applyStock(product, productId, levels);
      return row;
    },
    setStock: (product, productId, levels) => applyStock(product, productId, levels),
    keeps,
    first,
    count,
    productOf: (row) => products[row] ?? -1,
    idOf: (row) => ids[row]!,
    isActive: (row) => ((flags[row] ?? 0) & active) !== 0,
    available,
    isStockKept(product) {
      const row = first(product);
      for (let i = row; i < row + count(product); i++)
        if ((flags[i]! & (active | stockKept)) === active) return false;
      return true;
    },
    knowsStore: stock.knows,
    keepsStock: () => stock.size > 0,
    stores: stock.keys,
    matching({ options = [], inStock = false, storeId = null }) {
      const selects = options.length === 0 ? () => true : optionSets.matcher(options);
      return (product) => {
        const row = first(product);
        for (let i = 0; i < count(product); i++) {
          const fits = inStock ? available(row + i, storeId) : (flags[row + i]! & active) !== 0;
          if (fits && selects(optionSet[row + i]!)) return i;
        }
        return -1;
      };
    },
  };
}
