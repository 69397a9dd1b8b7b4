import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { createRandom } from '../support/boot.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { runs } from '../support/runs.js';
import { grant, record } from './shop.js';

/** `TRIALS=1000 npx mocha test/journeys/freshness.test.ts` tries each promise a thousand times. */
const trials = Number(process.env.TRIALS ?? runs(5));
const channels = ['WEB', 'APP', 'KIOSK', 'VOICE'] as const;
const stores = ['berne', 'zurich'];
const words = ['kettle', 'press', 'lamp', 'tent', 'rope', 'mug', 'stove', 'scale'];
const productIds = Array.from({ length: 48 }, (_, i) => `p${i}`);
/** One in nine has no price. */
const isPriced = (i: number): boolean => i % 9 !== 0;

type Context = Readonly<Record<string, unknown>>;
type Random = ReturnType<typeof createRandom>;

function any<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

const lists = [...placements.keys()].map(
  (placement) =>
    `${placement.replace('-', '')}: recommendations(placement: "${placement}", productId: $productId, cart: $cart) { ...list }`,
);
/** Everything personal that a storefront can ask for, in one operation; ids of the search (cursors hold it, too) and of the session aside. */
const everything = `query ($context: ShopperContext!, $query: String!, $prefix: String!, $productId: ID, $cart: [ID!]) {
  shopper(context: $context) {
    personalization { applied reason }
    ${lists.join('\n    ')}
    due: reorder { ...list }
    recentlyViewed { id }
    search(query: $query, facets: ["brand", "category", "price"]) {
      total correctedQuery appliedSynonyms appliedRules personalized degraded
      products { totalCount nodes { ...card } }
      facets { name min max values { value label count } }
      speech { ssml }
    }
    browse: search(query: "") { products { nodes { id } } }
    suggest(prefix: $prefix) { text kind id }
  }
}`;
const home = `query ($context: ShopperContext!) {
  shopper(context: $context) {
    home: recommendations(placement: "home") { ...list }
    recentlyviewed: recommendations(placement: "recently-viewed") { ...list }
    recentlyViewed { id }
  }
}`;
const fragments = `fragment list on RecommendationList {
  decisionId personalized degraded
  items { position score source product { ...card } reasons { code text because { id } } }
  omitted { reason product { id } }
  speech { ssml }
}
fragment card on Product { id title inStock }`;

describe(`What was acknowledged is in the next answer (${trials} trials each)`, function () {
  this.timeout(20_000 + trials * 2_000);
  let shop: TestGateway;

  before(async () => {
    shop = await openTestGateway(plugins);
    const random = createRandom(7);
    await mutate(
      'mutation ($products: [ProductInput!]!) { payload: saveProducts(products: $products) { userErrors { message } } }',
      {
        products: productIds.map((id, i) => ({
          id,
          title: `${any(random, ['Red', 'Blue', 'Old'])} ${any(random, words)} ${i}`,
          brand: any(random, ['Nord', 'Sud', null]),
          categoryIds: [any(random, ['coffee', 'camping', 'home'])],
          prices: !isPriced(i) ? [] : [{ amount: `${5 + i}.50`, currency: 'EUR' }],
          speakable: i % 5 !== 0,
          stock: [
            { quantity: 5 },
            ...stores.map((storeId) => ({ storeId, quantity: any(random, [0, 1, 4]) })),
          ],
        })),
      },
    );
    for (let i = 0; i < 60; i++) await live(`crowd-${i % 20}`, createRandom(100 + i), 2);
  });
  after(() => shop.close());

  async function mutate(query: string, variables: Context): Promise<void> {
    const answer = await shop.ask(query, { role: 'SERVER', variables });
    const userErrors = answer.at('payload.userErrors');
    if (answer.errors || (userErrors as unknown[]).length > 0) throw new Error(answer.text);
  }

  function contextOf(sessionId: string, channel: string, more: Context = {}): Context {
    return { channel, sessionId, currency: 'EUR', locale: 'en', ...more };
  }

  async function ask(
    context: Context,
    more: Context = {},
    query = everything,
  ): Promise<{ shopper: Shopper; text: string }> {
    const { errors, at, text } = await shop.ask(`${query}\n${fragments}`, {
      variables: { context, query: 'kettle', prefix: 'ke', ...more },
    });
    if (errors) throw new Error(text);
    return { shopper: at('shopper') as Shopper, text: JSON.stringify(at('shopper')) };
  }

  async function setStock(
    productId: string,
    quantity: number,
    where: readonly (string | null)[],
  ): Promise<void> {
    await mutate(
      'mutation ($entries: [StockInput!]!) { payload: setStock(entries: $entries) { userErrors { message } } }',
      { entries: where.map((storeId) => ({ productId, storeId, quantity })) },
    );
  }

  /** Some days of a shopper. */
  async function live(sessionId: string, random: Random, steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      shop.system.clock.advance(Math.floor(random() * 100_000_000));
      const type = any(random, [
        'PRODUCT_VIEWED',
        'PRODUCT_VIEWED',
        'PRODUCT_ADDED_TO_CART',
        'ORDER_COMPLETED',
        'PRODUCT_DISMISSED',
      ]);
      await record(shop, sessionId, type, [any(random, productIds), any(random, productIds)]);
    }
  }

  it('a view changes the next answer, in every channel', async () => {
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial);
      const sessionId = `viewer-${trial}`;
      await grant(shop, sessionId);
      const viewed: string[] = [];
      for (let step = 0; step < 3; step++) {
        const channel = any(random, channels);
        const before = await ask(contextOf(sessionId, channel), {}, home);
        const id = any(
          random,
          productIds.filter((other, i) => isPriced(i) && !viewed.includes(other)),
        );
        shop.system.clock.advance(1_000);
        await record(shop, sessionId, 'PRODUCT_VIEWED', [id]);
        viewed.unshift(id);
        const after = await ask(contextOf(sessionId, channel), {}, home);
        expect(after.shopper.home, `trial ${trial}`).not.to.deep.equal(before.shopper.home);
        expect(after.shopper.home.personalized).to.equal(true);
        expect(after.shopper.recentlyViewed.map((product) => product.id)).to.deep.equal(viewed);
        expect(after.shopper.recentlyviewed.decisionId).not.to.equal(
          before.shopper.recentlyviewed.decisionId,
        );
      }
    }
  });

  it('a product whose stock is gone is in no list of any channel, and back with it', async () => {
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial);
      const sessionId = `shopper-${trial}`;
      if (random() < 0.5) await grant(shop, sessionId);
      await live(sessionId, random, 2);
      const storeId = any(random, [null, ...stores]);
      const context = (channel: string) => contextOf(sessionId, channel, storeId === null ? {} : { storeId });
      const { shopper } = await ask(context('WEB'));
      const placement = any(random, [...placements.keys()]).replace('-', '') as 'home';
      const gone = any(random, shopper[placement].items).product.id;
      await setStock(gone, 0, storeId === null ? [null, ...stores] : [storeId]);
      for (const channel of channels) {
        const { shopper: next } = await ask(context(channel), { query: '' });
        for (const [name, list] of listsOf(next))
          expect(idsOf(list), `trial ${trial}: ${gone} in ${name}, ${channel}`).not.to.include(gone);
        expect(next.recentlyViewed.map(({ id }) => id)).not.to.include(gone);
        for (const card of next.search.products.nodes)
          if (card.id === gone) expect(card.inStock).to.equal(false);
      }
      const listed = await shop.ask(
        'query ($context: ShopperContext!) { products(context: $context, first: 100, filter: { inStock: true }) { nodes { id } } }',
        { variables: { context: context('WEB') } },
      );
      expect((listed.at('products.nodes') as { id: string }[]).map(({ id }) => id)).not.to.include(gone);
      await setStock(gone, 4, storeId === null ? [null, ...stores] : [storeId]);
      const again = await shop.ask(
        'query ($context: ShopperContext!, $id: ID!) { product(id: $id, context: $context) { inStock } }',
        {
          variables: { context: context('KIOSK'), id: gone },
        },
      );
      expect(again.at('product.inStock')).to.equal(true);
    }
  });

  it('who withdrew is answered byte for byte as a blank visitor, in every channel and placement, search and suggestions too', async () => {
    let told = 0;
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial);
      const sessionId = `leaver-${trial}`;
      await grant(shop, sessionId);
      await live(sessionId, random, 1 + Math.floor(random() * 4));
      const storeId = any(random, [null, ...stores]);
      const more = {
        query: any(random, [...words, '', 'ketle', 'blue mug']),
        prefix: any(random, ['k', 'bl', 'no', 'mug']),
        productId: any(random, [null, ...productIds]),
        cart: any(random, [[], [any(random, productIds)]]),
      };
      const asker = (who: string, channel: string) =>
        ask(contextOf(who, channel, storeId === null ? {} : { storeId }), more);
      const blank = `blank-${trial}`;
      if ((await asker(sessionId, 'WEB')).text !== (await asker(blank, 'WEB')).text) told++;
      await grant(shop, sessionId, any(random, ['WITHDRAWN', 'DENIED']));
      for (const channel of channels) {
        // What many search for is suggested, and every search counts: those before and after may differ in that.
        const before = await asker(blank, channel);
        const { text, shopper } = await asker(sessionId, channel);
        if (text !== before.text)
          expect(text, `trial ${trial}, ${channel}`).to.equal((await asker(blank, channel)).text);
        expect(shopper.personalization).to.deep.equal({ applied: false, reason: 'NO_CONSENT' });
      }
    }
    expect(told, 'personal before').to.equal(trials);
  });

  it('a customer who withdraws on one device is nobody in particular on all of them', async () => {
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial);
      const devices = ['laptop', 'phone', 'kiosk'].map((name) => `${name}-${trial}`);
      for (const sessionId of devices) {
        await mutate(
          'mutation ($context: ShopperContext!, $id: ID!) { payload: identify(context: $context, customer: { id: $id }) { userErrors { message } } }',
          { context: contextOf(sessionId, 'WEB'), id: `customer-${trial}` },
        );
        if (random() < 0.7) await grant(shop, sessionId);
        await live(sessionId, random, 1);
      }
      await grant(shop, any(random, devices), 'GRANTED', 'SERVER');
      await grant(shop, any(random, devices), 'WITHDRAWN', 'SERVER');
      for (const sessionId of devices) {
        const channel = any(random, channels);
        const { text } = await ask(contextOf(sessionId, channel));
        expect(text, `trial ${trial}, ${sessionId}`).to.equal(
          (await ask(contextOf(`blank-device-${trial}`, channel))).text,
        );
      }
    }
  });

  it('kiosk and voice show a part of the web’s list, in its order, with a reason for each missing product', async () => {
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial);
      const sessionId = `visitor-${trial}`;
      if (random() < 0.7) await grant(shop, sessionId);
      await live(sessionId, random, Math.floor(random() * 4));
      await setStock(any(random, productIds), any(random, [0, 0, 1, 5]), [any(random, [null, ...stores])]);
      const storeId = any(random, [null, ...stores, 'nowhere']);
      const more = { productId: any(random, [null, ...productIds]), cart: [any(random, productIds)] };
      const asker = async (channel: string) =>
        (await ask(contextOf(sessionId, channel, storeId === null ? {} : { storeId }), more)).shopper;
      const web = new Map(listsOf(await asker('WEB')));
      for (const channel of ['APP', 'KIOSK', 'VOICE']) {
        for (const [name, list] of listsOf(await asker(channel))) {
          const where = `trial ${trial}: ${name}, ${channel}, ${storeId}`;
          const onWeb = idsOf(web.get(name)!);
          const ids = idsOf(list);
          expect(ids.length, where).to.be.at.least(1);
          expect(ids, where).to.deep.equal(onWeb.filter((id) => ids.includes(id)));
          const omitted = new Set(list.omitted.map(({ product }) => product.id));
          for (const id of onWeb) expect(omitted.has(id), `${where}: ${id}`).to.equal(!ids.includes(id));
          expect(list.decisionId, where).to.equal(web.get(name)!.decisionId);
          if (channel === 'APP') expect(ids, where).to.deep.equal(onWeb);
        }
      }
    }
  });
});

interface Card {
  readonly id: string;
  readonly inStock: boolean;
}

interface List {
  readonly decisionId: string;
  readonly personalized: boolean;
  readonly items: readonly { readonly product: Card }[];
  readonly omitted: readonly { readonly reason: string; readonly product: { readonly id: string } }[];
}

interface Shopper {
  readonly personalization: object;
  readonly home: List;
  readonly recentlyviewed: List;
  readonly recentlyViewed: readonly { readonly id: string }[];
  readonly search: { readonly products: { readonly nodes: readonly Card[] } };
}

function listsOf(shopper: Shopper): [string, List][] {
  return Object.entries(shopper as unknown as Record<string, List | null>).filter(
    (entry): entry is [string, List] => entry[1]?.decisionId !== undefined,
  );
}

function idsOf(list: List): string[] {
  return list.items.map(({ product }) => product.id);
}
