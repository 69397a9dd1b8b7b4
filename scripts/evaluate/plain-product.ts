import type { Product } from '../../src/ports/catalog.js';

/** What a data set tells of a product, and nothing where it tells nothing. */
export function plainProduct(known: Pick<Product, 'id' | 'title'> & Partial<Product>): Product {
  return {
    sku: null,
    version: null,
    status: 'ACTIVE',
    description: '',
    brand: null,
    categoryIds: [],
    prices: [],
    options: [],
    attributes: [],
    media: [],
    sellers: [],
    translations: {},
    speakable: true,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...known,
  };
}
