import { expect } from 'chai';
import fc from 'fast-check';
import type { ShopEvent } from '../../src/ports/events.js';
import { contextOf, historyOf } from '../support/events.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { runs } from '../support/runs.js';
import { basic, openTracking, post } from '../support/tracking.js';

let next = 0;
const see = (product: string, other: object = {}) => ({
  type: 'track',
  messageId: `view-${++next}`,
  anonymousId: 'K1',
  event: 'Product Viewed',
  properties: { product_id: product },
  ...other,
});
const identify = (userId: string, other: object = {}) => ({
  type: 'identify',
  messageId: `identify-${++next}`,
  anonymousId: 'K1',
  userId,
  ...other,
});

describe('the order of what is said about people', () => {
  let gateway: TestGateway;
  let events: ShopEvent[];
  beforeEach(async () => {
    events = [];
    gateway = await openTracking();
    gateway.system.port('events').watch((accepted) => events.push(...accepted), 'ANALYTICS');
  });
  afterEach(() => gateway.close());

  const batch = (...messages: readonly object[]) => post(gateway, '/v1/batch', { batch: messages });
  const customerOf = async (sessionId: string) =>
    (await gateway.system.port('customers').recognise(contextOf(sessionId))).customerId;
  const traitsOf = async (id: string) => (await gateway.system.port('customers').get(id))?.traits;
  const whose = (product: string) =>
    events.find(({ productIds }) => productIds.includes(product))?.customerId;

  it('is not changed by a message that is sent again: the session stays with whom it went to', async () => {
    const first = identify('anna');
    await batch(see('of anna', { userId: 'anna' }), first);
    await batch(identify('ben'));
    const again = await batch(first);
    expect(again.body).to.deep.include({ accepted: 0, duplicates: 1 });
    expect(await customerOf('K1')).to.equal('ben');
    await batch(see('of ben'));
    expect(whose('of ben')).to.equal('ben');
    const history = await historyOf(gateway.system, contextOf('K1'));
    expect(history.flatMap(({ productIds }) => productIds)).to.deep.equal(['of ben']);
  });

  it('is kept when a messageId comes again with another body, which a warning names', async () => {
    const first = identify('anna', { traits: { plan: 'gold' } });
    await batch(first, see('p1', { messageId: 'shared' }));
    const others = [{ ...first, traits: { plan: 'silver' } }, { ...see('p2', { messageId: 'shared' }) }];
    const { body } = await batch(first, ...others);
    expect(body).to.deep.include({ success: true, accepted: 0, duplicates: 3, rejected: 0 });
    expect(body.warnings!.map(({ code, path }) => [code, ...path])).to.deep.equal(
      ['1', '2'].map((index) => ['EVENTS_MESSAGE_ID_REUSED', index, 'messageId']),
    );
    const single = await post(gateway, '/v1/identify', others[0]!);
    expect(single).to.deep.include({ status: 200 });
    expect(single.body.warnings!.map(({ path }) => path)).to.deep.equal([['messageId']]);
    expect(await customerOf('K1')).to.equal('anna');
    expect(await traitsOf('anna')).to.deep.equal({ plan: 'gold' });
  });

  it('is the order of the batch', async () => {
    const reply = await batch(identify('u7'), see('p1'), identify('u8'), see('p2'));
    expect(reply.body).to.deep.include({ accepted: 4, duplicates: 0, rejected: 0 });
    expect([whose('p1'), whose('p2'), await customerOf('K1')]).to.deep.equal(['u7', 'u8', 'u8']);
  });

  it('is the order of the batch, whatever it holds, and a batch sent again changes nothing', async () => {
    const step = fc.record({
      session: fc.constantFrom('a', 'b'),
      who: fc.constantFrom(null, null, 'u1', 'u2', 'u3'),
      kind: fc.constantFrom('identify', 'track', 'page'),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        run += 1;
        const owner = new Map<string, string>();
        const expected = new Map<string, string | null>();
        const messages = steps
          .filter(({ kind, who }) => kind !== 'identify' || who !== null)
          .map(({ session, who, kind }, i) => {
            const anonymousId = `${session}-${run}`;
            const userId = who === null ? undefined : `${who}-${run}`;
            if (userId !== undefined) owner.set(anonymousId, userId);
            const messageId = `m${run}-${i}`;
            expected.set(messageId, owner.get(anonymousId) ?? null);
            const base = { messageId, anonymousId, ...(userId === undefined ? {} : { userId }) };
            return kind === 'track' ? see(`p${i}`, base) : { type: kind, ...base };
          });
        events.length = 0;
        for (const accepted of [messages.length, 0]) {
          const { body } = await batch(...messages);
          expect(body).to.deep.include({ accepted, duplicates: messages.length - accepted, rejected: 0 });
        }
        const found = new Map(events.map(({ id, customerId }) => [id.split('.').at(-1)!, customerId]));
        expect(found).to.deep.equal(expected);
        for (const [session, userId] of owner) expect(await customerOf(session)).to.equal(userId);
      }),
      { numRuns: runs(200) },
    );
  }).timeout(60_000);

  it('is that of the clock for what comes late', async () => {
    const at = (hoursAgo: number) =>
      new Date(gateway.system.clock.nowMs() - hoursAgo * 3_600_000).toISOString();
    const facts: string[] = [];
    gateway.system.port('queue').react('test', 'customer.identified', async (fact) => {
      if (fact.type === 'customer.identified') facts.push(fact.customerId);
    });
    await batch(identify('anna', { traits: { plan: 'new', city: 'Bern' }, timestamp: at(1) }));
    await batch(identify('anna', { traits: { plan: 'old', age: 7 }, timestamp: at(48) }));
    expect(await traitsOf('anna')).to.deep.equal({ plan: 'new', city: 'Bern', age: 7 });
    await batch(identify('ben', { timestamp: at(24) }));
    await gateway.system.port('queue').idle();
    expect(await customerOf('K1'), 'a late identify').to.equal('anna');
    expect(facts, 'only what was linked is published').to.deep.equal(['anna']);
  });

  describe('whose client repeats its time of sending', () => {
    const minute = 60_000;
    const minutesPass = (minutes: number) => gateway.system.clock.advance(minutes * minute);
    const signOut = () => gateway.system.port('customers').signOut({ ...contextOf('K1') });
    /** A client whose clock is off by so much, and who always says that it sent at `sentMs`. */
    const says = (id: string, atMs: number | null, sentMs: number, offMs = 0) =>
      identify(id, {
        sentAt: new Date(sentMs + offMs).toISOString(),
        ...(atMs === null ? {} : { timestamp: new Date(atMs + offMs).toISOString() }),
      });

    for (const offMs of [0, -7 * minute, 7 * minute, -600 * minute]) {
      it(`is not changed by it after a sign-out, with a clock off by ${offMs / minute} minutes`, async () => {
        const startMs = gateway.system.clock.nowMs();
        await batch(says('anna', startMs - minute, startMs, offMs));
        expect(await customerOf('K1')).to.equal('anna');
        minutesPass(10);
        const laterMs = gateway.system.clock.nowMs();
        minutesPass(10);
        await signOut();
        minutesPass(20);
        await batch(says('anna', startMs - minute, startMs, offMs));
        expect(await customerOf('K1'), 'the same again').to.equal(null);
        await batch(says('anna', laterMs, startMs, offMs));
        expect(await customerOf('K1'), 'one that was kept back').to.equal(null);
        const nowMs = gateway.system.clock.nowMs();
        await batch(says('ben', nowMs, nowMs, offMs));
        expect(await customerOf('K1'), 'a new sign-in').to.equal('ben');
        await batch(says('anna', startMs - minute, startMs, offMs));
        expect(await customerOf('K1'), 'after the next customer').to.equal('ben');
      });
    }

    it('is not changed by it after a sign-out, without a time of its own', async () => {
      const startMs = gateway.system.clock.nowMs();
      await batch(says('anna', null, startMs));
      minutesPass(20);
      await signOut();
      minutesPass(20);
      await batch(says('anna', null, startMs));
      expect(await customerOf('K1')).to.equal(null);
    });
  });

  it('never makes one bad trait lose the login', async () => {
    const bad: readonly (readonly [string, object])[] = [
      ['email', { email: 'not an email' }],
      ['email', { email: '5d41402abc4b2a76b9719d911017c592' }],
      ['firstName', { firstName: 7 }],
      ['firstName', { firstName: 'two\nlines' }],
      ['t100', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`t${i}`, i]))],
    ];
    for (const [name, traits] of bad) {
      const session = `session-${++next}`;
      const userId = `user-${next}`;
      const reply = await post(gateway, '/v1/identify', {
        anonymousId: session,
        userId,
        messageId: `m${next}`,
        traits: { ...traits, city: 'Ulm' },
      });
      expect(reply, name).to.deep.include({ status: 200 });
      expect(reply.body).to.deep.include({ success: true, accepted: 1, rejected: 0 });
      expect(reply.body.warnings!.map(({ path }) => path.at(-1))).to.include(name);
      expect(await customerOf(session)).to.equal(userId);
    }
  });

  it('links by any message with both ids, where they are proven', async () => {
    const kinds = ['track', 'page', 'screen', 'group', 'alias'];
    for (const type of kinds) {
      const anonymousId = `by-${type}`;
      const message = { ...see('kettle'), type, anonymousId, previousId: anonymousId, userId: 'anna' };
      await post(gateway, '/v1/batch', { batch: [message] }, { authorization: basic(testKeys.STOREFRONT) });
      expect(await customerOf(anonymousId), `${type}, public key`).to.equal(null);
      await batch({ ...message, messageId: `again-${type}` });
      expect(await customerOf(anonymousId), `${type}, SERVER key`).to.equal('anna');
    }
  });

  it('reads a messageId that is a number as text, and refuses one that cannot be', async () => {
    const first = see('p1', { messageId: 17 });
    await batch(first);
    const again = await batch(
      first,
      { ...first, messageId: '17' },
      { ...first, messageId: 1e300 },
      { ...first, messageId: {} },
    );
    expect(again.body).to.deep.include({ accepted: 0, duplicates: 2, rejected: 2 });
    expect(again.body.errors!.map(({ code, path }) => [code, ...path])).to.deep.equal([
      ['TRACKING_MESSAGE_ID_INVALID', '2', 'messageId'],
      ['TRACKING_MESSAGE_ID_INVALID', '3', 'messageId'],
    ]);
    expect(again.body.errors![0]!.message).to.contain('1e+300');
  });

  it('counts a message of two visitors with one id twice', async () => {
    const reply = await batch(
      see('p1', { messageId: '1', anonymousId: 'visitor 1' }),
      see('p2', { messageId: '1', anonymousId: 'visitor 2' }),
    );
    expect(reply.body).to.deep.include({ accepted: 2, duplicates: 0 });
  });
});
