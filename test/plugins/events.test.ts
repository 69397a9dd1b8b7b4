import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ShopEvent } from '../../src/ports/events.js';
import type { TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, historyOf, replayed, sentId, server, view } from '../support/events.js';

describe('events', () => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await bootEvents();
  });
  afterEach(() => system.close());
  const record = (...args: Parameters<ReturnType<typeof port>['record']>) => port().record(...args);
  const port = () => system.port('events');

  it('tells what was accepted, what was known and what was wrong: together all that was sent', async () => {
    await record(contextOf('s1'), [view('m1')]);
    const result = await record(contextOf('s1'), [
      view('m1', 'another product'),
      view('m2'),
      { ...view('m3'), productIds: [] },
      view('m4'),
      view('m4', 'the same message again'),
      view(''),
    ]);
    expect(result).to.deep.include({ accepted: 2, duplicates: 2 });
    expect(result.userErrors.map(({ path }) => path)).to.deep.equal([
      ['events', '2', 'productIds'],
      ['events', '5', 'messageId'],
    ]);
    const history = await historyOf(system, contextOf('s1'));
    expect(history.map(({ id }) => sentId(id))).to.deep.equal(['server-1:m4', 'server-1:m2', 'server-1:m1']);
    expect(history.at(-1)!.productIds).to.deep.equal(['kettle']);
  });

  it('accepts a valid message after an invalid one of the same id', async () => {
    const result = await record(contextOf('s1'), [{ ...view('m1'), productIds: [] }, view('m1')]);
    expect(result).to.deep.include({ accepted: 1, duplicates: 0 });
  });

  it('takes 2,500 events a call and says so when there are more', async () => {
    const many = Array.from({ length: 2_501 }, (_, i) => view(`m${i}`));
    expect((await record(contextOf('s1'), many.slice(1))).accepted).to.equal(2_500);
    const error = await record(contextOf('s2'), many).catch((thrown: unknown) => thrown);
    expect(error).to.include({ kind: 'limited', code: 'EVENTS_TOO_MANY' });
    expect(String(error)).to.contain('2500').and.contain('2501');
    expect(await historyOf(system, contextOf('s2'))).to.deep.equal([]);
  });

  it('keeps messages of two senders apart', async () => {
    await record(contextOf('s1'), [view('m1')]);
    const other = contextOf('s1', { caller: { ...server, source: 'server-2' } });
    expect(await record(other, [view('m1')])).to.deep.include({ accepted: 1, duplicates: 0 });
  });

  it('keeps messages of two sessions of one sender apart', async () => {
    for (const session of ['s1', 's2'])
      expect(await record(contextOf(session), [view('1', session)])).to.deep.include({
        accepted: 1,
        duplicates: 0,
      });
    expect(await record(contextOf('s2'), [view('1', 's2')])).to.deep.include({ accepted: 0, duplicates: 1 });
    expect(await replayed(system)).to.have.length(2);
  });

  it('knows a message of a customer again where no session was named', async () => {
    const named = (sessionId: string) => contextOf(sessionId, { customerId: 'ada' });
    const options = { withoutSession: true };
    expect(await record(named('made up 1'), [view('1')], options)).to.deep.include({ accepted: 1 });
    expect(await record(named('made up 2'), [view('1')], options)).to.deep.include({ duplicates: 1 });
  });

  it('accepts an event once, however often and at once it is sent', async () => {
    const batch = Array.from({ length: 50 }, (_, i) => view(`m${i}`));
    const results = await Promise.all([
      record(contextOf('s1'), batch),
      record(contextOf('s1'), batch.slice(10, 20)),
      record(contextOf('s1'), [...batch].reverse()),
      record(contextOf('s1'), batch),
    ]);
    expect(results.map(({ accepted }) => accepted)).to.deep.equal([50, 0, 0, 0]);
    expect(results.map(({ duplicates }) => duplicates)).to.deep.equal([0, 10, 50, 50]);
    expect(await replayed(system)).to.have.length(50);
  });

  it('knows messages again after a restart, for seven days and more', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    try {
      const before = await bootEvents({ dataDir });
      await before.port('events').record(contextOf('s1'), [view('m1'), view('m2')]);
      await before.port('events').record(
        contextOf('s1'),
        ['a', 'b', 'c', 'd'].map((id) => view(id)),
      );
      before.clock.advance(7 * 86_400_000);
      expect(await before.port('events').record(contextOf('s1'), [view('m2')])).to.include({ duplicates: 1 });
      await before.close();
      const after = await bootEvents({ dataDir, clock: before.clock });
      const again = await after.port('events').record(
        contextOf('s1'),
        ['m2', 'm3', 'm1', 'd', 'c', 'b', 'a'].map((id) => view(id)),
      );
      expect(again).to.deep.include({ accepted: 1, duplicates: 6 });
      after.clock.advance(30 * 86_400_000);
      await after.close();
      const muchLater = await bootEvents({ dataDir, clock: after.clock });
      const late = await muchLater
        .port('events')
        .record(contextOf('s1'), [view('m1'), view('m2'), view('m4')]);
      expect(late).to.deep.include({ accepted: 1, duplicates: 2 });
      await muchLater.close();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('stores every field and gives it back', async () => {
    const properties = {
      colour: 'red',
      nested: { list: [1, null, { deep: true }] },
      'utm.source': 'mail',
      $set: 1,
    };
    await record(contextOf('s1', { channel: 'KIOSK', storeId: 'berlin' }), [
      {
        messageId: 'm1',
        type: 'ORDER_COMPLETED',
        productIds: ['kettle', 'mug'],
        quantity: [1, 2],
        value: 39.9,
        currency: 'EUR',
        query: ' mugs ',
        queryId: 'q1',
        decisionId: 'd1',
        position: 3,
        properties,
        at: '2026-01-15T11:00:00Z',
      },
    ]);
    const nowMs = system.clock.nowMs();
    const expected: Omit<ShopEvent, 'id'> = {
      type: 'ORDER_COMPLETED',
      sessionId: 's1',
      customerId: null,
      channel: 'KIOSK',
      storeId: 'berlin',
      productIds: ['kettle', 'mug'],
      quantities: [1, 2],
      prices: null,
      orderId: null,
      value: 3990,
      currency: 'EUR',
      query: 'mugs',
      queryId: 'q1',
      decisionId: 'd1',
      position: 3,
      properties,
      atMs: nowMs - 3_600_000,
      receivedAtMs: nowMs,
      learn: true,
      permitted: true,
    };
    for (const events of [await historyOf(system, contextOf('s1')), await replayed(system)]) {
      expect(events.map(({ id, ...rest }) => [sentId(id), rest])).to.deep.equal([['server-1:m1', expected]]);
    }
  });

  it('keeps no network, only a print that many share', async () => {
    const from = (sessionId: string, network?: string) =>
      record(contextOf(sessionId, { caller: { ...server, network } }), [view('m1', sessionId)]);
    await from('s1', '203.0.113.9');
    await from('s2', '203.0.113.9');
    await from('s3', '198.51.100.7');
    await from('s4');
    const events = await replayed(system);
    const [one, two, three, four] = events.map(({ network }) => network);
    expect(one).to.equal(two).and.to.not.equal(three);
    expect(one).to.be.within(1, 4_095);
    expect(four).to.equal(undefined);
    expect(JSON.stringify(events)).to.not.include('203.0.113');
  });

  it('tells listeners before the sender is answered, and survives a listener that throws', async () => {
    const told: string[] = [];
    const stopBroken = port().watch(() => {
      throw new Error('out of order');
    }, 'ANALYTICS');
    const stop = port().watch((events) => told.push(...events.map(({ id }) => sentId(id))), 'ANALYTICS');
    const recording = record(contextOf('s1'), [view('m1'), view('m2'), { ...view('m3'), type: 'NONE' }]);
    await recording.then(() => expect(told).to.deep.equal(['server-1:m1', 'server-1:m2']));
    stop();
    stopBroken();
    await record(contextOf('s1'), [view('m4')]);
    expect(told).to.have.length(2);
    expect(system.log.lines.filter(({ level }) => level === 'error')).to.have.length(1);
  });

  it('replays in the order of receipt, without those who refused to be counted', async () => {
    for (let i = 0; i < 150; i++) {
      await record(contextOf(`s${i % 7}`), [view(`m${i}`, 'kettle', new Date(Date.UTC(2026, 0, 1) - i))]);
      system.clock.advance(1);
    }
    const shopper = await system.port('customers').recognise(contextOf('private'));
    await system.port('consent').decide(shopper, [{ purpose: 'ANALYTICS', status: 'DENIED' }]);
    await record(contextOf('private'), [view('secret')]);
    const all = await replayed(system);
    expect(all.map(({ id }) => sentId(id))).to.deep.equal(
      Array.from({ length: 150 }, (_, i) => `server-1:m${i}`),
    );
    const late = await replayed(system, all[140]!.receivedAtMs);
    expect(late.map(({ id }) => sentId(id))).to.deep.equal(all.slice(140).map(({ id }) => sentId(id)));
    expect((await historyOf(system, contextOf('private')))[0]).to.include({ learn: false });
  });

  it('takes one context for each event', async () => {
    const contexts = Array.from({ length: 200 }, (_, i) => contextOf(`s${(i * 7) % 100}`));
    const result = await record(
      contexts,
      contexts.map((_, i) => view(`m${i}`)),
    );
    expect(result.accepted).to.equal(200);
    expect((await historyOf(system, contextOf('s7'))).map(({ id }) => sentId(id))).to.deep.equal([
      'server-1:m101',
      'server-1:m1',
    ]);
  });
});
