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
            expect(await scanned(context.sessionId, fromMs, context.customerId)).to.equal(
              found[0]?.events ?? 0,
            );
          }
      }),
      { numRuns: 25 },
    );
  });

  async function scanned(session: string, fromMs: number, customerId: string | null = null): Promise<number> {
    const ids = new Set<string>();
    await system
      .port('events')
      .scan(await permitOf(session, customerId), { fromMs }, ({ id }) => ids.add(id));
    return ids.size;
  }

  it('is what scan passes on, from memory and from the log, orders as they are now', async () => {
    const { clock } = system;
    const events = system.port('events');
    const fromMs = clock.nowMs();
    for (let at = 0; at < 400; at++) {
      await events.record(contextOf('many'), [
        { messageId: `v${at}`, type: 'PRODUCT_VIEWED', productIds: ['a'] },
      ]);
      clock.advance(1_000);
    }
    const orders = ['kept', 'gone', 'part'].map((id) => ({
      ...order(id, ['a', 'b'], [1, 1], 500),
      orderId: id,
    }));
    await events.record(contextOf('many'), orders);
    await events.record(contextOf('many'), [
      { messageId: 'c', type: 'ORDER_CANCELLED', orderId: 'gone' },
      { messageId: 'r', type: 'ORDER_REFUNDED', orderId: 'part', productIds: ['b'] },
    ]);
    // The first window is in memory, the second one is longer than the 256 events that are kept there.
    for (const sinceMs of [clock.nowMs() - 10_000, fromMs]) {
      const [all] = await totals('many', { fromMs: sinceMs });
      expect(await scanned('many', sinceMs)).to.equal(all!.events);
      const found: string[] = [];
      await events.scan(await permitOf('many'), { fromMs: sinceMs, types: ['ORDER_COMPLETED'] }, (each) =>
        found.push(`${each.orderId} ${each.productIds.join()}`),
      );
      expect(found.sort()).to.deep.equal(['kept a,b', 'part a']);
    }
    expect((await totals('many', { fromMs }))[0]!.events).to.equal(400 + 2 + 2);
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
