import type { Product, Shelf } from '../../src/ports/catalog.js';
import type { StockLevel } from './documents.js';
import type { PublishedCategories } from './published-categories.js';

const active = 1;
const stockKept = 2;
const inStockSomewhere = 4;
const known = 8;
const draft = 16;

/** The writing side of the shelf; called with every acknowledged write before it is acknowledged. */
export interface ShelfKeeper {
  readonly shelf: Shelf;
  setProduct(product: Product): void;
  removeProduct(id: string): void;
  /** null: not stock-kept. */
  setStock(productId: string, levels: readonly StockLevel[] | null): void;
}

/** A growing list of distinct values and the number of each. */
function createNumbering(): { readonly values: string[]; numberOf(value: string): number } {
  const values: string[] = [];
  const numbers = new Map<string, number>();
  return {
    values,
    numberOf(value) {
      let number = numbers.get(value);
      if (number === undefined) {
        number = values.length;
        numbers.set(value, number);
        values.push(value);
      }
      return number;
    },
  };
}

/** Columns by product number: one byte of flags, brand and category set as numbers, and one bit a store. */
export function createShelf(count: PublishedCategories['count'] = () => undefined): ShelfKeeper {
  const ids: string[] = [];
  const numbers = new Map<string, number>();
  const brands = createNumbering();
  const categorySets: (readonly string[])[] = [];
  const categorySetNumbers = new Map<string, number>();
  const stockedIn = new Map<string, Uint32Array>();
  let flags = new Uint8Array(1024);
  let brandOf = new Int32Array(1024);
  let categorySetOf = new Int32Array(1024);
  let createdAtMs = new Float64Array(1024);
  let changes = 0;

  function numberFor(id: string): number {
    let number = numbers.get(id);
    if (number !== undefined) return number;
    number = ids.length;
    if (number === flags.length) grow(number * 2);
    ids.push(id);
    numbers.set(id, number);
    brandOf[number] = -1;
    return number;
  }

  function grow(capacity: number): void {
    flags = copied(new Uint8Array(capacity), flags);
    brandOf = copied(new Int32Array(capacity), brandOf);
    categorySetOf = copied(new Int32Array(capacity), categorySetOf);
    createdAtMs = copied(new Float64Array(capacity), createdAtMs);
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

  function setBit(storeId: string, number: number): void {
    const word = number >>> 5;
    let bits = stockedIn.get(storeId);
    if (!bits || word >= bits.length) {
      bits = copied(new Uint32Array(Math.max(flags.length >>> 5, word + 1)), bits ?? new Uint32Array(0));
      stockedIn.set(storeId, bits);
    }
    bits[word]! |= 1 << (number & 31);
  }

  function hasBit(storeId: string, number: number): boolean {
    const bits = stockedIn.get(storeId);
    return bits !== undefined && ((bits[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

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
    numberOf: (id) => numbers.get(id) ?? -1,
    idOf: (number) => ids[number]!,
    eligible: (number) => (flagsOf(number) & active) !== 0 && available(number),
    inStock: (number) => (flagsOf(number) & known) !== 0 && available(number),
    status: (number) => {
      if ((flagsOf(number) & known) === 0) return null;
      if ((flagsOf(number) & active) !== 0) return 'ACTIVE';
      return (flagsOf(number) & draft) !== 0 ? 'DRAFT' : 'ARCHIVED';
    },
    inStore: (number, storeId) =>
      (flagsOf(number) & known) !== 0 && ((flagsOf(number) & stockKept) === 0 || hasBit(storeId, number)),
    knowsStore: (storeId) => stockedIn.has(storeId),
    brand: (number) => brands.values[brandOf[number] ?? -1] ?? null,
    categories: (number) => categorySets[categorySetOf[number] ?? 0]!,
    createdAtMs: (number) => createdAtMs[number] ?? 0,
  });

  function leaveCategories(number: number): void {
    if ((flagsOf(number) & known) !== 0)
      count(shelf.categories(number), (flagsOf(number) & active) !== 0, -1);
  }

  return {
    shelf,
    setProduct(product) {
      changes++;
      const number = numberFor(product.id);
      const isActive = product.status === 'ACTIVE';
      count(product.categoryIds, isActive, 1);
      leaveCategories(number);
      flags[number] =
        (flags[number]! & (stockKept | inStockSomewhere)) |
        known |
        (isActive ? active : product.status === 'DRAFT' ? draft : 0);
      brandOf[number] = product.brand === null ? -1 : brands.numberOf(product.brand);
      categorySetOf[number] = categorySet(product.categoryIds);
      createdAtMs[number] = product.createdAtMs;
    },
    removeProduct(id) {
      changes++;
      const number = numbers.get(id);
      if (number === undefined) return;
      leaveCategories(number);
      flags[number] = flags[number]! & (stockKept | inStockSomewhere);
    },
    setStock(productId, levels) {
      changes++;
      const number = numberFor(productId);
      const rest = flags[number]! & (active | draft | known);
      for (const bits of stockedIn.values()) {
        if (number >>> 5 < bits.length) bits[number >>> 5]! &= ~(1 << (number & 31));
      }
      if (levels === null) {
        flags[number] = rest;
        return;
      }
      let somewhere = false;
      for (const { storeId, quantity } of levels) {
        if (!stockedIn.has(storeId)) stockedIn.set(storeId, new Uint32Array(flags.length >>> 5));
        if (quantity <= 0) continue;
        setBit(storeId, number);
        somewhere = true;
      }
      flags[number] = rest | stockKept | (somewhere ? inStockSomewhere : 0);
    },
  };
}

function copied<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
