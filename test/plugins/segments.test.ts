import { expect } from 'chai';
import fc from 'fast-check';
import { catalog } from '../../plugins/catalog/plugin.js';
import { profiles } from '../../plugins/profiles/plugin.js';
import { checkCondition } from '../../plugins/segments/conditions.js';
import { segments } from '../../plugins/segments/plugin.js';
import type { Caller } from '../../src/context.js';
import { eventPlugins } from '../support/events.js';
import { bootPeople, type People } from '../support/people.js';

const server: Partial<Caller> = { role: 'SERVER', source: 'shop' };
const merchandiser: Partial<Caller> = { role: 'MERCHANDISER', source: 'desk' };
const dayMs = 86_400_000;

describe('segments', () => {
  let people: People;

  beforeEach(async () => {
    people = await bootPeople([...eventPlugins, catalog, profiles, segments]);
    await people.port('catalog').save([
      { id: 'tee', title: 'Tee', brand: 'Ayla', categoryIds: ['tops'] },
      { id: 'jeans', title: 'Jeans', brand: 'Bo', categoryIds: ['trousers'], sku: 'J-1' },
    ]);
    for (const id of ['ada', 'ben']) {
      await people.port('customers').identify(at(id), { id });
      await decide(id, 'GRANTED');
    }
  });
  afterEach(() => people.close());

  const at = (customerId: string) =>
    people.context({ sessionId: `of ${customerId}`, customerId, channel: 'WEB' }, server);

  async function decide(customerId: string, status: string, purpose = 'PERSONALIZATION'): Promise<void> {
    const shopper = await people.port('customers').recognise(at(customerId));
    await people.port('consent').decide(shopper, [{ purpose, status }]);
    people.clock.advance(1_000);
  }

  let messages = 0;
  async function record(customerId: string, type: string, more: object = {}): Promise<void> {
    const { userErrors } = await people
      .port('events')
      .record(at(customerId), [{ messageId: `m${++messages}`, type, ...more }]);
    expect(userErrors).to.deep.equal([]);
  }
  const view = (customerId: string, productId = 'tee', more: object = {}) =>
    record(customerId, 'PRODUCT_VIEWED', { productIds: [productId], ...more });
  const order = (customerId: string, orderId: string, price = '20', currency = 'EUR') =>
    record(customerId, 'ORDER_COMPLETED', {
      orderId,
      currency,
      lines: [{ productId: 'tee', quantity: 1, price }],
    });

  async function save(id: string | null, condition: unknown): Promise<readonly string[]> {
    const { at: value } = await people.ask(
      `mutation ($segment: SegmentInput!) { saveSegment(segment: $segment) { segment { id } userErrors { code message path } } }`,
      merchandiser,
      { segment: { id, name: 'A segment', condition } },
    );
    const errors = value('saveSegment.userErrors') as { message: string; path: string[] }[];
    return errors.map(({ path, message }) => `${path.join('.')} ${message}`);
  }

  async function of(customerId: string): Promise<readonly string[]> {
    const memberships = await people
      .port('segments')
      .of(await people.port('customers').recognise({ ...at(customerId) }), { members: true });
    return memberships.map(({ segmentId }) => segmentId);
  }

  async function explain(segmentId: string, customerId: string) {
    const { at: value, errors } = await people.ask(
      `{ segmentMembership(segmentId: "${segmentId}", customerId: "${customerId}") { member explain { path observed holds decides } } }`,
      server,
    );
    expect(errors).to.equal(undefined);
    return value('segmentMembership') as { member: boolean; explain: object[] };
  }

  it('end at once when a trait, a consent or an order no longer fits', async () => {
    await save('gold', { trait: 'plan', in: ['gold'] });
    await save('mail', { consent: 'MARKETING_EMAIL', in: ['GRANTED'] });
    await save('buyers', { event: 'ORDER_COMPLETED', within: { days: 30 } });
    await people.port('customers').identify(at('ada'), { id: 'ada', traits: { plan: 'gold' } });
    await decide('ada', 'GRANTED', 'MARKETING_EMAIL');
    await order('ada', '1');
    expect(await of('ada')).to.deep.equal(['buyers', 'gold', 'mail']);
    expect(await of('ben')).to.deep.equal([]);
    people.clock.advance(1_000);
    await people.port('customers').identify(at('ada'), { id: 'ada', traits: { plan: 'silver' } });
    await decide('ada', 'WITHDRAWN', 'MARKETING_EMAIL');
    await record('ada', 'ORDER_CANCELLED', { orderId: '1' });
    expect(await of('ada')).to.deep.equal([]);
  });

  it('end in the millisecond in which an event leaves the window', async () => {
    await save('keen', { event: 'PRODUCT_VIEWED', within: { days: 30 }, atLeast: 2 });
    await save('calm', { event: 'PRODUCT_VIEWED', within: { hours: 1 }, atMost: 0 });
    await view('ada');
    people.clock.advance(60_000);
    await view('ada', 'jeans');
    expect(await of('ada')).to.deep.equal(['keen']);
    people.clock.advance(3_600_000 - 1);
    expect(await of('ada')).to.deep.equal(['keen']);
    people.clock.advance(1);
    expect(await of('ada')).to.deep.equal(['calm', 'keen']);
    people.clock.advance(30 * dayMs - 3_600_000 - 60_000 - 1);
    expect(await of('ada')).to.deep.equal(['calm', 'keen']);
    people.clock.advance(1);
    expect(await of('ada')).to.deep.equal(['calm']);
  });

  it('count pieces, products, days and values, of a category, brand, product, channel or name', async () => {
    const viewed = { event: 'PRODUCT_VIEWED' };
    await save('a-brand', { ...viewed, brands: ['Ayla'], atLeast: 2 });
    await save('b-category', { ...viewed, categoryId: 'trousers', atLeast: 1 });
    await save('c-sku', { ...viewed, productIds: ['J-1'] });
    await save('d-products', { ...viewed, measure: 'PRODUCTS', atLeast: 2 });
    await save('e-days', { ...viewed, measure: 'DAYS', atLeast: 2 });
    await save('f-value', { event: 'ORDER_COMPLETED', measure: 'VALUE', currency: 'EUR', atLeast: 39.99 });
    await save('g-app', { ...viewed, channels: ['APP'] });
    await save('h-named', { event: 'CUSTOM', name: 'Quiz Done' });
    await save('i-pieces', { event: 'PRODUCT_ADDED_TO_CART', measure: 'QUANTITY', atLeast: 5 });
    await view('ada');
    await view('ada', 'jeans');
    await order('ada', '1');
    await order('ada', '2', '100', 'USD');
    await record('ada', 'PRODUCT_ADDED_TO_CART', { productIds: ['tee'], quantity: [4] });
    expect(await of('ada')).to.deep.equal(['b-category', 'c-sku', 'd-products']);
    people.clock.advance(dayMs);
    await view('ada');
    await order('ada', '3', '19.99');
    await record('ada', 'CUSTOM', { properties: { event: 'Quiz Done' } });
    await record('ada', 'PRODUCT_ADDED_TO_CART', { productIds: ['tee'], quantity: [1] });
    expect(await of('ada')).to.deep.equal([
      ...['a-brand', 'b-category', 'c-sku', 'd-products', 'e-days', 'f-value', 'h-named', 'i-pieces'],
    ]);
  });

  it('count more events than are kept in memory', async () => {
    await save('heavy', { event: 'PRODUCT_VIEWED', atLeast: 1_500 });
    const context = at('ada');
    const views = Array.from({ length: 1_499 }, (_, n) => ({
      messageId: `heavy${n}`,
      type: 'PRODUCT_VIEWED',
      productIds: ['tee'],
    }));
    await people.port('events').record(context, views);
    expect(await of('ada')).to.deep.equal([]);
    await view('ada');
    expect(await of('ada')).to.deep.equal(['heavy']);
  });

  it('read merged customers as one person, and apart again', async () => {
    await save('two', { event: 'ORDER_COMPLETED', atLeast: 2 });
    await order('ada', '1');
    await order('ben', '2');
    const { at: value } = await people.ask(
      'mutation { mergeCustomers(into: "ada", from: "ben", reason: "test") { merge { id } } }',
      server,
    );
    expect(await of('ada')).to.deep.equal(['two']);
    expect(await of('ben')).to.deep.equal(['two']);
    await people.ask(
      `mutation { unmergeCustomers(mergeId: "${value('mergeCustomers.merge.id')}") { merge { id } } }`,
      server,
    );
    expect(await of('ada')).to.deep.equal([]);
  });

  it('have nobody without consent to personalization, whatever the condition', async () => {
    await save('anybody', { not: { event: 'ORDER_COMPLETED' } });
    expect(await of('ada')).to.deep.equal(['anybody']);
    await decide('ada', 'WITHDRAWN');
    expect(await of('ada')).to.deep.equal([]);
    expect(await explain('anybody', 'ada')).to.deep.equal({ member: false, explain: [] });
  });

  it('take lifecycle stages, and stages end by time alone', async () => {
    await save('at-risk', { lifecycle: ['LAPSING'] });
    await order('ada', '1');
    expect(await of('ada')).to.deep.equal([]);
    people.clock.advance(2 * 90 * dayMs);
    expect(await of('ada')).to.deep.equal(['at-risk']);
    people.clock.advance(2 * 90 * dayMs);
    expect(await of('ada')).to.deep.equal([]);
  });

  it('explain the failing condition and the value that was seen', async () => {
    await save('gold', { trait: 'plan', in: ['gold'] });
    await save('vip', {
      all: [
        { any: [{ segment: 'gold' }, { trait: 'vip', exists: true }] },
        { event: 'ORDER_COMPLETED', within: { days: 90 }, atLeast: 2 },
        { not: { profile: 'email', exists: false } },
      ],
    });
    await people
      .port('customers')
      .identify(at('ada'), { id: 'ada', email: 'ada@example.org', traits: { plan: 'gold' } });
    await order('ada', '1');
    expect(await explain('vip', 'ada')).to.deep.equal({
      member: false,
      explain: [
        { path: '/all/0/any/0', observed: true, holds: true, decides: false },
        { path: '/all/0/any/1', observed: null, holds: false, decides: false },
        { path: '/all/1', observed: 1, holds: false, decides: true },
        { path: '/all/2/not', observed: true, holds: false, decides: false },
      ],
    });
    await order('ada', '2');
    const { member, explain: all } = await explain('vip', 'ada');
    expect(member).to.equal(true);
    expect(all.map((leaf) => (leaf as { decides: boolean }).decides)).to.deep.equal([
      true,
      false,
      true,
      true,
    ]);
  });

  it('refuse circles, unknown segments and bad conditions by name, and change nothing', async () => {
    expect(await save('a', { segment: 'b' })).to.deep.equal([
      'segment.condition refers to segment "b", which does not exist; save that one first',
    ]);
    await save('a', { trait: 'x', exists: true });
    await save('b', { segment: 'a' });
    expect(await save('a', { not: { segment: 'b' } })).to.deep.equal([
      'segment.condition refers to itself: a → b → a',
    ]);
    for (let level = 1; level <= 6; level++)
      await save(`g${level}`, { any: Array(30).fill({ segment: level === 1 ? 'a' : `g${level - 1}` }) });
    expect(await save('a', { segment: 'g6' })).to.deep.equal([
      'segment.condition refers to itself: a → g6 → g5 → g4 → g3 → g2 → g1 → a',
    ]);
    for (let level = 6; level > 0; level--)
      await people.ask(`mutation { removeSegment(id: "g${level}") { userErrors { code } } }`, merchandiser);
    const [unknownType] = await save('a', { all: [{ event: 'ORDER', atLeast: 2 }] });
    expect(unknownType).to.match(
      /^segment\.condition\.all\.0\.event must be one of PRODUCT_VIEWED.*not "ORDER"$/,
    );
    expect(await save('a', { event: 'ORDER_COMPLETED', measure: 'VALUE', atLeast: 2 })).to.deep.equal([
      'segment.condition.currency is required for VALUE, for example "EUR"',
    ]);
    expect(await save('a', { trait: 'x' })).to.deep.equal([
      'segment.condition needs in, exists, or atLeast and atMost',
    ]);
    expect(await save('a', { profile: 'email', in: ['a@b'] })).to.deep.equal([
      'segment.condition.in email is compared by exists only, since it is personal',
    ]);
    expect(await save('a', 'gold')).to.deep.equal([
      'segment.condition must be an object with one of all, any, not, trait, profile, consent, lifecycle, segment, event, not "gold"',
    ]);
    let deep: unknown = { trait: 'x', exists: true };
    for (let depth = 0; depth < 9; depth++) deep = { not: deep };
    expect((await save('a', deep))[0]).to.contain('nested at most 8 deep');
    expect(await save('a', { any: Array(51).fill({ trait: 'x', exists: true }) })).to.have.length(1);
    const { at: value } = await people.ask('{ segments { id condition } }', merchandiser);
    expect(value('segments')).to.deep.equal([
      { id: 'a', condition: { trait: 'x', exists: true } },
      { id: 'b', condition: { segment: 'a' } },
    ]);
    const removal = await people.ask(
      'mutation { a: removeSegment(id: "a") { removedId userErrors { code } } b: removeSegment(id: "b") { removedId userErrors { code } } }',
      merchandiser,
    );
    expect(removal.data).to.deep.equal({
      a: { removedId: null, userErrors: [{ code: 'SEGMENTS_SEGMENT_USED' }] },
      b: { removedId: 'b', userErrors: [] },
    });
  });

  it('are shown to the shopper, whose key learns ids alone', async () => {
    await save('calm', { not: { event: 'ORDER_COMPLETED' } });
    const { at: value, personal } = await people.ask(
      '{ shopper(context: { channel: WEB }) { segments { segmentId member } profile { segments { segmentId } } } }',
      { customerId: 'ada' },
    );
    expect(value('shopper')).to.deep.equal({
      segments: [{ segmentId: 'calm', member: true }],
      profile: { segments: [{ segmentId: 'calm' }] },
    });
    expect(personal).to.equal(true);
  });

  it('publish the JSON Schema of conditions', async () => {
    const { at: value } = await people.ask('{ segmentConditionSchema }');
    const text = JSON.stringify(value('segmentConditionSchema'));
    expect(text).to.contain('https://json-schema.org/draft/2020-12/schema');
    for (const key of ['all', 'any', 'not', 'trait', 'profile', 'consent', 'lifecycle', 'segment', 'event'])
      expect(text).to.contain(`"${key}":`);
  });

  it('never fail over an arbitrary condition', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    const near = fc.letrec((tie) => ({
      condition: fc.oneof(
        { maxDepth: 4 },
        fc.record(
          { event: fc.constantFrom('PRODUCT_VIEWED', 'X'), atLeast: json },
          { requiredKeys: ['event'] },
        ),
        fc.record({ trait: json }),
        fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
        fc.record({ not: tie('condition') }),
        json,
      ),
    })).condition;
    fc.assert(
      fc.property(near, (value) => {
        const { condition, faults } = checkCondition(value);
        expect(condition === null).to.equal(faults.length > 0);
      }),
      { numRuns: 500 },
    );
  });
});
