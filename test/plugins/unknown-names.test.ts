import { expect } from 'chai';
import { openShop, type Shop } from '../support/shop.js';

const listOf = (args: string, more = '') =>
  `{ shopper(context: { channel: WEB, sessionId: "ada" ${more} }) { recommendations(${args}) { items { product { id } } } } }`;

describe('a list asked for with names that the shop does not know', () => {
  let shop: Shop;
  before(async () => {
    shop = await openShop();
    await shop.save([...['p1', 'p2', 'p3'].map((id) => ({ id })), { id: 'draft', status: 'DRAFT' }]);
    await shop.stock('p1', 'berlin', 3);
  });
  after(() => shop.close());

  const cases: readonly [string, string, string, readonly string[]][] = [
    ['a product', listOf('placement: "similar", productId: "nope"'), '"nope"', ['productId']],
    ['a draft', listOf('placement: "product", productId: "draft"'), '"draft"', ['productId']],
    ['products of the cart', listOf('placement: "cart", cart: ["p1", "x", "y"]'), '"x", "y"', ['cart']],
    ['a store', listOf('placement: "home"', ', storeId: "Berlin"'), '"Berlin"', ['context', 'storeId']],
  ];
  for (const [what, query, named, path] of cases) {
    it(`is returned with a warning that names ${what}`, async () => {
      const answer = await shop.ask(query);
      expect(answer.errors).to.equal(undefined);
      expect(answer.at('shopper.recommendations.items.length')).to.be.greaterThan(0);
      expect(answer.warnings.map(({ path: at }) => at)).to.deep.equal([path]);
      expect(answer.warnings[0]!.message).to.include(named);
    });
  }

  it('is named by every field that takes a context, not by lists only', async () => {
    const context = 'context: { channel: WEB, storeId: "Berlin" }';
    for (const query of [
      `{ product(id: "p1", ${context}) { inStock } }`,
      `{ products(${context}) { totalCount } }`,
      `{ shopper(${context}) { search(query: "p1") { total } } }`,
      `mutation { recordEvents(${context}, events: []) { accepted } }`,
    ]) {
      const { warnings } = await shop.ask(query);
      expect(
        warnings.map(({ code }) => code),
        query,
      ).to.deep.equal(['CONTEXT_STORE_UNKNOWN']);
      expect(warnings[0]!.message, query).to.include('"Berlin"');
    }
  });

  it('names each fault once, however many lists have it, and nothing that is known', async () => {
    const lists = ['home', 'trending', 'cart'].map(
      (name) => `${name}: recommendations(placement: "${name}") { decisionId }`,
    );
    const ask = (storeId: string) =>
      shop.ask(
        `{ shopper(context: { channel: WEB, sessionId: "ada", storeId: "${storeId}" }) { ${lists.join(' ')} } }`,
      );
    expect((await ask('Berlin')).warnings).to.have.lengthOf(1);
    expect((await ask('berlin')).warnings).to.deep.equal([]);
    const known = listOf('placement: "product", productId: "p1", cart: ["p2"]');
    expect((await shop.ask(known)).warnings).to.deep.equal([]);
  });
});

describe('a shop that keeps no stock', () => {
  it('knows every store', async () => {
    const shop = await openShop();
    const prices = [{ amount: '5', currency: 'EUR', storeId: 'berlin' }];
    await shop.save([{ id: 'p1', prices }]);
    const { warnings, at } = await shop.ask(
      '{ product(id: "p1", context: { channel: WEB, storeId: "berlin" }) { inStock price { amount } } }',
    );
    expect(at('product')).to.deep.equal({ inStock: true, price: { amount: '5.00' } });
    expect(warnings).to.deep.equal([]);
    await shop.close();
  });
});

describe('a product taken out of the cart', () => {
  it('does not come back beside the cart until it is put in again', async () => {
    const shop = await openShop();
    await shop.save(Array.from({ length: 30 }, (_, at) => ({ id: `p${at}` })));
    for (const buyer of ['a', 'b', 'c', 'd']) await shop.did(buyer, 'ORDER_COMPLETED', ['p1', 'p2', 'p3']);
    await shop.consented('ada');
    for (const id of ['p1', 'p2']) await shop.did('ada', 'PRODUCT_ADDED_TO_CART', [id]);
    await shop.did('ada', 'PRODUCT_REMOVED_FROM_CART', ['p2']);
    const beside = async () => {
      const { items } = await shop.recommend('ada', { placement: 'cart', cart: ['p1'] });
      return items.map(({ product }) => product.id);
    };
    expect(await beside())
      .to.include('p3')
      .and.not.to.include('p2');
    await shop.did('ada', 'ORDER_COMPLETED', ['p1']);
    expect(await beside(), 'after an order').to.include('p2');
    await shop.close();
  });
});
