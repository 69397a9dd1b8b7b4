import { expect } from 'chai';
import fc from 'fast-check';
import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { advance } from '../../plugins/preferences/changes.js';
import { preferences } from '../../plugins/preferences/plugin.js';
import { type Items, itemsOfPerson, stateOf } from '../../plugins/preferences/values.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import type { PreferenceChange } from '../../src/ports/preferences.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const plugins = [store, queue, catalog, customers, consent, events, preferences];
const server: Partial<Caller> = { role: 'SERVER', source: 'shop' };
const fields = `preferences {
  topics { topic liked } channels { channel allowed priority } frequency { channel maxPerWeek }
  quietHours { from to timeZone } personalizationPaused notForMe { productId }
  history { nodes { name value source claimedBy channel } }
}`;
const setting = `mutation ($context: ShopperContext!, $preferences: PreferencesInput!) {
  setPreferences(context: $context, preferences: $preferences) { ${fields} userErrors { code message path } }
}`;
const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Vienna' };

describe('preferences', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople(plugins);
  });
  afterEach(() => people.close());

  const context = (customerId: string | null = 'ada', sessionId = 's', channel = 'WEB') => ({
    channel,
    sessionId,
    ...(customerId === null ? {} : { customerId }),
  });

  function set(change: object, of: object = context(), caller: Partial<Caller> = server) {
    people.clock.advance(1_000);
    return people.ask(setting, caller, { context: of, preferences: change });
  }

  async function read(of: object = context(), caller: Partial<Caller> = server) {
    const result = await people.ask(
      `query ($context: ShopperContext!) { shopper(context: $context) { ${fields} personalization { reason } } }`,
      caller,
      { context: of },
    );
    expect(result.errors).to.equal(undefined);
    return result;
  }

  async function grant(of: object = context(), caller: Partial<Caller> = server) {
    await people.ask(
      'mutation ($context: ShopperContext!) { setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { code } } }',
      caller,
      { context: of },
    );
  }

  it('are kept with their history, and hold in every channel', async () => {
    const result = await set({
      topics: [
        { topic: 'coffee', liked: true },
        { topic: 'golf', liked: false },
      ],
      channels: [
        { channel: 'SMS', allowed: false },
        { channel: 'EMAIL', priority: 1 },
      ],
      frequency: [{ channel: 'EMAIL', maxPerWeek: 2 }],
      quietHours: [night],
    });
    expect(result.at('setPreferences.userErrors')).to.deep.equal([]);
    const found = await read(context('ada', 'other', 'KIOSK'));
    expect(found.at('shopper.preferences.topics')).to.deep.equal([
      { topic: 'coffee', liked: true },
      { topic: 'golf', liked: false },
    ]);
    expect(found.at('shopper.preferences.channels')).to.deep.equal([
      { channel: 'EMAIL', allowed: true, priority: 1 },
      { channel: 'SMS', allowed: false, priority: null },
    ]);
    expect(found.at('shopper.preferences.frequency')).to.deep.equal([{ channel: 'EMAIL', maxPerWeek: 2 }]);
    expect(found.at('shopper.preferences.quietHours')).to.deep.equal([night]);
    await set({ topics: [{ topic: 'golf', liked: null }], quietHours: [] }, context('ada', 's', 'APP'));
    const after = await read();
    expect(after.at('shopper.preferences.topics')).to.deep.equal([{ topic: 'coffee', liked: true }]);
    expect(after.at('shopper.preferences.quietHours')).to.deep.equal([]);
    const changes = after.at('shopper.preferences.history.nodes') as PreferenceChange[];
    expect(changes).to.have.length(8);
    const removal = changes.find(({ name, value }) => name === 'topic:golf' && value === null);
    expect(removal).to.include({ source: 'shop', claimedBy: 'SERVER', channel: 'APP' });
  });

  it('name what is wrong, and change the rest', async () => {
    const result = await set({
      topics: [
        { topic: '', liked: true },
        { topic: 'tea', liked: true },
      ],
      channels: [{ channel: 'EMAIL', priority: 9 }],
      frequency: [{ channel: 'SMS', maxPerWeek: -1 }],
      quietHours: [night, { from: '25:00', to: '07:00', timeZone: 'Mars' }],
    });
    const errors = result.at('setPreferences.userErrors') as { path: string[]; message: string }[];
    expect(errors.map(({ path }) => path.slice(1).join('.'))).to.deep.equal([
      'topics.0.topic',
      'channels.0.priority',
      'frequency.0.maxPerWeek',
      'quietHours.1.from',
      'quietHours.1.timeZone',
    ]);
    expect(errors[3]!.message).to.contain('25:00');
    expect(result.at('setPreferences.preferences.topics')).to.deep.equal([{ topic: 'tea', liked: true }]);
    expect(result.at('setPreferences.preferences.quietHours')).to.deep.equal([]);
  });

  it('belong to the customer, who changes them with their token, and to nobody who knows the session', async () => {
    const token = { customerId: 'ada' };
    await people
      .port('customers')
      .identify(people.context({ sessionId: 's', customerId: 'ada' }, server), { id: 'ada' });
    await set({ topics: [{ topic: 'coffee', liked: true }] }, context(null), token);
    expect((await read(context(null), token)).at('shopper.preferences.topics')).to.have.length(1);
    expect((await read(context(null), {})).at('shopper.preferences.topics')).to.deep.equal([]);
    await set({ topics: [{ topic: 'coffee', liked: false }] }, context(null), {});
    expect((await read(context(null), token)).at('shopper.preferences.topics')).to.deep.equal([
      { topic: 'coffee', liked: true },
    ]);
  });

  it('that were set before a sign-in hold for the customer in other sessions, and nothing that is set under the old id later', async () => {
    await set({ topics: [{ topic: 'tea', liked: true }] }, context(null, 'before'), {});
    await people
      .port('customers')
      .identify(people.context({ sessionId: 'before', customerId: 'ada' }, server), { id: 'ada' });
    await set({ topics: [{ topic: 'golf', liked: true }] }, context(null, 'before'), {});
    expect((await read(context('ada', 'after'))).at('shopper.preferences.topics')).to.deep.equal([
      { topic: 'tea', liked: true },
    ]);
    expect((await read(context('ben', 'after'))).at('shopper.preferences.topics')).to.deep.equal([]);
  });

  it('publish each change once with its origin, and nothing for a value that is there already', async () => {
    const facts: { type: string; subject: string; origin: string }[] = [];
    for (const type of ['preferences.changed', 'consent.changed'] as const)
      people
        .port('queue')
        .react(`test-${type}`, type, async (fact) => void facts.push(fact as (typeof facts)[number]));
    const change = { topics: [{ topic: 'coffee', liked: true }], personalizationPaused: true };
    await set(change, context(), { role: 'SERVER', source: 'crm' });
    await people.port('queue').idle();
    expect(facts.map(({ type, subject, origin }) => `${type} ${subject} ${origin}`).sort()).to.deep.equal([
      'consent.changed customer:ada crm',
      'consent.changed session:s crm',
      'preferences.changed customer:ada crm',
    ]);
    // Two systems that copy changes to each other: the second one writes the same values.
    await set(change, context(), { role: 'SERVER', source: 'mail' });
    await people.port('queue').idle();
    expect(facts).to.have.length(3);
  });

  describe('of a paused shopper', () => {
    it('end personalization in every channel until they resume, and learn nothing meanwhile', async () => {
      await grant();
      const paused = await set({ personalizationPaused: true });
      expect(paused.at('setPreferences.preferences.personalizationPaused')).to.equal(true);
      expect((await read(context('ada', 'x', 'VOICE'))).at('shopper.personalization.reason')).to.equal(
        'PAUSED',
      );
      await people
        .port('events')
        .record(people.context({ sessionId: 's', customerId: 'ada' }, server), [
          { messageId: 'm', type: 'PRODUCT_VIEWED', productIds: ['p'] },
        ]);
      const refused = await set({ notForMe: [{ productId: 'p', dismissed: true }] });
      expect(refused.at('setPreferences.userErrors.0.code')).to.equal('PREFERENCES_NOT_PERMITTED');
      await set({ personalizationPaused: false });
      const resumed = await read();
      expect(resumed.at('shopper.personalization.reason')).to.equal('CONSENTED');
      const shopper = await people
        .port('customers')
        .recognise(people.context({ sessionId: 's', customerId: 'ada' }, server));
      const permit = await people.port('consent').permit(shopper, 'PERSONALIZATION');
      expect(await people.port('events').history(permit!, { limit: 10 })).to.deep.equal([]);
      const changes = resumed.at('shopper.preferences.history.nodes') as PreferenceChange[];
      expect(changes.map(({ name, value }) => `${name} ${value}`)).to.deep.equal([
        'personalizationPaused false',
        'personalizationPaused true',
      ]);
    });
  });

  it('dismiss a product, and take it back', async () => {
    await grant();
    const result = await set({
      notForMe: [
        { productId: 'p1', dismissed: true },
        { productId: 'p2', dismissed: true },
      ],
    });
    expect(result.at('setPreferences.userErrors')).to.deep.equal([]);
    people.clock.advance(1_000);
    await set({ notForMe: [{ productId: 'p1', dismissed: false }] });
    const found = await read();
    expect(found.at('shopper.preferences.notForMe')).to.deep.equal([{ productId: 'p2' }]);
    const changes = found.at('shopper.preferences.history.nodes') as PreferenceChange[];
    expect(changes.map(({ name, value }) => `${name} ${value}`)).to.deep.equal([
      'notForMe:p1 false',
      'notForMe:p2 true',
      'notForMe:p1 true',
    ]);
  });

  it('are the least permissive of merged customers, and each one’s own again after it', async () => {
    const port = people.port('customers') as unknown as {
      identify(of: unknown, input: unknown): Promise<unknown>;
      merge(caller: unknown, into: string, from: string, why: string): Promise<{ merge: { id: string } }>;
      unmerge(caller: unknown, id: string): Promise<unknown>;
    };
    const caller = people.context({}, server).caller;
    for (const id of ['ada', 'eve'])
      await port.identify(people.context({ sessionId: `of-${id}`, customerId: id }, server), { id });
    await set({
      topics: [{ topic: 'golf', liked: false }],
      channels: [{ channel: 'EMAIL', allowed: true, priority: 1 }],
      frequency: [{ channel: 'EMAIL', maxPerWeek: 5 }],
      quietHours: [night],
    });
    await set(
      {
        topics: [{ topic: 'golf', liked: true }],
        channels: [{ channel: 'EMAIL', allowed: false }],
        frequency: [{ channel: 'EMAIL', maxPerWeek: 2 }],
      },
      context('eve', 'e'),
    );
    people.clock.advance(1_000);
    const { merge } = await port.merge(caller, 'ada', 'eve', 'the same person');
    const merged = await read();
    expect(merged.at('shopper.preferences.topics')).to.deep.equal([{ topic: 'golf', liked: false }]);
    expect(merged.at('shopper.preferences.channels')).to.deep.equal([
      { channel: 'EMAIL', allowed: false, priority: 1 },
    ]);
    expect(merged.at('shopper.preferences.frequency')).to.deep.equal([{ channel: 'EMAIL', maxPerWeek: 2 }]);
    expect(merged.at('shopper.preferences.quietHours')).to.deep.equal([night]);
    await set({ topics: [{ topic: 'golf', liked: true }] });
    expect((await read(context('eve', 'e'))).at('shopper.preferences.topics')).to.deep.equal([
      { topic: 'golf', liked: true },
    ]);
    await port.unmerge(caller, merge.id);
    expect((await read(context('eve', 'e'))).at('shopper.preferences.frequency')).to.deep.equal([
      { channel: 'EMAIL', maxPerWeek: 2 },
    ]);
    expect((await read()).at('shopper.preferences.frequency')).to.deep.equal([
      { channel: 'EMAIL', maxPerWeek: 5 },
    ]);
  });

  it('survive many changes at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        people.ask(setting, server, {
          context: context(),
          preferences: { topics: [{ topic: `t${i}`, liked: true }] },
        }),
      ),
    );
    for (const { errors } of results) expect(errors).to.equal(undefined);
    expect((await read()).at('shopper.preferences.topics')).to.have.length(30);
  });

  it('keep at most 100 topics', async () => {
    const topics = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ topic: `t${from + i}`, liked: true }));
    await set({ topics: topics(0, 100) });
    const result = await set({ topics: topics(100, 1) });
    expect(result.at('setPreferences.userErrors.0.code')).to.equal('PREFERENCES_TOPICS_TOO_MANY');
    expect(result.at('setPreferences.preferences.topics')).to.have.length(100);
  });
});

describe('the least permissive of merged preferences', () => {
  const value = fc.oneof(
    fc.record({
      name: fc.constant('topic:a'),
      value: fc.option(fc.record({ liked: fc.boolean() }), { nil: null }),
    }),
    fc.record({
      name: fc.constant('channel:EMAIL'),
      value: fc.option(fc.record({ allowed: fc.boolean(), priority: fc.constant(null) }), { nil: null }),
    }),
    fc.record({
      name: fc.constant('frequency:SMS'),
      value: fc.option(fc.record({ maxPerWeek: fc.nat(5) }), { nil: null }),
    }),
  );
  const histories = fc.array(fc.array(value, { maxLength: 5 }), { minLength: 2, maxLength: 4 });
  const seeds = { numRuns: runs(10_000), seed: 5 };

  function itemsOf(values: readonly { name: string; value: unknown }[], offset: number): Items {
    const about = { channel: 'WEB', source: 'test', claimedBy: 'SERVER' as const };
    return values.reduce<Items>(
      (items, each, n) => advance(items, [{ ...about, ...each, atMs: (n + 1) * 1_000 + offset }]),
      {},
    );
  }

  it(`permit nothing that a member who was not superseded forbids, in any order, in ${seeds.numRuns} merges`, () => {
    fc.assert(
      fc.property(histories, fc.nat(6), (all, joined) => {
        const members = all.map((values, n) => ({ customerId: `c${n}`, items: itemsOf(values, n) }));
        const joinedAtMs = joined * 1_000;
        const merged = itemsOfPerson(members, { joinedAtMs: () => joinedAtMs });
        const reversed = itemsOfPerson(members.toReversed(), { joinedAtMs: () => joinedAtMs });
        expect(stateOf(reversed)).to.deep.equal(stateOf(merged));
        const state = stateOf(merged);
        for (const name of ['topic:a', 'channel:EMAIL', 'frequency:SMS']) {
          const items = members.flatMap(({ items: own }) => own[name] ?? []);
          const counted = items.filter(
            (one) => !items.some((other) => other.atMs > one.atMs && other.atMs > joinedAtMs),
          );
          const values = counted.map((one) => one.value).filter((one) => one !== null) as {
            liked?: boolean;
            allowed?: boolean;
            maxPerWeek?: number;
          }[];
          const found = name.startsWith('topic')
            ? state.topics[0]?.liked
            : name.startsWith('channel')
              ? state.channels[0]?.allowed
              : state.frequency[0]?.maxPerWeek;
          const expected =
            values.length === 0
              ? undefined
              : name.startsWith('topic')
                ? values.every(({ liked }) => liked)
                : name.startsWith('channel')
                  ? values.every(({ allowed }) => allowed)
                  : Math.min(...values.map(({ maxPerWeek }) => maxPerWeek!));
          expect(found, name).to.equal(expected);
        }
      }),
      seeds,
    );
  });
});
