import { expect } from 'chai';
import fc from 'fast-check';
import type { Permit } from '../../src/ports/consent.js';
import type { EventTotal, TotalsOptions } from '../../src/ports/events.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf } from '../support/events.js';

const minuteMs = 60_000;

describe('events.totals', () => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await bootEvents();
  });
  afterEach(() => system.close());

  async function permitOf(session: string, customerId: string | null = null) {
    const shopper = await system.port('customers').recognise(contextOf(session, { customerId }));
    return (await system.port('consent').permit(shopper, 'PERSONALIZATION')) as Permit<'PERSONALIZATION'>;
  }

  async function totals(
    session: string,
    options: TotalsOptions,
    customerId: string | null = null,
  ): Promise<readonly EventTotal[]> {
    return system.port('events').totals(await permitOf(session, customerId), options);
  }

  const order = (
    id: string,
    productIds: string[],
    quantities: number[],
    value: number,
    currency = 'EUR',
  ) => ({
    messageId: id,
    type: 'ORDER_COMPLETED',
    productIds,
    quantity: quantities,
    value: value / 100,
    currency,
  });

  it('counts events, quantities and values by type, product and day', async () => {
    const { clock } = system;
    const fromMs = clock.nowMs();
    const events = system.port('events');
    await events.record(contextOf('s1'), [order('1', ['a', 'b'], [2, 1], 500)]);
    clock.advance(24 * 60 * minuteMs);
    await events.record(contextOf('s1'), [order('2', ['a'], [3], 900), order('3', ['c'], [1], 7, 'USD')]);
    const types = ['ORDER_COMPLETED'] as const;
    expect(await totals('s1', { fromMs, types })).to.deep.equal([
      { key: '', events: 3, quantity: 7, values: { EUR: 1_400, USD: 7 } },
    ]);
    expect(await totals('s1', { fromMs, by: 'product' })).to.deep.equal([
      { key: 'a', events: 2, quantity: 5, values: {} },
      { key: 'b', events: 1, quantity: 1, values: {} },
      { key: 'c', events: 1, quantity: 1, values: {} },
    ]);
    expect((await totals('s1', { fromMs, by: 'day' })).map(({ key, events: n }) => [key, n])).to.deep.equal([
      ['2026-01-15', 1],
      ['2026-01-16', 2],
    ]);
    expect(await totals('s1', { fromMs: fromMs + 1, by: 'type' })).to.deep.equal([
      { key: 'ORDER_COMPLETED', events: 2, quantity: 4, values: { EUR: 900, USD: 7 } },
    ]);
    expect(await totals('s1', { fromMs: 0, toMs: fromMs })).to.deep.equal([]);
    expect(await totals('s2', { fromMs: 0 })).to.deep.equal([]);
  });

  it('counts exactly what the history lists, whoever did it and in whatever order it came', async () => {
    const step = fc.record({
      session: fc.constantFrom('s1', 's2', 's3'),
      customer: fc.constantFrom(null, 'ada', 'ben'),
      productId: fc.constantFrom('a', 'b', 'c'),
      agoMinutes: fc.nat(500),
      times: fc.integer({ min: 1, max: 90 }),
    });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.nat(500), async (steps, sinceMinutes) => {
        const run = `${++runs}-`;
        system.clock.advance(1_000 * minuteMs);
        let messages = 0;
        for (const { session, customer, productId, agoMinutes, times } of steps) {
          const at = new Date(system.clock.nowMs() - agoMinutes * minuteMs);
          const context = contextOf(run + session, { customerId: customer && run + customer });
          const view = { type: 'PRODUCT_VIEWED', productIds: [productId], at };
          const inputs = Array.from({ length: times }, () => ({ ...view, messageId: `m${messages++}` }));
          await system.port('events').record(context, inputs);
          system.clock.advance(minuteMs);
        }
        const fromMs = system.clock.nowMs() - sinceMinutes * minuteMs;
        for (const session of ['s1', 's2'])
          for (const customer of [null, 'ada']) {
            const context = contextOf(run + session, { customerId: customer && run + customer });
            const listed = await historyOf(system, context, { limit: 1_000 });
            const expected = listed.filter(({ atMs }) => atMs >= fromMs).length;
            const found = await totals(context.sessionId, { fromMs }, context.customerId);
            if (listed.length < 1_000) expect(found[0]?.events ?? 0).to.equal(expected);
          }
      }),
      { numRuns: 25 },
    );
  });

  it('throws for a permit that consent did not issue', async () => {
    const permit = { ...(await permitOf('s1')) };
    const error = await system
      .port('events')
      .totals(permit, { fromMs: 0 })
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ kind: 'denied', code: 'EVENTS_PERMIT_INVALID' });
  });
});
