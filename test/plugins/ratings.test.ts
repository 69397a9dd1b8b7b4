import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { ratings } from '../../plugins/ratings/plugin.js';
import { withRatings } from '../../plugins/ratings/rating-columns.js';
import { search } from '../../plugins/search/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';

const plugins = [store, queue, customers, consent, events, catalog, merchandising, speech, search, ratings];
const server: Partial<Caller> = { role: 'SERVER', source: 'server-1' };
const storefront = (network?: string): Partial<Caller> => ({
  role: 'STOREFRONT',
  source: 'storefront-1',
  ...(network === undefined ? {} : { network }),
});

describe('the stored ratings of a product', () => {
  it('are the last ones of the 10,000 people who rated last', () => {
    const rated = (person: number, receivedAtMs: number) => ({ person, stars: 5, network: 0, receivedAtMs });
    const all = Array.from({ length: 10_002 }, (_, n) => rated(n, 1_000 + n));
    const { people = [], receivedAtMs = [] } = withRatings('mug', false, [rated(0, 50_000), ...all]) ?? {};
    expect(people).to.have.length(10_000);
    expect([people[0], people.at(-1)]).to.deep.equal([3, 0]);
    expect(receivedAtMs.at(-1)).to.equal(50_000);
  });
});

describe('ratings in events', () => {
  let shop: People;
  let messages = 0;
  async function open(environment: Record<string, string> = {}, dataDir?: string): Promise<void> {
    shop = await bootPeople(plugins, { environment, ...(dataDir === undefined ? {} : { dataDir }) });
  }
  beforeEach(() => open());
  afterEach(() => shop.close());

  async function save(...products: readonly object[]): Promise<void> {
    const { userErrors } = await shop.port('catalog').save(
      products.map((product) => ({
        title: 'Thing',
        prices: [{ amount: '1', currency: 'EUR' }],
        ...product,
      })),
    );
    expect(userErrors).to.deep.equal([]);
  }
  async function rate(
    sessionId: string,
    value: number,
    { caller = server, productId = 'mug', customerId = null as string | null } = {},
  ): Promise<void> {
    const context = shop.context({ sessionId, ...(customerId === null ? {} : { customerId }) }, caller);
    const input = { messageId: `m${++messages}`, type: 'PRODUCT_RATED', productIds: [productId], value };
    const { userErrors } = await shop.port('events').record(context, [input]);
    expect(userErrors).to.deep.equal([]);
  }
  async function rating(id = 'mug'): Promise<unknown> {
    const { at } = await shop.ask(`{ product(id: "${id}") { rating { average count } } }`);
    return at('product.rating');
  }
  /** Lets work beside the requests run until the product has the rating. */
  async function becomes(expected: unknown, id = 'mug'): Promise<void> {
    for (let turn = 0; turn < 500; turn++) {
      await shop.port('queue').idle();
      if (JSON.stringify(await rating(id)) === JSON.stringify(expected)) return;
    }
    expect(await rating(id)).to.deep.equal(expected);
  }
  async function hours(count: number): Promise<void> {
    for (let hour = 0; hour < count; hour++) {
      shop.clock.advance(3_600_000);
      for (let turn = 0; turn < 5; turn++) {
        await shop.port('queue').idle();
        await rating();
      }
    }
  }

  it('count from three people on, each by the last one', async () => {
    await save({ id: 'mug' }, { id: 'cup' });
    await rate('a', 5);
    await rate('a', 4);
    await rate('b', 2);
    await rate('a', 1, { productId: 'cup' });
    expect(await rating()).to.equal(null);
    await rate('c', 3);
    await becomes({ average: 3, count: 3 });
    await rate('c', 5);
    await becomes({ average: 3.67, count: 3 });
    expect(await rating('cup')).to.equal(null);
  });

  it('join the rating that the shop saved, and stay when the product is saved again', async () => {
    await save({ id: 'mug', rating: { average: 4, count: 7 } });
    for (const session of ['a', 'b', 'c']) await rate(session, 1);
    await becomes({ average: 3.1, count: 10 });
    await save({ id: 'mug', title: 'Mug', rating: { average: 5, count: 7 } });
    expect(await rating()).to.deep.equal({ average: 3.8, count: 10 });
    await shop.port('catalog').update([{ id: 'mug', title: 'Cup', rating: null }]);
    expect(await rating()).to.deep.equal({ average: 1, count: 3 });
    await shop.port('catalog').remove(['mug']);
    await save({ id: 'mug' });
    await becomes({ average: 1, count: 3 });
  });

  it('decide what the filter by rating finds', async () => {
    await save({ id: 'mug' }, { id: 'cup' });
    for (const session of ['a', 'b', 'c']) await rate(session, 4);
    await becomes({ average: 4, count: 3 });
    const found = async (ratingMin: number) =>
      (await shop.ask(`{ products(filter: { ratingMin: ${ratingMin} }) { nodes { id } } }`)).at(
        'products.nodes',
      );
    expect(await found(4)).to.deep.equal([{ id: 'mug' }]);
    expect(await found(4.5)).to.deep.equal([]);
  });

  it('of a storefront key count three times a network, and for one person of it; a customer counts alone', async () => {
    await save({ id: 'mug' });
    for (let n = 0; n < 20; n++) await rate(`spam${n}`, 1, { caller: storefront('10.0.0.1') });
    await rate('b', 5, { caller: storefront('10.0.0.2') });
    expect(await rating()).to.equal(null);
    const token = { ...storefront('10.0.0.1'), customerId: 'kim' };
    await rate('k', 5, { caller: token });
    await becomes({ average: 2.6, count: 5 });
  });

  it('of people who refused ANALYTICS do not count, and leave within a day of a withdrawal', async () => {
    await save({ id: 'mug' });
    const decide = async (sessionId: string, status: string) => {
      const shopper = await shop.port('customers').recognise(shop.context({ sessionId }, server));
      await shop.port('consent').decide(shopper, [{ purpose: 'ANALYTICS', status }]);
    };
    await decide('no', 'DENIED');
    await decide('leaver', 'GRANTED');
    await rate('no', 1);
    for (const session of ['a', 'b', 'c']) await rate(session, 5);
    await rate('leaver', 1);
    await becomes({ average: 4, count: 4 });
    await hours(1);
    await decide('leaver', 'WITHDRAWN');
    await hours(25);
    await becomes({ average: 5, count: 3 });
  });

  it('count when their product is saved, by any of its codes', async () => {
    for (const session of ['a', 'b']) await rate(session, 4, { productId: 'M-1' });
    await save({ id: 'other' });
    await save({ id: 'mug', sku: 'M-1' });
    await rate('a', 5);
    await rate('c', 3, { productId: 'M-1' });
    await becomes({ average: 4, count: 3 });
  });

  it('that were recorded while nobody counted count after a start', async () => {
    await shop.close();
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-ratings-'));
    await open({ RAPPORT_RATINGS_ENABLED: 'false' }, dataDir);
    await save({ id: 'mug' });
    for (const session of ['a', 'b', 'c']) await rate(session, 4);
    expect(await rating()).to.equal(null);
    await shop.close();
    await open({ RAPPORT_RATINGS_PEOPLE_MIN: '2' }, dataDir);
    await becomes({ average: 4, count: 3 });
    await rate('d', 2);
    await becomes({ average: 3.5, count: 4 });
    await shop.close();
    await open({}, dataDir);
    expect(await rating()).to.deep.equal({ average: 3.5, count: 4 });
  });

  it('follow the settings of the next start', async () => {
    await shop.close();
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-ratings-'));
    await open({}, dataDir);
    await save({ id: 'mug', rating: { average: 5, count: 1 } });
    for (const session of ['a', 'b', 'c']) await rate(session, 1);
    await becomes({ average: 2, count: 4 });
    await shop.close();
    await open({ RAPPORT_RATINGS_PEOPLE_MIN: '4' }, dataDir);
    await becomes({ average: 5, count: 1 });
    await shop.close();
    await open({}, dataDir);
    await becomes({ average: 2, count: 4 });
    await shop.close();
    await open({ RAPPORT_RATINGS_ENABLED: 'false' }, dataDir);
    expect(await rating()).to.deep.equal({ average: 5, count: 1 });
    await shop.close();
    await open({}, dataDir);
    await becomes({ average: 2, count: 4 });
  });
});
