import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Caller } from '../../src/context.js';
import type { Permit } from '../../src/ports/consent.js';
import type { EventTotal, Order, ShopEvent, WishlistItem } from '../../src/ports/events.js';
import { openShop, type Shop } from '../support/shop.js';

const hourMs = 3_600_000;
const products = ['coffee', 'filters', 'mugs', 'tea', 'honey'].map((id) => ({
  id,
  sku: `SKU-${id}`,
  title: id,
  prices: [{ amount: '5', currency: 'EUR' }],
}));

describe('changes of orders', () => {
  let dataDir: string;
  let shop: Shop;
  const open = async () => {
    shop = await openShop({ dataDir });
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-order-changes-'));
    await open();
    await shop.save(products);
    for (const who of ['ada', 'ben']) await shop.consented(who);
  });
  afterEach(async () => {
    await shop.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  let messages = 0;
  async function record(
    sessionId: string,
    type: string,
    more: Readonly<Record<string, unknown>>,
    caller: Partial<Caller> = { role: 'SERVER', source: 'server-1' },
  ): Promise<void> {
    const answer = await shop.ask(
      `mutation($events: [EventInput!]!) {
        recordEvents(context: { channel: WEB, sessionId: "${sessionId}" }, events: $events) {
          accepted userErrors { code message }
        }
      }`,
      caller,
      { events: [{ messageId: `change-${++messages}`, type, ...more }] },
    );
    expect(answer.errors).to.equal(undefined);
    expect(answer.at('recordEvents')).to.deep.equal({ accepted: 1, userErrors: [] });
    shop.clock.advance(1_000);
  }
  const line = (productId: string, quantity = 1) => ({ productId, quantity, price: '5' });
  const storefront = { role: 'STOREFRONT', source: 'storefront-1' } as const;

  async function boughtBefore(sessionId: string): Promise<string[]> {
    const answer = await shop.ask(`{
      shopper(context: { channel: WEB, sessionId: "${sessionId}" }) {
        reorder { items { source product { id } } }
      }
    }`);
    expect(answer.errors).to.equal(undefined);
    const items = answer.at('shopper.reorder.items') as readonly {
      readonly source: string;
      readonly product: { readonly id: string };
    }[];
    return items
      .filter(({ source }) => source === 'BUY_AGAIN')
      .map(({ product }) => product.id)
      .sort();
  }
  async function permitOf(sessionId: string): Promise<Permit<'PERSONALIZATION'>> {
    const permit = await shop.port('consent').permit(await shop.shopper(sessionId), 'PERSONALIZATION');
    return permit as Permit<'PERSONALIZATION'>;
  }
  const ordersOf = async (sessionId: string): Promise<readonly Order[]> =>
    shop.port('events').orders(await permitOf(sessionId), { limit: 10 });
  const totalsOf = async (sessionId: string): Promise<readonly EventTotal[]> =>
    shop.port('events').totals(await permitOf(sessionId), {
      types: ['ORDER_COMPLETED'],
      fromMs: 0,
      by: 'product',
    });

  it('undo a whole order: it is not offered again, also after a restart', async () => {
    await record('ada', 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee'), line('tea')] });
    expect(await boughtBefore('ada')).to.deep.equal(['coffee', 'tea']);
    await record('ada', 'ORDER_CANCELLED', { orderId: '1' });
    expect(await boughtBefore('ada')).to.deep.equal([]);
    expect(await totalsOf('ada')).to.deep.equal([]);
    expect(await ordersOf('ada')).to.containSubset([{ orderId: '1', status: 'CANCELLED', value: 0 }]);
    await shop.close();
    await open();
    expect(await boughtBefore('ada')).to.deep.equal([]);
  });

  it('undo lines and pieces, never more than were bought', async () => {
    await record('ada', 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee', 3), line('tea')] });
    const refund = (lines: object[]) => record('ada', 'ORDER_REFUNDED', { orderId: '1', lines });
    await refund([line('coffee', 2)]);
    expect(await boughtBefore('ada')).to.deep.equal(['coffee', 'tea']);
    expect(await ordersOf('ada')).to.containSubset([{ status: 'PARTLY_RETURNED', value: 1_000 }]);
    await refund([line('coffee', 2)]);
    expect(await boughtBefore('ada')).to.deep.equal(['tea']);
    expect(await totalsOf('ada')).to.deep.equal([
      { key: 'tea', events: 1, quantity: 1, values: { EUR: 500 } },
    ]);
    // Another code of the product, without a quantity: all pieces.
    await record('ada', 'ORDER_REFUNDED', { orderId: '1', productIds: ['SKU-tea'] });
    expect(await boughtBefore('ada')).to.deep.equal([]);
    const [order] = await ordersOf('ada');
    expect(order?.status).to.equal('RETURNED');
    expect(order?.lines.map(({ quantity, returned }) => [quantity, returned])).to.deep.equal([
      [3, 3],
      [1, 1],
    ]);
  });

  it('undo an order that comes after them, and one that happened later by its clock', async () => {
    await record('ada', 'ORDER_REFUNDED', { orderId: '1', productIds: ['coffee'] });
    const at = new Date(shop.clock.nowMs() - hourMs);
    await record('ada', 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee'), line('tea')], at });
    await record('ada', 'ORDER_COMPLETED', { orderId: '2', lines: [line('mugs'), line('honey')] });
    await record('ada', 'ORDER_CANCELLED', { orderId: '2', productIds: ['mugs'], at });
    expect(await boughtBefore('ada')).to.deep.equal(['honey', 'tea']);
  });

  it('replace the lines; refunds still hold', async () => {
    await record('ada', 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee'), line('tea')] });
    await record('ada', 'ORDER_REFUNDED', { orderId: '1', productIds: ['tea'] });
    await record('ada', 'ORDER_UPDATED', { orderId: '1', lines: [line('tea'), line('mugs', 2)] });
    await record('ada', 'ORDER_UPDATED', { orderId: '1', properties: { status: 'packed' } });
    // The browser repeats what the shop said, in its own way.
    await record('ada', 'ORDER_UPDATED', { orderId: '1', lines: [line('honey')] }, storefront);
    await record('ada', 'ORDER_REFUNDED', { orderId: '1', productIds: ['mugs'] }, storefront);
    expect(await boughtBefore('ada')).to.deep.equal(['mugs']);
    expect(await ordersOf('ada')).to.have.length(1);
    expect(await ordersOf('ada')).to.containSubset([{ status: 'PARTLY_RETURNED', value: 1_000 }]);
    await record('ada', 'ORDER_UPDATED', { orderId: '1', value: 12 });
    expect(await ordersOf('ada')).to.containSubset([{ lines: [{ productId: 'tea' }, {}], value: 700 }]);
  });

  it('count a refund once that names its id, and keep the goods if only money is refunded', async () => {
    await record('ada', 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee', 4)] });
    const refund = { orderId: '1', lines: [line('coffee', 1)], properties: { refund_id: 'r1' } };
    await record('ada', 'ORDER_REFUNDED', refund);
    await record('ada', 'ORDER_REFUNDED', refund);
    expect(await ordersOf('ada')).to.containSubset([{ value: 1_500, lines: [{ returned: 1 }] }]);
    await record('ada', 'ORDER_REFUNDED', { orderId: '1', value: 2 });
    expect(await ordersOf('ada')).to.containSubset([{ value: 1_300, lines: [{ returned: 1 }] }]);
  });

  it('are of an order that counts once, also if it came before and after a sign-in', async () => {
    const order = { orderId: '1', lines: [line('coffee')] };
    await record('ada', 'ORDER_COMPLETED', order, storefront);
    await shop
      .port('customers')
      .identify(shop.context({ sessionId: 'ada' }, { role: 'SERVER' }), { id: 'ada' });
    await record('ada', 'ORDER_COMPLETED', order, { ...storefront, customerId: 'ada' });
    const shopper = await shop.shopper('ada', { customerId: 'ada' });
    const permit = await shop.port('consent').permit(shopper, 'PERSONALIZATION');
    const orders = () => shop.port('events').orders(permit as Permit<'PERSONALIZATION'>, { limit: 10 });
    expect(await orders()).to.have.length(1);
    await record('ada', 'ORDER_CANCELLED', { orderId: '1' });
    expect((await orders()).map(({ status }) => status)).to.deep.equal(['CANCELLED']);
  });

  it('change nothing of another person, unless the shop sends them', async () => {
    await record('ada', 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee')] }, storefront);
    await record('ben', 'ORDER_COMPLETED', { orderId: '2', lines: [line('tea')] }, storefront);
    await record('ben', 'ORDER_CANCELLED', { orderId: '1' }, storefront);
    expect(await boughtBefore('ada')).to.deep.equal(['coffee']);
    expect(await boughtBefore('ben')).to.deep.equal(['tea']);
    await record('till', 'ORDER_CANCELLED', { orderId: '1' });
    expect(await boughtBefore('ada')).to.deep.equal([]);
    expect(await boughtBefore('ben')).to.deep.equal(['tea']);
  });

  it('change nothing of a customer if a storefront that proves nobody sends them, also with the customer’s session', async () => {
    const customers = shop.port('customers');
    await customers.identify(shop.context({ sessionId: 'ada' }, { role: 'SERVER' }), { id: 'ada' });
    const sessionId = await customers.sessionOf('ada');
    const signedIn = { ...storefront, customerId: 'ada' };
    await record(sessionId, 'ORDER_COMPLETED', { orderId: '1', lines: [line('coffee')] }, signedIn);
    await record(sessionId, 'WISHLIST_ADDED', { productIds: ['mugs'] }, signedIn);
    const seen = async () => {
      const permit = await shop
        .port('consent')
        .permit(await shop.shopper(sessionId, { customerId: 'ada' }), 'PERSONALIZATION');
      const orders = await shop.port('events').orders(permit!, { limit: 10 });
      const wishes = await shop.port('events').wishlist(permit!);
      return [...orders.map(({ status }) => status), ...wishes.map(({ productId }) => productId)];
    };
    const all = ['COMPLETED', 'mugs'];
    expect(await seen()).to.deep.equal(all);
    await record(sessionId, 'ORDER_CANCELLED', { orderId: '1' }, storefront);
    await record(sessionId, 'ORDER_REFUNDED', { orderId: '1', productIds: ['coffee'] }, storefront);
    await record(sessionId, 'ORDER_UPDATED', { orderId: '1', lines: [line('tea')] }, storefront);
    await record(sessionId, 'WISHLIST_REMOVED', { productIds: ['mugs'] }, storefront);
    expect(await seen()).to.deep.equal(all);
    await record(sessionId, 'ORDER_CANCELLED', { orderId: '1' }, signedIn);
    await record(sessionId, 'WISHLIST_REMOVED', { productIds: ['mugs'] }, signedIn);
    expect(await seen()).to.deep.equal(['CANCELLED']);
  });

  it('need the id of the order', async () => {
    const { userErrors } = await shop
      .port('events')
      .record(shop.context({ sessionId: 'ada' }), [
        { messageId: 'none', type: 'ORDER_REFUNDED', productIds: ['coffee'] },
      ]);
    expect(userErrors.map(({ code }) => code)).to.deep.equal(['EVENTS_ORDER_ID_MISSING']);
  });

  it('reach what everybody is shown within a day, and once it is read from the log', async () => {
    for (const who of ['ada', 'ben', 'cy'])
      await record(who, 'ORDER_COMPLETED', { orderId: who, lines: [line('coffee'), line('filters')] });
    const together = async (): Promise<string[]> =>
      (await shop.recommend('stranger', { placement: 'bought-together', productId: 'coffee' })).items
        .filter(({ source }) => source === 'BOUGHT_TOGETHER')
        .map(({ product }) => product.id);
    const popular = async (): Promise<string[]> =>
      (await shop.recommend('stranger', { placement: 'trending' })).items
        .filter(({ source }) => source === 'POPULAR')
        .map(({ product }) => product.id);
    expect(await together()).to.deep.equal(['filters']);
    for (const who of ['ada', 'ben', 'cy'])
      await record(who, 'ORDER_REFUNDED', { orderId: who, productIds: ['filters'] });
    for (let hour = 0; hour < 25; hour++) {
      shop.clock.advance(hourMs);
      for (let write = 0; write < 5; write++) await shop.stock('tea', null, hour);
    }
    expect(await together()).to.deep.equal([]);
    expect(await popular()).to.deep.equal(['coffee']);
    const ordersFrom = async (fromMs: number): Promise<ShopEvent[]> => {
      const log: ShopEvent[] = [];
      for await (const page of shop.port('events').replay({ fromMs })) log.push(...page);
      return log.filter(({ type }) => type === 'ORDER_COMPLETED');
    };
    const [first, ...others] = await ordersFrom(0);
    const later = await ordersFrom(first!.receivedAtMs + 1);
    expect(later).to.deep.equal(others).and.to.have.length(2);
    for (const { productIds } of [first!, ...later]) expect(productIds).to.deep.equal(['coffee']);
  });
});

describe('what a shopper takes back', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop();
    await shop.save(products);
    await shop.consented('ada');
  });
  afterEach(() => shop.close());

  const did: Shop['did'] = async (...args) => {
    await shop.did(...args);
    shop.clock.advance(1_000);
  };
  const shownTo = async (sessionId: string): Promise<string[]> =>
    (await shop.recommend(sessionId, { placement: 'home' })).items.map(({ product }) => product.id);
  async function wishlist(): Promise<readonly WishlistItem[]> {
    const permit = await shop.port('consent').permit(await shop.shopper('ada'), 'PERSONALIZATION');
    return shop.port('events').wishlist(permit as Permit<'PERSONALIZATION'>);
  }

  it('is a dismissal: the product is shown again', async () => {
    await did('ada', 'PRODUCT_DISMISSED', ['coffee', 'tea']);
    expect(await shownTo('ada')).not.to.include.members(['coffee']);
    await did('ada', 'PRODUCT_UNDISMISSED', ['SKU-coffee']);
    expect(await shownTo('ada'))
      .to.include('coffee')
      .and.not.include('tea');
    await did('ada', 'PRODUCT_DISMISSED', ['coffee']);
    expect(await shownTo('ada')).not.to.include('coffee');
  });

  it('is a wish: the wishlist has what is on it now, newest first', async () => {
    await did('ada', 'WISHLIST_ADDED', ['coffee', 'tea']);
    await did('ada', 'WISHLIST_ADDED', ['mugs']);
    await did('ada', 'WISHLIST_REMOVED', ['coffee']);
    expect((await wishlist()).map(({ productId }) => productId)).to.deep.equal(['mugs', 'tea']);
    await did('ada', 'WISHLIST_ADDED', ['SKU-coffee']);
    expect((await wishlist()).map(({ productId }) => productId)).to.deep.equal(['SKU-coffee', 'mugs', 'tea']);
  });

  it('counts a wish more than a view and less than a cart for what is popular', async () => {
    for (const who of ['a', 'b', 'c', 'd']) {
      await did(who, 'PRODUCT_VIEWED', ['tea']);
      await did(who, 'PRODUCT_VIEWED', ['mugs']);
      await did(who, 'WISHLIST_ADDED', ['mugs']);
      await did(who, 'PRODUCT_VIEWED', ['coffee']);
      await did(who, 'PRODUCT_ADDED_TO_CART', ['coffee']);
      // No interest in a product by itself.
      await did(who, 'PRODUCT_LIST_VIEWED', ['honey']);
      await did(who, 'CHECKOUT_STARTED', ['honey']);
    }
    const { items } = await shop.recommend('stranger', { placement: 'trending' });
    const popular = items.filter(({ source }) => source === 'POPULAR').map(({ product }) => product.id);
    expect(popular).to.deep.equal(['coffee', 'mugs', 'tea']);
  });
});
