import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Caller, Context } from '../../src/context.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf, server, view } from '../support/events.js';

const storefront: Caller = { ...server, role: 'STOREFRONT' };
const anna: Caller = { ...storefront, customerId: 'anna' };

describe('whose a message is', () => {
  let dataDir: string;
  let system: TestSystem;
  let messages = 0;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-orders-'));
    system = await bootEvents({ dataDir });
  });
  afterEach(async () => {
    await system.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const order = (orderId: unknown, other: object = {}) => ({
    messageId: `m${++messages}`,
    type: 'ORDER_COMPLETED',
    productIds: ['kettle'],
    value: 10,
    properties: { order_id: orderId },
    ...other,
  });
  const proven = (sessionId: string) => contextOf(sessionId, { caller: anna, customerId: 'anna' });
  const record = (context: Context, ...inputs: object[]) =>
    system.port('events').record({ ...context }, inputs);
  const identify = (sessionId: string) =>
    system.port('customers').identify(contextOf(sessionId), { id: 'anna' });

  it('is told by proof: what was sent without it never swallows what the customer sends', async () => {
    const bought = order('4711');
    const planted = await record(contextOf('K', { caller: storefront }), bought, view('v1'));
    expect(planted).to.deep.include({ accepted: 2 });
    for (const accepted of [2, 0]) {
      const own = await record(proven('K'), bought, view('v1'));
      expect(own).to.deep.include({ accepted, duplicates: 2 - accepted, warnings: [] });
    }
    const history = await historyOf(system, proven('elsewhere'));
    expect(history.filter(({ type }) => type === 'ORDER_COMPLETED')).to.have.length(1);
  });

  it('counts an order of a customer once, in whatever session and under whatever messageId', async () => {
    await identify('K1');
    await identify('K2');
    expect(await record(proven('K1'), order('4711'))).to.deep.include({ accepted: 1 });
    const again = await record(proven('K2'), order('4711'), view('v1'), order(4711), order('4712'));
    expect(again).to.deep.include({ accepted: 2, duplicates: 2, userErrors: [], warnings: [] });
    // A server names the session only, which is linked.
    const linked = await record(contextOf('K2'), order(null, { properties: { orderId: '4711' } }));
    expect(linked).to.deep.include({ accepted: 0, duplicates: 1 });
  });

  it('counts an order once when it is sent twice at the same time, and after a restart', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => record(proven(`K${n}`), order('4711'), view('v'))),
    );
    expect(results.map(({ accepted }) => accepted).sort()).to.deep.equal([1, 1, 1, 2]);
    await system.close();
    system = await bootEvents({ dataDir });
    expect(await record(proven('K9'), order('4711'))).to.deep.include({ accepted: 0, duplicates: 1 });
  });

  it('counts an order once that several keys of the shop send, or a storefront after them', async () => {
    const by = (source: string, role: Caller['role']) =>
      contextOf('K', { caller: { ...anna, role, source }, customerId: 'anna' });
    const sent = async (context: Context, orderId: string) =>
      (await record(context, order(orderId))).accepted;
    expect(await sent(by('server-0', 'SERVER'), '1')).to.equal(1);
    expect(await sent(by('server-1', 'SERVER'), '1')).to.equal(0);
    expect(await sent(by('storefront-0', 'STOREFRONT'), '1')).to.equal(0);
    // A storefront proves no payment, so its order does not keep out the shop's.
    expect(await sent(by('storefront-0', 'STOREFRONT'), '2')).to.equal(1);
    expect(await sent(by('storefront-0', 'STOREFRONT'), '2')).to.equal(0);
    expect(await sent(by('server-0', 'SERVER'), '2')).to.equal(1);
    expect(await sent(by('server-1', 'SERVER'), '2')).to.equal(0);
  });

  it('counts orders of two people, and orders without an id', async () => {
    const ben = contextOf('B', { caller: { ...storefront, customerId: 'ben' }, customerId: 'ben' });
    for (const context of [proven('A'), ben, contextOf('C', { caller: storefront })])
      expect(await record(context, order('1'))).to.deep.include({ accepted: 1 });
    for (const none of [undefined, '', {}, 'x'.repeat(257)])
      expect(await record(proven('A'), order(none), order(none))).to.deep.include({ accepted: 2 });
  });

  it('reports an order id that comes again with another order', async () => {
    await record(proven('A'), order('4711'));
    const again = await record(proven('A'), view('v'), order('4711', { value: 99 }), order('4711'));
    expect(again).to.deep.include({ accepted: 1, duplicates: 2 });
    expect(again.warnings.map(({ code, path }) => [code, ...path])).to.deep.equal([
      ['EVENTS_ORDER_ID_REUSED', 'events', '1', 'properties'],
    ]);
    expect(again.warnings[0]!.message).to.contain('"4711"');
  });
});
