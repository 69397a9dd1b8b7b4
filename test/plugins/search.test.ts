import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { search } from '../../plugins/search/plugin.js';
import { hasManyDigits, mayBePersonal } from '../../plugins/search/query-log/personal-text.js';
import { createQueryLog } from '../../plugins/search/query-log/query-log.js';
import { createSearch } from '../../plugins/search/search.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { RapportError } from '../../src/errors.js';
import { createHost } from '../../src/host.js';
import type { SearchDriver } from '../../src/ports/search-driver.js';
import { queryOf } from '../contracts/search.js';
import { type Asked, bootPeople, type People } from '../support/people.js';

const plugins = [store, queue, catalog, customers, consent, events, speech, merchandising, search];
const server = { role: 'SERVER', source: 'erp' } as const;
const merchandiser = { role: 'MERCHANDISER' } as const;

const product = (id: string, title: string, other: object = {}) => ({
  id,
  title,
  prices: [{ amount: '10.00', currency: 'EUR' }],
  ...other,
});

const range = [
  product('shoe-1', 'Blue running shoe', {
    brand: 'Hare',
    categoryIds: ['running'],
    prices: [{ amount: '89.90', currency: 'EUR' }],
  }),
  product('shoe-2', 'Red running shoe', {
    brand: 'Tortoise',
    categoryIds: ['running'],
    prices: [{ amount: '59.00', currency: 'EUR' }],
  }),
  product('boot-1', 'Hiking boot', {
    brand: 'Tortoise',
    categoryIds: ['hiking'],
    translations: [{ locale: 'de', title: 'Wanderstiefel' }],
  }),
  product('draft-1', 'Running shoe of next year', { status: 'DRAFT' }),
];

describe('search', () => {
  let people: People;

  const shopper = (selection: string, input = 'sessionId: "s1"', caller = {}): Promise<Asked> =>
    people.ask(`{ shopper(context: { channel: WEB, ${input} }) { ${selection} } }`, caller);
  const found = async (query: string, args = '', input?: string): Promise<string[]> => {
    const asked = await shopper(
      `search(query: ${JSON.stringify(query)} ${args}) { products { nodes { id } } }`,
      input,
    );
    expect(asked.errors).to.equal(undefined);
    return (asked.at('shopper.search.products.nodes') as { id: string }[]).map(({ id }) => id);
  };
  const save = async (...products: object[]): Promise<void> => {
    const asked = await people.ask(
      'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { saved userErrors { message } } }',
      server,
      { products },
    );
    expect(asked.at('saveProducts.userErrors')).to.deep.equal([]);
  };

  beforeEach(async () => {
    people = await bootPeople(plugins);
    await people.ask(
      'mutation { saveCategories(categories: [{ id: "shoes", name: "Shoes" }, { id: "running", name: "Running", parentId: "shoes" }, { id: "hiking", name: "Outdoor", parentId: "shoes" }]) { userErrors { message } } }',
      server,
    );
    await save(...range);
  });
  afterEach(() => people.close());

  let askers = 0;
  /** So many different people search for it, on two days, and are still there a minute later. */
  async function asksAs(count: number, query: string): Promise<void> {
    const sessions = Array.from({ length: count }, () => `asker-${++askers}`);
    const asks = (session: string, field: string) =>
      people.ask(
        `query ($query: String!) { shopper(context: { channel: WEB, sessionId: "${session}" }) { ${field} } }`,
        {},
        { query },
      );
    // What many ask on one day proves nothing, so they come on two.
    for (const some of [sessions.slice(0, count / 2), sessions.slice(count / 2)]) {
      for (const session of some) await asks(session, 'search(query: $query) { total }');
      people.clock.advance(60_000);
      for (const session of some) await asks(session, 'suggest(prefix: $query) { text }');
      people.clock.advance(86_400_000);
    }
  }

  async function suggestedTo(prefix: string): Promise<string[]> {
    await people.ask('{ searchReport { query } }', merchandiser);
    const asked = await shopper(`suggest(prefix: "${prefix}", first: 20) { text }`, 'sessionId: "reader"');
    return (asked.at('shopper.suggest') as { text: string }[]).map(({ text }) => text);
  }

  it('answers products in the shopper’s language, with facets, and never a draft', async () => {
    const asked = await shopper(
      'search(query: "shoes", facets: ["brand", "price"]) { total queryId personalized degraded products { totalCount nodes { id title } } facets { name min max values { value count } } }',
      'locale: "en"',
    );
    expect(asked.at('shopper.search.total')).to.equal(3);
    expect(asked.at('shopper.search.personalized')).to.equal(false);
    expect(asked.at('shopper.search.facets')).to.deep.equal([
      {
        name: 'brand',
        min: null,
        max: null,
        values: [
          { value: 'Tortoise', count: 2 },
          { value: 'Hare', count: 1 },
        ],
      },
      { name: 'price', min: 10, max: 89.9, values: [] },
    ]);
    expect(await found('wanderstiefel', '', 'locale: "de-AT"')).to.deep.equal(['boot-1']);
    expect(asked.personal).to.equal(true);
  });

  it('warns of facets and filters that can match nothing, and of nothing else', async () => {
    await save(product('boot-2', 'Rubber boot', { attributes: [{ name: 'sole', value: 'rubber' }] }));
    const warnings = async (filter: object, facets: readonly string[] = [], text = '') =>
      (await people.port('search').search(queryOf(text, { filter, facets, currency: 'EUR' }))).warnings.map(
        ({ code, message }) => `${code} ${message}`,
      );
    expect(await warnings({}, ['brand', 'sole', 'colour'])).to.deep.equal([
      'SEARCH_FACET_UNKNOWN facets: no product has "colour"; use brand, category, price, or the name of an attribute or option',
    ]);
    // A facet that only this search has no product of is known.
    expect(await warnings({}, ['sole', 'brand'], 'red shoe')).to.deep.equal([]);
    expect(await warnings({ attributes: [{ name: 'sole', values: ['cork'] }] })).to.deep.equal([]);
    expect((await warnings({ attributes: [{ name: 'soul', values: ['cork'] }] })).join()).to.match(
      /^SEARCH_FILTER_UNKNOWN filter\.attributes: no product has "soul"/,
    );
    expect((await warnings({ brands: [], ids: [] })).map((text) => text.split(':')[0])).to.deep.equal([
      'SEARCH_FILTER_EMPTY filter.ids',
      'SEARCH_FILTER_EMPTY filter.brands',
    ]);
    expect((await warnings({ categoryId: 'hats' })).join()).to.match(/no published category "hats"/);
    expect(await warnings({ categoryId: 'shoes' })).to.deep.equal([]);
  });

  it('shows a saved, changed and removed product in the next answer', async () => {
    await save(product('boot-2', 'Rubber boot'));
    expect(await found('rubber')).to.deep.equal(['boot-2']);
    await save(product('boot-2', 'Leather boot'));
    expect(await found('rubber')).to.deep.equal([]);
    await people.ask('mutation { removeProducts(ids: ["boot-2"]) { removedIds } }', server);
    expect(await found('leather')).to.deep.equal([]);
  });

  it('takes a sold out product out of what is in stock at once, per store', async () => {
    const setStock = (storeId: string, quantity: number): Promise<Asked> =>
      people.ask(
        `mutation { setStock(entries: [{ productId: "shoe-1", storeId: "${storeId}", quantity: ${quantity} }]) { set } }`,
        server,
      );
    await setStock('berlin', 1);
    expect(await found('blue shoe', 'filter: { inStock: true }', 'storeId: "berlin"')).to.include('shoe-1');
    expect(await found('blue shoe', 'filter: { inStock: true }', 'storeId: "bonn"')).to.not.include('shoe-1');
    await setStock('berlin', 0);
    expect(await found('blue shoe', 'filter: { inStock: true }', 'storeId: "berlin"')).to.not.include(
      'shoe-1',
    );
    expect(await found('blue shoe', 'filter: { inStock: true }')).to.not.include('shoe-1');
  });

  it('filters prices in the shopper’s currency and by all categories below', async () => {
    expect(await found('', 'filter: { priceMin: "59", priceMax: "89.90" }')).to.have.members([
      'shoe-1',
      'shoe-2',
    ]);
    expect(await found('', 'filter: { categoryId: "shoes" }')).to.have.members([
      'shoe-1',
      'shoe-2',
      'boot-1',
    ]);
    expect(await found('', 'filter: { priceMax: "100" }', 'currency: "USD"')).to.deep.equal([]);
  });

  it('finds products by the new name of their category', async () => {
    expect(await found('trekking')).to.deep.equal([]);
    await people.ask(
      'mutation { saveCategories(categories: [{ id: "hiking", name: "Trekking", parentId: "shoes" }]) { userErrors { message } } }',
      server,
    );
    for (let i = 0; i < 50 && (await found('trekking')).length === 0; i++) people.clock.advance(10);
    expect(await found('trekking')).to.deep.equal(['boot-1']);
  });

  it('pages by cursor', async () => {
    const page = (after: string): Promise<Asked> =>
      shopper(
        `search(query: "", first: 2 ${after}) { products { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
      );
    const first = await page('');
    expect(first.at('shopper.search.products.pageInfo')).to.include({
      hasNextPage: true,
      hasPreviousPage: false,
    });
    const second = await page(`after: "${String(first.at('shopper.search.products.pageInfo.endCursor'))}"`);
    expect(second.at('shopper.search.products.pageInfo')).to.include({
      hasNextPage: false,
      hasPreviousPage: true,
    });
    const ids = [first, second].flatMap((asked) =>
      (asked.at('shopper.search.products.edges') as { node: { id: string } }[]).map(({ node }) => node.id),
    );
    expect(ids).to.have.members(['shoe-1', 'shoe-2', 'boot-1']);
  });

  it('refuses what is out of bounds and says what is allowed', async () => {
    for (const [args, code, allowed] of [
      ['query: "x", first: 101', 'SEARCH_FIRST', '1 to 100'],
      ['query: "x", first: 0', 'SEARCH_FIRST', '1 to 100'],
      ['query: "x", after: "nonsense"', 'SEARCH_CURSOR', 'endCursor'],
      ['query: "x", filter: { priceMin: "12.345" }', 'SEARCH_FILTER', '12.50'],
      ['query: "x", filter: { attributes: [{ name: "Colour" }] }', 'SEARCH_FILTER', 'at least one'],
      [
        `query: "x", facets: ${JSON.stringify(Array.from({ length: 21 }, (_, i) => `f${i}`))}`,
        'SEARCH_FACETS',
        'at most 20',
      ],
    ] as const) {
      const asked = await shopper(`search(${args}) { total }`);
      expect(asked.codes, args).to.deep.equal([code]);
      expect(asked.errors?.[0]?.message, args).to.contain(allowed);
    }
  });

  it('answers odd queries', async () => {
    for (const query of ['   ', 'x'.repeat(10_240), '😀', 'مرحبا', '__proto__', '\u0000', '{"$gt": ""}']) {
      const asked = await people.ask(
        'query ($query: String!) { shopper(context: { channel: WEB }) { search(query: $query) { total } suggest(prefix: $query) { text } } }',
        {},
        { query },
      );
      expect(asked.errors, query.slice(0, 20)).to.equal(undefined);
    }
  });

  it('lists the catalog without a shopper, the same for everybody', async () => {
    const asked = await people.ask(
      '{ products(filter: { brands: ["Tortoise"] }, sort: PRICE_DESC) { totalCount nodes { id } } }',
    );
    expect(asked.at('products')).to.deep.equal({
      totalCount: 2,
      nodes: [{ id: 'shoe-2' }, { id: 'boot-1' }],
    });
    expect(asked.personal).to.equal(false);
  });

  it('takes a price in the words of a query for a filter, and says so', async () => {
    const asked = async (query: string, args = '') =>
      (
        await shopper(
          `search(query: "${query}" ${args}) { total priceMin priceMax correctedQuery products { nodes { id } } }`,
        )
      ).at('shopper.search');
    const cheap = { total: 1, priceMin: null, priceMax: '60.00', products: { nodes: [{ id: 'shoe-2' }] } };
    expect(await asked('running shoe under 60')).to.deep.equal({ ...cheap, correctedQuery: null });
    const corrected = { ...cheap, correctedQuery: 'running shoe under 60' };
    expect(await asked('runnign shoe under 60')).to.deep.equal(corrected);
    expect(await asked('running shoe under 60', 'filter: { priceMax: 59 }')).to.deep.equal({
      ...cheap,
      correctedQuery: null,
    });
    expect(await asked('running shoe under 5')).to.deep.include({ total: 3, priceMax: null });
    expect(await asked('runnign shoe', 'searchAsWritten: true')).to.deep.include({
      total: 0,
      correctedQuery: null,
    });
  });

  it('says what it corrected and which synonyms it used, also in suggestions', async () => {
    const corrected = await shopper('search(query: "runing shoe") { correctedQuery total }');
    expect(corrected.at('shopper.search')).to.deep.equal({ correctedQuery: 'running shoe', total: 2 });
    await people.ask(
      'mutation { saveSynonym(synonym: { terms: ["sneaker", "running shoe"] }) { userErrors { message } } }',
      merchandiser,
    );
    const meant = await shopper(
      'search(query: "sneakers") { correctedQuery appliedSynonyms products { nodes { id } } }',
    );
    expect(meant.at('shopper.search')).to.deep.equal({
      correctedQuery: null,
      appliedSynonyms: ['running shoe'],
      products: { nodes: [{ id: 'shoe-1' }, { id: 'shoe-2' }] },
    });
    const suggested = await shopper('suggest(prefix: "snea") { text kind }');
    expect(suggested.at('shopper.suggest')).to.deep.include({ text: 'sneaker', kind: 'QUERY' });
  });

  it('suggests what others searched with success', async () => {
    await asksAs(5, 'Red Shoe');
    await asksAs(5, 'reindeer');
    await people.ask('{ searchReport { query } }', merchandiser);
    const texts = (
      (await shopper('suggest(prefix: "re") { text }')).at('shopper.suggest') as { text: string }[]
    ).map(({ text }) => text);
    expect(texts[0]).to.equal('red shoe');
    expect(texts).to.not.include('reindeer');
  });

  it('takes requests without a session for nobody, however many, and a customer for one', async () => {
    const suggested = async (prefix: string): Promise<string[]> => {
      await people.ask('{ searchReport { query } }', merchandiser);
      const asked = await shopper(`suggest(prefix: "${prefix}") { text kind }`);
      return (asked.at('shopper.suggest') as { text: string }[]).map(({ text }) => text);
    };
    for (let i = 0; i < 10; i++) {
      await shopper('search(query: "Blue running shoe") { total }', 'locale: "en"');
      await shopper('search(query: "Red running shoe") { total }', 'customerId: "ada"', server);
    }
    expect(await suggested('blue r')).to.not.include('blue running shoe');
    expect(await suggested('red r')).to.not.include('red running shoe');
    await asksAs(5, 'hiking boot of');
    expect(await suggested('hiking boot')).to.include('hiking boot of');
  });

  it('shows no sentence that a few made-up sessions typed, nor words that no product has', async () => {
    await asksAs(3, 'red shoe');
    await asksAs(8, 'red shoe is bad buy elsewhere now');
    await asksAs(8, 'red crap');
    const texts = await suggestedTo('red');
    expect(texts).to.not.include('red shoe');
    expect(texts.join()).to.not.match(/bad|crap/);
    await asksAs(2, 'red shoe');
    expect(await suggestedTo('red')).to.include('red shoe');
  });

  it('counts a session only once it has gone on for a minute', async () => {
    const reported = async () =>
      (await people.ask('{ searchReport { query } }', merchandiser)).at('searchReport');
    const each = async (field: string): Promise<void> => {
      for (let n = 0; n < 5; n++) await shopper(field, `sessionId: "script-${n}"`);
    };
    await asksAs(4, 'red shoe');
    await each('search(query: "red shoe") { total }');
    await each('search(query: "red shoe") { total }');
    expect(await reported()).to.deep.equal([]);
    people.clock.advance(60_000);
    await each('suggest(prefix: "re") { text }');
    expect(await reported()).to.deep.equal([{ query: 'red shoe' }]);
  });

  it('suggests nothing on the day on which many sessions first asked it, and one network counts once', async () => {
    const asks = async (name: string, networkOf: (n: number) => string) => {
      for (const field of ['search(query: "red shoe") { total }', 'suggest(prefix: "r") { text }']) {
        for (let n = 0; n < 20; n++)
          await shopper(field, `sessionId: "${name}-${n}"`, { network: networkOf(n) });
        people.clock.advance(63_000);
      }
    };
    await asks('many', (n) => `203.0.113.${n}`);
    expect(await suggestedTo('red')).to.not.include('red shoe');
    for (let day = 0; day < 5; day++) {
      people.clock.advance(86_400_000);
      await asks(`one-${day}`, () => '198.51.100.7');
    }
    expect(await suggestedTo('red')).to.not.include('red shoe');
    people.clock.advance(86_400_000);
    await asks('others', (n) => `192.0.2.${n}`);
    expect(await suggestedTo('red')).to.include('red shoe');
  });

  it('shows nobody what may name a person, however many type it', async () => {
    for (const text of [
      'shoe anna@example.com',
      'shoe anna ＠ example.com',
      'shoe +49 (170) 123-45 67',
      'shoe 4111 1111 1111 1111',
      'shoe ４１１１１１１１１',
      'shoe 1\u200b2345678',
      'shoe 0_1_7_1_2_3_4_5',
      'shoe 0|1|7|1|2*3*4*5',
      'shoe 0️⃣1️⃣7️⃣1️⃣2️⃣3️⃣4️⃣',
      'shoe 0x1x7x1x2x3x4x5',
      'shoe anna ( at ) example.com',
      'shoe anna_at_example.com',
      'shoe anna at example dot com',
      'shoe anna (ａｔ) example.com',
      'shoe anna (a) example.com',
      'shoe 030 x 123 456',
      'shoe 030x123456',
      'shoe 4111 x 111 111',
      'shoe 12o34o56o78',
      'shoe 0.30.x.123.456',
      'shoe 030 und 123 und 45 67',
      'shoe anna b gmail com',
      'shoe anna at gmail。com',
    ]) {
      await asksAs(8, text);
    }
    const report = await people.ask('{ searchReport { query } }', merchandiser);
    expect(report.at('searchReport')).to.deep.equal([]);
    expect((await suggestedTo('shoe')).join()).to.not.match(/anna|\p{Nd}{3}/u);
  });

  it('suggests no word that a product does not have, however short, and none that only begins one', async () => {
    for (const text of ['red shoe sex now', 'red die', 'red sh', 'red running shoe 4u', 'red hiking'])
      await asksAs(8, text);
    expect((await suggestedTo('red')).join()).to.not.match(/sex|die|sh$|4u|hiking/u);
  });

  it('keeps many digits where a product has all of them', async () => {
    await save(product('shelf-1', 'Shelf 100x150x200 cm'));
    await asksAs(8, 'shelf 100x150x200');
    await asksAs(8, 'shelf 100x150x201');
    const report = await people.ask('{ searchReport { query } }', merchandiser);
    expect(report.at('searchReport')).to.deep.equal([{ query: 'shelf 100x150x200' }]);
    expect(await suggestedTo('shelf')).to.include('shelf 100x150x200');
  });

  it('suggests and corrects to no word, brand or category that only unpublished products have', async () => {
    await people.ask(
      'mutation { saveCategories(categories: [{ id: "zaphs", name: "Zaphodery" }, { id: "zaph-boots", name: "Zaphod boots", parentId: "zaphs" }]) { userErrors { message } } }',
      server,
    );
    const own = { brand: 'Zaphodics', categoryIds: ['zaph-boots'] };
    await save(product('boot-9', 'Zaphodium boot', own));
    await asksAs(6, 'zaphodium boot');
    for (const text of ['zaphodium boot', 'Zaphodics', 'Zaphodery', 'Zaphod boots'])
      expect(await suggestedTo('zaph')).to.include(text);
    for (const status of ['DRAFT', 'ARCHIVED']) {
      await save(product('boot-9', 'Zaphodium boot', { status, ...own }));
      await save(product('boot-8', 'Zaphodous boot', { status, ...own }));
      const answer = await shopper(
        `zaph: suggest(prefix: "zaph") { text } typo: suggest(prefix: "zaphodiun") { text }
        one: search(query: "zaphodiun", facets: ["brand", "category"]) { correctedQuery total facets { values { value } } }
        two: search(query: "zaphodous boot", facets: ["brand", "category"]) { correctedQuery appliedSynonyms facets { values { value } } }`,
      );
      expect(JSON.stringify(answer.data)).to.not.match(
        /zaphodium|zaphodous|zaphodics|zaphodery|zaphod boots/i,
      );
      const listed = await people.ask('{ products(filter: { ids: ["boot-9", "boot-8"] }) { nodes { id } } }');
      expect(listed.at('products.nodes')).to.deep.equal([]);
    }
  });

  it('follows a shopper’s preferences only with their consent, and within what matches', async () => {
    const consented = async (status: string): Promise<void> => {
      const asked = await people.ask(
        `mutation { setConsent(context: { channel: WEB, sessionId: "s1" }, decisions: [{ purpose: PERSONALIZATION, status: ${status} }]) { userErrors { message } } }`,
      );
      expect(asked.errors).to.equal(undefined);
    };
    const asked = (): Promise<Asked> =>
      shopper('search(query: "running shoe") { personalized products { nodes { id } } }');
    expect((await asked()).at('shopper.search')).to.deep.equal({
      personalized: false,
      products: { nodes: [{ id: 'shoe-1' }, { id: 'shoe-2' }] },
    });
    await consented('GRANTED');
    await people.ask(
      'mutation { recordEvents(context: { channel: WEB, sessionId: "s1" }, events: [{ messageId: "1", type: PRODUCT_VIEWED, productIds: ["boot-1"] }]) { accepted } }',
    );
    expect((await asked()).at('shopper.search')).to.deep.equal({
      personalized: true,
      products: { nodes: [{ id: 'shoe-2' }, { id: 'shoe-1' }] },
    });
    await consented('WITHDRAWN');
    expect((await asked()).at('shopper.search.personalized')).to.equal(false);
  });

  it('reports queries with those that found nothing and those that led to a click', async () => {
    const clicked = await shopper('search(query: "Red  shoe") { queryId }', 'sessionId: "s1"');
    await asksAs(5, 'red shoe');
    await asksAs(5, 'zeppelin');
    await asksAs(4, 'airship');
    await people.ask(
      `mutation { recordEvents(context: { channel: WEB, sessionId: "s1" }, events: [{ messageId: "c1", type: SEARCH_RESULT_CLICKED, productIds: ["shoe-2"], queryId: "${String(clicked.at('shopper.search.queryId'))}" }]) { accepted } }`,
    );
    const report = await people.ask(
      '{ searchReport(days: 7) { query searches zeroResults clicked } }',
      merchandiser,
    );
    expect(report.at('searchReport')).to.deep.equal([
      { query: 'red shoe', searches: 6, zeroResults: 0, clicked: 1 },
      { query: 'zeppelin', searches: 5, zeroResults: 5, clicked: 0 },
    ]);
    expect((await people.ask('{ searchReport { query } }')).codes).to.deep.equal(['AUTHENTICATION_ROLE']);
  });

  it('speaks the first results', async () => {
    const asked = await shopper(
      'search(query: "running") { speech(first: 1) { ssml text } }',
      'sessionId: "s1"',
    );
    expect(asked.errors).to.equal(undefined);
    expect(asked.at('shopper.search.speech.text')).to.contain('running shoe').and.to.not.contain('Red');
  });

  it('answers from the catalog, and says so, while a search server is down', async () => {
    const down = async (): Promise<never> => {
      throw new RapportError('unavailable', 'SEARCH_UNAVAILABLE', 'down');
    };
    const driver: SearchDriver = {
      live: true,
      connect: () => undefined,
      isFilled: async () => true,
      count: async () => 0,
      fill: async () => 0,
      put: () => undefined,
      remove: () => undefined,
      setSynonyms: () => undefined,
      limitsOf: () => [],
      search: down,
      complete: down,
      check: down,
    };
    const host = createHost({
      clock: people.clock,
      ids: { next: () => 'id' },
      random: () => 0,
      log: people.log,
      dataDir: '',
    });
    const log = createQueryLog(people.port('store'), host);
    const { port } = createSearch({
      driver,
      catalog: people.port('catalog'),
      merchandising: people.port('merchandising'),
      log,
      store: people.port('store'),
      host,
    });
    const answer = await port.search(queryOf('red shoe', { filter: { categoryId: 'shoes' } }));
    expect(answer).to.deep.include({ ids: ['shoe-2'], total: 1, degraded: true });
    const { suggestions } = await port.suggest('re', { limit: 5, locale: 'en' });
    expect(suggestions.map(({ text }) => text)).to.include('Red running shoe');
  });
});

describe('a text that may name somebody', () => {
  it('is not a product’s code, size or year', () => {
    for (const text of [
      'hp dv7-1211ea',
      'iphone 13 128gb 2023',
      'samsung galaxy s21 ultra 5g 128gb',
      'tv 55 zoll 4k 120 hz',
      'table 120x80x75 cm',
      'shoes size 42.5',
      'look at st. james',
      'a-line dress',
      'vitamin-a-creme',
      'usb (a) cable',
      '15,6" laptop',
    ])
      expect(mayBePersonal(text), text).to.equal(false);
    expect(hasManyDigits('samsung galaxy s21 ultra 5g 128gb')).to.equal(false);
  });
});
