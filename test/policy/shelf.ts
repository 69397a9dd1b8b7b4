import type { Shelf } from '../../src/ports/catalog.js';

export interface OnShelf {
  readonly id: string;
  readonly brand?: string;
  readonly categories?: readonly string[];
}

/** A shelf of products that are all in stock everywhere; their numbers follow from their order. */
export function shelfOf(products: readonly OnShelf[]): Shelf {
  const numbers = new Map(products.map(({ id }, number) => [id, number]));
  return {
    size: products.length,
    changes: 0,
    numberOf: (id) => numbers.get(id) ?? -1,
    idOf: (number) => products[number]!.id,
    eligible: () => true,
    inStock: () => true,
    status: () => 'ACTIVE',
    inStore: () => true,
    knowsStore: () => true,
    isSoldIn: () => true,
    brand: (number) => products[number]!.brand ?? null,
    categories: (number) => products[number]!.categories ?? [],
    createdAtMs: () => 0,
  };
}
