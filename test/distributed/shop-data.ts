import { plugins } from '../../plugins/index.js';
import { bootPlugins, createTestClock } from '../support/boot.js';
import { contextOf, server } from '../support/events.js';

const productCount = 600;
const people = 20;

/** A data directory with a bit of everything in it. */
export async function createShopData(dataDir: string): Promise<void> {
  const system = await bootPlugins(plugins, { dataDir });
  try {
    const { clock } = system;
    await system.port('catalog').save(
      Array.from({ length: productCount }, (_, i) => ({
        id: `p${i}`,
        sku: `SKU-${i}`,
        title: `Émile's “Lamp” ${i} 🏮`,
        categoryIds: [i % 2 ? 'indoor' : 'outdoor'],
        prices: [{ amount: `${i}.95`, currency: 'EUR' }],
        stock: [{ quantity: i % 3 }],
      })),
    );
    await system.port('merchandising').saveSynonym({ terms: ['lamp', 'lantern'] });
    for (let i = 0; i < people; i++) {
      clock.advance(1_000);
      const context = contextOf(`s${i}`, { atMs: clock.nowMs() });
      await system
        .port('customers')
        .identify(context, { id: `c${i % 7}`, traits: { size: i, __tag: 'a.b$c' } });
      const shopper = await system.port('customers').recognise({ ...context });
      await system
        .port('consent')
        .decide(shopper, [{ purpose: 'PERSONALIZATION', status: i % 4 ? 'GRANTED' : 'DENIED' }]);
      await system.port('events').record(
        { ...context },
        Array.from({ length: 12 }, (_, n) => ({
          messageId: `m${i}-${n}`,
          type: 'PRODUCT_VIEWED',
          productIds: [`p${(i * 7 + n) % productCount}`],
          properties: { note: '\u2028 ünï', nested: { list: [1, 2.5, null, true] } },
        })),
      );
    }
  } finally {
    await system.close();
  }
}

/** What a shop on this data directory answers about everything in it. */
export async function shopOf(dataDir: string): Promise<Record<string, unknown>> {
  const clock = createTestClock();
  clock.advance(60_000);
  const system = await bootPlugins(plugins, { dataDir, clock });
  try {
    const products: unknown[] = [];
    for await (const page of system.port('catalog').scan()) products.push(...page);
    const events: unknown[] = [];
    for await (const page of system.port('events').replay()) events.push(...page);
    const persons: unknown[] = [];
    for (let i = 0; i < people; i++) {
      const context = contextOf(`s${i}`, { caller: server, atMs: clock.nowMs() });
      const shopper = await system.port('customers').recognise(context);
      const home = await system
        .port('recommendations')
        .recommend(shopper, { placement: 'home', first: 5, productId: null, cart: [] });
      persons.push({
        customerId: shopper.customerId,
        profile: shopper.customerId && (await system.port('customers').get(shopper.customerId)),
        consents: await system.port('consent').states(shopper),
        decisions: await system.port('consent').history(shopper),
        home: { ...home, endCursor: home.endCursor() },
      });
    }
    return {
      products,
      events,
      persons,
      categories: system.port('catalog').categories(),
      synonyms: system.port('merchandising').allSynonyms(),
      stock: await system.port('catalog').stock(['p0', 'p1', 'p2']),
    };
  } finally {
    await system.close();
  }
}
