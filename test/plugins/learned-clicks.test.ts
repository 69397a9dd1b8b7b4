import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

const dayMs = 86_400_000;
const settleMs = 61_000;
const products = [
  ...Array.from({ length: 12 }, (_, i) => ({ id: `bag${i}`, title: `Laptop Bag ${i}` })),
  { id: 'notebook', title: 'Dell Latitude Notebook' },
  { id: 'other', title: 'Acer Aspire Notebook' },
].map((product) => ({ ...product, prices: [{ currency: 'EUR', amount: '10' }] }));

describe('Clicks on results', () => {
  let shop: TestGateway;
  let dataDir: string;
  let people = 0;
  const open = () => openTestGateway(plugins, { dataDir, environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    shop = await open();
    await shop.system.port('catalog').save(products);
  });
  afterEach(async () => {
    await shop.close();
    rmSync(dataDir, { recursive: true });
  });

  async function search(sessionId: string, query: string, more = '', context = '') {
    const answer = await shop.ask(
      `query ($s: ID!, $q: String!) { shopper(context: { channel: WEB, sessionId: $s ${context} }) { search(query: $q ${more}) {
        queryId total products(first: 20) { nodes { id } } } } }`,
      { variables: { s: sessionId, q: query } },
    );
    expect(answer.errors, JSON.stringify(shop.system.log.lines.slice(-2))).to.equal(undefined);
    const nodes = answer.at('shopper.search.products.nodes') as { readonly id: string }[];
    return { queryId: answer.at('shopper.search.queryId') as string, ids: nodes.map(({ id }) => id) };
  }

  async function click(
    sessionId: string,
    queryId: string,
    productId: string,
    position: number,
  ): Promise<void> {
    const answer = await shop.ask(
      `mutation ($s: ID!, $e: [EventInput!]!) { recordEvents(context: { channel: WEB, sessionId: $s }, events: $e) { accepted } }`,
      {
        variables: {
          s: sessionId,
          e: [
            {
              messageId: `${sessionId} ${queryId} ${productId}`,
              type: 'SEARCH_RESULT_CLICKED',
              queryId,
              productIds: [productId],
              position,
            },
          ],
        },
      },
    );
    expect(answer.at('recordEvents.accepted')).to.equal(1);
  }

  /** So many new people search and click on a day; each goes on for a minute. */
  async function day(
    count: number,
    productId: string,
    { position = 3, settles = true, query = 'laptop' } = {},
  ) {
    const sessions = Array.from({ length: count }, () => `person${people++}`);
    const queryIds = [];
    for (const session of sessions) queryIds.push((await search(session, query)).queryId);
    for (const [i, session] of sessions.entries()) await click(session, queryIds[i]!, productId, position);
    if (settles) {
      shop.system.clock.advance(settleMs);
      for (const session of sessions) await search(session, 'bag');
    }
    shop.system.clock.advance(dayMs);
  }

  const first = async (query = 'laptop', more = '', context = '') =>
    (await search('reader', query, more, context)).ids[0];

  it('put what people look for before what only has the word, once five clicked it', async () => {
    expect(await first()).to.match(/^bag/);
    let days = 0;
    for (; days < 10 && (await first()) !== 'notebook'; days++) await day(4, 'notebook');
    // A query gains at most half of the people it needs in a day, rounded up: 3 of 5.
    expect(days).to.equal(2);
    const { ids } = await search('reader', 'laptop');
    expect(ids.length).to.equal(13);
    expect(new Set(ids).size).to.equal(13);
    for (const channel of ['APP', 'KIOSK', 'VOICE']) {
      const answer = await shop.ask(
        `{ shopper(context: { channel: ${channel} }) { search(query: "laptop") { products(first: 1) { nodes { id } } } } }`,
      );
      expect(answer.at('shopper.search.products.nodes.0.id')).to.equal('notebook');
    }
    expect(await first('Laptop')).to.equal('notebook');
    expect(await first('laptop bag')).to.match(/^bag/);
  });

  it('change neither a filter, a chosen sort nor a search as written, and raise nothing that is sold out', async () => {
    for (let i = 0; i < 3; i++) await day(4, 'notebook');
    expect(await first()).to.equal('notebook');
    expect((await search('reader', 'laptop', 'filter: { ids: ["bag1", "bag2"] }')).ids).to.have.members([
      'bag1',
      'bag2',
    ]);
    expect(await first('laptop', 'sort: TITLE')).to.match(/^bag/);
    expect(await first('laptop', 'searchAsWritten: true')).to.match(/^bag/);
    await shop.system.port('catalog').setStock([
      { productId: 'notebook', storeId: 'berne', quantity: 0 },
      { productId: 'notebook', storeId: 'basel', quantity: 1 },
    ]);
    expect(await first('laptop', '', ', storeId: "berne"')).to.match(/^bag/);
    expect(await first('laptop', '', ', storeId: "basel"')).to.equal('notebook');
  });

  it('are those of different people who go on: sessions that are made up, and one person again and again, teach nothing', async () => {
    for (let i = 0; i < 3; i++) await day(20, 'other', { settles: false });
    expect(await first()).to.match(/^bag/);
    for (let i = 0; i < 12; i++) {
      const { queryId } = await search('again', 'laptop');
      await click('again', queryId, 'other', 1);
      shop.system.clock.advance(dayMs);
    }
    expect(await first()).to.match(/^bag/);
  });

  it('of one person in a hundred raise nothing', async () => {
    for (let i = 0; i < 8; i++) await day(8, 'notebook', { position: 1 });
    const before = (await search('reader', 'laptop')).ids;
    expect(before[0]).to.equal('notebook');
    await day(2, 'other', { position: 100 });
    expect((await search('reader', 'laptop')).ids).to.deep.equal(before);
  });

  it('of one search teach no more than five products', async () => {
    for (let i = 0; i < 3; i++) {
      const sessions = Array.from({ length: 4 }, () => `clicker${people++}`);
      for (const session of sessions) {
        const { queryId } = await search(session, 'laptop');
        for (const id of ['bag1', 'bag2', 'bag3', 'bag4', 'bag5', 'notebook'])
          await click(session, queryId, id, id === 'notebook' ? 3 : 1);
      }
      shop.system.clock.advance(settleMs);
      for (const session of sessions) await search(session, 'bag');
      shop.system.clock.advance(dayMs);
    }
    expect((await search('reader', 'laptop')).ids).not.to.include('notebook');
  });

  it('are known after a restart', async () => {
    for (let i = 0; i < 3; i++) await day(4, 'notebook');
    await shop.close();
    shop = await open();
    expect(await first()).to.equal('notebook');
  });
});

describe('The report of searches', () => {
  let shop: TestGateway;
  beforeEach(async () => {
    shop = await openTestGateway(plugins, {
      environment: { RAPPORT_CONSENT_MODE: 'opt-out', RAPPORT_SEARCH_PEOPLE_MIN: '1' },
    });
    await shop.system.port('catalog').save(products);
  });
  afterEach(() => shop.close());

  /** One person, who goes on, searches so often; the first of the searches are followed by a click at the given positions. */
  async function searched(query: string, times: number, clickedAt: readonly number[] = [], locale = 'en') {
    for (let i = 0; i < times; i++) {
      const context = `{ channel: WEB, sessionId: "s-${query}", locale: "${locale}" }`;
      const answer = await shop.ask(
        `query ($q: String!) { shopper(context: ${context}) { search(query: $q) { queryId total } } }`,
        { variables: { q: query } },
      );
      const queryId = answer.at('shopper.search.queryId') as string;
      const position = clickedAt[i];
      if (position !== undefined)
        await shop.ask(
          `mutation { recordEvents(context: ${context}, events: [{ messageId: "${queryId}", type: SEARCH_RESULT_CLICKED, queryId: "${queryId}", productIds: ["bag1"], position: ${position} }]) { accepted } }`,
        );
      shop.system.clock.advance(settleMs);
    }
  }
  async function report(args: string) {
    const answer = await shop.ask(
      `{ searchReport(${args}) { query searches zeroResults clicked clickThroughRate averageClickPosition } }`,
      { role: 'MERCHANDISER' },
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    return answer.at('searchReport') as readonly { readonly query: string }[];
  }

  it('says how often results were clicked, and where, and which queries fail or rise', async () => {
    await searched('nothing like it', 4);
    shop.system.clock.advance(2 * dayMs);
    await searched('laptop', 3, [2, 5]);
    await searched('bag', 5);
    await searched('sac', 2, [], 'fr-FR');
    const queries = async (args: string) => (await report(args)).map(({ query }) => query);
    expect(await report('days: 7, first: 2')).to.deep.equal([
      {
        query: 'bag',
        searches: 5,
        zeroResults: 0,
        clicked: 0,
        clickThroughRate: 0,
        averageClickPosition: null,
      },
      {
        query: 'nothing like it',
        searches: 4,
        zeroResults: 4,
        clicked: 0,
        clickThroughRate: null,
        averageClickPosition: null,
      },
    ]);
    const [laptop] = (await report('days: 7')).filter(({ query }) => query === 'laptop');
    expect(laptop).to.deep.include({
      searches: 3,
      clicked: 2,
      clickThroughRate: 2 / 3,
      averageClickPosition: 3.5,
    });
    expect(await queries('filter: ZERO_RESULTS')).to.have.members(['nothing like it', 'sac']);
    expect((await queries('filter: ABANDONED'))[0]).to.equal('bag');
    expect(await queries('filter: RISING, days: 3')).to.have.members(['bag', 'laptop', 'sac']);
    expect(await queries('locale: "fr"')).to.deep.equal(['sac']);
    const to = new Date(shop.system.clock.nowMs() - dayMs).toISOString();
    expect(
      await queries(`from: "${new Date(shop.system.clock.nowMs() - 5 * dayMs).toISOString()}", to: "${to}"`),
    ).to.deep.equal(['nothing like it']);
    const wrong = await shop.ask(`{ searchReport(from: "${to}", to: "${to}") { query } }`, {
      role: 'MERCHANDISER',
    });
    expect(wrong.errors?.[0]?.extensions.code).to.equal('SEARCH_REPORT_SPAN');
  });

  it('goes with suggestions that show their product', async () => {
    const answer = await shop.ask(
      '{ shopper(context: { channel: WEB, currency: "EUR" }) { suggest(prefix: "dell") { kind id product { id title price { amount } } } } }',
    );
    const suggestions = answer.at('shopper.suggest') as readonly {
      readonly kind: string;
      readonly product: unknown;
    }[];
    expect(suggestions.find(({ kind }) => kind === 'PRODUCT')?.product).to.deep.equal({
      id: 'notebook',
      title: 'Dell Latitude Notebook',
      price: { amount: '10.00' },
    });
    expect(
      suggestions.filter(({ kind }) => kind !== 'PRODUCT').every(({ product }) => product === null),
    ).to.equal(true);
  });
});
