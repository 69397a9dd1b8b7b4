import { expect } from 'chai';
import fc from 'fast-check';
import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { recommendations } from '../../plugins/recommendations/plugin.js';
import { createPriceColumns } from '../../plugins/search/drivers/embedded/index/prices.js';
import { search } from '../../plugins/search/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Price, ProductVariant } from '../../src/ports/catalog.js';
import { type PriceContext, priceOf } from '../../src/ports/prices.js';
import { productOf } from '../contracts/search.js';
import { bootPeople, type People } from '../support/people.js';

const plugins = [
  store,
  queue,
  catalog,
  customers,
  consent,
  events,
  speech,
  merchandising,
  search,
  recommendations,
];
const euro = (amount: string, other: object = {}) => ({ amount, currency: 'EUR', ...other });
const begins = Date.UTC(2031, 4, 1, 22);
const ends = Date.UTC(2031, 4, 8, 22);

interface Shown {
  readonly id: string;
  readonly price: { readonly amount: string };
}

describe('a sale', () => {
  let people: People;
  before(async () => {
    people = await bootPeople(plugins);
    const window = { validFrom: new Date(begins).toISOString(), validUntil: new Date(ends).toISOString() };
    const variant = (size: string, stock: number, prices: readonly object[]) => ({
      id: `sized-${size}`,
      selectedOptions: [{ name: 'Size', value: size }],
      prices,
      stock: [{ storeId: 'online', quantity: stock }],
    });
    const { userErrors } = await people.port('catalog').save([
      { id: 'sold', title: 'Wool coat', prices: [euro('20'), euro('10', window)] },
      { id: 'steady', title: 'Rain coat', prices: [euro('15')] },
      {
        id: 'sized',
        title: 'Wax coat',
        variants: [
          variant('s', 0, [euro('1')]),
          variant('m', 3, [euro('30'), euro('12', window)]),
          variant('l', 3, [euro('40')]),
        ],
      },
    ]);
    expect(userErrors).to.deep.equal([]);
  });
  after(() => people.close());

  const regular = { sold: '20.00', steady: '15.00', sized: '30.00' };
  const reduced = { sold: '10.00', steady: '15.00', sized: '12.00' };
  const moments: readonly (readonly [string, number, typeof regular])[] = [
    ['a second before it begins', begins - 1_000, regular],
    ['when it begins', begins, reduced],
    ['a second after it began', begins + 1_000, reduced],
    ['a second before it ends', ends - 1_000, reduced],
    ['when it ends', ends, regular],
    ['a second after it ended', ends + 1_000, regular],
  ];
  for (const [when, atMs, prices] of moments) {
    it(`has its price in filters, sorts, on pages, in lists and aloud ${when}, without a write`, async () => {
      people.clock.advance(atMs - people.clock.nowMs());
      const answer = await people.ask(
        `{
          shopper(context: { channel: WEB, sessionId: "s", storeId: "online" }) {
            cheap: search(query: "coat", filter: { priceMax: "14" }) { products { nodes { id } } }
            sorted: search(query: "coat", sort: PRICE_ASC, facets: ["price"]) {
              products { nodes { id price { amount } } }
              facets { min max }
              speech { text }
            }
            recommendations(placement: "home") { items { product { id price { amount } } } speech { text } }
          }
          product(id: "sold", context: { channel: WEB, storeId: "online" }) { price { amount } }
        }`,
      );
      expect(answer.errors).to.equal(undefined);
      const isOn = prices === reduced;
      const cheap = answer.at('shopper.cheap.products.nodes') as Shown[];
      expect(cheap.map(({ id }) => id)).to.have.members(isOn ? ['sold', 'sized'] : []);
      const sorted = answer.at('shopper.sorted.products.nodes') as Shown[];
      expect(sorted.map(({ id }) => id)).to.deep.equal(
        isOn ? ['sold', 'sized', 'steady'] : ['steady', 'sold', 'sized'],
      );
      const items = answer.at('shopper.recommendations.items') as { product: Shown }[];
      const listed = items.map(({ product }) => product);
      for (const shown of [sorted, listed])
        expect(Object.fromEntries(shown.map(({ id, price }) => [id, price.amount]))).to.deep.equal(prices);
      expect(answer.at('product.price.amount')).to.equal(prices.sold);
      const amounts = Object.values(prices).map(Number);
      expect(answer.at('shopper.sorted.facets')).to.deep.equal([
        { min: Math.min(...amounts), max: Math.max(...amounts) },
      ]);
      for (const text of [
        answer.at('shopper.sorted.speech.text'),
        answer.at('shopper.recommendations.speech.text'),
      ])
        for (const amount of amounts) expect(text).to.include(`${amount} euros`);
    });
  }
});

describe('the prices that a search filters and sorts by', () => {
  const price: fc.Arbitrary<Price> = fc.record(
    {
      currency: fc.constantFrom('EUR', 'CHF'),
      amountMinor: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(10 ** 12 - 1)),
      listAmountMinor: fc.constant(null),
      storeId: fc.constantFrom(null, 'bern', 'lyon'),
      customerGroup: fc.constantFrom('vip', 'staff'),
      minQuantity: fc.integer({ min: 1, max: 2 }),
      validFromMs: fc.integer({ min: 0, max: 9 }),
      validUntilMs: fc.integer({ min: 0, max: 9 }),
    },
    { requiredKeys: ['currency', 'amountMinor', 'listAmountMinor', 'storeId'] },
  );
  const prices = fc.array(price, { maxLength: 4 });
  const variant: fc.Arbitrary<ProductVariant> = fc.record(
    {
      id: fc.constant('v'),
      selectedOptions: fc.constant([]),
      prices,
      status: fc.constantFrom('ACTIVE', 'DRAFT'),
    },
    { requiredKeys: ['id', 'selectedOptions'] },
  );
  const product = fc.record({
    prices,
    variants: fc.option(fc.array(variant, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    soldOut: fc.array(fc.integer({ min: 0, max: 2 })),
  });
  const context: fc.Arbitrary<PriceContext> = fc.record({
    currency: fc.constantFrom('EUR', 'CHF'),
    storeId: fc.constantFrom(null, 'bern', 'lyon'),
    atMs: fc.integer({ min: 0, max: 9 }),
    customerGroup: fc.constantFrom(null, 'vip', 'staff'),
  });

  it('are those that the product page shows, also after products changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(product, { minLength: 1 }), { maxLength: 4 }),
        context,
        (versions, at) => {
          const columns = createPriceColumns();
          const latest = versions.map((each, document) => {
            let last = productOf('', '');
            for (const { prices: own, variants } of each) {
              last = productOf(`p${document}`, '', { prices: own, ...(variants ? { variants } : {}) });
              columns.set(document, last);
            }
            return { product: last, soldOut: each.at(-1)!.soldOut };
          });
          const canBuy = (document: number, place: number) => !latest[document]!.soldOut.includes(place);
          const read = columns.reader(at, canBuy);
          const isPriced = columns.priced(at);
          for (const [document, each] of latest.entries()) {
            const expected = priceOf(each.product, at, (place) => canBuy(document, place));
            expect(isPriced(document)).to.equal(expected !== null);
            expect(read(document)).to.deep.equal(expected === null ? Number.NaN : expected.amountMinor);
          }
        },
      ),
    );
  });
});
