import { expect } from 'chai';
import { openShop, type Shop } from '../support/shop.js';

describe('events and carts that name products by other codes', () => {
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop();
    await shop.consented('s');
    const size = (value: string) => [{ name: 'Size', value }];
    await shop.save([
      {
        id: 'shirt',
        prices: [{ amount: '1', currency: 'EUR' }],
        variants: [
          { id: 'shirt-s', sku: 'S-1', gtin: '4006381333931', selectedOptions: size('S') },
          { id: 'shirt-m', sku: 'S-2', selectedOptions: size('M') },
        ],
      },
      { id: 'mug', sku: 'M-1' },
      { id: 'other' },
    ]);
  });
  afterEach(() => shop.close());

  const viewed = async () => {
    const found = await shop.port('recommendations').recentlyViewed(await shop.shopper('s'), 10);
    return found.map(({ id }) => id);
  };

  const codes = ['shirt', 'shirt-m', 'S-1', '4006381333931', '04006381333931', 'gid://shopify/Product/shirt'];
  for (const code of codes) {
    it(`count for the product that ${code} names`, async () => {
      await shop.did('s', 'PRODUCT_VIEWED', [code]);
      expect(await viewed()).to.deep.equal(['shirt']);
    });
  }

  it('count as soon as the product is saved', async () => {
    await shop.did('s', 'PRODUCT_VIEWED', ['NEW-1']);
    expect(await viewed()).to.deep.equal([]);
    await shop.save([{ id: 'new', sku: 'NEW-1' }]);
    expect(await viewed()).to.deep.equal(['new']);
  });

  it('name one product once, whatever its codes', async () => {
    for (const code of ['S-1', 'shirt-m', 'shirt', 'M-1']) await shop.did('s', 'PRODUCT_VIEWED', [code]);
    expect(await viewed()).to.deep.equal(['mug', 'shirt']);
  });

  it('are counted as unknown until their product is saved', async () => {
    for (const code of ['S-1', 'NEW-1', 'NEW-2', 'NEW-1']) await shop.did('s', 'PRODUCT_VIEWED', [code]);
    await shop.did('t', 'ORDER_COMPLETED', ['mug', 'NEW-2']);
    const report = () => shop.port('events').report(7);
    const { unknownProducts, eventsWithUnknownProducts, byType, events, bySource } = await report();
    expect(unknownProducts).to.deep.equal([
      { id: 'NEW-1', events: 2 },
      { id: 'NEW-2', events: 2 },
    ]);
    expect({ events, eventsWithUnknownProducts }).to.deep.equal({ events: 5, eventsWithUnknownProducts: 4 });
    expect(byType).to.deep.equal([
      { type: 'PRODUCT_VIEWED', events: 4 },
      { type: 'ORDER_COMPLETED', events: 1 },
    ]);
    expect(bySource).to.deep.equal([{ source: 'test', events: 5 }]);
    await shop.save([{ id: 'new', sku: 'NEW-1' }]);
    expect((await report()).unknownProducts.map(({ id }) => id)).to.deep.equal(['NEW-2']);
    shop.clock.advance(8 * 86_400_000);
    expect((await report()).events).to.equal(0);
  });

  it('that name its eight variants make a product popular once, and it is once in each list', async () => {
    const many = await openShop({ environment: { RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '6' } });
    const sizes = Array.from({ length: 8 }, (_, at) => ({
      id: `coat-${at}`,
      sku: `C-${at}`,
      selectedOptions: [{ name: 'Size', value: `${at}` }],
    }));
    await many.save([{ id: 'coat', variants: sizes }, { id: 'mug' }, { id: 'cup' }]);
    for (const [at, { id, sku }] of sizes.entries()) {
      await many.consented(`s${at}`);
      await many.did(`s${at}`, 'PRODUCT_VIEWED', [id]);
      many.clock.advance(60_000);
      await many.did(`s${at}`, 'ORDER_COMPLETED', [sku, 'mug']);
    }
    for (const placement of ['home', 'product', 'cart', 'trending', 'search-empty', 'post-purchase']) {
      const { items } = await many.recommend('new', { placement, productId: 'mug' });
      const ids = items.map(({ product }) => product.id);
      expect(
        ids.filter((id) => id === 'coat'),
        placement,
      ).to.deep.equal(['coat']);
      expect(new Set(ids).size, placement).to.equal(ids.length);
    }
    const { items } = await many.recommend('new', { placement: 'home' });
    expect(items[0]).to.include({ source: 'POPULAR' }).and.nested.property('product.id', 'coat');
    await many.close();
  });

  it('keep what is in the cart out of the list for the cart', async () => {
    const { items } = await shop.recommend('s', { placement: 'cart', cart: ['S-2', 'M-1'] });
    expect(items.map(({ product }) => product.id)).to.deep.equal(['other']);
  });
});
