import { expect } from 'chai';
import { createMetrics } from '../../src/gateway/metrics.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { contextOf, historyOf } from '../support/events.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { basic, openTracking, post } from '../support/tracking.js';

const productViewed = {
  event: 'Product Viewed',
  properties: { product_id: 'kettle', name: 'Kettle', price: 19.9 },
};
let next = 0;
const track = (other: object = {}) => ({
  type: 'track',
  messageId: `m${next++}`,
  anonymousId: 'visitor',
  ...productViewed,
  ...other,
});

describe('tracking', () => {
  let gateway: TestGateway;
  let events: ShopEvent[] = [];
  before(async () => {
    gateway = await openTracking();
    gateway.system.port('events').watch((accepted) => events.push(...accepted), 'ANALYTICS');
  });
  beforeEach(() => {
    events = [];
  });
  after(() => gateway.close());
  const batch = (messages: readonly object[], other: object = {}) =>
    post(gateway, '/v1/batch', { batch: messages, ...other });

  it('has every endpoint by its long and its short name', async () => {
    for (const kind of ['identify', 'track', 'page', 'screen', 'group', 'alias']) {
      for (const path of [`/v1/${kind}`, `/v1/${kind.slice(0, 1)}`]) {
        const { event, properties } = productViewed;
        const ids = { anonymousId: 'visitor', userId: 'ada', previousId: 'earlier' };
        const reply = await post(gateway, path, { messageId: path, event, properties, ...ids });
        expect(reply, path).to.deep.include({ status: 200 });
        expect(reply.body).to.deep.equal({ success: true, accepted: 1, duplicates: 0, rejected: 0 });
      }
    }
    expect((await post(gateway, '/v1/b', { batch: [track(), track()] })).body.accepted).to.equal(2);
    expect(events.length).to.equal(14);
  });

  it('takes the key as user name, in the body, in the query or in our own header', async () => {
    const key = testKeys.STOREFRONT;
    const plain = { 'content-type': 'text/plain' };
    expect((await post(gateway, '/v1/t', track(), { authorization: basic(key) })).status).to.equal(200);
    expect((await post(gateway, '/v1/t', track({ writeKey: key }), plain)).status).to.equal(200);
    expect((await post(gateway, `/v1/t?writeKey=${key}`, track(), plain)).status).to.equal(200);
    expect((await post(gateway, '/v1/t', track(), { 'x-api-key': key })).status).to.equal(200);
  });

  it('refuses an unknown key, none, and one that may not send events', async () => {
    const { writeKey, ...none } = track({ writeKey: 'somebody-else' }) as { writeKey?: string };
    const keyless = await post(gateway, '/v1/t', none, {});
    expect(keyless.status).to.equal(401);
    expect(keyless.body.message).to.contain('Basic').and.contain('writeKey');
    expect((await post(gateway, '/v1/t', { ...none, writeKey }, {})).status).to.equal(401);
    expect((await post(gateway, '/v1/t', none, { authorization: basic('somebody-else') })).status).to.equal(
      401,
    );
    const merchandiser = await post(gateway, '/v1/t', none, { authorization: basic(testKeys.MERCHANDISER) });
    expect(merchandiser).to.deep.include({ status: 403 });
    expect(events).to.deep.equal([]);
  });

  it('accounts for every message of a batch, each by its index', async () => {
    const first = track();
    const reply = await batch([
      first,
      { ...track(), type: 'nonsense' },
      first,
      { ...track(), properties: {} },
      { ...track(), anonymousId: undefined },
      { ...track(), anonymousId: 'x'.repeat(129) },
      { ...track(), event: undefined },
      track(),
      null as unknown as object,
    ]);
    expect(reply.status).to.equal(200);
    expect(reply.body).to.deep.include({ success: true, accepted: 2, duplicates: 1, rejected: 6 });
    expect(Object.fromEntries(reply.body.errors!.map(({ path, code }) => [path[0], code]))).to.deep.equal({
      1: 'TRACKING_TYPE_INVALID',
      3: 'EVENTS_PRODUCTS_MISSING',
      4: 'TRACKING_ID_MISSING',
      5: 'TRACKING_ID_INVALID',
      6: 'TRACKING_EVENT_MISSING',
      8: 'TRACKING_INVALID',
    });
  });

  const meanings: readonly [event: string, properties: object, becomes: Partial<ShopEvent>][] = [
    ['Product Viewed', { product_id: 'a' }, { type: 'PRODUCT_VIEWED', productIds: ['a'], properties: null }],
    ['viewed product', { sku: 7 }, { type: 'PRODUCT_VIEWED', productIds: ['7'] }],
    ['Product Clicked', { product_id: 'a', position: 3 }, { type: 'PRODUCT_VIEWED', position: 3 }],
    ['Product Clicked', { product_id: 'a', query_id: 'q' }, { type: 'SEARCH_RESULT_CLICKED', queryId: 'q' }],
    [
      'Product Clicked',
      { product_id: 'a', decision_id: 'd' },
      { type: 'RECOMMENDATION_CLICKED', decisionId: 'd' },
    ],
    [
      'Product Added',
      { product_id: 'a', quantity: 2, coupon: 'X' },
      { type: 'PRODUCT_ADDED_TO_CART', quantities: [2], properties: { coupon: 'X' } },
    ],
    ['Product Removed', { product_id: 'a' }, { type: 'PRODUCT_REMOVED_FROM_CART' }],
    ['Products Searched', { query: 'red mug' }, { type: 'PRODUCT_SEARCHED', query: 'red mug' }],
    [
      'Order Completed',
      {
        order_id: 'o1',
        total: '27.50',
        revenue: 25,
        currency: 'usd',
        products: [
          { product_id: 'a', quantity: 1, price: '7.5' },
          { product_id: 'b', quantity: 2 },
        ],
      },
      {
        type: 'ORDER_COMPLETED',
        productIds: ['a', 'b'],
        quantities: [1, 2],
        prices: [750, null],
        orderId: 'o1',
        value: 2750,
        currency: 'USD',
        properties: { order_id: 'o1', revenue: 25 },
      },
    ],
    [
      'Product Reviewed',
      { product_id: 'a', rating: '4' },
      { type: 'PRODUCT_RATED', value: 4, currency: null },
    ],
    ['Product Reviewed', { product_id: 'a', review_body: 'nice' }, { type: 'CUSTOM', productIds: ['a'] }],
    ['Product Dismissed', { product_id: 'a' }, { type: 'PRODUCT_DISMISSED' }],
    ['Cart Viewed', { cart_id: 'c', products: [{ product_id: 'a' }] }, { type: 'CUSTOM', productIds: ['a'] }],
    [
      'Signed Up',
      { plan: 'free', event: 'not this' },
      { type: 'CUSTOM', properties: { plan: 'free', event: 'Signed Up' } },
    ],
    [
      'product_added',
      { products: [{ product_id: 'a', quantity: '2' }, { product_id: 'b' }] },
      { type: 'PRODUCT_ADDED_TO_CART', quantities: [2, 1] },
    ],
    ['view_item', { items: [{ item_id: 'a', price: 5 }] }, { type: 'PRODUCT_VIEWED', productIds: ['a'] }],
    [
      'select_item',
      { items: [{ item_id: 'a' }], query_id: 'q' },
      { type: 'SEARCH_RESULT_CLICKED', productIds: ['a'] },
    ],
    ['add_to_cart', { items: [{ item_id: 7, quantity: 3 }] }, { quantities: [3], productIds: ['7'] }],
    ['remove_from_cart', { items: [{ item_id: 'a' }] }, { type: 'PRODUCT_REMOVED_FROM_CART' }],
    [
      'purchase',
      {
        transaction_id: 'T1',
        value: 25,
        currency: 'USD',
        coupon: 'X',
        items: [
          { item_id: 'a', item_name: 'Mug', price: 5, quantity: 3 },
          { item_id: 'b', price: 10 },
        ],
      },
      {
        type: 'ORDER_COMPLETED',
        productIds: ['a', 'b'],
        quantities: [3, 1],
        prices: [500, 1000],
        value: 2500,
        currency: 'USD',
        orderId: 'T1',
        properties: { value: 25, coupon: 'X', order_id: 'T1' },
      },
    ],
    ['search', { search_term: 'mug' }, { type: 'PRODUCT_SEARCHED', query: 'mug', properties: null }],
    ['view_search_results', { search_term: 'cup' }, { type: 'PRODUCT_SEARCHED', query: 'cup' }],
    ['search', { filter: 'red' }, { type: 'CUSTOM', properties: { filter: 'red', event: 'search' } }],
    [
      'Order Refunded',
      { order_id: 'o1', total: 7.5, products: [{ product_id: 'a', quantity: 1, price: 7.5 }] },
      { type: 'ORDER_REFUNDED', orderId: 'o1', value: 750, productIds: ['a'], quantities: [1] },
    ],
    ['order_cancelled', { order_id: 7 }, { type: 'ORDER_CANCELLED', orderId: '7', productIds: [] }],
    [
      'Order Updated',
      { order_id: 'o1', products: [{ product_id: 'b', quantity: 2, price: 5 }] },
      { type: 'ORDER_UPDATED', orderId: 'o1', prices: [500], value: 1000 },
    ],
    ['Product List Viewed', { list_id: 'cups' }, { type: 'PRODUCT_LIST_VIEWED', productIds: [] }],
    ['Product Added to Wishlist', { product_id: 'a' }, { type: 'WISHLIST_ADDED', productIds: ['a'] }],
    ['product_removed_from_wishlist', { product_id: 'a' }, { type: 'WISHLIST_REMOVED' }],
    ['Wishlist Product Added to Cart', { product_id: 'a' }, { type: 'PRODUCT_ADDED_TO_CART' }],
    ['Checkout Started', { order_id: 'o1', value: 3 }, { type: 'CHECKOUT_STARTED', orderId: 'o1' }],
    ['Product Undismissed', { product_id: 'a' }, { type: 'PRODUCT_UNDISMISSED' }],
    ['add_to_wishlist', { items: [{ item_id: 'a' }] }, { type: 'WISHLIST_ADDED', productIds: ['a'] }],
    ['view_item_list', { items: [{ item_id: 'a' }] }, { type: 'PRODUCT_LIST_VIEWED', productIds: ['a'] }],
    ['begin_checkout', { value: 3, items: [{ item_id: 'a' }] }, { type: 'CHECKOUT_STARTED' }],
    [
      'refund',
      { transaction_id: 'T1', value: 5, items: [{ item_id: 'a', quantity: 1 }] },
      { type: 'ORDER_REFUNDED', orderId: 'T1', value: 500, productIds: ['a'] },
    ],
    ['refund', { transaction_id: 'T1' }, { type: 'ORDER_REFUNDED', orderId: 'T1', productIds: [] }],
    ['refund', { items: [{ item_id: 'a' }] }, { type: 'CUSTOM' }],
    ['view_cart', { items: [{ item_id: 'a' }] }, { type: 'CUSTOM' }],
    ['Coupon Applied', { coupon_id: 'X' }, { type: 'CUSTOM' }],
    ['purchase', { items: 3 }, { type: 'CUSTOM', properties: { items: 3, event: 'purchase' } }],
  ];
  it("reads the names of Segment's e-commerce specification and of Google Analytics 4, and keeps all others", async () => {
    const reply = await batch(
      meanings.map(([event, properties], i) => ({ ...track(), messageId: `n${i}`, event, properties })),
    );
    expect(reply.body).to.deep.include({ accepted: meanings.length, rejected: 0 });
    const found = new Map(events.map((event) => [event.id.split('.').at(-1), event]));
    meanings.forEach(([event, , becomes], i) => {
      expect(found.get(`n${i}`), event).to.deep.include(becomes);
    });
  });

  it('counts a purchase once that the page and the server report, and takes back what is refunded', async () => {
    const items = [
      { item_id: 'a', quantity: 2, price: 5 },
      { item_id: 'b', quantity: 1, price: 3 },
    ];
    const said = (event: string, properties: object) => track({ anonymousId: 'buyer', event, properties });
    const key = { authorization: basic(testKeys.STOREFRONT) };
    const purchase = { transaction_id: 'T9', value: 13, items };
    expect((await post(gateway, '/v1/track', said('purchase', purchase), key)).body.accepted).to.equal(1);
    const products = [
      { product_id: 'a', quantity: 2 },
      { product_id: 'b', quantity: 1 },
    ];
    await batch([said('Order Completed', { order_id: 'T9', total: 13, products })]);
    await batch([said('refund', { transaction_id: 'T9', items: [{ item_id: 'a', quantity: 1 }] })]);
    await batch([said('Order Cancelled', { order_id: 'T9', products: [{ product_id: 'b' }] })]);
    const { sessionId } = events[0]!;
    const history = await historyOf(gateway.system, contextOf(sessionId), { types: ['ORDER_COMPLETED'] });
    expect(history.map((order) => [order.productIds, order.quantities])).to.deep.equal([[['a'], [1]]]);
    const without = await batch([said('Order Refunded', { products })]);
    expect(without.body.errors![0]).to.deep.include({ code: 'EVENTS_ORDER_ID_MISSING' });
    expect(without.body.errors![0]!.path.slice(1)).to.deep.equal(['properties', 'order_id']);
  });

  it('counts events whose names it does not know', async () => {
    const metrics = createMetrics();
    metrics.followPlugins(gateway.system.plugins);
    const unknown = async () =>
      Number(/^rapport_tracking_unknown_events_total (\d+)$/m.exec((await metrics.text()).body)?.[1]);
    const before = await unknown();
    await batch(
      ['Cart Viewed', 'view_cart', 'Video Played'].map((event) => track({ event, properties: {} })),
    );
    expect(await unknown()).to.equal(before + 1);
  });

  it('says which values mean nothing, by their place in the message, and keeps the rest of it', async () => {
    const order = {
      order_id: `o${next}`,
      total: 'abc',
      currency: 'euro',
      products: [
        { product_id: 'a', quantity: 0, price: -1 },
        { product_id: 'b', quantity: 'two', price: 3 },
        'c',
      ],
    };
    const reply = await batch([
      track(),
      track({
        event: 'Order Completed',
        properties: order,
        timestamp: 'yesterday',
        context: { channel: 'TV' },
      }),
      track({ event: 'Product Rated', properties: { product_id: 'a', rating: 9 } }),
      track({ event: 'Signed Up', properties: { currency: 'points', position: 'top' } }),
      track({
        properties: { product_id: 'a', currency: '', position: null },
        context: { channel: 'server' },
      }),
      track({
        event: 'add_to_cart',
        properties: { items: [{ item_id: 'a' }, { item_id: 'b', quantity: 0 }] },
      }),
    ]);
    expect(reply.body).to.deep.include({ accepted: 6, rejected: 0 });
    expect(reply.body.warnings!.map(({ path }) => path.join('.'))).to.have.members([
      '1.properties.total',
      '1.properties.currency',
      '1.properties.products.0.quantity',
      '1.properties.products.0.price',
      '1.properties.products.1.quantity',
      '1.properties.products.2',
      '1.timestamp',
      '1.context.channel',
      '2.properties.rating',
      '5.properties.items.1.quantity',
    ]);
    expect(JSON.stringify(reply.body.warnings)).to.contain('currency must be an ISO 4217 code');
    expect(events.find(({ type }) => type === 'ORDER_COMPLETED')).to.deep.include({
      productIds: ['a', 'b'],
      prices: [null, 300],
      value: null,
    });
    expect(events.find(({ properties }) => properties?.event === 'Product Rated')).to.deep.include({
      type: 'CUSTOM',
    });
    const single = await post(gateway, '/v1/track', { ...track({ timestamp: 'soon' }), properties: {} });
    expect(single.body.errors).to.have.length(1);
    expect(single.body.errors![0]!.path).to.deep.equal(['properties', 'product_id']);
    expect(single.body.errors![0]!.message).to.contain('properties.product_id');
    const products = [{ product_id: 'x'.repeat(300), price: 5 }];
    const long = await post(
      gateway,
      '/v1/track',
      track({ event: 'Order Completed', properties: { products } }),
    );
    expect(long.body.errors![0]!.path).to.deep.equal(['properties', 'product_id']);
    expect(long.body.errors![0]!.message).to.contain('properties.product_id must be');
  });

  it('keeps 100 products of a larger order and says how many there were', async () => {
    const products = Array.from({ length: 120 }, (_, i) => ({ product_id: `p${i}`, quantity: 1 }));
    await batch([track({ event: 'Order Completed', properties: { products, total: 10 } })]);
    const [order] = events;
    expect(order!.productIds).to.have.length(100);
    expect(order!.properties).to.deep.equal({ productsTotal: 120 });
  });

  it('reads a page with a product on it as a view', async () => {
    await post(gateway, '/v1/page', {
      anonymousId: 'v',
      name: 'Kettle',
      properties: { product_id: 'kettle', url: '/kettle' },
    });
    await post(gateway, '/v1/screen', { anonymousId: 'v', name: 'Home', properties: { $dark: true } });
    const [page, screen] = events;
    expect(page).to.deep.include({ type: 'PRODUCT_VIEWED', productIds: ['kettle'], channel: 'WEB' });
    expect(screen).to.deep.include({
      type: 'CUSTOM',
      channel: 'APP',
      properties: { name: 'Home', $dark: true, event: 'screen' },
    });
  });

  it('takes an event for no younger than its batch and what was sent before say', async () => {
    const nowMs = gateway.system.clock.nowMs();
    const hour = 3_600_000;
    const iso = (ms: number) => new Date(ms).toISOString();
    const old = { timestamp: iso(nowMs - hour), sentAt: iso(nowMs - hour) };
    await batch([track({ ...old, messageId: 'set when it was queued' })], { sentAt: iso(nowMs) });
    await batch([track({ timestamp: iso(nowMs - hour), messageId: 'sent again' })], {
      sentAt: iso(nowMs - hour),
    });
    expect(events.map(({ atMs }) => nowMs - atMs)).to.deep.equal([hour, hour]);
  });

  it('reads times in seconds, too', async () => {
    const seconds = Math.floor(gateway.system.clock.nowMs() / 1_000);
    await batch([track({ timestamp: seconds - 60, sentAt: seconds })]);
    expect(events.map(({ atMs, receivedAtMs }) => receivedAtMs - atMs)).to.deep.equal([60_000]);
  });

  it('corrects the clock of a device', async () => {
    const nowMs = gateway.system.clock.nowMs();
    const off = 5 * 3_600_000;
    const iso = (ms: number) => new Date(ms).toISOString();
    await batch([track({ timestamp: iso(nowMs + off - 60_000) }), track({ timestamp: 'soon' })], {
      sentAt: iso(nowMs + off),
    });
    await batch([
      track({
        anonymousId: 'another device',
        originalTimestamp: iso(nowMs - off - 60_000),
        sentAt: iso(nowMs - off),
        timestamp: iso(0),
      }),
    ]);
    const ages = events.map(({ atMs }) => nowMs - atMs);
    expect(ages).to.have.members([60_000, 0, 60_000]);
  });
});
