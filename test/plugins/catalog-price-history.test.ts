import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { lowestPrice30Days, type PriceChange } from '../../plugins/catalog/price-history.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { plainProduct } from '../../scripts/evaluate/plain-product.js';
import { type Price, variantsOf } from '../../src/ports/catalog.js';
import { variantPrice } from '../../src/ports/prices.js';
import { createRandom } from '../support/boot.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

const dayMs = 86_400_000;

describe('the lowest price of 30 days', () => {
  let shop: TestGateway;
  beforeEach(async () => {
    shop = await openTestGateway([store, queue, catalogPlugin]);
  });
  afterEach(() => shop.close());

  const days = (count: number) => shop.system.clock.advance(count * dayMs);

  async function lowest(context = 'currency: EUR'): Promise<string | null> {
    const { at, errors } = await shop.ask(
      `{ product(id: "mug", context: { channel: WEB, ${context} }) { variants { lowestPrice30Days { amount } } } }`,
    );
    expect(errors, JSON.stringify(errors)).to.equal(undefined);
    const [variant] = at('product.variants') as { lowestPrice30Days: { amount: string } | null }[];
    return variant!.lowestPrice30Days?.amount ?? null;
  }
  async function price(amount: string, more: object = {}): Promise<void> {
    const entry = { productId: 'mug', amount, currency: 'EUR', ...more };
    expect((await shop.system.port('catalog').setPrices([entry])).userErrors).to.deep.equal([]);
  }

  it('is that before the reduction began, for as long as it lasts', async () => {
    await shop.system
      .port('catalog')
      .save([{ id: 'mug', title: 'Mug', prices: [{ amount: '10', currency: 'EUR' }] }]);
    expect(await lowest(), 'no history').to.equal(null);
    days(40);
    await price('9');
    days(10);
    await price('12');
    days(10);
    await price('8', { listAmount: '12' });
    expect(await lowest()).to.equal('9.00');
    days(60);
    expect(await lowest(), 'still the 30 days before the reduction').to.equal('9.00');
    await price('5', { customerGroup: 'staff' });
    await price('7', { storeId: 'bern' });
    expect(await lowest(), 'not changed by other prices').to.equal('9.00');
    expect(await lowest('currency: EUR, storeId: "bern"')).to.equal('8.00');
    expect(await lowest('currency: CHF')).to.equal(null);
    await shop.system.port('catalog').remove(['mug']);
    await shop.system
      .port('catalog')
      .save([{ id: 'mug', title: 'Mug', prices: [{ amount: '1', currency: 'EUR' }] }]);
    expect(await lowest(), 'another product with the id').to.equal(null);
  });

  it('knows reductions that were planned', async () => {
    const now = shop.system.clock.nowMs();
    const window = { validFrom: new Date(now + 5 * dayMs), validUntil: new Date(now + 9 * dayMs) };
    await shop.system.port('catalog').save([
      {
        id: 'mug',
        title: 'Mug',
        prices: [
          { amount: '10', currency: 'EUR' },
          { amount: '6', listAmount: '10', currency: 'EUR', ...window },
        ],
      },
    ]);
    days(6);
    expect(await lowest()).to.equal('10.00');
    days(4);
    expect(await lowest(), 'the sale was within 30 days before the usual price came back').to.equal('6.00');
  });

  it('is what a look at every moment finds', () => {
    const random = createRandom(5);
    const upTo = (count: number) => Math.floor(random() * count);
    const list = (): Price[] =>
      Array.from({ length: 1 + upTo(2) }, () => {
        const from = 1 + upTo(80);
        return {
          currency: 'EUR',
          amountMinor: 1 + upTo(6),
          listAmountMinor: null,
          storeId: null,
          ...(random() < 0.4
            ? { validFromMs: from * dayMs, validUntilMs: (from + 1 + upTo(30)) * dayMs }
            : {}),
        };
      });
    for (let trial = 0; trial < 300; trial++) {
      const states = Array.from({ length: 1 + upTo(5) }, list);
      const changedAt = states
        .slice(1)
        .map(() => 1 + upTo(89))
        .sort((a, b) => a - b);
      const changes: PriceChange[] = changedAt.map((day, i) => ({ atMs: day * dayMs, before: states[i]! }));
      const productOn = (day: number) =>
        plainProduct({ id: 'p', title: 'P', prices: states[changedAt.filter((at) => at <= day).length]! });
      const amountOn = (day: number) => {
        const product = productOn(day);
        const context = { currency: 'EUR', storeId: null, atMs: day * dayMs };
        return variantPrice(product, variantsOf(product)[0]!, context)?.amountMinor ?? null;
      };
      const today = 90;
      const present = amountOn(today);
      let began: number | null = today;
      while (began !== null && amountOn(began) === present) began = began === 0 ? null : began - 1;
      let expected: number | null = null;
      if (present !== null && began !== null) {
        for (let day = began; day >= Math.max(0, began + 1 - 30); day--) {
          const amount = amountOn(day);
          if (amount !== null) expected = Math.min(expected ?? amount, amount);
        }
      }
      // Before day 0 the first list was there already.
      if (present !== null && began !== null && began + 1 - 30 < 0) {
        const product = productOn(-1);
        const before = { currency: 'EUR', storeId: null, atMs: -1 };
        const amount = variantPrice(product, variantsOf(product)[0]!, before)?.amountMinor ?? null;
        if (amount !== null) expected = Math.min(expected ?? amount, amount);
      }
      const product = productOn(today);
      const context = { currency: 'EUR', storeId: null, atMs: today * dayMs };
      const found = lowestPrice30Days(product, variantsOf(product)[0]!, changes, context);
      const shown = JSON.stringify({ states, changedAt });
      expect(found, shown).to.equal(expected);
    }
  });
});
