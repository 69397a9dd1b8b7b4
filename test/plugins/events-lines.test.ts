import { expect } from 'chai';
import { profileOf } from '../../plugins/recommendations/serving/profile.js';
import type { Caller, Context } from '../../src/context.js';
import type { EventTotal, ShopEvent } from '../../src/ports/events.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf, server } from '../support/events.js';
import { eventOf } from '../support/shop-event.js';

const storefront: Caller = { ...server, role: 'STOREFRONT', source: 'storefront-1' };

describe('lines of an event', () => {
  let system: TestSystem;
  let messages = 0;
  beforeEach(async () => {
    system = await bootEvents();
  });
  afterEach(() => system.close());

  const order = (lines: unknown, more: object = {}) => ({
    messageId: `m${++messages}`,
    type: 'ORDER_COMPLETED',
    lines,
    ...more,
  });
  async function record(input: object, context: Context = contextOf('s')) {
    const { userErrors, ...result } = await system.port('events').record(context, [input]);
    return { ...result, faults: userErrors.map(({ code, path, message }) => ({ code, path, message })) };
  }
  async function totals(by: 'product' | 'type'): Promise<readonly EventTotal[]> {
    const shopper = await system.port('customers').recognise(contextOf('s'));
    const permit = await system.port('consent').permit(shopper, 'PERSONALIZATION');
    return system.port('events').totals(permit!, { fromMs: 0, by });
  }

  it('are its products, quantities and prices, and make the value of an order', async () => {
    const lines = [
      { productId: 'shirt-m', quantity: 2, price: '19.90' },
      { productId: 'mug', price: 5 },
    ];
    expect(await record(order(lines, { orderId: '4711' }))).to.deep.include({ accepted: 1, faults: [] });
    const expected: Partial<ShopEvent> = {
      productIds: ['shirt-m', 'mug'],
      quantities: [2, 1],
      prices: [1990, 500],
      value: 4480,
      currency: 'EUR',
      orderId: '4711',
    };
    expect((await historyOf(system, contextOf('s')))[0]).to.deep.include(expected);
    const replayed: ShopEvent[] = [];
    for await (const page of system.port('events').replay()) replayed.push(...page);
    expect(replayed[0]).to.deep.include(expected);
    expect(await totals('product')).to.deep.equal([
      { key: 'mug', events: 1, quantity: 1, values: { EUR: 500 } },
      { key: 'shirt-m', events: 1, quantity: 2, values: { EUR: 3980 } },
    ]);
  });

  it('make no value if one has no price, and leave a given value', async () => {
    await record(order([{ productId: 'a', price: '1' }, { productId: 'b' }]));
    await record(order([{ productId: 'a', price: '1' }], { value: 0.5 }));
    const values = (await historyOf(system, contextOf('s'))).map(({ value }) => value);
    expect(values.sort()).to.deep.equal([50, null]);
  });

  it('are refused by their place and value', async () => {
    const faultOf = async (input: object) => {
      const { faults, accepted } = await record(input);
      expect(accepted).to.equal(0);
      return [faults[0]!.code, faults[0]!.path.slice(2).join('.'), faults[0]!.message];
    };
    expect(await faultOf(order([{ productId: 'a' }, { productId: 'b', quantity: 0 }]))).to.deep.equal([
      'EVENTS_LINES_INVALID',
      'lines.1.quantity',
      'quantity must be a whole number from 1 to 1000000, not 0',
    ]);
    expect(await faultOf(order([{ productId: 'a', price: '1.999' }]))).to.deep.equal([
      'EVENTS_LINES_INVALID',
      'lines.0.price',
      'price must be an amount of EUR from 0 on, for example "12.50", not "1.999"',
    ]);
    expect((await faultOf(order([{ productId: '' }])))[1]).to.equal('lines.0.productId');
    expect((await faultOf(order([{ sku: 'a', productId: 'a' }])))[1]).to.equal('lines.0.sku');
    expect((await faultOf(order([], {})))[0]).to.equal('EVENTS_PRODUCTS_MISSING');
    expect((await faultOf(order([{ productId: 'a' }], { productIds: ['a'] })))[0]).to.equal(
      'EVENTS_LINES_AND_PRODUCTS',
    );
    expect((await faultOf(order([{ productId: 'a' }], { orderId: '' })))[0]).to.equal(
      'EVENTS_ORDER_ID_INVALID',
    );
  });

  for (const first of ['storefront', 'server']) {
    it(`of an order that the ${first} sends before the other one count once, as the server sent it`, async () => {
      const senders = { storefront: contextOf('s', { caller: storefront }), server: contextOf('s') };
      const second = first === 'server' ? 'storefront' : 'server';
      for (const sender of [first, second] as const) {
        const price = sender === 'server' ? '10' : '99';
        const input = order([{ productId: 'mug', price }], { orderId: '4711' });
        await record(input, senders[sender as keyof typeof senders]);
        system.clock.advance(1_000);
      }
      expect(await totals('type')).to.deep.equal([
        { key: 'ORDER_COMPLETED', events: 1, quantity: 1, values: { EUR: 1000 } },
      ]);
      expect((await historyOf(system, contextOf('s'))).map(({ value }) => value)).to.deep.equal([1000]);
    });
  }
});

describe('a cart', () => {
  const ids = ['mug', 'cup'];
  const shelf = { numberOf: (id: string) => ids.indexOf(id), categories: () => [], brand: () => null };
  /** The cart after additions (+) and removals (-) of pieces; a removal of all has no number. */
  function cartAfter(...steps: readonly string[]): { cart: string[]; takenOut: string[] } {
    const history = steps.map((step, at) => {
      const [, sign, pieces, id] = /^([+-])(\d*) (\w+)$/.exec(step)!;
      const type = sign === '+' ? 'PRODUCT_ADDED_TO_CART' : 'PRODUCT_REMOVED_FROM_CART';
      return eventOf(type, at, [id!], { quantities: pieces ? [Number(pieces)] : null });
    });
    const { cart, takenOut } = profileOf(history.reverse(), shelf, steps.length);
    return { cart: cart.map((item) => ids[item]!), takenOut: [...takenOut].map((item) => ids[item]!) };
  }

  it('keeps what a removal with a smaller quantity leaves', () => {
    expect(cartAfter('+3 mug', '+ cup', '-2 mug')).to.deep.equal({ cart: ['cup', 'mug'], takenOut: [] });
    expect(cartAfter('+3 mug', '-2 mug', '-1 mug')).to.deep.equal({ cart: [], takenOut: ['mug'] });
    expect(cartAfter('+ mug', '+ mug', '-1 mug')).to.deep.equal({ cart: ['mug'], takenOut: [] });
    expect(cartAfter('+2 mug', '- mug', '+ mug')).to.deep.equal({ cart: ['mug'], takenOut: [] });
    expect(cartAfter('+2 mug', '-5 mug', '+1 mug', '-1 mug')).to.deep.equal({ cart: [], takenOut: ['mug'] });
    expect(cartAfter('+5 mug', '- mug')).to.deep.equal({ cart: [], takenOut: ['mug'] });
  });
});
