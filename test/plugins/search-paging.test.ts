import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { connectionOf, pageOf, spanOf, type Window, windowOf } from '../../plugins/search/paging/pages.js';
import { createSearchRun } from '../../plugins/search/paging/search-run.js';
import { search } from '../../plugins/search/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { isRapportError } from '../../src/errors.js';
import { printOf, rememberedMax, writeCursor } from '../../src/kit/listing-cursor.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const plugins = [store, queue, catalog, customers, consent, events, speech, merchandising, search];
const server = { role: 'SERVER', source: 'erp' } as const;
const size = 210;
const idOf = (n: number) => `mug-${n}`;
const all = Array.from({ length: size }, (_, n) => idOf(n));

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

interface Page {
  readonly queryId: string;
  readonly total: number;
  readonly products: {
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
    readonly pageInfo: PageInfo;
  };
}

const pageFields =
  'queryId total products(first: $first, after: $after, last: $last, before: $before) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
const pageQuery = `query ($context: ShopperContext!, $query: String!, $sort: ProductSort, $filter: ProductFilter, $first: Int, $after: String, $last: Int, $before: String) {
  shopper(context: $context) { search(query: $query, sort: $sort, filter: $filter) { ${pageFields} } } }`;

describe('Pages of a search', () => {
  let people: People;
  let sent = 0;

  before(async () => {
    people = await bootPeople(plugins, { environment: { RAPPORT_SEARCH_PEOPLE_MIN: '1' } });
    const { errors } = await people.ask(
      'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { userErrors { message } } }',
      server,
      {
        products: all.map((id, n) => ({
          id,
          title: n % 3 === 0 ? `Blue mug ${n}` : `Mug ${n}`,
          brand: `Brand ${n % 5}`,
          categoryIds: [`category-${n % 7}`],
          prices: [{ amount: `${5 + (n % 40)}.00`, currency: 'EUR' }],
          stock: [{ quantity: 3 }],
        })),
      },
    );
    expect(errors).to.equal(undefined);
  });
  after(() => people.close());

  const contextOf = (sessionId: string) => ({ channel: 'WEB', sessionId, currency: 'EUR', locale: 'en' });

  async function ask(sessionId: string, variables: Record<string, unknown>): Promise<Page> {
    const asked = await people.ask(
      pageQuery,
      {},
      { context: contextOf(sessionId), query: 'mug', ...variables },
    );
    expect(asked.errors, JSON.stringify(asked.errors)).to.equal(undefined);
    return asked.at('shopper.search') as Page;
  }

  const grant = (sessionId: string) =>
    people.ask(
      'mutation ($context: ShopperContext!) { setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } } }',
      {},
      { context: contextOf(sessionId) },
    );
  const record = (sessionId: string, type: string, productIds: readonly string[], more: object = {}) =>
    people.ask(
      'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted } }',
      {},
      { context: contextOf(sessionId), events: [{ messageId: `m${++sent}`, type, productIds, ...more }] },
    );
  const setStock = (productId: string, quantity: number) =>
    people.ask('mutation ($entries: [StockInput!]!) { setStock(entries: $entries) { set } }', server, {
      entries: [{ productId, quantity }],
    });

  /** Walks a whole listing with something happening after each page; returns what was listed, in order. */
  async function walk(seed: number): Promise<void> {
    const random = createRandom(seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const sessionId = `walker-${seed}`;
    await grant(sessionId);
    const onlyInStock = random() < 0.5;
    const variables = {
      query: pick(['mug', '', 'blue mug']),
      sort: pick([null, 'RELEVANCE', 'PRICE_ASC', 'NEWEST', 'TITLE']),
      filter: onlyInStock ? { inStock: true } : null,
      first: pick([7, 20, 20, 50]),
    };
    const soldOut = new Set<string>();
    const listed: string[] = [];
    const queryIds = new Set<string>();
    let after: string | null = null;
    for (;;) {
      const { queryId, products } = await ask(sessionId, { ...variables, after });
      queryIds.add(queryId);
      listed.push(...products.edges.map(({ node }) => node.id));
      if (!products.pageInfo.hasNextPage) break;
      after = products.pageInfo.endCursor;
      const target = random() < 0.6 && listed.length > 0 ? pick(listed.slice(-20)) : pick(all);
      const what = random();
      if (what < 0.35) await record(sessionId, 'PRODUCT_VIEWED', [target]);
      else if (what < 0.5) await record(sessionId, 'PRODUCT_ADDED_TO_CART', [target]);
      else if (what < 0.6) await record(sessionId, 'PRODUCT_DISMISSED', [target]);
      else if (what < 0.7)
        await record(sessionId, 'ORDER_COMPLETED', [target], { value: 10, currency: 'EUR' });
      else {
        soldOut.add(target);
        await setStock(target, 0);
      }
    }
    for (const id of soldOut) await setStock(id, 3);
    const expected = variables.query === 'blue mug' ? listed : all;
    const what = `seed ${seed}: ${JSON.stringify(variables)}`;
    expect(new Set(listed).size, `none twice, ${what}`).to.equal(listed.length);
    const lost = expected.filter((id) => !listed.includes(id) && !(onlyInStock && soldOut.has(id)));
    expect(lost, `none lost, ${what}`).to.deep.equal([]);
    expect(queryIds.size, `one query id, ${what}`).to.equal(1);
  }

  it('list each product once, whatever the shopper does and whatever is sold meanwhile', async function () {
    this.timeout(600_000);
    for (let seed = 1; seed <= runs(1_000) / (process.env.TEST_RUNS === 'all' ? 1 : 10); seed++)
      await walk(seed);
  });

  it('are paged forward and backward to the same products, by the cursor of any edge', async () => {
    const sessionId = 'back-and-forth';
    await grant(sessionId);
    const first = await ask(sessionId, { first: 30 });
    const second = await ask(sessionId, { first: 30, after: first.products.pageInfo.endCursor });
    await record(sessionId, 'PRODUCT_VIEWED', [second.products.edges[3]!.node.id]);
    await record(sessionId, 'PRODUCT_ADDED_TO_CART', [second.products.edges[25]!.node.id]);
    const ids = [...first.products.edges, ...second.products.edges].map(({ node }) => node.id);
    const cursors = [...first.products.edges, ...second.products.edges].map(({ cursor }) => cursor);
    expect(cursors[29]).to.equal(first.products.pageInfo.endCursor);
    expect(cursors[30]).to.equal(second.products.pageInfo.startCursor);
    for (const at of [1, 10, 29, 30, 45, 59]) {
      const { queryId, products } = await ask(sessionId, { last: 10, before: cursors[at] });
      expect(
        products.edges.map(({ node }) => node.id),
        `before ${at}`,
      ).to.deep.equal(ids.slice(Math.max(0, at - 10), at));
      expect(products.pageInfo).to.include({ hasNextPage: true, hasPreviousPage: at > 10 });
      expect(queryId).to.equal(first.queryId);
      expect(products.edges.map(({ cursor }) => cursor)).to.deep.equal(
        cursors.slice(Math.max(0, at - 10), at),
      );
    }
    const onward = await ask(sessionId, { first: 5, after: cursors[9] });
    expect(onward.products.edges).to.have.length(5);
    expect(onward.products.edges.some(({ node }) => ids.slice(0, 10).includes(node.id))).to.equal(false);
  });

  it('can be walked from the end to the beginning', async () => {
    const listed: string[] = [];
    let before: string | null = null;
    for (let page = 0; page < 30; page++) {
      const { products } = await ask('from-the-end', { last: 20, before });
      listed.unshift(...products.edges.map(({ node }) => node.id));
      expect(products.pageInfo.hasNextPage).to.equal(page > 0);
      if (!products.pageInfo.hasPreviousPage) break;
      before = products.pageInfo.startCursor;
      await record('from-the-end', 'PRODUCT_VIEWED', [products.edges[0]!.node.id]);
    }
    expect([...listed].sort()).to.deep.equal([...all].sort());
  });

  it('skip what is not available any more, and go on after a page of which nothing is', async () => {
    const first = await ask('skipping', { first: 5, filter: { inStock: true } });
    const next = await ask('skipping', {
      first: 5,
      filter: { inStock: true },
      after: first.products.pageInfo.endCursor,
    });
    const sold = next.products.edges.slice(0, 2).map(({ node }) => node.id);
    for (const id of sold) await setStock(id, 0);
    const again = await ask('skipping', {
      first: 5,
      filter: { inStock: true },
      after: first.products.pageInfo.endCursor,
    });
    const back = await ask('skipping', {
      last: 5,
      filter: { inStock: true },
      before: again.products.pageInfo.endCursor,
    });
    for (const id of sold) await setStock(id, 3);
    expect(again.products.edges.map(({ node }) => node.id).slice(0, 3)).to.deep.equal(
      next.products.edges.slice(2).map(({ node }) => node.id),
    );
    expect(again.products.edges).to.have.length(5);
    expect(again.total).to.equal(size - 2);
    expect(back.products.edges.map(({ node }) => node.id)).to.deep.equal([
      first.products.edges[4]!.node.id,
      ...again.products.edges.slice(0, 4).map(({ node }) => node.id),
    ]);
  });

  it('refuse a cursor of another query, filter, sort, store, language or currency, and one that is damaged', async () => {
    const { products } = await ask('other', { first: 5 });
    const cursor = products.pageInfo.endCursor!;
    const others: readonly (readonly [string, Record<string, unknown>])[] = [
      ['query', { query: 'blue mug' }],
      ['sort', { sort: 'PRICE_ASC' }],
      ['filter', { filter: { categoryId: 'category-1' } }],
      ['store', { context: { ...contextOf('other'), storeId: 'berne' } }],
      ['language', { context: { ...contextOf('other'), locale: 'de' } }],
      ['currency', { context: { ...contextOf('other'), currency: 'USD' } }],
      ['damaged', { after: `${cursor.slice(0, 12)}x${cursor.slice(13)}` }],
      ['cut', { after: cursor.slice(0, -6) }],
      ['nonsense', { after: 'nonsense' }],
      ['long', { after: 'A'.repeat(100_000) }],
    ];
    for (const [what, variables] of others) {
      const asked = await people.ask(
        pageQuery,
        {},
        { context: contextOf('other'), query: 'mug', first: 5, after: cursor, ...variables },
      );
      expect(asked.codes, what).to.deep.equal(['SEARCH_CURSOR']);
      expect(asked.errors![0]!.message, what).to.contain('after: ').and.to.contain('endCursor');
    }
    const asSession = await ask('another-session', { first: 5, after: cursor });
    expect(asSession.products.edges).to.have.length(5);
    const listing = await people.ask(
      'query ($after: String) { products(first: 5, after: $after) { nodes { id } } }',
      {},
      { after: cursor },
    );
    expect(listing.codes).to.deep.equal(['SEARCH_CURSOR']);
  });

  it('refuse arguments of both directions, and sizes that are not allowed', async () => {
    for (const [variables, code] of [
      [{ first: 5, last: 5 }, 'SEARCH_PAGE'],
      [{ first: 0 }, 'SEARCH_FIRST'],
      [{ last: 101 }, 'SEARCH_LAST'],
    ] as const) {
      const asked = await people.ask(
        pageQuery,
        {},
        { context: contextOf('odd'), query: 'mug', ...variables },
      );
      expect(asked.codes, JSON.stringify(variables)).to.deep.equal([code]);
    }
    expect(() => windowOf('listing', { first: 5, before: 'x' })).to.throw(/^first and before are given; /);
    const far = writeCursor('listing', { place: 10_000, name: '', listed: [1] });
    expect(() => windowOf('listing', { after: far })).to.throw(/first 10000 results/);
    const other = (): unknown => windowOf('another', { before: far });
    expect(other).to.throw(/^before: /);
    try {
      other();
    } catch (error) {
      expect(isRapportError(error, 'invalid')).to.equal(true);
    }
  });

  it('of one place are two, if their cursors are of two searches', async () => {
    const run = createSearchRun({
      listing: 'mugs',
      usual: windowOf('mugs', {}),
      ask: async () => ({
        ids: ['a', 'b', 'c'],
        total: 3,
        facets: [],
        correctedQuery: null,
        appliedSynonyms: [],
        appliedRules: [],
        redirect: null,
        warnings: [],
        degraded: false,
      }),
      nodesOf: async () => new Map(),
      begin: () => 'new',
    });
    const afterThe = (id: string, name: string) => ({
      first: 1,
      after: writeCursor('mugs', { place: 0, name, listed: [printOf(id)] }),
    });
    const pages = await Promise.all([run.page(afterThe('a', 'one')), run.page(afterThe('b', 'other'))]);
    expect(pages.map(({ items }) => items[0]!.id)).to.deep.equal(['b', 'a']);
  });

  it('of several fields are read by one query, with one id, and the facets that each names', async () => {
    const asked = await people.ask(
      `query ($context: ShopperContext!) { shopper(context: $context) { search(query: "mug") {
        speech(first: 2) { text } total
        products(first: 3) { nodes { id } } hits(first: 3) { position product { id } }
        more: products(last: 2) { nodes { id } }
        brands: facets(names: ["brand"]) { name values { count } } facets(names: ["category", "brand"]) { name } none: facets { name }
        queryId id: queryId } } }`,
      {},
      { context: contextOf('several') },
    );
    expect(asked.errors).to.equal(undefined);
    const result = asked.at('shopper.search') as Record<string, unknown>;
    const nodes = asked.at('shopper.search.products.nodes') as { id: string }[];
    expect(result.hits).to.deep.equal(nodes.map((product, i) => ({ position: i + 1, product })));
    expect(asked.at('shopper.search.more.nodes')).to.have.length(2);
    expect(asked.at('shopper.search.brands.0.values.0.count')).to.equal(42);
    expect((result.facets as { name: string }[]).map(({ name }) => name)).to.have.members([
      'brand',
      'category',
    ]);
    expect(result.none).to.deep.equal([]);
    expect(result.queryId).to.equal(result.id);
  });

  it('are as they were for the arguments of search', async () => {
    const old = `query ($context: ShopperContext!, $after: String) { shopper(context: $context) { search(query: "mug", first: 4, after: $after, facets: ["brand"]) {
      nodeId queryId facets { name } products { nodes { id } pageInfo { endCursor } } hits { position } } } }`;
    const first = await people.ask(old, {}, { context: contextOf('old') });
    const second = await people.ask(
      old,
      {},
      { context: contextOf('old'), after: first.at('shopper.search.products.pageInfo.endCursor') },
    );
    const page = await ask('old', { first: 8 });
    expect(
      [first, second].flatMap((asked) => asked.at('shopper.search.products.nodes') as { id: string }[]),
    ).to.deep.equal(page.products.edges.map(({ node }) => node));
    expect(second.at('shopper.search.queryId')).to.equal(first.at('shopper.search.queryId'));
    expect(second.at('shopper.search.nodeId')).not.to.equal(first.at('shopper.search.nodeId'));
    expect(second.at('shopper.search.hits.0.position')).to.equal(5);
    expect(first.at('shopper.search.facets')).to.deep.equal([{ name: 'brand' }]);
  });

  it('join clicks on any of them with the search', async () => {
    for (let n = 0; n < 5; n++) {
      const sessionId = `clicker-${n}`;
      const person = { network: `198.51.${100 + n}.1` };
      await people.ask(
        'mutation ($context: ShopperContext!) { setConsent(context: $context, decisions: [{ purpose: ANALYTICS, status: GRANTED }]) { userErrors { message } } }',
        person,
        { context: contextOf(sessionId) },
      );
      const variables = { context: contextOf(sessionId), query: 'blue mugs', first: 5 };
      const first = (await people.ask(pageQuery, person, variables)).at('shopper.search') as Page;
      const { endCursor } = first.products.pageInfo;
      people.clock.advance(120_000);
      const second = (await people.ask(pageQuery, person, { ...variables, after: endCursor })).at(
        'shopper.search',
      ) as Page;
      await record(sessionId, 'SEARCH_RESULT_CLICKED', [second.products.edges[0]!.node.id], {
        queryId: second.queryId,
      });
    }
    const report = await people.ask('{ searchReport { query searches clicked } }', { role: 'MERCHANDISER' });
    const entries = report.at('searchReport') as { query: string; searches: number; clicked: number }[];
    expect(entries.find(({ query }) => query === 'blue mugs')).to.include({ searches: 5, clicked: 5 });
  });
});

describe('Pages of a long listing', () => {
  const ids = Array.from({ length: 3_000 }, (_, n) => `p${n}`);
  const show = (window: Window, ranking: readonly string[]) => {
    const { offset, limit } = spanOf(window, ranking.length);
    return pageOf(window, ranking.slice(offset, offset + limit), ranking.length);
  };

  it('remember the latest products, in cursors of bounded length, and lose none while few move', () => {
    const random = createRandom(7);
    const ranking = [...ids];
    const listed: string[] = [];
    let after: string | null = null;
    let longest = 0;
    do {
      const window: Window = windowOf('l', { first: 100, after });
      const page = show(window, ranking);
      listed.push(...page.items.map(({ id }) => id));
      const connection = connectionOf(page, {
        listing: 'l',
        queryId: 'q',
        total: ranking.length,
        nodeOf: () => null,
      });
      after = page.hasNext ? connection.pageInfo.endCursor : null;
      longest = Math.max(longest, after?.length ?? 0);
      // By up to 100 places.
      for (let moves = 0; moves < 50; moves++) {
        const from = Math.floor(random() * ranking.length);
        const [moved] = ranking.splice(from, 1);
        ranking.splice(Math.max(0, from + Math.floor((random() - 0.5) * 200)), 0, moved!);
      }
    } while (after !== null);
    expect(new Set(listed).size).to.equal(listed.length);
    expect(listed).to.have.length(ids.length);
    expect(longest).to.be.below(5_400);
  });

  it('go back past what a cursor remembers', () => {
    const place = 2_000;
    const listed = ids.slice(place + 1 - rememberedMax, place + 1).map(printOf);
    let before = writeCursor('l', { place, name: '', listed });
    const back: string[] = [];
    for (let pages = 0; pages < 20; pages++) {
      const window = windowOf('l', { last: 100, before });
      const page = show(window, ids);
      back.unshift(...page.items.map(({ id }) => id));
      expect(page.hasPrevious).to.equal(pages < 19);
      const { pageInfo } = connectionOf(page, { listing: 'l', queryId: '', total: 0, nodeOf: () => null });
      before = pageInfo.startCursor!;
    }
    expect(back).to.deep.equal(ids.slice(0, place));
  });
});
