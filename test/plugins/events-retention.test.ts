import { expect } from 'chai';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf, replayed, sentId, view } from '../support/events.js';

const dayMs = 86_400_000;
const search = (messageId: string) => ({ messageId, type: 'PRODUCT_SEARCHED', query: `words ${messageId}` });
const order = (messageId: string) => ({
  messageId,
  type: 'ORDER_COMPLETED',
  orderId: messageId,
  productIds: ['kettle'],
});

describe('Events that are kept for a time', () => {
  let system: TestSystem;
  afterEach(() => system.close());

  async function open(retention: Readonly<Record<string, number>>): Promise<void> {
    system = await bootEvents({ environment: { RAPPORT_EVENTS_RETENTION_DAYS: JSON.stringify(retention) } });
  }
  async function record(session: string, ...events: readonly object[]): Promise<void> {
    const { userErrors } = await system.port('events').record(contextOf(session), events);
    expect(userErrors).to.deep.equal([]);
  }
  async function daysLater(days: number): Promise<void> {
    for (let day = 0; day < days; day++) {
      system.clock.advance(dayMs);
      await system.port('queue').idle();
    }
  }
  const left = async () => (await replayed(system)).map(({ id }) => sentId(id).split(':').at(-1)!).sort();

  it('leave the log and every history after the days of their type, and others of the same call stay', async () => {
    await open({ PRODUCT_SEARCHED: 10, PRODUCT_VIEWED: 30 });
    await record('ann', search('s1'), view('v1'), order('o1'));
    await record('ann', view('v2'), search('s2'));
    await daysLater(5);
    await record('ann', search('s3'), order('o2'));
    expect(await left()).to.have.members(['s1', 'v1', 'o1', 'v2', 's2', 's3', 'o2']);
    await daysLater(7);
    expect(await left()).to.have.members(['v1', 'o1', 'v2', 's3', 'o2']);
    await daysLater(5);
    expect(await left()).to.have.members(['v1', 'o1', 'v2', 'o2']);
    await daysLater(20);
    expect(await left()).to.have.members(['o1', 'o2']);
    const history = await historyOf(system, contextOf('ann'));
    expect(history.map(({ type }) => type)).to.deep.equal(['ORDER_COMPLETED', 'ORDER_COMPLETED']);
  });

  it('refuse the start for a type or a number that there is not', async () => {
    await open({});
    for (const faulty of ['{"PRODUCT_EATEN":3}', '{"PRODUCT_VIEWED":0}', 'a year']) {
      const message = await bootEvents({ environment: { RAPPORT_EVENTS_RETENTION_DAYS: faulty } }).then(
        () => 'it was opened',
        (error: Error) => error.message,
      );
      expect(message).to.include('RAPPORT_EVENTS_RETENTION_DAYS');
    }
  });
});
