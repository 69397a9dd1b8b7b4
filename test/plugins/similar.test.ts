import { expect } from 'chai';
import fc from 'fast-check';
import { createContent } from '../../plugins/recommendations/recommenders/similar/content.js';
import type { Product } from '../../src/ports/catalog.js';
import { openShop } from '../support/shop.js';

const tie = (a: number, b: number) => a - b;
const product = (title: string, amountMinor = 1000, id = title): Product =>
  ({
    id,
    title,
    description: '',
    brand: null,
    categoryIds: [],
    attributes: [],
    prices: [{ currency: 'EUR', amountMinor, listAmountMinor: null, storeId: null }],
  }) as unknown as Product;
const listed = ({ items }: { items: ArrayLike<number> }) => Array.from(items);

describe('what is similar, while the catalog changes', () => {
  it('has a new product at once, and follows a new title and price of those it has', () => {
    const content = createContent(tie);
    content.put(0, product('red tea cup', 1000));
    content.put(1, product('red tea pot', 1000));
    content.put(2, product('green garden hose', 1000));
    expect(listed(content.row(0))).to.deep.equal([1]);
    content.put(3, product('red tea bowl', 1000));
    expect(listed(content.row(0))).to.have.members([1, 3]);
    content.put(1, product('red tea pot', 900_000));
    expect(listed(content.row(0))).to.deep.equal([3, 1]);
    content.put(3, product('blue carpet', 1000));
    expect(listed(content.row(0))).to.deep.equal([1]);
    content.remove(1);
    expect(listed(content.row(0))).to.deep.equal([]);
  });

  it('proposes nothing where products share only words that nearly all have', () => {
    const content = createContent(tie);
    for (let item = 0; item < 300; item++) content.put(item, product(`Item ${item}`, 1000, `p${item}`));
    expect(listed(content.row(0))).to.deep.equal([]);
    content.put(300, product('Item 42 in red', 1000, 'red'));
    expect(listed(content.row(42))).to.deep.equal([300]);
  });

  it('shows what was looked at together first, and calls nothing similar that is not', async () => {
    const shop = await openShop({ environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });
    await shop.save(Array.from({ length: 300 }, (_, at) => ({ id: `p${at}`, title: `Item ${at}` })));
    for (let session = 0; session < 50; session++) {
      for (const id of ['p1', 'p2', 'p3']) await shop.did(`s${session}`, 'PRODUCT_VIEWED', [id]);
    }
    const { items } = await shop.recommend('fresh', { placement: 'similar', productId: 'p1' });
    expect(
      items
        .slice(0, 2)
        .map(({ product: { id } }) => id)
        .sort(),
    ).to.deep.equal(['p2', 'p3']);
    const codes = items.flatMap(({ reasons }) => reasons.map(({ code }) => code));
    expect(codes).to.not.include('SIMILAR_TO');
    await shop.close();
  });

  it('names the same products as one that read the catalog anew', () => {
    const words = ['red', 'tea', 'cup', 'pot', 'hose', 'lamp'];
    const title = fc.subarray(words, { minLength: 1, maxLength: 3 }).map((some) => some.join(' '));
    // What all products share says too little; what all but one share is enough.
    const lastLamps = [0, 3, 1, 2, 1].map((item, at) => ({ item, title: at < 4 ? 'lamp' : 'tea', asked: 0 }));
    const change = fc.record({ item: fc.nat(9), title: fc.option(title), asked: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const content = createContent(tie);
        const catalog = new Map<number, Product>();
        for (const { item, title: name, asked } of changes) {
          if (name === null) {
            content.remove(item);
            catalog.delete(item);
          } else {
            catalog.set(item, product(name, 1000, `p${item}`));
            content.put(item, catalog.get(item)!);
          }
          content.row(asked);
        }
        const anew = createContent(tie);
        for (const [item, one] of catalog) anew.put(item, one);
        for (let item = 0; item < 10; item++) {
          expect(listed(content.row(item))).to.have.members(listed(anew.row(item)));
        }
      }),
      { examples: [[lastLamps]] },
    );
  });

  it('scores as cosines, and lowers what costs more or less', () => {
    const content = createContent(tie);
    for (const [item, price] of [1000, 1000, 10_000].entries())
      content.put(item, product('red tea cup', price, `p${item}`));
    for (let item = 3; item < 40; item++) content.put(item, product(`thing ${item + 100}`));
    const { items, scores } = content.row(0);
    expect(Array.from(items)).to.deep.equal([1, 2]);
    expect(scores[0]).to.be.closeTo(1, 1e-6);
    expect(scores[1]).to.be.closeTo(1 / 1.25, 1e-6);
  });
});
