import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { assemble } from '../../plugins/recommendations/assembly.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { RapportError } from '../../src/errors.js';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { createRandom } from '../support/boot.js';
import { runs } from '../support/runs.js';
import { openShop, type Shop } from '../support/shop.js';

const dayMs = 86_400_000;
const everywhere = [...placements.keys()];
const ids = (list: RecommendationList) => list.items.map(({ product }) => product.id);

/** Forty products of four brands and five categories. */
const range = Array.from({ length: 40 }, (_, at) => ({
  id: `p${at}`,
  title: `${['Red', 'Blue', 'Green', 'Black'][at % 4]} ${['cup', 'pot', 'pan', 'lid', 'jug'][at % 5]} no ${at}`,
  brand: ['Alba', 'Brio', 'Cima', 'Dora'][Math.floor(at / 10)],
  categoryIds: [`c${at % 5}`],
  prices: [{ amount: String(5 + at), currency: 'EUR' }],
}));

let shop: Shop;
const open = async (products: readonly Readonly<Record<string, unknown>>[] = range) => {
  shop = await openShop();
  await shop.save(products);
};

/** Others who look at p0 … p9 in pairs, and buy p20 with p21. */
async function others(): Promise<void> {
  const views = Array.from({ length: 20 }, (_, i) => 2 * (i % 5));
  await Promise.all(views.map((p, i) => shop.did(`other-${i}`, 'PRODUCT_VIEWED', [`p${p}`])));
  await Promise.all(views.map((p, i) => shop.did(`other-${i}`, 'PRODUCT_VIEWED', [`p${p + 1}`])));
  await Promise.all(
    views.map((_, i) =>
      shop.did(`other-${i}`, 'ORDER_COMPLETED', i % 2 === 0 ? ['p20', 'p21'] : [`p${30 + (i % 9)}`]),
    ),
  );
}

describe('recommendations', () => {
  afterEach(() => shop.close());

  describe('the next answer', () => {
    it('is for everybody until something is known: consent alone changes nothing', async () => {
      await open();
      await others();
      await shop.consented('willing');
      for (const placement of everywhere) {
        const query = { placement, productId: 'p4', cart: ['p20'] };
        const willing = await shop.recommend('willing', query);
        expect(JSON.stringify(willing)).to.equal(JSON.stringify(await shop.recommend('blank', query)));
        expect(willing.personalized).to.equal(false);
      }
    });

    it('follows what the same person does in another channel', async () => {
      await open();
      await others();
      await shop.consented('ada');
      const before = await shop.recommend('ada', {}, { channel: 'WEB' });
      await shop.did('ada', 'PRODUCT_VIEWED', ['p6'], {}, { channel: 'KIOSK' });
      const after = await shop.recommend('ada', {}, { channel: 'WEB' });
      expect(ids(after)[0]).to.equal('p7');
      expect(after.items[0]).to.deep.include({ source: 'SESSION' });
      expect(after.items[0]!.reasons[0]).to.deep.include({ code: 'VIEWED_TOGETHER' });
      expect(after.items[0]!.reasons[0]!.because?.id).to.equal('p6');
      expect(after.personalized).to.equal(true);
      expect(after.decisionId).not.to.equal(before.decisionId);
      expect(after.decisionId).to.match(/^home\.[\w-]{22,108}$/);
    });

    it('is the same after a restart', async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
      try {
        shop = await openShop({ dataDir });
        await shop.save(range);
        for (let i = 0; i < 30; i++) {
          shop.clock.advance(1000);
          const [a, b] = [`p${(i * 7) % 40}`, `p${(i * 3) % 40}`];
          await shop.did(`other-${i % 9}`, i % 5 === 0 ? 'ORDER_COMPLETED' : 'PRODUCT_VIEWED', [a, b]);
        }
        await shop.consented('ada');
        await shop.did('ada', 'PRODUCT_VIEWED', ['p6']);
        const ask = () =>
          Promise.all(
            everywhere.map(async (placement) =>
              ids(await shop.recommend('ada', { placement, productId: 'p4' })),
            ),
          );
        const before = await ask();
        await shop.close();
        shop = await openShop({ dataDir, clock: shop.clock });
        expect(await ask()).to.deep.equal(before);
      } finally {
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
  });

  describe('before anybody has done anything', () => {
    it('every placement has products, the newest, and says that they are', async () => {
      await open();
      for (const placement of everywhere) {
        const list = await shop.recommend('blank', { placement });
        expect(list.items, placement).to.have.lengthOf(12);
        for (const { source, reasons } of list.items) {
          expect(source).to.equal('NEW');
          expect(reasons.map(({ code }) => code)).to.deep.equal(['NEW_ARRIVAL']);
        }
      }
    });

    it('has the one product that there is, however well it hides', async () => {
      const many = Array.from({ length: 2500 }, (_, at) => ({
        id: `x${at}`,
        stock: [{ storeId: at === 3 ? 'berne' : 'basel', quantity: 1 }],
      }));
      await open(many.slice(0, 1000));
      await shop.save(many.slice(1000, 2000));
      await shop.save(many.slice(2000));
      for (const placement of everywhere) {
        const list = await shop.recommend('blank', { placement }, { storeId: 'berne', channel: 'KIOSK' });
        expect(ids(list), placement).to.deep.equal(['x3']);
      }
      await shop.stock('x3', 'berne', 0);
      await shop.stock('x7', 'berne', 1);
      expect(ids(await shop.recommend('blank', {}, { storeId: 'berne' }))).to.deep.equal(['x7']);
    });

    it('shows something to order where a store has nothing, and nothing where the shop has nothing', async () => {
      await open([
        {
          id: 'a',
          stock: [
            { storeId: 'basel', quantity: 1 },
            { storeId: 'berne', quantity: 0 },
          ],
        },
        { id: 'b', status: 'DRAFT' },
      ]);
      expect(ids(await shop.recommend('blank', {}, { storeId: 'berne' }))).to.deep.equal(['a']);
      expect(ids(await shop.recommend('blank', {}, { storeId: 'unheard of' }))).to.deep.equal(['a']);
      await shop.stock('a', 'basel', 0);
      expect(ids(await shop.recommend('blank', {}))).to.deep.equal([]);
    });

    it('an unknown product on the page is like none', async () => {
      await open();
      await others();
      const {
        decisionId: _,
        endCursor: __,
        fallback,
        warnings,
        ...list
      } = await shop.recommend('blank', {
        placement: 'product',
        productId: 'gone',
      });
      const asHome = await shop.recommend('blank', { placement: 'home' });
      const { decisionId, endCursor, fallback: isFilledUp, warnings: none, ...home } = asHome;
      expect([fallback, isFilledUp]).to.deep.equal([true, false]);
      expect(list).to.deep.equal(home);
      expect(none).to.deep.equal([]);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['RECOMMENDATIONS_PRODUCT_UNKNOWN']);
    });
  });

  describe('what a person wants or has', () => {
    it('a dismissed or badly rated product stays away, from every placement', async () => {
      await open();
      await others();
      await shop.consented('ada');
      await shop.did('ada', 'PRODUCT_VIEWED', ['p0', 'p2', 'p4']);
      await shop.did('ada', 'PRODUCT_DISMISSED', ['p1']);
      await shop.did('ada', 'PRODUCT_RATED', ['p3'], { value: 1 });
      await shop.did('ada', 'PRODUCT_RATED', ['p5'], { value: 5 });
      await Promise.all(
        Array.from({ length: 260 }, (_, i) => shop.did('ada', 'PRODUCT_VIEWED', [`p${(i * 7) % 40}`])),
      );
      for (const placement of everywhere) {
        const list = await shop.recommend('ada', { placement, first: 100, productId: 'p20' });
        expect(ids(list), placement).not.to.include.members(['p1']).and.not.to.include('p3');
      }
      expect(ids(await shop.recommend('ada', { first: 100 }))).to.include('p5');
    });

    it('what was bought comes again when it is due, soonest first, and not before', async () => {
      await open();
      await shop.consented('ada');
      for (let week = 0; week < 4; week++) {
        await shop.did('ada', 'ORDER_COMPLETED', ['p1']);
        if (week % 2 === 0) await shop.did('ada', 'ORDER_COMPLETED', ['p2']);
        if (week < 3) shop.clock.advance(7 * dayMs);
      }
      await shop.did('ada', 'ORDER_COMPLETED', ['p3']);
      expect(ids(await shop.recommend('ada', { first: 100 }))).not.to.include.oneOf(['p1', 'p3']);
      shop.clock.advance(7 * dayMs);
      const home = await shop.recommend('ada', { first: 100 });
      expect(ids(home)).to.include('p1').and.not.to.include('p3');
      const due = home.items.find(({ product }) => product.id === 'p1')!;
      expect(due.reasons.map(({ text }) => text)).to.include('You buy this about every 7 days');
      const reorder = await shop.recommend('ada', { placement: 'reorder' });
      expect(ids(reorder)).to.deep.equal(['p1', 'p2', 'p3']);
      expect(reorder.items.map(({ source }) => source)).to.deep.equal([
        'BUY_AGAIN',
        'BUY_AGAIN',
        'BUY_AGAIN',
      ]);
      expect(reorder.items[2]!.reasons[0]!.text).to.equal('You bought this before');
    });

    it('the shop can say by category that nobody buys it twice', async () => {
      shop = await openShop({ environment: { RAPPORT_RECOMMENDATIONS_REPEAT: 'kitchen=exclude' } });
      const { userErrors } = await shop.port('catalog').saveCategories([
        { id: 'kitchen', name: 'Kitchen' },
        { id: 'pots', name: 'Pots', parentId: 'kitchen' },
      ]);
      expect(userErrors).to.deep.equal([]);
      await shop.save([
        { id: 'pot', categoryIds: ['pots'] },
        { id: 'tea', categoryIds: ['tea'] },
      ]);
      await shop.consented('ada');
      await shop.did('ada', 'ORDER_COMPLETED', ['pot', 'tea']);
      expect(ids(await shop.recommend('ada', { placement: 'reorder' }))).to.deep.equal(['tea']);
    });

    it('a cart asks for what is bought with it, and a page for what is like it', async () => {
      await open();
      await others();
      const cart = await shop.recommend('blank', { placement: 'cart', cart: ['p20'] });
      expect(cart.items[0]).to.deep.include({ source: 'BOUGHT_TOGETHER' });
      expect(ids(cart)[0]).to.equal('p21');
      expect(cart.items[0]!.reasons[0]!.text).to.equal('Goes into the same basket as “Red cup no 20”');
      const similar = await shop.recommend(
        'blank',
        { placement: 'similar', productId: 'p12' },
        { locale: 'de' },
      );
      expect(similar.items[0]!.reasons[0]!.text).to.equal('Ähnlich wie „Red pan no 12“');
      expect(similar.items[0]!.product.categoryIds).to.deep.equal(['c2']);
    });

    it('a product that has moved is no longer popular where it was', async () => {
      await open();
      await others();
      await shop.save([{ ...range[5]!, title: 'Moved', categoryIds: ['c4'] }]);
      const list = await shop.recommend('blank', { placement: 'reorder', first: 40, productId: 'p10' });
      const codes = new Map(list.items.map(({ product, reasons }) => [product.id, reasons[0]!.code]));
      expect(codes.get('p0')).to.equal('POPULAR_IN_CATEGORY');
      expect(codes.get('p5')).to.equal('POPULAR');
    });

    it('what was looked at, newest first, only with consent', async () => {
      await open();
      const viewed = async () =>
        (await shop.port('recommendations').recentlyViewed(await shop.shopper('ada'), 5)).map(({ id }) => id);
      await shop.did('ada', 'PRODUCT_VIEWED', ['p4']);
      expect(await viewed()).to.deep.equal([]);
      await shop.consented('ada');
      for (const id of ['p1', 'p2', 'p3', 'p1']) await shop.did('ada', 'PRODUCT_VIEWED', [id]);
      expect(await viewed()).to.deep.equal(['p1', 'p3', 'p2']);
      await shop.stock('p3', null, 0);
      expect(await viewed()).to.deep.equal(['p1', 'p2']);
    });
  });

  describe('a person with a long history', () => {
    it('keeps away what they dismissed long ago, and what they dismiss now', async () => {
      await open();
      await others();
      await shop.consented('ada');
      await shop.did('ada', 'PRODUCT_DISMISSED', ['p1']);
      const looks = (count: number) =>
        Promise.all(
          Array.from({ length: count }, (_, i) => shop.did('ada', 'PRODUCT_VIEWED', [`p${(i * 7) % 40}`])),
        );
      await looks(250);
      const list = async () => ids(await shop.recommend('ada', { placement: 'trending', first: 100 }));
      expect(await list())
        .to.include('p5')
        .and.not.to.include('p1');
      await shop.did('ada', 'PRODUCT_DISMISSED', ['p5']);
      expect(await list()).not.to.include.oneOf(['p1', 'p5']);
      await looks(250);
      expect(await list()).not.to.include.oneOf(['p1', 'p5']);
    });

    it('has all of it at once on a new device, and none of it without consent', async () => {
      await open();
      await shop.consented('laptop');
      await shop.consented('phone');
      await shop.did('laptop', 'PRODUCT_DISMISSED', ['p1']);
      await Promise.all(
        Array.from({ length: 220 }, (_, i) => shop.did('laptop', 'PRODUCT_VIEWED', [`p${i % 40}`])),
      );
      const list = async () => ids(await shop.recommend('phone', { placement: 'trending', first: 100 }));
      expect(await list()).to.include('p1');
      for (const session of ['laptop', 'phone']) {
        const { userErrors } = await shop
          .port('customers')
          .identify(shop.context({ sessionId: session }, { role: 'SERVER' }), { id: 'ada' });
        expect(userErrors).to.deep.equal([]);
      }
      expect(await list()).not.to.include('p1');
      await shop.consented('phone', 'WITHDRAWN');
      expect(await list()).to.include('p1');
    });

    it('gets everybody’s list, and is told so, while the log cannot be read', async () => {
      await open();
      await others();
      await shop.consented('ada');
      await shop.did('ada', 'PRODUCT_VIEWED', ['p6']);
      const store = shop.port('store');
      const { port, start, stop } = assemble(
        {
          // Whose collections are open already.
          store: {
            ...store,
            collection: (spec) => store.collection({ ...spec, name: `other-${spec.name}` }),
          },
          catalog: shop.port('catalog'),
          consent: shop.port('consent'),
          search: shop.port('search'),
          speech: shop.port('speech'),
          events: {
            ...shop.port('events'),
            history: () => Promise.reject(new RapportError('unavailable', 'STORE_UNAVAILABLE', 'down')),
          },
        },
        { clock: shop.clock, log: shop.log, ids: { next: () => 'id' }, role: 'all' },
        new Map(),
      );
      await start();
      const query = { placement: 'home', first: 12, productId: null, cart: [] };
      const ada = await port.recommend(await shop.shopper('ada'), query);
      expect(ada).to.deep.include({ degraded: true, personalized: false });
      const blank = await port.recommend(await shop.shopper('blank'), query);
      expect(ada.endCursor()).to.equal(blank.endCursor());
      const { endCursor } = blank;
      expect({ ...ada, degraded: false, endCursor }).to.deep.equal(blank);
      stop();
    });
  });

  it('gives true reasons only', async () => {
    await open();
    const random = createRandom(8);
    const any = () => range[Math.floor(random() * range.length)]!.id;
    const orders = Array.from({ length: 30 }, () => [any(), any()]);
    await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        shop.did(`other-${i % 30}`, 'PRODUCT_VIEWED', [any()], {}, i % 2 ? { storeId: 'berne' } : {}),
      ),
    );
    await Promise.all(orders.map((order, i) => shop.did(`other-${i}`, 'ORDER_COMPLETED', order)));
    await shop.stock('p0', 'berne', 5);
    const viewed = new Set<string>();
    const bought = new Set<string>();
    await shop.consented('ada');
    for (let i = 0; i < 12; i++) {
      const [view, order] = [any(), any()];
      viewed.add(view);
      await shop.did('ada', 'PRODUCT_VIEWED', [view]);
      if (i % 3 === 0) {
        bought.add(order);
        await shop.did('ada', 'ORDER_COMPLETED', [order]);
      }
    }
    for (const placement of everywhere) {
      const asked = { placement, first: 40, productId: 'p5', cart: ['p6'] };
      const list = await shop.recommend('ada', asked, { storeId: 'berne' });
      for (const { product, reasons, source } of list.items) {
        expect(reasons, product.id).not.to.have.lengthOf(0);
        for (const { code, because, text } of reasons) {
          const what = `${placement} ${source} ${product.id}: ${text}`;
          expect(text, what).not.to.contain('%');
          if (because) expect(text, what).to.contain(because.title);
          if (code === 'RECENTLY_VIEWED') expect([...viewed], what).to.include(product.id);
          if (code === 'BUY_AGAIN') expect([...bought], what).to.include(product.id);
          const known = [...viewed, ...bought, 'p5', 'p6'];
          if (code === 'VIEWED_TOGETHER' || code === 'SIMILAR_TO') {
            expect(known, what).to.include(because?.id);
          }
          if (code === 'BOUGHT_TOGETHER') {
            const basketsWith = (id: string) =>
              orders.filter((order) => order.includes(product.id) && order.includes(id));
            expect(basketsWith(because!.id), what).not.to.deep.equal([]);
          }
          if (code === 'FAVOURITE_BRAND') expect(text, what).to.contain(product.brand);
          if (code === 'FAVOURITE_CATEGORY') {
            const same = [...viewed, ...bought].filter(
              (id) => range.find((other) => other.id === id)!.categoryIds[0] === product.categoryIds[0],
            );
            expect(same.length, what).to.be.at.least(2);
          }
          if (code === 'POPULAR_IN_CATEGORY') expect(product.categoryIds[0], what).to.equal('c0');
        }
      }
    }
  });

  describe('in the graph', () => {
    it('answers lists, reasons and speech, and what they led to', async () => {
      await open();
      await others();
      await shop.consented('ada');
      await shop.did('ada', 'PRODUCT_VIEWED', ['p6']);
      const answer = await shop.ask(`{
        shopper(context: { channel: VOICE, sessionId: "ada" }) {
          recommendations(placement: "home", first: 8) {
            decisionId personalized degraded
            items { position score source product { id title price { amount } } reasons { code text because { id } } }
            omitted { reason product { id } }
            speech(first: 2) { ssml text reprompt }
          }
          recentlyViewed { id }
          reorder { items { source } personalized }
        }
      }`);
      expect(answer.errors).to.equal(undefined);
      expect(answer.personal).to.equal(true);
      const list = 'shopper.recommendations';
      expect(answer.at(`${list}.items.0.product.id`)).to.equal('p7');
      expect(answer.at(`${list}.items.0.reasons.0.because.id`)).to.equal('p6');
      expect(answer.at(`${list}.items.length`)).to.equal(5);
      expect(answer.at(`${list}.omitted.length`)).to.equal(3);
      expect(answer.at(`${list}.personalized`)).to.equal(true);
      expect(answer.at(`${list}.speech.text`)).to.contain('First, Black pan no 7, for 12 euros.');
      expect(answer.at(`${list}.speech.ssml`)).to.match(/^<speak>.*<\/speak>$/);
      expect(answer.at('shopper.recentlyViewed.0.id')).to.equal('p6');

      const decisionId = answer.at(`${list}.decisionId`) as string;
      const second = answer.at(`${list}.items.1.product.id`) as string;
      // The last one was not in the list.
      await shop.did('ada', 'RECOMMENDATION_SHOWN', ['p7', second, 'p999'], { decisionId });
      await shop.did('ada', 'RECOMMENDATION_CLICKED', ['p7'], { decisionId, position: 1 });
      shop.clock.advance(dayMs);
      await shop.did('ada', 'ORDER_COMPLETED', ['p7', second]);
      const report = await shop.ask('{ recommendationReport(days: 2) { placement shown clicked bought } }', {
        role: 'MERCHANDISER',
      });
      expect(report.data?.recommendationReport).to.deep.equal([
        { placement: 'home', shown: 2, clicked: 1, bought: 1 },
      ]);
    });

    it('never says aloud what may not be said, not even as a reason', async () => {
      await open(range.map((product) => ({ ...product, speakable: product.id !== 'p6' })));
      await others();
      await shop.consented('ada');
      await shop.did('ada', 'PRODUCT_VIEWED', ['p6']);
      for (const channel of ['VOICE', 'WEB']) {
        const answer = await shop.ask(`{
          shopper(context: { channel: ${channel}, sessionId: "ada" }) {
            recommendations(placement: "home") { items { reasons { because { id } } } speech(first: 10) { ssml text } }
          }
        }`);
        expect(answer.at('shopper.recommendations.items.0.reasons.0.because.id')).to.equal('p6');
        expect(JSON.stringify(answer.at('shopper.recommendations.speech'))).not.to.contain('no 6');
      }
    });

    it('shows the report to nobody but merchandisers, for 1 to 90 days', async () => {
      await open([]);
      const ask = (days: number, role: 'STOREFRONT' | 'MERCHANDISER') =>
        shop.ask(`{ recommendationReport(days: ${days}) { placement } }`, { role });
      expect((await ask(7, 'STOREFRONT')).errors).to.have.lengthOf(1);
      expect((await ask(91, 'MERCHANDISER')).codes).to.deep.equal(['RECOMMENDATIONS_DAYS_INVALID']);
      expect((await ask(90, 'MERCHANDISER')).data?.recommendationReport).to.deep.equal([]);
    });
  });
});

/** Shoppers try at the same time, so that their writes share the disk. */
const together = 25;
const rounds = Array.from({ length: runs(1_000) / together }, (_, round) => round);
const sessions = Array.from({ length: together }, (_, at) => `s${at}`);
const random = createRandom(5);
const any = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

describe('recommendations, in many trials', () => {
  before(async () => {
    await open();
    await others();
    for (const session of sessions) await shop.consented(session);
  });
  after(() => shop.close());

  it('follows each view', async () => {
    for (const _ of rounds) {
      await Promise.all(
        sessions.map(async (session) => {
          const product = any(range).id;
          await shop.did(session, 'PRODUCT_VIEWED', [product]);
          const seen = await shop.recommend(session, { placement: 'recently-viewed', first: 1 });
          expect(ids(seen)).to.deep.equal([product]);
        }),
      );
    }
  });

  it('has what is in stock, and nothing else', async () => {
    for (const round of rounds) {
      const quantity = round % 2;
      await Promise.all(
        range.slice(0, together).map(async ({ id }) => {
          await shop.stock(id, null, quantity);
          const list = await shop.recommend(any(sessions), { placement: 'trending', first: 100 });
          expect(ids(list).includes(id)).to.equal(quantity > 0);
        }),
      );
    }
  });

  it('is a blank visitor’s as soon as consent is withdrawn, byte for byte', async () => {
    for (const _ of rounds) {
      await Promise.all(
        sessions.map(async (session) => {
          const query = { placement: any(everywhere), first: 8, productId: any([null, any(range).id]) };
          const context = { channel: any(['WEB', 'KIOSK', 'VOICE'] as const), locale: any(['en', 'de']) };
          await shop.consented(session, 'WITHDRAWN');
          const withdrawn = await shop.recommend(session, query, context);
          const blank = await shop.recommend(`blank ${session}`, query, context);
          expect(JSON.stringify(withdrawn)).to.equal(JSON.stringify(blank));
          await shop.consented(session);
        }),
      );
    }
  });
});

describe('recommendations refuse, naming what is allowed', () => {
  const cases: readonly [what: string, query: object, code: string, hint: string][] = [
    ['an unknown placement', { placement: 'hom' }, 'RECOMMENDATIONS_PLACEMENT_UNKNOWN', 'search-empty'],
    ['__proto__', { placement: '__proto__' }, 'RECOMMENDATIONS_PLACEMENT_UNKNOWN', 'home'],
    ['no product at all', { first: 0 }, 'RECOMMENDATIONS_FIRST_INVALID', '1 to 100'],
    ['too many', { first: 101 }, 'RECOMMENDATIONS_FIRST_INVALID', '1 to 100'],
    ['half a product', { first: 1.5 }, 'RECOMMENDATIONS_FIRST_INVALID', '1 to 100'],
    ['a cart too large', { cart: Array(101).fill('p1') }, 'RECOMMENDATIONS_CART_TOO_LONG', '100'],
  ];
  before(() => open([]));
  after(() => shop.close());
  for (const [what, query, code, hint] of cases) {
    it(what, async () => {
      const error = await shop.recommend('blank', query).catch((thrown: unknown) => thrown);
      expect(error).to.include({ kind: 'invalid', code });
      expect((error as Error).message).to.contain(hint);
    });
  }
});
