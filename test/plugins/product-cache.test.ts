import { expect } from 'chai';
import { createProductCache } from '../../plugins/catalog/product-cache.js';
import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';

/** One of 67 that fill the cache, by its estimate of their size. */
const large = 'x'.repeat(1_000_000);

function product(number: number): Product {
  return {
    id: `p${number}`,
    sku: null,
    version: null,
    status: 'ACTIVE',
    title: '',
    description: large,
    brand: null,
    categoryIds: [],
    prices: [],
    media: [],
    attributes: [],
    translations: {},
    options: [],
    sellers: [],
    speakable: true,
    createdAtMs: 1,
    updatedAtMs: 2,
  };
}

describe('the product cache', () => {
  it('keeps a product that was read lately when others make it full', async () => {
    const asked: string[] = [];
    const stored = {
      async getMany(ids: readonly string[]) {
        asked.push(...ids);
        return ids.map(() => null);
      },
    };
    const cache = createProductCache(() => stored as unknown as Collection<Product>, true);
    for (let number = 0; number < 40; number++) cache.changed(`p${number}`, product(number));
    await cache.products(['p0']);
    for (let number = 40; number < 70; number++) cache.changed(`p${number}`, product(number));

    await cache.products(['p0', 'p1']);

    expect(asked).to.deep.equal(['p1']);
  });
});
