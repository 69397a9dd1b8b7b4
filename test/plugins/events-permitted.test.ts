import { expect } from 'chai';
import { distinct, printOf } from '../../plugins/events/batch.js';
import { toEntries } from '../../plugins/events/entry-writing.js';
import { fromEntry, type LogEntry } from '../../plugins/events/log-entry.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller, Context } from '../../src/context.js';
import type { Plugin } from '../../src/plugin.js';
import { type Permit, permitMs, type purposes } from '../../src/ports/consent.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { Store } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, eventPlugins, historyOf, replayed, server, view } from '../support/events.js';

type Decided = 'GRANTED' | 'DENIED' | 'WITHDRAWN' | null;

describe('what was recorded without permission', () => {
  let system: TestSystem;
  let messages = 0;
  const open = async (environment: Record<string, string> = {}) => {
    system = await bootEvents({ environment });
  };
  afterEach(() => system.close());

  const signal: Caller = { ...server, globalPrivacyControl: true };
  async function decide(context: Context, status: Decided): Promise<void> {
    if (status === null) return;
    const shopper = await system.port('customers').recognise({ ...context });
    await system.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status }]);
  }
  const see = (context: Context) =>
    system.port('events').record({ ...context }, [view(`m${++messages}`, 'kettle')]);

  const cases: readonly (readonly [mode: string, decided: Decided, caller: Caller, permitted: boolean])[] = [
    ['opt-in', null, server, false],
    ['opt-in', 'DENIED', server, false],
    ['opt-in', 'WITHDRAWN', server, false],
    ['opt-in', 'GRANTED', server, true],
    ['opt-in', 'GRANTED', signal, false],
    ['opt-out', null, server, true],
    ['opt-out', 'DENIED', server, false],
    ['opt-out', null, signal, false],
  ];
  for (const [mode, decided, caller, permitted] of cases) {
    const name = `${mode}, ${decided ?? 'undecided'}${caller === signal ? ', Sec-GPC' : ''}`;
    for (const customerId of [null, 'ada']) {
      it(`is ${permitted ? '' : 'not '}attributed after a grant: ${name}, ${customerId ?? 'anonymous'}`, async () => {
        await open({ RAPPORT_CONSENT_MODE: mode });
        await decide(contextOf('s1', { customerId }), decided);
        await see(contextOf('s1', { caller, customerId }));
        await decide(contextOf('s1', { customerId }), 'GRANTED');
        const history = await historyOf(system, contextOf('s1', { customerId }));
        expect(history).to.have.length(permitted ? 1 : 0);
        expect((await replayed(system)).map((event) => event.permitted)).to.deep.equal([permitted]);
      });
    }
  }

  it('is not read again for each answer, however much of it there is', async () => {
    let entriesRead = 0;
    const counting: Plugin = {
      ...store,
      create(...parts) {
        const instance = store.create(...parts);
        const real = instance.port as Store;
        const port: Store = {
          ...real,
          async collection(spec) {
            const collection = await real.collection(spec);
            return {
              ...collection,
              async find(query) {
                const page = await collection.find(query);
                if (spec.name === 'events') entriesRead += page.items.length;
                return page;
              },
            };
          },
        };
        return { ...instance, port };
      },
    };
    system = await bootPlugins([counting, ...eventPlugins.slice(1)], {
      environment: { RAPPORT_CONSENT_MODE: 'opt-in' },
    });
    const many = Array.from({ length: 600 }, (_, n) => view(`before-${n}`, 'kettle'));
    await system.port('events').record(contextOf('s1'), many);
    await decide(contextOf('s1'), 'GRANTED');
    expect(await historyOf(system, contextOf('s1'))).to.deep.equal([]);
    expect(entriesRead).to.be.greaterThan(0);
    entriesRead = 0;
    await see(contextOf('s1'));
    expect(await historyOf(system, contextOf('s1'))).to.have.lengthOf(1);
    expect(entriesRead).to.equal(0);
  });

  it('does not hide what was recorded with permission behind it', async () => {
    await open({ RAPPORT_CONSENT_MODE: 'opt-in' });
    await decide(contextOf('s1'), 'GRANTED');
    await see(contextOf('s1'));
    await decide(contextOf('s1'), 'WITHDRAWN');
    for (let i = 0; i < 3; i++) {
      const views = Array.from({ length: 300 }, (_, n) => view(`v${i}-${n}`));
      await system.port('events').record(contextOf('s1'), views);
    }
    await decide(contextOf('s1'), 'GRANTED');
    await see(contextOf('s1'));
    expect(await historyOf(system, contextOf('s1'))).to.have.length(2);
  });

  const storefront: Caller = { ...server, role: 'STOREFRONT' };
  const mode = (name: string) => ({ RAPPORT_CONSENT_MODE: name });
  /** Decisions a minute apart; what happened half a minute after each arrives at the end. */
  const late: readonly (readonly [string, Caller, readonly Decided[], readonly string[]])[] = [
    ['opt-out', storefront, [null, 'DENIED', 'GRANTED'], ['p0', 'p2']],
    ['opt-out', server, [null, 'DENIED', 'GRANTED'], ['p0', 'p2']],
    ['opt-out', storefront, ['GRANTED', 'WITHDRAWN', 'GRANTED'], ['p0', 'p2']],
    ['opt-out', storefront, ['GRANTED', 'GRANTED', 'DENIED'], []],
    ['opt-in', storefront, [null, 'GRANTED', 'GRANTED'], ['p1', 'p2']],
    // A server records what the shop knew before.
    ['opt-in', server, [null, 'GRANTED', 'GRANTED'], ['p0', 'p1', 'p2']],
    ['opt-in', server, [null, 'DENIED', 'GRANTED'], ['p0', 'p2']],
  ];
  for (const [consentMode, caller, decisions, expected] of late) {
    for (const customerId of [null, 'ada']) {
      const who = `${caller.role}, ${customerId ?? 'anonymous'}`;
      it(`is told by when it happened: ${consentMode}, ${decisions.join()}, ${who}`, async () => {
        await open(mode(consentMode));
        const context = contextOf('s1', { customerId, caller: { ...caller, customerId } });
        const late: object[] = [];
        for (const [i, status] of decisions.entries()) {
          await decide(context, status);
          system.clock.advance(30_000);
          late.push(view(`late-${i}`, `p${i}`, new Date(system.clock.nowMs())));
          system.clock.advance(30_000);
        }
        await system.port('events').record({ ...context }, late);
        await decide(context, 'GRANTED');
        const history = await historyOf(system, context);
        expect(history.flatMap(({ productIds }) => productIds).sort()).to.deep.equal(expected);
      });
    }
  }

  it('neither teaches what happened while analytics was refused', async () => {
    await open();
    const shopper = await system.port('customers').recognise(contextOf('s1'));
    const analytics = (status: string) =>
      system.port('consent').decide(shopper, [{ purpose: 'ANALYTICS', status }]);
    await analytics('DENIED');
    system.clock.advance(1_000);
    const refused = view('m1', 'refused', new Date(system.clock.nowMs()));
    system.clock.advance(1_000);
    await analytics('GRANTED');
    await system.port('events').record(contextOf('s1'), [refused, view('m2', 'granted')]);
    expect((await replayed(system)).flatMap(({ productIds }) => productIds)).to.deep.equal(['granted']);
  });

  it('is passed to nobody who watches for a purpose that was refused', async () => {
    await open();
    const heard: Record<'ANALYTICS' | 'PERSONALIZATION', string[]> = { ANALYTICS: [], PERSONALIZATION: [] };
    for (const purpose of ['ANALYTICS', 'PERSONALIZATION'] as const)
      system.port('events').watch((batch) => {
        heard[purpose].push(...batch.map(({ sessionId }) => sessionId));
      }, purpose);
    const refusing: Record<string, readonly (typeof purposes)[number][]> = {
      all: ['ANALYTICS', 'PERSONALIZATION'],
      analytics: ['ANALYTICS'],
      personalization: ['PERSONALIZATION'],
      none: [],
    };
    for (const [session, refused] of Object.entries(refusing)) {
      const shopper = await system.port('customers').recognise(contextOf(session));
      const decisions = refused.map((purpose) => ({ purpose, status: 'DENIED' }));
      await system.port('consent').decide(shopper, decisions);
    }
    const sessions = Object.keys(refusing);
    await system.port('events').record(
      sessions.map((session) => contextOf(session)),
      sessions.map((session) => view(session)),
    );
    expect(heard).to.deep.equal({
      ANALYTICS: ['personalization', 'none'],
      PERSONALIZATION: ['analytics', 'none'],
    });
    for (const none of [undefined, 'MARKETING_EMAIL'])
      expect(() => system.port('events').watch(() => undefined, none as 'ANALYTICS')).to.throw(
        'ANALYTICS or PERSONALIZATION',
      );
  });

  it('is attributed where the shop has turned that on', async () => {
    await open({ RAPPORT_CONSENT_MODE: 'opt-in', RAPPORT_EVENTS_ATTRIBUTE_UNPERMITTED: 'true' });
    await see(contextOf('s1'));
    await decide(contextOf('s1'), 'GRANTED');
    expect(await historyOf(system, contextOf('s1'))).to.have.length(1);
  });

  it('costs no byte where all was permitted, and entries of earlier versions count as permitted', async () => {
    await open();
    await see(contextOf('s1'));
    const events = await replayed(system);
    const batchOf = (list: readonly ShopEvent[]) =>
      distinct({ events: list, prints: list.map(({ id }, i) => printOf(id, i, 1)) }, () => undefined);
    const [whole] = toEntries(batchOf(events));
    expect(whole!.entry).not.to.have.property('permitted');
    const mixed = [events[0]!, { ...events[0]!, id: 'server-1:other', permitted: false }];
    const [part] = toEntries(batchOf(mixed));
    expect(fromEntry(JSON.parse(JSON.stringify(part!.entry)) as LogEntry)).to.deep.equal(mixed);
  });
});

describe('a permit', () => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await bootEvents();
    await system.port('events').record(contextOf('s1'), [view('m1')]);
  });
  afterEach(() => system.close());
  const issue = async (sessionId: string) =>
    (await system
      .port('consent')
      .permit(await system.port('customers').recognise(contextOf(sessionId)), 'PERSONALIZATION'))!;
  const read = (permit: Permit<'PERSONALIZATION'>) => system.port('events').history(permit, { limit: 1 });
  const refused = async (permit: unknown) => {
    const error = await read(permit as Permit<'PERSONALIZATION'>).catch((thrown: unknown) => thrown);
    expect(error).to.include({ kind: 'denied', code: 'EVENTS_PERMIT_INVALID' });
  };

  it('opens the history for a minute', async () => {
    const permit = await issue('s1');
    system.clock.advance(permitMs);
    expect(await read(permit)).to.have.length(1);
    system.clock.advance(1);
    await refused(permit);
  });

  it('made by hand, copied for another shopper or for another purpose is refused', async () => {
    const [permit, other] = [await issue('s2'), await issue('s1')];
    await refused({ purpose: 'PERSONALIZATION', shopper: other.shopper });
    await refused({ ...permit, shopper: other.shopper });
    await refused(Object.create(permit));
    await refused(null);
    const analytics = await system.port('consent').permit(other.shopper, 'ANALYTICS');
    await refused(analytics);
    expect(() => Object.assign(permit, { shopper: other.shopper })).to.throw(TypeError);
    expect(() => Object.assign(permit.shopper, { sessionIds: ['s1'] })).to.throw(TypeError);
  });
});
