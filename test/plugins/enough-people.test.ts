import { expect } from 'chai';
import { settledAfterMs } from '../../plugins/recommendations/limits/settled-sessions.js';
import type { Caller } from '../../src/context.js';
import { openShop, type Shop } from '../support/shop.js';

const server: Caller = { role: 'SERVER', source: 'server-1', customerId: null, globalPrivacyControl: false };
const behavioural = ['BOUGHT_TOGETHER', 'BOUGHT_BY_OTHERS_WHO_BOUGHT', 'VIEWED_TOGETHER', 'POPULAR'];

/** What is shown to others because of what people did, and told in a reason, has three independent people behind it. */
describe('what few people did', () => {
  let shop: Shop;
  let messages = 0;

  beforeEach(async () => {
    shop = await openShop({
      environment: {
        RAPPORT_CONSENT_MODE: 'opt-out',
        RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '3',
        RAPPORT_RECOMMENDATIONS_EXPLORE: '0',
      },
    });
    await shop.save(
      Array.from({ length: 40 }, (_, at) => ({ id: `p${at}`, title: `Kind${at % 10}word item${at}x` })),
    );
    // Everybody's shop, in which nothing goes with anything.
    for (let person = 0; person < 30; person++)
      await did({ ...server }, `usual-${person}`, ['ORDER_COMPLETED', [`p${person % 6}`]]);
  });
  afterEach(() => shop.close());

  const browser = (network: number | null, isRefused = false): Caller => ({
    role: 'STOREFRONT',
    source: 'storefront-0a1b2c3d',
    customerId: null,
    globalPrivacyControl: isRefused,
    ...(network === null ? {} : { network: `203.0.113.${network}` }),
  });

  type Deed = readonly [type: string, ids: readonly string[]];

  async function did(caller: Caller, sessionId: string, ...deeds: readonly Deed[]) {
    for (const [at, [type, productIds]] of deeds.entries()) {
      if (at > 0) shop.clock.advance(settledAfterMs);
      const input = { messageId: `m${++messages}`, type, productIds };
      const { userErrors } = await shop.port('events').record(shop.context({ sessionId }, caller), [input]);
      expect(userErrors).to.deep.equal([]);
    }
  }

  /** What is given for what others did, with one of these products as the cause or without any. */
  async function shown(placement: string, sessionId: string, productId?: string) {
    const asked = { placement, first: 20, ...(productId === undefined ? {} : { productId }) };
    const { items } = await shop.recommend(sessionId, asked);
    return items
      .filter(({ reasons }) =>
        reasons.some(
          ({ code, because }) => behavioural.includes(code) && (because !== null || code === 'POPULAR'),
        ),
      )
      .map(({ product }) => product.id)
      .filter((id) => Number(id.slice(1)) >= 6);
  }

  const buys = async (caller: Caller, session: string) =>
    did(
      caller,
      session,
      ['PRODUCT_VIEWED', ['p20']],
      ['ORDER_COMPLETED', ['p20']],
      ['ORDER_COMPLETED', ['p21', 'p22']],
      ['ORDER_COMPLETED', ['p23']],
    );

  it('is shown to no stranger who bought or looks at one of the same products', async () => {
    await buys(server, 'rare');
    await did(server, 'stranger', ['ORDER_COMPLETED', ['p20']]);
    for (const placement of ['home', 'post-purchase', 'cart'])
      expect(await shown(placement, 'stranger'), placement).to.deep.equal([]);
    for (const placement of ['bought-together', 'product', 'similar'])
      expect(await shown(placement, 'blank', 'p21'), placement).to.deep.equal([]);
  });

  it('is shown once a third one did it', async () => {
    for (const person of ['a', 'b']) await buys(server, person);
    expect(await shown('bought-together', 'blank', 'p21')).to.deep.equal([]);
    await buys(server, 'c');
    expect(await shown('bought-together', 'blank', 'p21')).to.include('p22');
    await did(server, 'stranger', ['ORDER_COMPLETED', ['p20']]);
    expect(await shown('post-purchase', 'stranger')).to.include.members(['p21', 'p22', 'p23']);
  });

  it('does not become what three did by two made-up people beside one who refused', async () => {
    await buys(browser(1, true), 'refused');
    for (const person of [2, 3]) await buys(browser(person), `guess-${person}`);
    for (const placement of ['bought-together', 'product', 'cart'])
      expect(await shown(placement, 'blank', 'p21'), placement).to.deep.equal([]);
    // Whether they refuse as well, as many as they like in a network, or of no network that is known.
    for (let person = 10; person < 20; person++) await buys(browser(4, true), `refusing-${person}`);
    for (let person = 20; person < 30; person++) await buys(browser(null, true), `unknown-${person}`);
    expect(await shown('bought-together', 'blank', 'p21')).to.deep.equal([]);
  });

  it('is counted of six who refused in networks of their own, among themselves', async () => {
    for (let person = 1; person < 6; person++) await buys(browser(person, true), `refused-${person}`);
    expect(await shown('bought-together', 'blank', 'p21')).to.deep.equal([]);
    await buys(browser(6, true), 'refused-6');
    expect(await shown('bought-together', 'blank', 'p21')).to.include('p22');
  });

  it('does not lead a product’s list for everybody after one made-up session', async () => {
    await did(browser(1), 'made-up', ['PRODUCT_VIEWED', ['p3']], ['PRODUCT_VIEWED', ['p30']]);
    await did(browser(1), 'made-up', ['PRODUCT_ADDED_TO_CART', ['p3']], ['ORDER_COMPLETED', ['p3', 'p30']]);
    for (const placement of ['bought-together', 'product', 'similar', 'cart'])
      expect(await shown(placement, 'blank', 'p3'), placement).to.deep.equal([]);
    for (const placement of ['product', 'similar']) {
      const { items } = await shop.recommend('blank', { placement, productId: 'p3' });
      const ids = items.map(({ product }) => product.id);
      expect(ids.slice(0, 3), placement).to.have.members(['p13', 'p23', 'p33']);
    }
  });

  it('is one person’s where it comes from one network, for what is popular and what goes together', async () => {
    const pushes = async (session: string, network: number) => {
      await did(browser(network), session, ['PRODUCT_VIEWED', ['p9']], ['PRODUCT_VIEWED', ['p30']]);
      await did(browser(network), session, ['ORDER_COMPLETED', ['p9', 'p30']]);
    };
    for (let n = 0; n < 20; n++) await pushes(`made-up-${n}`, 1);
    for (const placement of ['home', 'trending']) expect(await shown(placement, 'blank')).to.deep.equal([]);
    expect(await shown('bought-together', 'blank', 'p9')).to.deep.equal([]);
    // A pair gains three sessions in a day, and a clock that jumps by a day is not believed.
    shop.clock.advance(20 * 3_600_000);
    await did(server, 'usual', ['PRODUCT_VIEWED', ['p0']]);
    shop.clock.advance(20 * 3_600_000);
    for (const network of [2, 3]) await pushes(`honest-${network}`, network);
    expect(await shown('trending', 'blank')).to.have.members(['p9', 'p30']);
    expect(await shown('bought-together', 'blank', 'p9')).to.deep.equal(['p30']);
  });
});
