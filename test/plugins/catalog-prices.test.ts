import { expect } from 'chai';
import fc from 'fast-check';
import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Price } from '../../src/ports/catalog.js';
import { type PriceContext, resolvePrice } from '../../src/ports/prices.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { runs } from '../support/runs.js';

const price: fc.Arbitrary<Price> = fc.record(
  {
    currency: fc.constantFrom('EUR', 'CHF'),
    amountMinor: fc.integer({ min: 1, max: 6 }),
    listAmountMinor: fc.constant(null),
    storeId: fc.constantFrom(null, 'bern', 'lyon'),
    customerGroup: fc.constantFrom('vip', 'staff'),
    minQuantity: fc.integer({ min: 1, max: 4 }),
    validFromMs: fc.integer({ min: 0, max: 9 }),
    validUntilMs: fc.integer({ min: 0, max: 9 }),
  },
  { requiredKeys: ['currency', 'amountMinor', 'listAmountMinor', 'storeId'] },
);

const context: fc.Arbitrary<PriceContext> = fc.record({
  currency: fc.constantFrom('EUR', 'CHF'),
  storeId: fc.constantFrom(null, 'bern', 'lyon'),
  atMs: fc.integer({ min: 0, max: 9 }),
  customerGroup: fc.constantFrom(null, 'vip', 'staff'),
  quantity: fc.integer({ min: 1, max: 4 }),
});

/** The amount by the rules as they are written for merchants. */
function plainly(prices: readonly Price[], at: PriceContext): number | null {
  const holding = prices.filter(
    (one) =>
      one.currency === at.currency &&
      [null, at.storeId].includes(one.storeId) &&
      [undefined, at.customerGroup].includes(one.customerGroup) &&
      (one.minQuantity ?? 1) <= (at.quantity ?? 1) &&
      (one.validFromMs ?? 0) <= at.atMs &&
      at.atMs < (one.validUntilMs ?? Number.POSITIVE_INFINITY),
  );
  const levels: readonly ((one: Price) => boolean)[] = [
    (one) => one.storeId !== null && one.customerGroup !== undefined,
    (one) => one.storeId !== null && one.customerGroup === undefined,
    (one) => one.storeId === null && one.customerGroup !== undefined,
    (one) => one.storeId === null && one.customerGroup === undefined,
  ];
  for (const level of levels) {
    const amounts = holding.filter(level).map(({ amountMinor }) => amountMinor);
    if (amounts.length > 0) return Math.min(...amounts);
  }
  return null;
}

describe('the price that holds', () => {
  it('is the lowest of the most specific ones at the moment', () => {
    fc.assert(
      fc.property(fc.array(price, { maxLength: 12 }), context, (prices, at) => {
        expect(resolvePrice(prices, at)?.amountMinor ?? null).to.equal(plainly(prices, at));
      }),
      { numRuns: runs(2_000) },
    );
  });
});

describe('prices in the graph', () => {
  let shop: TestGateway;
  const start = Date.UTC(2026, 1, 1);
  const end = Date.UTC(2026, 1, 8);

  beforeEach(async () => {
    shop = await openTestGateway([store, queue, catalog]);
    const size = (value: string) => [{ name: 'Size', value }];
    const { at } = await shop.ask(
      'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { userErrors { code message } } }',
      {
        role: 'SERVER',
        variables: {
          products: [
            {
              id: 'mug',
              title: 'Mug',
              prices: [
                { amount: '10', currency: 'EUR' },
                {
                  amount: '7',
                  listAmount: '10',
                  currency: 'EUR',
                  validFrom: new Date(start),
                  validUntil: new Date(end),
                },
                { amount: '5', currency: 'EUR', customerGroup: 'staff' },
              ],
            },
            {
              id: 'shirt',
              title: 'Shirt',
              prices: [{ amount: '20', currency: 'EUR' }],
              options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
              media: [{ url: '/s.jpg' }, { url: '/m.jpg', option: { name: 'Size', value: 'M' } }],
              variants: [
                {
                  id: 's',
                  selectedOptions: size('S'),
                  prices: [{ amount: '15', currency: 'EUR' }],
                  stock: [{ quantity: 0 }, { storeId: 'bern', quantity: 1 }],
                },
                { id: 'm', sku: 'M-1', selectedOptions: size('M'), stock: [{ quantity: 4 }] },
                { id: 'x', selectedOptions: size('XXL'), status: 'DRAFT' },
              ],
            },
          ],
        },
      },
    );
    expect(at('saveProducts.userErrors')).to.deep.equal([]);
  });
  afterEach(() => shop.close());

  it('change at the moments that the shop planned, with no write in between, seen from every channel', async () => {
    const amounts: string[] = [];
    for (const atMs of [start - 1_000, start, start + 1_000, end - 1_000, end, end + 1_000]) {
      shop.system.clock.advance(atMs - shop.system.clock.nowMs());
      const seen = new Set<string>();
      for (const channel of ['WEB', 'APP', 'KIOSK', 'VOICE']) {
        const { at } = await shop.ask(
          `{ product(id: "mug", context: { channel: ${channel}, currency: EUR }) { price { amount } listPrice { amount } prices { price { amount } } } }`,
        );
        const prices = (at('product.prices') as { price: { amount: string } }[]).map(
          (each) => each.price.amount,
        );
        const list = at('product.listPrice') as { amount: string } | null;
        seen.add(`${at('product.price.amount')} ${list?.amount ?? 'no list price'} of ${prices.join(' ')}`);
      }
      amounts.push(...seen);
    }
    const usual = '10.00 no list price of 10.00';
    const sale = '7.00 10.00 of 10.00 7.00';
    expect(amounts).to.deep.equal([usual, sale, sale, sale, usual, usual]);
  });

  const fields = `price { amount } priceRange { min { amount } max { amount } } inStock
    options { name values { value label available } }
    variants { id sku gtin title status inStock price { amount } listPrice { amount } image { url type } selectedOptions { name value }
      stock { storeId quantity } product { id } }`;

  it('are those of the variants that can be bought here', async () => {
    const from = async (context: string) => {
      const { at, errors } = await shop.ask(`{ product(id: "M-1", context: { ${context} }) { ${fields} } }`);
      expect(errors, JSON.stringify(errors)).to.equal(undefined);
      const values = at('product.options.0.values') as { value: string; available: boolean }[];
      return {
        price: at('product.price.amount'),
        range: [at('product.priceRange.min.amount'), at('product.priceRange.max.amount')],
        available: values.flatMap(({ value, available }) => (available ? [value] : [])),
        values: values.map(({ value }) => value),
      };
    };
    const all = { range: ['15.00', '20.00'], values: ['S', 'M'] };
    const context = 'channel: WEB, currency: EUR';
    expect(await from(`${context}, storeId: "online"`)).to.deep.equal({
      price: '20.00',
      available: ['M'],
      ...all,
    });
    expect(await from(`${context}, storeId: "bern"`)).to.deep.equal({
      price: '15.00',
      available: ['S'],
      ...all,
    });
    expect(await from(context)).to.deep.equal({ price: '15.00', available: ['S', 'M'], ...all });
  });

  it('make a product purchasable where there is one', async () => {
    const { at } = await shop.ask(`{
      euros: product(id: "mug", context: { channel: WEB, currency: EUR }) { purchasable }
      francs: product(id: "mug", context: { channel: WEB, currency: CHF }) { purchasable price { amount } priceRange { min { amount } } }
    }`);
    expect(at('euros')).to.deep.equal({ purchasable: true });
    expect(at('francs')).to.deep.equal({ purchasable: false, price: null, priceRange: null });
  });

  it('show a storefront published variants without quantities, and a server all of them', async () => {
    const variants = async (role: 'STOREFRONT' | 'SERVER') => {
      const { at, errors } = await shop.ask(
        `{ product(handle: "none") { id } shirt: product(id: "shirt") { ${fields} } }`,
        { role },
      );
      expect(errors, JSON.stringify(errors)).to.equal(undefined);
      expect(at('product')).to.equal(null);
      return at('shirt.variants') as Record<string, unknown>[];
    };
    const [small, medium, ...rest] = await variants('STOREFRONT');
    expect(rest).to.deep.equal([]);
    expect(small).to.deep.include({
      id: 's',
      title: 'S',
      inStock: true,
      stock: null,
      image: { url: '/s.jpg', type: 'IMAGE' },
    });
    expect(medium).to.deep.include({
      id: 'm',
      sku: 'M-1',
      price: { amount: '20.00' },
      image: { url: '/m.jpg', type: 'IMAGE' },
      product: { id: 'shirt' },
    });
    const seen = await variants('SERVER');
    expect(seen.map(({ id, status }) => `${id} ${status}`)).to.deep.equal([
      's ACTIVE',
      'm ACTIVE',
      'x DRAFT',
    ]);
    expect(seen[1]).to.deep.include({ stock: [{ storeId: 'online', quantity: 4 }] });
  });
});
