import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { readPictureName } from '../../plugins/showcase/pictures/picture-name.js';
import { store } from '../../plugins/store/plugin.js';
import { createChance } from '../../scripts/demo/chance.js';
import { people } from '../../scripts/demo/people.js';
import { demoCategories, demoProducts } from '../../scripts/demo/products.js';
import { type DemoShop, seedDemoShop } from '../../scripts/demo/seed.js';
import { createSimulation, historyDays } from '../../scripts/demo/shoppers.js';
import type { Context } from '../../src/context.js';
import { examples } from '../../src/gateway/examples.js';
import { type Product, variantsOf } from '../../src/ports/catalog.js';
import { priceOf } from '../../src/ports/prices.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

const nowMs = Date.UTC(2026, 2, 1, 12);

function shopOf(seed: number) {
  const chance = createChance(seed);
  const products = demoProducts(chance, nowMs);
  const simulation = createSimulation(products, chance, nowMs);
  const deeds = [...people.flatMap((person) => simulation.person(person)), ...simulation.stranger(1)];
  return { products: products.map(({ input }) => input), deeds };
}

describe('the demo shop', () => {
  it('is the same from the same seed, and another from another', () => {
    const [one, again, other] = [7, 7, 8].map((seed) => JSON.stringify(shopOf(seed)));
    expect(one === again).to.equal(true);
    expect(one === other).to.equal(false);
  });

  it('has no two products of one title, and no title in one language only of its own words', () => {
    const { products } = shopOf(7);
    expect(new Set(products.map(({ title }) => title)).size).to.equal(products.length);
    for (const locale of ['de', 'fr']) {
      const translated = products.filter(({ translations }) =>
        translations?.some((each) => each.locale === locale),
      );
      expect(translated.length / products.length, locale).to.be.greaterThan(0.6);
    }
  });

  it('has the product that an example of GraphiQL views', () => {
    const { product } = JSON.parse(examples.find(({ variables }) => variables)?.variables ?? '{}') as {
      product?: string;
    };
    expect(shopOf(7).products.map(({ id }) => id)).to.include(product);
  });

  it('has an image of every product and of each of its colours, which the gateway draws', () => {
    for (const { id, title, media, variants } of shopOf(7).products) {
      for (const { url, alt } of media) {
        const [, name = ''] = /^\/showcase\/pictures\/(.+)$/.exec(url) ?? [];
        expect(readPictureName(name), `${id} ${name}`).not.to.equal(null);
        expect(alt, id).to.equal(title);
      }
      const coloursOf = (options: readonly { readonly name: string; readonly value: string }[]) =>
        options.filter(({ name }) => name === 'Colour').map(({ value }) => value);
      const sold = new Set(variants.flatMap(({ selectedOptions }) => coloursOf(selectedOptions)));
      const shown = media.flatMap(({ option }) => (option ? coloursOf([option]) : []));
      expect(shown, id).to.have.members([...sold]);
      expect(new Set(media.map(({ url }) => url)).size, id).to.equal(Math.max(1, sold.size));
    }
  });

  it('has a tree without circles whose leaves hold the products', () => {
    const categories = new Map(demoCategories().map((category) => [category.id, category]));
    for (const { id } of categories.values()) {
      let depth = 0;
      for (let at = categories.get(id); at?.parentId; at = categories.get(at.parentId)) {
        expect(categories.has(at.parentId), at.parentId).to.equal(true);
        expect(++depth).to.be.lessThan(5);
      }
    }
    const parents = new Set([...categories.values()].map(({ parentId }) => parentId));
    for (const { categoryIds } of shopOf(7).products) {
      for (const id of categoryIds ?? []) expect(parents.has(id), id).to.equal(false);
    }
  });

  it('tells of the past only, and lets everybody come for what they like', () => {
    const { deeds } = shopOf(7);
    for (const { atMs } of deeds) {
      expect(atMs).to.be.within(nowMs - (historyDays + 1) * 86_400_000, nowMs - 1);
    }
    const adas = deeds
      .filter(({ customerId }) => customerId === 'ada')
      .flatMap((deed) => deed.productIds ?? []);
    const coffee = adas.filter((id) => /^(coffee|espresso)/.test(id));
    expect(coffee.length / adas.length).to.be.greaterThan(0.9);
  });

  describe('once seeded', () => {
    let system: TestSystem;
    let shop: DemoShop;
    const products: Product[] = [];
    const lines: string[] = [];

    before(async () => {
      system = await bootPlugins([store, queue, catalogPlugin, customers, consent, events]);
      shop = await seedDemoShop(system, { clock: system.clock }, (line) => lines.push(line), 200);
      for await (const page of system.port('catalog').scan()) products.push(...page);
    });
    after(() => system.close());

    it('sells about a thousand products, each at a price in every currency', () => {
      expect(products.length).to.equal(shop.products).and.to.be.within(900, 1_200);
      for (const product of products) {
        for (const currency of ['EUR', 'CHF', 'USD']) {
          expect(
            priceOf(product, { currency, storeId: null, atMs: 0 })?.amountMinor,
            product.id,
          ).to.be.within(50, 500_000);
        }
      }
      expect(lines).to.have.length(2);
    });

    it('names every product and variant by a GTIN and a SKU, and every product by a handle', () => {
      for (const product of products) {
        expect(product.handle, product.id).to.match(/^[a-z0-9-]+$/);
        for (const { gtin, sku } of variantsOf(product)) expect([gtin, sku], product.id).not.to.include(null);
      }
      const shirt = products.find(({ id }) => id === 'running-clothing-01')!;
      const code = shirt.variants?.[3]?.gtin ?? '';
      expect(system.port('catalog').resolve(code.slice(1))).to.include({ productId: shirt.id });
    });

    it('sells shirts in sizes and colours, some of which are sold out in a store that has others', async () => {
      const shirts = products.filter(
        ({ title, status }) => /running shirt/.test(title) && status === 'ACTIVE',
      );
      const stock = await system.port('catalog').stockByVariant(shirts.map(({ id }) => id));
      const soldOut = shirts.filter(({ variants }, at) => {
        expect(variants).to.have.length(10);
        const inZurich = (value: string) =>
          variants!
            .filter(({ selectedOptions }) => selectedOptions.some((option) => option.value === value))
            .some(({ id }) => (stock[at]?.get(id)?.zurich ?? 0) > 0);
        return !inZurich('M') && ['XS', 'S', 'L', 'XL'].some(inZurich);
      });
      expect(soldOut).to.have.length.above(0);
    });

    it('reduces running clothes in a sale that ends without a write, and other products for good', () => {
      const context = { currency: 'EUR', storeId: null };
      const reduced = products.flatMap((product) => {
        const sale = product.prices.find(({ validUntilMs }) => validUntilMs !== undefined);
        return sale?.validFromMs !== undefined && sale.validUntilMs !== undefined && sale.currency === 'EUR'
          ? [{ product, amount: sale.amountMinor, from: sale.validFromMs, until: sale.validUntilMs }]
          : [];
      });
      expect(reduced.length).to.be.within(5, 40);
      for (const { product, amount, from, until } of reduced) {
        const at = (atMs: number) => priceOf(product, { ...context, atMs });
        const regular = at(from - 1);
        expect(system.clock.nowMs(), product.id).to.be.within(from, until - 1);
        expect(regular?.amountMinor, product.id).to.be.above(amount);
        expect(regular?.listAmountMinor, product.id).to.equal(null);
        for (const atMs of [from, until - 1])
          expect(at(atMs), product.id).to.include({
            amountMinor: amount,
            listAmountMinor: regular?.amountMinor,
          });
        expect(at(until), product.id).to.deep.equal(regular);
      }
      const always = products.filter(
        (product) => priceOf(product, { ...context, atMs: 0 })?.listAmountMinor !== null,
      );
      expect(always.length).to.be.within(50, 250);
    });

    it('has ratings, tags, and a price by weight of what is sold by weight', () => {
      const rated = products.flatMap(({ rating }) => (rating ? [rating] : []));
      expect(rated.length / products.length).to.be.within(0.8, 0.95);
      for (const { average, count } of rated) {
        expect(average).to.be.within(3, 5);
        expect(count).to.be.within(1, 2_000);
      }
      expect(products.filter(({ tags }) => tags?.includes('vegan')).length).to.be.above(50);
      const beans = products.find(({ id }) => id === 'coffee-beans-01')!;
      expect(beans.contents).to.include({ unit: 'G' });
    });

    it('has stock in every store, something sold out, and something voice never says', () => {
      const { shelf } = system.port('catalog');
      const numbers = products.map(({ id }) => shelf.numberOf(id));
      for (const storeId of ['online', 'zurich', 'berlin', 'vienna', 'lyon']) {
        const share = numbers.filter((number) => shelf.inStore(number, storeId)).length / numbers.length;
        expect(share, storeId).to.be.within(0.3, 0.99);
      }
      expect(numbers.some((number) => !shelf.inStock(number))).to.equal(true);
      expect(products.filter(({ speakable }) => !speakable).length).to.be.within(5, 50);
    });

    it('knows its customers in all their sessions, who have said yes, with and without proof', async () => {
      for (const { id, sessions } of people) {
        for (const session of sessions) {
          for (const role of ['STOREFRONT', 'SERVER'] as const) {
            const shopper = await system.port('customers').recognise(visitor(session.id, role));
            expect(shopper.customerId, session.id).to.equal(role === 'SERVER' ? id : null);
            const permit = await system.port('consent').permit(shopper, 'PERSONALIZATION');
            const history = await system.port('events').history(permit!, { limit: 100 });
            expect(history.length, session.id).to.be.greaterThan(0);
          }
        }
      }
    });
  });
});

function visitor(sessionId: string, role: 'STOREFRONT' | 'SERVER'): Context {
  return {
    caller: { role, source: 'test', customerId: null, globalPrivacyControl: false },
    channel: 'WEB',
    sessionId,
    customerId: null,
    storeId: null,
    deviceId: null,
    locale: 'en',
    currency: 'EUR',
    atMs: nowMs,
  };
}
