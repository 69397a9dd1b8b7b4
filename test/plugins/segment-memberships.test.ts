import { expect } from 'chai';
import fc from 'fast-check';
import { catalog } from '../../plugins/catalog/plugin.js';
import { profiles } from '../../plugins/profiles/plugin.js';
import { segments } from '../../plugins/segments/plugin.js';
import type { Caller } from '../../src/context.js';
import type { FactOf } from '../../src/facts.js';
import type { Instance, Plugin } from '../../src/plugin.js';
import type { Permit } from '../../src/ports/consent.js';
import type { Profiles } from '../../src/ports/profiles.js';
import type { TestBootOptions } from '../support/boot.js';
import { eventPlugins } from '../support/events.js';
import { bootPeople, type People } from '../support/people.js';

const server: Partial<Caller> = { role: 'SERVER', source: 'shop' };
const merchandiser: Partial<Caller> = { role: 'MERCHANDISER', source: 'desk' };
const dayMs = 86_400_000;

describe('the members of segments', () => {
  let people: People;
  let changes: string[] = [];

  async function boot(options: TestBootOptions = {}, withProfiles = profiles): Promise<People> {
    const booted = await bootPeople([...eventPlugins, catalog, withProfiles, segments], options);
    booted.port('queue').react('test', 'membership.changed', async (fact) => {
      const { customerId, entered, left } = fact as FactOf<'membership.changed'>;
      for (const id of entered) changes.push(`${customerId} +${id}`);
      for (const id of left) changes.push(`${customerId} -${id}`);
    });
    return booted;
  }

  beforeEach(async () => {
    changes = [];
    people = await boot();
  });
  afterEach(() => people.close());

  const at = (customerId: string) =>
    people.context({ sessionId: `of ${customerId}`, customerId, channel: 'WEB' }, server);

  async function identify(id: string, traits: object = {}, consents = true): Promise<void> {
    await people.port('customers').identify(at(id), { id, traits });
    if (!consents) return;
    const shopper = await people.port('customers').recognise(at(id));
    await people.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
  }

  let messages = 0;
  const view = (customerId: string) =>
    people
      .port('events')
      .record(at(customerId), [{ messageId: `m${++messages}`, type: 'PRODUCT_VIEWED', productIds: ['tee'] }]);

  async function save(id: string, condition: unknown): Promise<void> {
    const { at: value } = await people.ask(
      'mutation ($segment: SegmentInput!) { saveSegment(segment: $segment) { userErrors { message } } }',
      merchandiser,
      { segment: { id, name: id, condition } },
    );
    expect(value('saveSegment.userErrors')).to.deep.equal([]);
  }

  /** Waits for work that is underway; the clock stands still. */
  async function until<T>(read: () => Promise<T> | T, expected: T): Promise<void> {
    let seen = await read();
    for (let step = 0; step < 2_000 && JSON.stringify(seen) !== JSON.stringify(expected); step++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen = await read();
    }
    expect(seen).to.deep.equal(expected);
  }

  async function counts(): Promise<Record<string, number>> {
    const { at: value, errors } = await people.ask('{ segments { id count } }', merchandiser);
    expect(errors).to.equal(undefined);
    const all = value('segments') as { id: string; count: number }[];
    return Object.fromEntries(all.map(({ id, count }) => [id, count]));
  }

  it('are counted, as traits change and when a segment changes', async () => {
    await identify('ada', { plan: 'gold' });
    await identify('ben', { plan: 'silver' });
    await people.port('queue').idle();
    await save('gold', { trait: 'plan', in: ['gold'] });
    await until(counts, { gold: 1 });
    people.clock.advance(1_000);
    await identify('ben', { plan: 'gold' });
    await until(counts, { gold: 2 });
    await save('gold', { trait: 'plan', in: ['silver'] });
    await until(counts, { gold: 0 });
    expect(changes.slice(0, 2)).to.deep.equal(['ada +gold', 'ben +gold']);
    expect(changes.slice(2).sort()).to.deep.equal(['ada -gold', 'ben -gold']);
  });

  it('change by events, and by time alone at the moment that was computed, months later', async () => {
    await identify('ada');
    await save('keen', { event: 'PRODUCT_VIEWED', within: { days: 60 }, atLeast: 2 });
    await view('ada');
    people.clock.advance(dayMs);
    await view('ada');
    await until(() => changes.join(), 'ada +keen');
    people.clock.advance(59 * dayMs - 1);
    await people.port('queue').idle();
    expect(await counts()).to.deep.equal({ keen: 1 });
    people.clock.advance(51);
    await until(() => changes.join(), 'ada +keen,ada -keen');
    await until(counts, { keen: 0 });
  });

  it('end with a withdrawal, and when a grant expires', async () => {
    await identify('ada', { vip: true });
    await identify('ben', { vip: true }, false);
    await save('vip', { trait: 'vip', in: [true] });
    const customers = people.port('customers');
    const decide = async (id: string, decision: object) =>
      people
        .port('consent')
        .decide(await customers.recognise({ ...at(id) }), [{ purpose: 'PERSONALIZATION', ...decision }]);
    await until(counts, { vip: 1 });
    people.clock.advance(1_000);
    const expiresAt = new Date(people.clock.nowMs() + 10 * dayMs);
    await decide('ben', { status: 'GRANTED', expiresAt });
    await until(counts, { vip: 2 });
    people.clock.advance(1_000);
    await decide('ada', { status: 'WITHDRAWN' });
    await until(counts, { vip: 1 });
    people.clock.advance(10 * dayMs);
    await until(counts, { vip: 0 });
  });

  it('are one person while merged, and two again after it', async () => {
    for (const id of ['ada', 'ben']) await identify(id);
    await save('two', { event: 'PRODUCT_VIEWED', atLeast: 2 });
    for (const id of ['ada', 'ben']) await view(id);
    const total = async () => {
      const { at: value, errors } = await people.ask(
        '{ segmentPreview(condition: { trait: "none", exists: false }) { count total evaluated } }',
        merchandiser,
      );
      if (errors) throw errors[0]!.originalError ?? errors[0]!;
      return value('segmentPreview');
    };
    await until(total, { count: 2, total: 2, evaluated: 2 });
    const { at: value } = await people.ask(
      'mutation { mergeCustomers(into: "ada", from: "ben", reason: "test") { merge { id } } }',
      server,
    );
    await until(counts, { two: 1 });
    await until(total, { count: 1, total: 1, evaluated: 1 });
    await people.ask(
      `mutation { unmergeCustomers(mergeId: "${value('mergeCustomers.merge.id')}") { merge { id } } }`,
      server,
    );
    await until(counts, { two: 0 });
    await until(total, { count: 2, total: 2, evaluated: 2 });
    expect(changes).to.deep.equal(['ada +two', 'ada -two']);
  });

  it('are previewed with examples, without ids and values for a merchandiser', async () => {
    await identify('ada', { plan: 'gold', phone: '+43 canary' });
    await identify('ben', { plan: 'silver' });
    await identify('cy', { plan: 'gold' }, false);
    await people.port('queue').idle();
    const query = (first: number, more = '') =>
      `{ segmentPreview(condition: { all: [{ trait: "plan", in: ["gold"] }, { trait: "phone", exists: true }] }, first: ${first}) {
        count total examples { ${more} explain { path observed holds } } userErrors { message } } }`;
    const examples = (observed: string) => [
      {
        explain: [
          { path: '/all/0', observed: 'gold', holds: true },
          { path: '/all/1', observed, holds: true },
        ],
      },
    ];
    const { at: value, codes } = await people.ask(query(5), merchandiser);
    expect(codes).to.deep.equal([]);
    expect(value('segmentPreview')).to.deep.equal({
      count: 1,
      total: 3,
      examples: examples('(another value)'),
      userErrors: [],
    });
    const { at: forServer } = await people.ask(query(5, 'customerId'), server);
    expect(forServer('segmentPreview.examples')).to.deep.equal([
      { customerId: 'ada', ...examples('+43 canary')[0] },
    ]);
    const denied = await people.ask(query(5, 'customerId'), merchandiser);
    expect(denied.codes).to.deep.equal(['AUTHENTICATION_ROLE']);
    const { at: faulty } = await people.ask(
      '{ segmentPreview(condition: { trait: "plan" }) { count userErrors { path message } } }',
      merchandiser,
    );
    expect(faulty('segmentPreview.userErrors')).to.deep.equal([
      { path: ['segment', 'condition'], message: 'needs in, exists, or atLeast and atMost' },
    ]);
  });

  it('are computed although one of them cannot be', async () => {
    const failing: Plugin = {
      ...profiles,
      create(parts) {
        const real = profiles.create(parts) as Instance<Profiles>;
        return {
          ...real,
          port: {
            lifecycle: (permit: Permit<'PERSONALIZATION'>, ...more: [number, number]) => {
              if (permit.shopper.customerId === 'ben' && isBroken) throw new Error('damaged');
              return real.port.lifecycle(permit, ...more);
            },
          },
        };
      },
    };
    let isBroken = false;
    await people.close();
    people = await boot({}, failing);
    for (const id of ['ada', 'ben', 'cy']) await identify(id);
    await save('young', { all: [{ lifecycle: ['NEW'] }, { event: 'PRODUCT_VIEWED', within: { hours: 1 } }] });
    for (const id of ['ada', 'ben', 'cy']) await view(id);
    await until(counts, { young: 3 });
    isBroken = true;
    people.clock.advance(3_600_050);
    await until(counts, { young: 1 });
    await save('all', { lifecycle: ['NEW'] });
    await until(counts, { all: 2, young: 1 });
    await until(async () => (await people.ask('{ segments { refreshing } }', merchandiser)).data, {
      segments: [{ refreshing: false }, { refreshing: false }],
    });
    isBroken = false;
    people.clock.advance(60_050);
    await until(counts, { all: 3, young: 0 });
  });

  it('begin with the customers of before, when segments are first there', async () => {
    await identify('ada', { plan: 'gold' });
    const { dataDir, clock } = people;
    const before = await bootPeople([...eventPlugins, catalog, profiles], {
      clock,
      dataDir: `${dataDir}-old`,
    });
    const context = before.context({ sessionId: 'old', customerId: 'old' }, server);
    await before.port('customers').identify(context, { id: 'old', traits: { plan: 'gold' } });
    const shopper = await before.port('customers').recognise({ ...context });
    await before.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
    await before.close();
    await people.close();
    people = await boot({ clock, dataDir: `${dataDir}-old` });
    await people.port('queue').idle();
    await save('gold', { trait: 'plan', in: ['gold'] });
    await until(counts, { gold: 1 });
    await people.close();
    // It goes on where it ended.
    people = await boot({ clock, dataDir: `${dataDir}-old` });
    expect(await counts()).to.deep.equal({ gold: 1 });
  });

  it('are what a computation of everybody finds, after any order of events and hours', async function () {
    this.timeout(60_000);
    await save('few', { event: 'PRODUCT_VIEWED', within: { hours: 5 }, atMost: 1 });
    await save('many', { event: 'PRODUCT_VIEWED', within: { hours: 9 }, atLeast: 2 });
    await save('both', { all: [{ segment: 'few' }, { segment: 'many' }] });
    const ids = ['ada', 'ben', 'cy'];
    for (const id of ids) await identify(id);
    const step = fc.oneof(
      fc.record({ view: fc.constantFrom(...ids) }),
      fc.record({ minutes: fc.integer({ min: 1, max: 400 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const each of steps) {
          if ('view' in each) await view(each.view);
          else people.clock.advance(each.minutes * 60_000);
        }
        people.clock.advance(50);
        const exact: Record<string, number> = { both: 0, few: 0, many: 0 };
        for (const id of ids) {
          const shopper = await people.port('customers').recognise({ ...at(id) });
          for (const { segmentId } of await people.port('segments').of(shopper, { members: true }))
            exact[segmentId] = exact[segmentId]! + 1;
        }
        await until(counts, exact);
      }),
      { numRuns: 20 },
    );
  });
});
