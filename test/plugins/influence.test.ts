import { expect } from 'chai';
import { personProductMax } from '../../plugins/recommendations/limits/contribution-limits.js';
import { settledAfterMs } from '../../plugins/recommendations/limits/settled-sessions.js';
import { openShop, type Shop } from '../support/shop.js';

const hourMs = 3_600_000;
/** A key that every visitor's browser has. */
const storefront = { role: 'STOREFRONT', source: 'storefront-0a1b2c3d' } as const;

describe('one client, and what everybody sees', () => {
  let shop: Shop;
  let messages = 0;

  beforeEach(async () => {
    shop = await openShop({
      environment: { RAPPORT_CONSENT_MODE: 'opt-out', RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '3' },
    });
    await shop.save(Array.from({ length: 30 }, (_, at) => ({ id: `p${at}`, title: `Thing number ${at}x` })));
  });
  afterEach(() => shop.close());

  /** What the storefront writes for sessions, each event for one of them. */
  async function wrote(sessions: readonly string[], type: string, productId: string, ids = [productId]) {
    const contexts = sessions.map((sessionId) => shop.context({ sessionId }, storefront));
    for (let from = 0; from < sessions.length; from += 2_500) {
      const some = contexts.slice(from, from + 2_500);
      const inputs = some.map(() => ({ messageId: `m${++messages}`, type, productIds: ids }));
      const { userErrors } = await shop.port('events').record(some, inputs);
      expect(userErrors).to.deep.equal([]);
    }
  }

  /** Honest people look at the first ten products over some hours; the first ones most. */
  async function honestPeople(count: number): Promise<void> {
    for (let person = 0; person < count; person++) {
      const session = `person-${person}-${messages}`;
      await wrote([session], 'PRODUCT_VIEWED', `p${Math.floor(10 * ((person * 0.618) % 1) ** 2)}`);
      shop.clock.advance(settledAfterMs);
      await wrote([session], 'PRODUCT_VIEWED', `p${Math.floor(10 * ((person * 0.414) % 1) ** 2)}`);
      shop.clock.advance(hourMs / 10);
    }
  }

  async function listed(placement: string, first = 10) {
    const { items } = await shop.recommend('somebody new', { placement, first });
    return items.map(({ product, reasons }) => ({ id: product.id, code: reasons[0]!.code }));
  }
  const idsOf = async (placement: string) => (await listed(placement)).map(({ id }) => id);

  it('orders one product 2,500 times in one batch, and moves it nowhere', async () => {
    await honestPeople(100);
    const before = await idsOf('home');
    await wrote(
      Array.from({ length: 2_500 }, () => 'attacker'),
      'ORDER_COMPLETED',
      'p25',
    );
    for (const placement of ['home', 'trending']) expect(await idsOf(placement)).to.not.include('p25');
    expect(await idsOf('home')).to.deep.equal(before);
  });

  it('orders it as 2,500 sessions, waits and orders again: it gains no more than one person could', async () => {
    await honestPeople(100);
    const sessions = Array.from({ length: 2_500 }, (_, at) => `attacker-${at}`);
    for (let wave = 0; wave < 3; wave++) {
      await wrote(sessions, 'ORDER_COMPLETED', 'p25');
      await wrote(sessions, 'PRODUCT_VIEWED', 'p25');
      shop.clock.advance(2 * settledAfterMs);
    }
    for (const placement of ['home', 'trending']) {
      expect((await idsOf(placement)).slice(0, 5), placement).to.not.include('p25');
    }
  });

  it('pairs a product with a popular one in thousands of baskets, and it hardly goes with it', async () => {
    await honestPeople(60);
    for (let person = 0; person < 20; person++) {
      const session = `buyer-${person}`;
      await wrote([session], 'PRODUCT_VIEWED', 'p0');
      shop.clock.advance(settledAfterMs);
      await wrote([session], 'ORDER_COMPLETED', 'p0', ['p0', 'p1']);
      shop.clock.advance(6 * hourMs);
    }
    await wrote(
      Array.from({ length: 2_500 }, () => 'attacker'),
      'ORDER_COMPLETED',
      'p25',
      ['p0', 'p25'],
    );
    const { items } = await shop.recommend('new', { placement: 'bought-together', productId: 'p0' });
    expect(items[0]!.product.id).to.equal('p1');
    expect(items.slice(0, 3).map(({ product }) => product.id)).to.not.include('p25');
  });

  it('shows a product beside a popular one in 60 sessions of a day, and it is not the first one similar', async () => {
    const visit = async (session: string, ids: readonly string[]) => {
      for (const id of ids) {
        await wrote([session], 'PRODUCT_VIEWED', id);
        shop.clock.advance(settledAfterMs);
      }
    };
    for (let person = 0; person < 140; person++) {
      await visit(`honest-${person}`, ['p0', `p${1 + (person % 7)}`]);
      shop.clock.advance(2 * hourMs);
    }
    const similar = async () =>
      (await shop.recommend('new', { placement: 'similar', productId: 'p0' })).items.map(
        ({ product }) => product.id,
      );
    const before = await similar();
    for (let n = 0; n < 60; n++) await visit(`attacker-${n}`, ['p0', 'p25']);
    expect((await similar()).slice(0, 5)).to.not.include('p25');
    expect((await similar()).slice(0, 3)).to.have.members(before.slice(0, 3));
  });

  it('is believed less than the shop’s server', async () => {
    await honestPeople(60);
    for (let n = 0; n < 40; n++) {
      await shop.did(`till-${n}`, 'ORDER_COMPLETED', ['p20']);
      await wrote([`web-${n}`], 'PRODUCT_VIEWED', 'p21');
      shop.clock.advance(settledAfterMs);
      await wrote([`web-${n}`], 'ORDER_COMPLETED', 'p21');
    }
    const ids = await idsOf('trending');
    expect(ids[0]).to.equal('p20');
    expect(ids.includes('p21') ? ids.indexOf('p21') : 99).to.be.greaterThan(ids.indexOf('p20'));
  });

  it('makes nothing popular before three people care for it', async () => {
    const popular = async () =>
      (await listed('trending', 30)).flatMap(({ id, code }) => (code === 'POPULAR' ? [id] : []));
    for (const person of ['a', 'b']) await shop.did(person, 'ORDER_COMPLETED', ['p7']);
    expect(await popular()).to.deep.equal([]);
    expect((await listed('trending'))[0]!.code).to.equal('NEW_ARRIVAL');
    await shop.did('b', 'PRODUCT_VIEWED', ['p7']);
    expect(await popular()).to.deep.equal([]);
    await shop.did('c', 'PRODUCT_VIEWED', ['p7']);
    expect(await popular()).to.deep.equal(['p7']);
  });

  it('counts once its session has gone on, and then for what it did before', async () => {
    const popular = async () =>
      (await listed('trending', 30)).filter(({ code }) => code === 'POPULAR').length;
    const sessions = ['a', 'b', 'c'];
    await wrote(sessions, 'PRODUCT_VIEWED', 'p7');
    expect(await popular()).to.equal(0);
    shop.clock.advance(settledAfterMs);
    await wrote(sessions, 'PRODUCT_VIEWED', 'p8');
    expect(await popular()).to.equal(2);
  });

  it('teaches what two products have in common under Sec-GPC only with twice as many who refused, too', async () => {
    const gpc = { ...storefront, role: 'SERVER', source: 'server-1', globalPrivacyControl: true } as const;
    const looks = async (session: string) => {
      for (const id of ['p11', 'p12']) {
        const context = shop.context({ sessionId: session }, gpc);
        const input = { messageId: `m${++messages}`, type: 'PRODUCT_VIEWED', productIds: [id] };
        await shop.port('events').record(context, [input]);
      }
    };
    const together = async () =>
      (await shop.recommend('new', { placement: 'similar', productId: 'p11' })).items
        .filter(({ reasons }) => reasons.some(({ code }) => code === 'VIEWED_TOGETHER'))
        .map(({ product }) => product.id);
    for (const session of ['a', 'b', 'b', 'c', 'd', 'e']) await looks(session);
    expect(await together()).to.deep.equal([]);
    await looks('f');
    expect(await together()).to.deep.equal(['p12']);
  });

  it('has a share of two views in a product and day', () => {
    expect(personProductMax).to.equal(2);
  });
});
