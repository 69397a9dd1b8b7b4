import { expect } from 'chai';
import { listsOf, mergeHistory, type Person } from '../../plugins/events/history.js';
import { createRecentEvents, type Recent } from '../../plugins/events/recent.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import { bootEvents, contextOf, historyOf, server, view } from '../support/events.js';
import { eventOf } from '../support/shop-event.js';

const endless = Number.POSITIVE_INFINITY;
const visitor: Person = { customerId: null, sessionIds: ['laptop'], pastUntilMs: [endless] };
const ada: Person = { customerId: 'ada', sessionIds: ['laptop'], pastUntilMs: [endless] };
const at = (atMs: number, customerId: string | null = null, type: EventType = 'PRODUCT_VIEWED') =>
  eventOf(type, atMs, ['kettle'], { sessionId: 'laptop', customerId, receivedAtMs: atMs });

/** Counts reads of the log, which is empty. */
function open() {
  let reads = 0;
  const recent = createRecentEvents(async () => {
    reads++;
    return { events: [], complete: true, isFull: false };
  });
  async function history(
    person: Person,
    types: readonly EventType[] | null = null,
    limit = 200,
  ): Promise<readonly ShopEvent[] | null> {
    const lists: Recent[] = [];
    for (const list of listsOf(person, types)) lists.push(await recent.of(list));
    return mergeHistory(person, lists, limit, (event) =>
      types === null || types.includes(event.type) ? event : null,
    );
  }
  return { recent, history, reads: () => reads };
}

describe('the lists of events that are kept of a session and of a customer', () => {
  it('have the anonymous events of a session however many its customer has', async () => {
    const { recent, history, reads } = open();
    await history(visitor);
    recent.arrived([at(1), at(2)]);
    for (let n = 0; n < 1_000; n++) recent.arrived([at(10 + n, 'ada')]);
    expect((await history(visitor))?.map(({ atMs }) => atMs)).to.deep.equal([2, 1]);
    expect(reads()).to.equal(1);
  });

  it('have the events of a customer however many came anonymously after their sign-in', async () => {
    const { recent, history, reads } = open();
    const signedIn: Person = { ...ada, pastUntilMs: [5] };
    await history(signedIn);
    recent.arrived([at(1), at(2, 'ada')]);
    for (let n = 0; n < 1_000; n++) recent.arrived([at(10 + n)]);
    expect((await history(signedIn))?.map(({ atMs }) => atMs)).to.deep.equal([2, 1]);
    expect(reads()).to.equal(2);
  });

  it('end where the session was that of another customer', async () => {
    const { recent, history } = open();
    await history(ada);
    recent.arrived([at(1), at(2, 'bob'), at(3, 'bob'), at(4), at(5, 'ada')]);
    expect((await history(ada))?.map(({ atMs }) => atMs)).to.deep.equal([5, 4]);
    expect((await history(visitor))?.map(({ atMs }) => atMs)).to.deep.equal([4, 1]);
  });

  it('of some types are kept right by what arrives', async () => {
    const { recent, history, reads } = open();
    const orders = ['ORDER_COMPLETED'] as const;
    await history(visitor, orders, 1_000);
    recent.arrived([at(1, null, 'ORDER_COMPLETED')]);
    for (let n = 0; n < 2_000; n++) recent.arrived([at(10 + n)]);
    recent.arrived([at(5_000, null, 'ORDER_COMPLETED')]);
    expect((await history(visitor, orders, 1_000))?.map(({ atMs }) => atMs)).to.deep.equal([5_000, 1]);
    expect(reads()).to.equal(1);
  });

  it('are the same when they are read', async () => {
    const system = await bootEvents();
    try {
      const { record } = system.port('events');
      const storefront = { ...server, role: 'STOREFRONT', source: 'storefront-1' } as const;
      const anonymous = contextOf('laptop', { caller: storefront });
      await record(anonymous, [view('first', 'before')]);
      await system.port('customers').identify(contextOf('laptop'), { id: 'ada' });
      for (let call = 0; call < 4; call++) {
        system.clock.advance(1_000);
        const events = Array.from({ length: 1_000 }, (_, n) => view(`${call}-${n}`, `p${n}`));
        await record(contextOf('laptop'), events);
      }
      const seen = await historyOf(system, anonymous, { limit: 1_000 });
      expect(seen.map(({ productIds }) => productIds[0])).to.deep.equal(['before']);
      expect(await historyOf(system, contextOf('laptop'), { limit: 1_000 })).to.have.length(1_000);
      const orders = await historyOf(system, contextOf('laptop'), { types: ['ORDER_COMPLETED'] });
      expect(orders).to.deep.equal([]);
    } finally {
      await system.close();
    }
  });
});
