import { expect } from 'chai';
import { sessionName } from '../../src/person-ids.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { openShop, type Shop } from '../support/shop.js';

const hourMs = 3_600_000;

describe('what a person taught', () => {
  let shop: Shop;
  async function open(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    shop = await openShop({ environment: { RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '2', ...environment } });
    await shop.save(Array.from({ length: 8 }, (_, n) => ({ id: `p${n}`, title: `Thing number ${n}` })));
  }
  beforeEach(() => open());
  afterEach(() => shop.close());

  const rebuilds = () =>
    shop.log.lines.filter(({ message }) => message === 'the statistics were stored').length;
  /** Lets a day pass. What is due meanwhile runs beside it, on the store. */
  async function dayLater(): Promise<void> {
    for (let hour = 0; hour < 25; hour++) {
      shop.clock.advance(hourMs);
      for (let write = 0; write < 5; write++) await shop.stock('p0', null, hour);
    }
  }
  async function viewedTogetherWith(productId: string): Promise<string[]> {
    const { items } = await shop.recommend('stranger', { placement: 'similar', productId });
    return items
      .filter(({ reasons }) => reasons.some(({ code }) => code === 'VIEWED_TOGETHER'))
      .map(({ product }) => product.id);
  }
  async function popular(): Promise<string[]> {
    const { items } = await shop.recommend('stranger', { placement: 'trending' });
    return items
      .filter(({ source }) => source === 'POPULAR')
      .map(({ product }) => product.id)
      .sort();
  }
  async function refuse(sessionId: string, purpose: string, customerId?: string): Promise<void> {
    const shopper = await shop.shopper(sessionId, customerId === undefined ? {} : { customerId });
    await shop.port('consent').decide(shopper, [{ purpose, status: 'WITHDRAWN' }]);
  }
  async function log(): Promise<ShopEvent[]> {
    const all: ShopEvent[] = [];
    for await (const page of shop.port('events').replay()) all.push(...page);
    return all;
  }

  it('is forgotten within a day of the withdrawal, and what others taught is not', async () => {
    for (const [session, ids] of [
      ['leaver', ['p1', 'p2']],
      ['other leaver', ['p1', 'p2']],
      ['stayer', ['p3', 'p4']],
      ['other stayer', ['p3', 'p4']],
    ] as const) {
      await shop.consented(session);
      for (const id of ids) await shop.did(session, 'PRODUCT_VIEWED', [id]);
    }
    expect(await viewedTogetherWith('p1')).to.deep.equal(['p2']);
    for (const session of ['leaver', 'other leaver']) await shop.consented(session, 'WITHDRAWN');
    await dayLater();
    expect(await viewedTogetherWith('p1')).to.deep.equal([]);
    expect(await viewedTogetherWith('p3')).to.deep.equal(['p4']);
  });

  it('is forgotten half a minute after an erasure; further erasures within ten minutes share the next build', async () => {
    for (const [session, ids] of [
      ['erased', ['p1', 'p2']],
      ['also erased', ['p1', 'p2']],
      ['erased later', ['p5', 'p6']],
      ['also erased later', ['p5', 'p6']],
      ['stayer', ['p3', 'p4']],
      ['other stayer', ['p3', 'p4']],
    ] as const) {
      await shop.consented(session);
      for (const id of ids) await shop.did(session, 'PRODUCT_VIEWED', [id]);
    }
    let erasures = 0;
    async function erase(...sessions: readonly string[]): Promise<void> {
      const names = sessions.map(sessionName);
      const request = { id: `erasure-${++erasures}`, atMs: shop.clock.nowMs(), names };
      await shop.port('store').people.erase(request);
      shop.clock.advance(30_000);
      await shop.port('store').people.finish(request);
      const fact = { type: 'customer.erased', erasureId: request.id } as const;
      await shop.port('queue').publishing([fact], async () => undefined);
      await shop.port('queue').idle();
    }
    /** What is due meanwhile runs beside it, on the store. */
    async function pass(ms: number): Promise<void> {
      shop.clock.advance(ms);
      for (let write = 0; write < 20; write++) await shop.stock('p0', null, write);
    }
    expect(await viewedTogetherWith('p1')).to.deep.equal(['p2']);
    await erase('erased', 'also erased');
    await pass(1);
    expect(await viewedTogetherWith('p1')).to.deep.equal([]);
    expect(await viewedTogetherWith('p3')).to.deep.equal(['p4']);
    expect(rebuilds()).to.equal(1);

    await erase('erased later');
    await erase('also erased later');
    await pass(1);
    expect(await viewedTogetherWith('p5')).to.deep.equal(['p6']);
    await pass(600_000);
    expect(await viewedTogetherWith('p5')).to.deep.equal([]);
    expect(rebuilds()).to.equal(2);
  });

  it('also counts for nobody once ANALYTICS is withdrawn', async () => {
    for (const [session, id] of [
      ['leaver', 'p1'],
      ['other leaver', 'p1'],
      ['stayer', 'p2'],
      ['other stayer', 'p2'],
    ] as const) {
      await shop.consented(session);
      await shop.did(session, 'PRODUCT_VIEWED', [id]);
    }
    expect(await popular()).to.deep.equal(['p1', 'p2']);
    for (const session of ['leaver', 'other leaver']) await refuse(session, 'ANALYTICS');
    await dayLater();
    expect(await popular()).to.deep.equal(['p2']);
  });

  it('stays for two weeks if nobody withdrew, and after a first refusal', async () => {
    await shop.consented('stayer');
    await shop.did('stayer', 'PRODUCT_VIEWED', ['p1']);
    await refuse('newcomer', 'ANALYTICS');
    await dayLater();
    await dayLater();
    expect(rebuilds()).to.equal(0);
    await shop.consented('stayer', 'WITHDRAWN');
    await dayLater();
    expect(rebuilds()).to.equal(1);
    await dayLater();
    await dayLater();
    expect(rebuilds()).to.equal(1);
  });

  it('is read from the log as the refusals of today leave it', async () => {
    await shop.consented('leaver');
    await shop.did('leaver', 'PRODUCT_VIEWED', ['p1']);
    const permitted = async () => (await log()).map((event) => event.permitted);
    expect(await permitted()).to.deep.equal([true]);
    await shop.consented('leaver', 'WITHDRAWN');
    expect(await permitted()).to.deep.equal([false]);
    await shop.consented('leaver');
    expect(await permitted()).to.deep.equal([true]);
    await refuse('leaver', 'ANALYTICS');
    expect(await permitted()).to.deep.equal([]);
  });

  it('goes with a customer’s withdrawal in another session, also from before the sign-in', async () => {
    await shop.consented('browser');
    await shop.did('browser', 'PRODUCT_VIEWED', ['p1']);
    const customers = shop.port('customers');
    await customers.identify(shop.context({ sessionId: 'browser' }, { role: 'SERVER' }), { id: 'ada' });
    await shop
      .port('consent')
      .decide(await shop.shopper('app', { customerId: 'ada' }), [
        { purpose: 'PERSONALIZATION', status: 'GRANTED' },
      ]);
    await shop.did('app', 'PRODUCT_VIEWED', ['p2'], {}, { customerId: 'ada' });
    const permitted = async () => (await log()).map((event) => event.permitted);
    expect(await permitted()).to.deep.equal([true, true]);
    await refuse('phone', 'PERSONALIZATION', 'ada');
    expect(await permitted()).to.deep.equal([false, false]);
  });

  it('counts a first refusal in opt-out mode, where everybody was attributed before', async () => {
    await shop.close();
    await open({ RAPPORT_CONSENT_MODE: 'opt-out' });
    for (const session of ['leaver', 'other leaver'])
      for (const id of ['p1', 'p2']) await shop.did(session, 'PRODUCT_VIEWED', [id]);
    expect(await viewedTogetherWith('p1')).to.deep.equal(['p2']);
    for (const session of ['leaver', 'other leaver']) await refuse(session, 'PERSONALIZATION');
    await dayLater();
    expect(await viewedTogetherWith('p1')).to.deep.equal([]);
  });
});
