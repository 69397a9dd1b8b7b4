import { expect } from 'chai';
import fc from 'fast-check';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf, view } from '../support/events.js';

describe('history', () => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await bootEvents();
  });
  afterEach(() => system.close());
  const products = async (...args: [sessionId: string, limit?: number]) =>
    (await historyOf(system, contextOf(args[0]), { limit: args[1] ?? 100 })).flatMap(
      ({ productIds }) => productIds,
    );

  async function see(sessionId: string, ...productIds: string[]): Promise<void> {
    for (const productId of productIds) {
      system.clock.advance(1_000);
      const messageId = `${sessionId}-${system.clock.nowMs()}`;
      await system.port('events').record(contextOf(sessionId), [view(messageId, productId)]);
    }
  }
  async function signIn(sessionId: string, id: string): Promise<void> {
    await system.port('customers').identify(contextOf(sessionId), { id });
  }

  it('knows in the next answer what was just seen', async () => {
    expect(await products('s1')).to.deep.equal([]);
    await see('s1', 'a');
    expect(await products('s1')).to.deep.equal(['a']);
    await see('s1', 'b', 'c');
    expect(await products('s1')).to.deep.equal(['c', 'b', 'a']);
    expect(await products('s1', 2)).to.deep.equal(['c', 'b']);
  });

  it('orders by when it happened, also what arrives late, and later ones of the same moment first', async () => {
    const at = (seconds: number) => new Date(system.clock.nowMs() - 60_000 + seconds * 1_000);
    const { record } = system.port('events');
    await record(contextOf('s1'), [
      view('m1', 'b', at(20)),
      view('m2', 'c', at(20)),
      view('m3', 'd', at(30)),
    ]);
    expect(await products('s1')).to.deep.equal(['d', 'c', 'b']);
    await record(contextOf('s1'), [view('m4', 'a', at(10)), view('m5', 'e', at(40))]);
    expect(await products('s1')).to.deep.equal(['e', 'd', 'c', 'b', 'a']);
  });

  it('joins all sessions of a customer, each event once', async () => {
    await see('phone', 'a');
    await see('laptop', 'b');
    await signIn('phone', 'ada');
    await see('phone', 'c');
    await signIn('laptop', 'ada');
    await see('laptop', 'd');
    expect(await products('phone')).to.deep.equal(['d', 'c', 'b', 'a']);
    expect(await products('laptop')).to.deep.equal(['d', 'c', 'b', 'a']);
  });

  it('shows nobody what another customer did on a shared device', async () => {
    await see('tablet', 'before ada');
    await signIn('tablet', 'ada');
    await see('tablet', 'of ada');
    await signIn('tablet', 'bob');
    await see('tablet', 'of bob');
    expect(await products('tablet')).to.deep.equal(['of bob']);
    await signIn('her phone', 'ada');
    expect(await products('her phone'))
      .to.include('of ada')
      .and.not.include('of bob');
  });

  it('finds older ones of the types asked for behind many others', async () => {
    const { record } = system.port('events');
    await record(contextOf('s1'), [
      { messageId: 'order', type: 'ORDER_COMPLETED', productIds: ['kettle'], value: 10 },
    ]);
    for (let i = 0; i < 6; i++) {
      system.clock.advance(1_000);
      const views = Array.from({ length: 200 }, (_, n) => view(`v${i}-${n}`, `p${i}-${n}`));
      await record(contextOf('s1'), views);
    }
    const orders = await historyOf(system, contextOf('s1'), { types: ['ORDER_COMPLETED'] });
    expect(orders.map(({ productIds }) => productIds[0])).to.deep.equal(['kettle']);
    expect(await products('s1', 1_000)).to.have.length(1_000);
    expect(new Set(await products('s1', 1_000))).to.have.property('size', 1_000);
  });

  it('is right whatever arrives in whatever order, read from memory or from the store', async () => {
    const step = fc.record({
      session: fc.integer({ min: 0, max: 3 }),
      ages: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 5 }),
      look: fc.boolean(),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (steps, limit) => {
          run += 1;
          const sessions = [0, 1, 2, 3].map((n) => `run${run}-${n}`);
          const model: { readonly atMs: number; readonly session: string; readonly product: string }[] = [];
          let messages = 0;
          for (const { session, ages, look } of steps) {
            system.clock.advance(100);
            const sessionId = sessions[session]!;
            const inputs = ages.map((age) => {
              const product = `p${messages++}`;
              const atMs = system.clock.nowMs() - age;
              model.unshift({ atMs, session: sessionId, product });
              return view(`${run}-${product}`, product, new Date(atMs));
            });
            await system.port('events').record(contextOf(sessionId), inputs);
            if (look) await products(sessionId, limit);
          }
          for (const session of sessions) {
            const expected = model
              .filter((event) => event.session === session)
              .sort((a, b) => b.atMs - a.atMs)
              .slice(0, limit);
            expect(await products(session, limit)).to.deep.equal(expected.map(({ product }) => product));
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
