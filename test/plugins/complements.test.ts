import { expect } from 'chai';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { openShop, type Shop } from '../support/shop.js';

const line = (category: string, titles: readonly string[], price: number) =>
  titles.map((title, at) => ({
    id: `${category}${at}`,
    title,
    categoryIds: [category],
    prices: [{ amount: String(price + at), currency: 'EUR' }],
  }));
const named = (kind: string, names: string) => names.split(' ').map((name) => `${name} ${kind}`);

const range = [
  ...line('camera', named('mirrorless digital camera', 'Alba Brio Cima Dora Elba Fina'), 500),
  ...line('bag', named('padded shoulder bag', 'Linen Canvas Leather'), 40),
  ...line('lens', named('wide zoom lens', 'Solar Lunar Polar'), 300),
  ...line('kettle', named('steel water kettle', 'Gala Hola Isla Jota Kilo'), 30),
  ...line('tea', named('loose leaf tea', 'Assam Ceylon Sencha'), 8),
  ...line('lamp', named('reading desk lamp', 'Nova Orla Pica Runa Sola Tira Ulma Vega'), 60),
];
const pick = (category: string, at: number, of: number) => `${category}${at % of}`;
const kinds = (list: RecommendationList, source?: string) =>
  list.items
    .filter((item) => source === undefined || item.source === source)
    .map(({ product }) => product.id.replace(/\d+$/, ''));
const ids = (list: RecommendationList) => list.items.map(({ product }) => product.id);

describe('what goes with a product, and what would do instead', () => {
  let shop: Shop;
  afterEach(() => shop.close());

  /** Shoppers compare what is alike, look at what goes with it, and buy one of each; two cameras went into one basket once. */
  beforeEach(async () => {
    shop = await openShop();
    await shop.save(range);
    for (let at = 0; at < 36; at++) {
      const [main, goods] = at % 2 === 0 ? ['camera', ['bag', 'lens']] : ['kettle', ['tea']];
      const bought = pick(main, at >> 1, 3);
      const more = goods.map((kind, step) => pick(kind, (at >> 1) + step, 3));
      for (const id of [pick(main, (at >> 1) + 1, 3), bought, ...more])
        await shop.did(`s${at}`, 'PRODUCT_VIEWED', [id]);
      await shop.did(`s${at}`, 'ORDER_COMPLETED', [bought, ...more]);
    }
    await shop.did('twins', 'ORDER_COMPLETED', ['camera0', 'camera1']);
  });

  it('a page shows accessories as bought together, and none of what would do instead', async () => {
    const list = await shop.recommend('blank', {
      placement: 'bought-together',
      productId: 'camera0',
      first: 5,
    });
    expect(ids(list).slice(0, 2)).to.have.members(['bag0', 'lens1']);
    expect(kinds(list, 'BOUGHT_TOGETHER')).not.to.include('camera');
  });

  it('the similar are of its kind, however often others look at accessories next', async () => {
    const list = await shop.recommend('blank', { placement: 'similar', productId: 'camera0', first: 5 });
    expect(new Set(kinds(list))).to.deep.equal(new Set(['camera']));
  });

  it('what is new is found with what is like it, before anybody has touched it', async () => {
    await shop.save([{ ...range[0], id: 'camera9', title: 'Zeta mirrorless digital camera' }]);
    for (const placement of ['similar', 'product']) {
      const list = await shop.recommend('blank', { placement, productId: 'camera0' });
      expect(ids(list), placement).to.include('camera9');
    }
  });

  it('every product of a large cart asks, the oldest, too', async () => {
    for (let at = 0; at < 6; at++) await shop.did(`again${at}`, 'ORDER_COMPLETED', ['kettle0', 'tea0']);
    const cart = ['kettle0', ...range.filter(({ id }) => id.startsWith('lamp')).map(({ id }) => id)];
    const list = await shop.recommend('blank', { placement: 'cart', cart, first: 3 });
    expect(ids(list)[0]).to.equal('tea0');
    expect(list.items[0]!.reasons[0]).to.deep.include({ code: 'BOUGHT_TOGETHER' });
    expect(list.items[0]!.reasons[0]!.because!.id).to.equal('kettle0');
  });
});
