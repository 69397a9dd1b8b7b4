import { expect } from 'chai';
import { openShop, type Shop } from '../support/shop.js';

const priced = (id: string, currency = 'EUR') => ({ id, prices: [{ amount: '5', currency }] });

describe('Products without a price in the currency of the shopper', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  const idsOf = async (first: number, currency = 'EUR') => {
    const { items, omitted, warnings } = await shop.recommend('s', { first }, { currency });
    return {
      shown: items.map(({ product }) => product.id),
      omitted: omitted.map(({ product, reason }) => `${product.id} ${reason}`),
      warnings: warnings.map(({ code }) => code),
    };
  };

  it('leave their places to others, and are listed as omitted', async () => {
    await shop.save(['a', 'b', 'c'].map((id) => priced(id)));
    shop.clock.advance(1_000);
    // The newest come first in a shop that has learned nothing yet.
    await shop.save([{ id: 'bare' }, priced('dollar', 'USD')]);
    const { shown, omitted, warnings } = await idsOf(3);
    expect(shown).to.have.members(['a', 'b', 'c']);
    expect(omitted).to.have.members(['bare NO_PRICE', 'dollar NO_PRICE']);
    expect(warnings).to.deep.equal([]);
  });

  it('are listed in a shop that keeps its prices elsewhere', async () => {
    await shop.save([{ id: 'a' }, { id: 'b' }]);
    const { shown, ...rest } = await idsOf(2);
    expect(shown).to.have.members(['a', 'b']);
    expect(rest).to.deep.equal({ omitted: [], warnings: [] });
  });

  it('are one product at least, with a warning in a currency that the shop does not sell in', async () => {
    await shop.save([priced('a'), priced('b')]);
    const { shown, omitted, warnings } = await idsOf(2, 'CHF');
    expect(shown.length).to.equal(1);
    expect(omitted).to.deep.equal([shown[0] === 'a' ? 'b NO_PRICE' : 'a NO_PRICE']);
    expect(warnings).to.deep.equal([]);
    const asked = await shop.ask(
      '{ shopper(context: { channel: WEB, currency: "CHF" }) { recommendations(placement: "home") { decisionId } } }',
    );
    expect(asked.warnings.map(({ code }) => code)).to.deep.equal(['CONTEXT_CURRENCY_UNKNOWN']);
  });
});
