import { expect } from 'chai';
import fc from 'fast-check';
import { catalog } from '../../plugins/catalog/plugin.js';
import {
  dayMs,
  expectedIntervalDays,
  lapsingIntervals,
  lifecycleAt,
  lifecycleStage,
  lostIntervals,
  priorIntervals,
  regularOrders,
} from '../../plugins/profiles/lifecycle.js';
import { profiles } from '../../plugins/profiles/plugin.js';
import type { Caller, Request } from '../../src/context.js';
import { createRequest } from '../../src/gateway/request-context.js';
import { eventPlugins } from '../support/events.js';
import { bootPeople, callerOf, type People } from '../support/people.js';

const server: Partial<Caller> = { role: 'SERVER', source: 'shop' };
const fields = `lifecycle
  metrics { orders lastOrderAt recencyDays expectedIntervalDays spent { amount currency } favouriteCategory { id }
    favouriteBrand favouriteSize priceLevel { amount currency } channels { channel shown clicked orders clickRate } }
  orders { nodes { orderId status value { amount } lines { productId quantity returned price { amount } product { id } } } }
  reviews { productId rating product { id } }
  wishlist { productId product { id } }`;

describe('the profile of a customer', () => {
  let people: People;

  beforeEach(async () => {
    people = await bootPeople([...eventPlugins, catalog, profiles], {
      environment: { RAPPORT_PROFILES_SIZE_OPTIONS: 'Size, Groesse' },
    });
    const shirt = (id: string, category: string, brand: string) => ({
      id,
      title: id,
      brand,
      categoryIds: [category],
      prices: [{ amount: '20', currency: 'EUR' }],
      options: [{ name: 'size', values: ['M', 'L'] }],
      variants: ['M', 'L'].map((value) => ({
        id: `${id}-${value}`,
        selectedOptions: [{ name: 'size', value }],
      })),
    });
    const { userErrors } = await people
      .port('catalog')
      .save([shirt('tee', 'tops', 'Ayla'), shirt('polo', 'tops', 'Bo'), shirt('jeans', 'trousers', 'Ayla')]);
    expect(userErrors).to.deep.equal([]);
    for (const id of ['ada', 'ben']) {
      await people.port('customers').identify(at(id), { id });
      await decide(id, 'GRANTED');
    }
  });
  afterEach(() => people.close());

  const at = (customerId: string, channel: 'WEB' | 'APP' = 'WEB') =>
    people.context({ sessionId: `of ${customerId}`, customerId, channel }, server);

  async function decide(customerId: string, status: string): Promise<void> {
    people.clock.advance(1_000);
    const shopper = await people.port('customers').recognise(at(customerId));
    await people.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status }]);
    people.clock.advance(1_000);
  }

  let messages = 0;
  async function record(
    customerId: string,
    type: string,
    more: object,
    channel: 'WEB' | 'APP' = 'WEB',
  ): Promise<void> {
    const event = { messageId: `m${++messages}`, type, ...more };
    const { accepted, userErrors } = await people.port('events').record(at(customerId, channel), [event]);
    expect(userErrors).to.deep.equal([]);
    expect(accepted).to.equal(1);
    people.clock.advance(1_000);
  }

  const order = (
    customerId: string,
    orderId: string,
    lines: readonly object[],
    channel: 'WEB' | 'APP' = 'WEB',
  ) => record(customerId, 'ORDER_COMPLETED', { orderId, lines, currency: 'EUR' }, channel);
  const line = (productId: string, quantity = 1, price = '20') => ({ productId, quantity, price });
  const days = (count: number) => people.clock.advance(count * dayMs);

  async function read(
    id: string,
    caller: Partial<Caller> = server,
    what = fields,
  ): Promise<Record<string, unknown>> {
    const { codes, at: value } = await people.ask(`{ customer(id: "${id}") { ${what} } }`, caller);
    expect(codes).to.deep.equal([]);
    return value('customer') as Record<string, unknown>;
  }

  it('has figures of orders as they are now', async () => {
    await order('ada', '1', [line('tee-M', 2), line('jeans-M')]);
    days(30);
    await order('ada', '2', [line('polo-M', 1, '30')], 'APP');
    days(30);
    await order('ada', '3', [line('tee-L', 50, '5')]);
    await record('ada', 'ORDER_CANCELLED', { orderId: '3' });
    await record('ada', 'ORDER_REFUNDED', { orderId: '1', lines: [line('jeans-M')] });
    for (const decisionId of ['a', 'b', 'c', 'd'])
      await record('ada', 'RECOMMENDATION_SHOWN', { decisionId, productIds: ['tee'] }, 'APP');
    await record(
      'ada',
      'RECOMMENDATION_CLICKED',
      { decisionId: 'a', productIds: ['tee'], position: 1 },
      'APP',
    );
    days(10);
    const { metrics, lifecycle, orders } = await read('ada');
    expect(lifecycle).to.equal('ACTIVE');
    expect(metrics).to.deep.include({
      orders: 2,
      spent: [{ amount: '70.00', currency: 'EUR' }],
      favouriteCategory: { id: 'tops' },
      favouriteBrand: null,
      favouriteSize: 'M',
      priceLevel: { amount: '20.00', currency: 'EUR' },
      channels: [
        { channel: 'APP', shown: 4, clicked: 1, orders: 1, clickRate: 0.25 },
        { channel: 'WEB', shown: 0, clicked: 0, orders: 1, clickRate: null },
      ],
    });
    expect((metrics as { recencyDays: number }).recencyDays).to.be.closeTo(40, 0.01);
    expect((metrics as { expectedIntervalDays: number }).expectedIntervalDays).to.equal((2 * 90 + 30) / 3);
    const { nodes } = orders as {
      nodes: { orderId: string; status: string; value: unknown; lines: object[] }[];
    };
    expect(nodes.map(({ orderId, status }) => `${orderId} ${status}`)).to.deep.equal([
      '3 CANCELLED',
      '2 COMPLETED',
      '1 PARTLY_RETURNED',
    ]);
    expect(nodes[2]).to.deep.include({
      value: { amount: '40.00' },
      lines: [
        { productId: 'tee-M', quantity: 2, returned: 0, price: { amount: '20.00' }, product: { id: 'tee' } },
        {
          productId: 'jeans-M',
          quantity: 1,
          returned: 1,
          price: { amount: '20.00' },
          product: { id: 'jeans' },
        },
      ],
    });
  });

  it('goes from the first encounter to regular, and is lost in silence', async () => {
    const stage = async () => (await read('ada', server, 'lifecycle')).lifecycle;
    expect(await stage()).to.equal('NEW');
    await order('ada', '1', [line('tee')]);
    expect(await stage()).to.equal('ACTIVE');
    await order('ada', '1 again', [line('tee')]);
    for (const orderId of ['2', '3']) {
      days(30);
      await order('ada', orderId, [line('tee')]);
    }
    expect(await stage()).to.equal('REGULAR');
    // The interval that is expected by now: (2 × 90 + 60) / 4 = 60 days.
    days(119);
    expect(await stage()).to.equal('REGULAR');
    days(1);
    expect(await stage()).to.equal('LAPSING');
    days(119);
    expect(await stage()).to.equal('LAPSING');
    days(1);
    expect(await stage()).to.equal('LOST');
    expect((await read('ben', server, 'lifecycle')).lifecycle, 'who never bought').to.equal('LAPSING');
  });

  it('has the last rating of each product, and the wishlist', async () => {
    await record('ada', 'PRODUCT_RATED', { productIds: ['tee-M'], value: 2 });
    await record('ada', 'PRODUCT_RATED', { productIds: ['polo'], value: 4 });
    await record('ada', 'PRODUCT_RATED', { productIds: ['tee'], value: 5 });
    await record('ada', 'WISHLIST_ADDED', { productIds: ['jeans', 'gone'] });
    await record('ada', 'WISHLIST_ADDED', { productIds: ['polo'] });
    await record('ada', 'WISHLIST_REMOVED', { productIds: ['jeans'] });
    expect(await read('ada')).to.deep.include({
      reviews: [
        { productId: 'tee', rating: 5, product: { id: 'tee' } },
        { productId: 'polo', rating: 4, product: { id: 'polo' } },
      ],
      wishlist: [
        { productId: 'polo', product: { id: 'polo' } },
        { productId: 'gone', product: null },
      ],
    });
  });

  it('is of the merged person, and nothing without permission', async () => {
    await order('ada', '1', [line('tee')]);
    await order('ben', '2', [line('polo')]);
    await people.ask(
      'mutation { mergeCustomers(into: "ben", from: "ada", reason: "r") { userErrors { code } } }',
      server,
    );
    const ids = async (id: string, caller = server) =>
      (
        (await read(id, caller, 'orders { nodes { orderId } }')).orders as {
          nodes: { orderId: string }[];
        } | null
      )?.nodes.map(({ orderId }) => orderId);
    expect(await ids('ada')).to.deep.equal(['2', '1']);
    expect(await ids('ben', { customerId: 'ada' }), 'by the own token').to.deep.equal(['2', '1']);
    expect(await ids('ada', { customerId: 'ada', globalPrivacyControl: true })).to.equal(undefined);
    await decide('ben', 'WITHDRAWN');
    const empty = { lifecycle: null, metrics: null, orders: null, reviews: null, wishlist: null };
    expect(await read('ada')).to.deep.equal(empty);
    expect((await people.ask('{ customer(id: "ada") { orders { nodes { id } } } }')).at('customer')).to.equal(
      null,
    );
  });

  it('is read anew for each request, and for the customer that is named', async () => {
    await order('ada', '1', [line('tee')]);
    await order('ben', '2', [line('polo')]);
    const ids = async (id: string, caller: Partial<Caller>) =>
      (await read(id, caller, 'orders { nodes { orderId } }')).orders;
    // The store may return one object for both.
    const ada = await people.port('customers').get('ada');
    expect(await ids('ada', server)).to.deep.equal({ nodes: [{ orderId: '1' }] });
    const resolvers = people.plugins.find(({ plugin }) => plugin.name === 'profiles') as unknown as {
      resolvers: {
        Customer: {
          orders(of: unknown, args: object, request: Request): Promise<{ items: unknown[] } | null>;
        };
      };
    };
    const { orders } = resolvers.resolvers.Customer;
    const requestOf = (caller: Partial<Caller>) =>
      createRequest(
        callerOf(caller),
        { clock: people.clock, ids: { next: () => 'a session' } },
        { locale: 'en', currency: 'EUR' },
      );
    expect(await orders(ada, {}, requestOf({ customerId: 'ada' })))
      .to.have.property('items')
      .with.length(1);
    expect(await orders(ada, {}, requestOf({ customerId: 'ada', globalPrivacyControl: true }))).to.equal(
      null,
    );
    expect(await ids('ben', { ...server, customerId: 'ben' })).to.deep.equal({ nodes: [{ orderId: '2' }] });
  });

  it('counts an order once that the shop sent for both customers of a person', async () => {
    await order('ada', '1', [line('tee')]);
    await order('ben', '1', [line('tee')]);
    await people.ask(
      'mutation { mergeCustomers(into: "ben", from: "ada", reason: "r") { userErrors { code } } }',
      server,
    );
    const { metrics, orders } = await read('ada');
    expect(metrics).to.deep.include({ orders: 1, spent: [{ amount: '20.00', currency: 'EUR' }] });
    expect((orders as { nodes: object[] }).nodes).to.have.length(1);
  });

  it('pages through orders that keep arriving, each once', async () => {
    for (let n = 0; n < 5; n++) await order('ada', `${n}`, [line('tee')]);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { codes, at: value } = await people.ask(
        'query ($after: String) { customer(id: "ada") { orders(first: 2, after: $after) { edges { cursor node { id orderId } } pageInfo { hasNextPage endCursor } } } }',
        server,
        { after },
      );
      expect(codes).to.deep.equal([]);
      const page = value('customer.orders') as {
        edges: { cursor: string; node: { orderId: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      seen.push(...page.edges.map(({ node }) => node.orderId));
      expect(page.edges.at(-1)!.cursor).to.equal(page.pageInfo.endCursor);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      await order('ada', `new ${seen.length}`, [line('tee')]);
    } while (after !== null);
    expect(seen).to.deep.equal(['4', '3', '2', '1', '0']);
    for (const [args, code] of [
      ['first: 0', 'PROFILES_FIRST_INVALID'],
      ['first: 101', 'PROFILES_FIRST_INVALID'],
      ['after: "x"', 'PROFILES_CURSOR_INVALID'],
    ] as const)
      expect(
        (await people.ask(`{ customer(id: "ada") { orders(${args}) { nodes { id } } } }`, server)).codes,
      ).to.deep.equal([code]);
  });

  describe('its formulas', () => {
    it('expect an interval between the shop’s and the customer’s own, the closer the more is known', () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 40 }),
          fc.integer({ min: 1, max: 365 }),
          (purchases, shop) => {
            const known = [...new Set(purchases)].sort((a, b) => a - b);
            const expected = expectedIntervalDays(
              purchases.map((day) => day * dayMs + 1),
              shop,
            );
            if (known.length < 2) {
              expect(expected).to.equal(shop);
              return;
            }
            const own = (known.at(-1)! - known[0]!) / (known.length - 1);
            expect(expected).to.be.within(Math.min(own, shop) - 1e-9, Math.max(own, shop) + 1e-9);
            const share = (known.length - 1) / (known.length - 1 + priorIntervals);
            expect(expected).to.be.closeTo(share * own + (1 - share) * shop, 1e-6);
          },
        ),
      );
    });

    it('only move on in silence', () => {
      const order = ['NEW', 'ACTIVE', 'REGULAR', 'LAPSING', 'LOST'];
      fc.assert(
        fc.property(
          fc.nat({ max: 9 }),
          fc.double({ min: 1, max: 400, noNaN: true }),
          fc.nat(4_000),
          fc.nat(4_000),
          (purchases, interval, a, b) => {
            const stage = (day: number) => order.indexOf(lifecycleStage(purchases, interval, 0, day * dayMs));
            expect(stage(Math.min(a, b))).to.be.at.most(stage(Math.max(a, b)));
          },
        ),
      );
    });

    it('mean by their constants what their sources say', () => {
      // Silence of a customer with exponential intervals: exp(−2) and exp(−4).
      expect(Math.exp(-lapsingIntervals)).to.be.closeTo(0.135, 0.001);
      expect(Math.exp(-lostIntervals)).to.be.closeTo(0.018, 0.001);
      expect(lifecycleStage(regularOrders - 1, 10, 0, dayMs)).to.equal('ACTIVE');
      expect(lifecycleStage(regularOrders, 10, 0, dayMs)).to.equal('REGULAR');
    });
  });

  it('names the moment of the next stage, to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 * dayMs }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 365 }),
        fc.integer({ min: 400 * dayMs, max: 900 * dayMs }),
        (timesMs, intervalDays, nowMs) => {
          const { stage, untilMs } = lifecycleAt(timesMs, intervalDays, 0, nowMs);
          if (untilMs === null) expect(stage).to.equal('LOST');
          else {
            expect(lifecycleAt(timesMs, intervalDays, 0, untilMs - 1).stage).to.equal(stage);
            expect(lifecycleAt(timesMs, intervalDays, 0, untilMs).stage).to.not.equal(stage);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
