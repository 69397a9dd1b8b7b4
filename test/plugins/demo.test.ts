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
import type { Product } from '../../src/ports/catalog.js';
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

  it('has an image of every product, which the gateway draws', () => {
    for (const { id, title, media } of shopOf(7).products) {
      expect(media, id).to.have.length(1);
      const [, name = ''] = /^\/showcase\/pictures\/(.+)$/.exec(media?.[0]?.url ?? '') ?? [];
      expect(readPictureName(name), `${id} ${name}`).not.to.equal(null);
      expect(media?.[0]?.alt, id).to.equal(title);
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
