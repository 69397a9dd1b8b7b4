import { expect } from 'chai';
import { bySeeds } from '../../plugins/recommendations/recommenders/candidates.js';
import { createContent } from '../../plugins/recommendations/recommenders/similar/content.js';
import type { Product } from '../../src/ports/catalog.js';
import { productOf } from '../contracts/search.js';

const tie = (a: number, b: number) => a - b;
const priced = (product: Product, amountMinor: number): Product => ({
  ...product,
  prices: [{ currency: 'EUR', amountMinor, listAmountMinor: null, storeId: null }],
});

/** How alike the second product is to the first, in a catalog of others. */
function likeness(first: Product, second: Product): number {
  const content = createContent(tie);
  for (let item = 0; item < 60; item++)
    content.put(item, productOf(`other ${item}`, `thing${item} made${item} elsewhere${item}`));
  content.put(100, first);
  content.put(101, second);
  const row = content.row(100);
  const at = Array.from(row.items).indexOf(101);
  return at < 0 ? 0 : row.scores[at]!;
}

/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('what is similar', () => {
  const one = (more: Partial<Product>) => ({ ...productOf('a', 'alpha beta gamma delta'), ...more });
  const other = (more: Partial<Product>) => ({ ...productOf('b', 'epsilon zeta eta theta'), ...more });
  const shared = (more: Partial<Product>) => likeness(one(more), other(more));

  it('loses a fifth by a price ten times as high', () => {
    const alike = (amountMinor: number) =>
      likeness(priced(one({}), 1_000), priced({ ...one({}), id: 'b' }, amountMinor));
    expect(alike(10_000) / alike(1_000)).to.be.within(0.7, 0.88);
  });

  it('tells most by the category, then by brand or title, then by an attribute, least by the description', () => {
    const brand = shared({ brand: 'one' });
    const category = shared({ categoryIds: ['tents'] });
    const attribute = shared({ attributes: [{ name: 'colour', value: 'red' }] });
    const description = shared({ description: 'waterproof' });
    // Each is compared by its square with the four words of the title.
    expect(category / brand).to.be.within(1.3, 2.2);
    expect(attribute / brand).to.be.within(0.15, 0.5);
    expect(description / brand).to.be.within(0.02, 0.2);
  });
});

describe('several products that ask for similar ones', () => {
  it('are heard up to the fifth, thirty proposals each', () => {
    const seeds = Array.from({ length: 20 }, (_, item) => ({ item, weight: 1 }));
    const found = bySeeds(seeds, (item) => ({
      items: Array.from({ length: 100 }, (_, at) => 1_000 * (item + 1) + at),
      scores: Array.from({ length: 100 }, (_, at) => 1 / (at + 1)),
      causes: Array.from({ length: 100 }, () => item),
      length: 100,
    }));
    const causes = Array.from(found.causes).slice(0, found.length);
    expect(new Set(causes).size).to.be.within(3, 10);
    expect(causes.filter((cause) => cause === 0).length).to.be.within(20, 60);
  });
});
