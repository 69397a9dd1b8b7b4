import { expect } from 'chai';
import type { Category, Product } from '../../src/ports/catalog.js';
import type { Synonym } from '../../src/ports/merchandising.js';
import type {
  DriverAnswer,
  DriverQuery,
  SearchDocument,
  SearchDriver,
} from '../../src/ports/search-driver.js';
import { allInStock } from '../support/live-catalog.js';

export type OpenDriver = SearchDriver & { close(): Promise<void> };

export function productOf(id: string, title: string, other: Partial<Product> = {}): Product {
  return {
    id,
    sku: null,
    version: null,
    status: 'ACTIVE',
    title,
    description: '',
    brand: null,
    categoryIds: [],
    prices: [],
    options: [],
    attributes: [],
    media: [],
    sellers: [],
    translations: {},
    speakable: true,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...other,
  };
}

export const euros = (amountMinor: number, storeId: string | null = null) => ({
  currency: 'EUR',
  amountMinor,
  listAmountMinor: null,
  storeId,
});

export function queryOf(text: string, other: Partial<DriverQuery> = {}): DriverQuery {
  return {
    text,
    filter: {},
    categoryIds: null,
    changes: [],
    sort: 'RELEVANCE',
    facets: [],
    limit: 20,
    offset: 0,
    locale: 'en',
    currency: 'EUR',
    storeId: null,
    atMs: 0,
    preferences: null,
    ...other,
  };
}

const electronics: Category = { id: 'electronics', name: 'Electronics', parentId: null, translations: {} };
const laptops: Category = { id: 'laptops', name: 'Laptops', parentId: 'electronics', translations: {} };
const bags: Category = { id: 'bags', name: 'Bags', parentId: null, translations: {} };
const categories = new Map([electronics, laptops, bags].map((category) => [category.id, category]));

function synonym(other: Partial<Synonym>): Synonym {
  return {
    id: 's',
    locale: '*',
    kind: 'MULTI_WAY',
    input: null,
    terms: [],
    updatedAtMs: 0,
    ...other,
  };
}

const shop: readonly Product[] = [
  productOf('lap-1', 'Lenovo ThinkPad X1 Laptop', {
    brand: 'Lenovo',
    categoryIds: ['laptops'],
    prices: [euros(150_000), euros(140_000, 'berlin')],
    attributes: [
      { name: 'Colour', value: 'Black' },
      { name: 'Memory', value: 16 },
    ],
    createdAtMs: 3,
  }),
  productOf('lap-2', 'HP Pavilion dv7-1211ea Laptop 17"', {
    brand: 'HP',
    categoryIds: ['laptops'],
    prices: [euros(90_000)],
    attributes: [
      { name: 'Colour', value: 'Silver' },
      { name: 'Memory', value: 8 },
    ],
    sellers: [{ id: 'second-hand', name: 'Second Hand' }],
    createdAtMs: 1,
  }),
  productOf('bag-1', 'Targus Laptop Bag', {
    brand: 'Targus',
    categoryIds: ['bags'],
    prices: [euros(4_000)],
    attributes: [{ name: 'Colour', value: 'Black' }],
    createdAtMs: 2,
  }),
  productOf('hub-1', 'Anker USB3 Hub', {
    brand: 'Anker',
    prices: [{ ...euros(3_000), currency: 'USD' }],
    createdAtMs: 4,
  }),
  productOf('mug-1', 'Café Mug', { translations: { de: { title: 'Kaffeetasse' } }, createdAtMs: 5 }),
];

/** What every search driver promises. `stock` lists the products that no store has. */
export function searchContract(open: () => Promise<OpenDriver>): void {
  let driver: OpenDriver;
  const soldOut = new Set<string>();

  function documentOf(product: Product): SearchDocument {
    const found: Category[] = [];
    for (const id of product.categoryIds) {
      for (let category = categories.get(id); category; category = categories.get(category.parentId ?? ''))
        found.push(category);
    }
    return { product, categories: found, stock: soldOut.has(product.id) ? { online: 0 } : { online: 3 } };
  }
  async function* pages(products: readonly Product[]) {
    yield products.map(documentOf);
  }
  const put = async (...products: Product[]): Promise<void> => driver.put(products.map(documentOf));
  const search = (text: string, other: Partial<DriverQuery> = {}): Promise<DriverAnswer> =>
    driver.search(queryOf(text, other));
  const ids = async (text: string, other: Partial<DriverQuery> = {}): Promise<readonly string[]> =>
    (await search(text, other)).ids;

  beforeEach(async () => {
    soldOut.clear();
    driver = await open();
    driver.connect({
      ...allInStock,
      inStock: (id) => !soldOut.has(id),
      lineage: (id) => (id === 'laptops' ? ['laptops', 'electronics'] : [id]),
      categoryName: (id) => categories.get(id)?.name ?? id,
    });
    expect(await driver.fill(pages(shop))).to.equal(shop.length);
    await driver.setSynonyms([]);
  });
  afterEach(() => driver.close());

  it('finds words in the title, whatever their case, number and accents', async () => {
    expect(await ids('LAPTOPS')).to.have.members(['lap-1', 'lap-2', 'bag-1']);
    expect(await ids('cafe')).to.deep.equal(['mug-1']);
    expect(await ids('lenovo laptop'))
      .to.include('lap-1')
      .and.to.have.property('0', 'lap-1');
  });

  it('finds a model number whole and in parts', async () => {
    expect((await ids('dv7-1211ea'))[0]).to.equal('lap-2');
    expect((await ids('dv7'))[0]).to.equal('lap-2');
  });

  it('finds misspelt words, after those spelt as written', async () => {
    expect((await ids('thinkpda'))[0]).to.equal('lap-1');
    await put(productOf('typo', 'Anchor'), productOf('right', 'Ancher'));
    expect((await ids('ancher'))[0]).to.equal('right');
  });

  it('completes the last word', async () => {
    expect((await ids('lenovo think'))[0]).to.equal('lap-1');
  });

  it('finds only what has every word, as written or by a synonym, if that is asked for', async () => {
    driver.setSynonyms([synonym({ terms: ['laptop', 'notebook'] })]);
    const exactly = async (text: string) => (await search(text, { searchAsWritten: true })).total;
    for (const text of ['thinkpad x1', 'targus bag', 'lenovo notebook', 'cafe'])
      expect(await exactly(text), text).to.be.greaterThan(0);
    for (const text of ['lap', 'lenovo hub', 'lenvo', 'x1 die', 'lenovo x1 s'])
      expect(await exactly(text), text).to.equal(0);
  });

  it('shows part matches rather than nothing', async () => {
    expect(await ids('lenovo mug zeppelin')).to.include('lap-1');
    expect(await ids('zeppelin mug')).to.include('mug-1');
  });

  it('filters by ids, category, brand, price, seller, attributes and stock', async () => {
    expect(await ids('', { filter: { ids: ['hub-1', 'unknown'] } })).to.deep.equal(['hub-1']);
    expect(await ids('', { categoryIds: ['electronics', 'laptops'] })).to.have.members(['lap-1', 'lap-2']);
    expect(await ids('', { categoryIds: [] })).to.deep.equal([]);
    expect(await ids('laptop', { filter: { brands: ['Targus', 'HP'] } })).to.have.members(['lap-2', 'bag-1']);
    expect(await ids('', { filter: { priceMinMinor: 4_000, priceMaxMinor: 90_000 } })).to.have.members([
      'lap-2',
      'bag-1',
    ]);
    expect(await ids('', { filter: { priceMaxMinor: 3_000 }, currency: 'USD' })).to.deep.equal(['hub-1']);
    expect(await ids('', { filter: { priceMaxMinor: 145_000 }, storeId: 'berlin' })).to.have.members([
      'lap-1',
      'lap-2',
      'bag-1',
    ]);
    expect(await ids('', { filter: { sellerIds: ['second-hand'] } })).to.deep.equal(['lap-2']);
    expect(
      await ids('', { filter: { attributes: [{ name: 'Colour', values: ['Black', 'Red'] }] } }),
    ).to.have.members(['lap-1', 'bag-1']);
    expect(await ids('', { filter: { attributes: [{ name: 'Memory', min: 9 }] } })).to.deep.equal(['lap-1']);
    expect(
      await ids('', {
        filter: {
          attributes: [
            { name: 'Colour', values: ['Black'] },
            { name: 'Memory', max: 32 },
          ],
        },
      }),
    ).to.deep.equal(['lap-1']);
    soldOut.add('lap-1');
    await put(shop[0]!);
    expect(await ids('laptop', { filter: { inStock: true } })).to.have.members(['lap-2', 'bag-1']);
  });

  it('takes odd filter values as text, never as syntax', async () => {
    for (const value of [`x" OR brand = "HP`, `'`, '\\', '__proto__', 'a\nb', '\u0000']) {
      expect(await ids('', { filter: { brands: [value] } }), value).to.deep.equal([]);
      expect(
        await ids('', { filter: { attributes: [{ name: value, values: [value] }] } }),
        value,
      ).to.deep.equal([]);
    }
  });

  it('sorts by price, age and title, products without a price last', async () => {
    expect(await ids('laptop', { sort: 'PRICE_ASC' })).to.deep.equal(['bag-1', 'lap-2', 'lap-1']);
    expect((await ids('', { sort: 'PRICE_DESC' })).slice(0, 3)).to.deep.equal(['lap-1', 'lap-2', 'bag-1']);
    expect(await ids('', { sort: 'NEWEST' })).to.deep.equal(['mug-1', 'hub-1', 'lap-1', 'bag-1', 'lap-2']);
    expect(await ids('', { sort: 'TITLE' })).to.deep.equal(['hub-1', 'mug-1', 'lap-2', 'lap-1', 'bag-1']);
  });

  it('pages through all without repeating or skipping', async () => {
    const seen: string[] = [];
    for (let offset = 0; offset < shop.length; offset += 2)
      seen.push(...(await ids('', { limit: 2, offset })));
    expect(seen)
      .to.have.length(shop.length)
      .and.to.have.members(shop.map(({ id }) => id));
    expect(await ids('laptop', { offset: 10_000 })).to.deep.equal([]);
  });

  it('counts facets over what was found', async () => {
    const { facets, total } = await search('laptop', {
      facets: ['brand', 'category', 'price', 'Colour', 'Memory', 'nonsense'],
    });
    expect(total).to.equal(3);
    const facet = (name: string) => facets.find((one) => one.name === name)!;
    const counts = (name: string) =>
      Object.fromEntries(facet(name).values.map(({ value, count }) => [value, count]));
    expect(counts('brand')).to.deep.equal({ Lenovo: 1, HP: 1, Targus: 1 });
    expect(counts('category')).to.deep.equal({ laptops: 2, electronics: 2, bags: 1 });
    expect(facet('category').values.find(({ value }) => value === 'laptops')?.label).to.equal('Laptops');
    expect(facet('price')).to.include({ min: 4_000, max: 150_000 });
    expect(counts('Colour')).to.deep.equal({ Black: 2, Silver: 1 });
    expect(facet('Memory')).to.include({ min: 8, max: 16 });
    expect(facet('nonsense').values).to.deep.equal([]);
  });

  it('counts a facet as if its own part of the filter were not there', async () => {
    const { facets, total } = await search('laptop', {
      filter: { brands: ['HP'], priceMaxMinor: 100_000, attributes: [{ name: 'Memory', max: 8 }] },
      categoryIds: ['laptops'],
      facets: ['brand', 'category', 'price', 'Colour', 'Memory'],
    });
    expect(total).to.equal(1);
    const facet = (name: string) => facets.find((one) => one.name === name)!;
    const values = (name: string) => facet(name).values.map(({ value }) => value);
    expect(values('brand')).to.deep.equal(['HP']);
    expect(values('category')).to.have.members(['laptops', 'electronics']);
    expect(facet('price')).to.include({ min: 90_000, max: 90_000 });
    expect(values('Colour')).to.deep.equal(['Silver']);
    const brands = await search('laptop', { filter: { brands: ['HP'] }, facets: ['brand', 'Colour'] });
    expect(brands.facets[0]?.values.map(({ value, count }) => [value, count])).to.deep.equal([
      ['HP', 1],
      ['Lenovo', 1],
      ['Targus', 1],
    ]);
    expect(brands.facets[1]?.values.map(({ value }) => value)).to.deep.equal(['Silver']);
    const dear = await search('laptop', { filter: { priceMinMinor: 100_000 }, facets: ['price'] });
    expect(dear.total).to.equal(1);
    expect(dear.facets[0]).to.include({ min: 4_000, max: 150_000 });
    const large = await search('', {
      filter: { attributes: [{ name: 'Memory', min: 9 }] },
      facets: ['Memory'],
    });
    expect(large.facets[0]).to.include({ min: 8, max: 16 });
  });

  it('knows the prices of a store: in order, filter and facet', async () => {
    await put({ ...shop[2]!, prices: [euros(145_000), euros(4_000, 'bonn')] });
    const berlin = { storeId: 'berlin' };
    expect(await ids('laptop', { sort: 'PRICE_ASC', ...berlin })).to.deep.equal(['lap-2', 'lap-1', 'bag-1']);
    expect(await ids('laptop', { sort: 'PRICE_DESC', ...berlin })).to.deep.equal(['bag-1', 'lap-1', 'lap-2']);
    expect(await ids('laptop', { sort: 'PRICE_DESC' })).to.deep.equal(['lap-1', 'bag-1', 'lap-2']);
    const last = await ids('', { sort: 'PRICE_ASC', ...berlin });
    expect(last.slice(0, 3)).to.deep.equal(['lap-2', 'lap-1', 'bag-1']);
    expect(last).to.have.length(shop.length);
    const paged: string[] = [];
    for (let offset = 0; offset < shop.length; offset += 2)
      paged.push(...(await ids('', { sort: 'PRICE_ASC', ...berlin, limit: 2, offset })));
    expect(paged).to.deep.equal(last);
    const { facets } = await search('laptop', { facets: ['price'], ...berlin });
    expect(facets[0]).to.include({ min: 90_000, max: 145_000 });
    const cheap = await search('laptop', {
      filter: { priceMaxMinor: 142_000 },
      facets: ['price'],
      sort: 'PRICE_DESC',
      ...berlin,
    });
    expect(cheap.ids).to.deep.equal(['lap-1', 'lap-2']);
    expect(cheap.facets[0]).to.include({ min: 90_000, max: 145_000 });
    expect(await ids('', { filter: { priceMinMinor: 1e21, priceMaxMinor: 1e300 } })).to.deep.equal([]);
  });

  it('follows preferences among what matches equally well, the same on every page', async () => {
    const shoes = Array.from({ length: 30 }, (_, i) =>
      productOf(`shoe-${String(i).padStart(2, '0')}`, 'Running shoe', {
        brand: i % 3 === 0 ? 'Hare' : 'Tortoise',
        categoryIds: [i % 2 === 0 ? 'laptops' : 'bags'],
      }),
    );
    await put(...shoes, productOf('food', 'Hare food', { brand: 'Hare' }));
    const preferences = {
      brands: new Map([['Hare', 1.2]]),
      categories: new Map([['laptops', 1.1]]),
      products: new Map([['shoe-00', 0.5]]),
    };
    const whole = await ids('running shoe', { preferences, limit: 30 });
    expect(whole).to.have.length(30);
    expect(whole.slice(0, 4)).to.have.members(['shoe-06', 'shoe-12', 'shoe-18', 'shoe-24']);
    expect(whole.slice(4, 9)).to.have.members(['shoe-03', 'shoe-09', 'shoe-15', 'shoe-21', 'shoe-27']);
    expect(whole.at(-1)).to.equal('shoe-00');
    const paged: string[] = [];
    for (let offset = 0; offset < 30; offset += 7)
      paged.push(...(await ids('running shoe', { preferences, limit: 7, offset })));
    expect(paged).to.deep.equal(whole);
    const indifferent = { brands: new Map(), categories: new Map(), products: new Map() };
    expect(await ids('running shoe', { preferences: indifferent })).to.deep.equal(await ids('running shoe'));
    expect((await ids('hare food', { preferences }))[0]).to.equal('food');
    expect(await ids('running shoe', { preferences, sort: 'TITLE' })).to.deep.equal(
      await ids('running shoe', { sort: 'TITLE' }),
    );
  });

  it('hides, keeps and moves what ranking rules say, among what matches equally well', async () => {
    const shoes = Array.from({ length: 9 }, (_, i) =>
      productOf(`shoe-${i}`, 'Running shoe', {
        brand: i % 3 === 0 ? 'Hare' : 'Tortoise',
        categoryIds: [i % 2 === 0 ? 'laptops' : 'bags'],
      }),
    );
    await put(...shoes, productOf('part', 'Running socks', { brand: 'Hare' }));
    const hares = { filter: { brands: ['Hare'] }, categoryIds: null };
    const hidden = await search('running shoe', {
      changes: [{ ...hares, effect: 'hide' }],
      facets: ['brand'],
    });
    expect(hidden.ids.filter((id) => id.startsWith('shoe'))).to.have.length(6);
    expect(hidden.ids).not.to.include.members(['shoe-0']);
    expect(hidden.facets[0]!.values.map(({ value }) => value)).to.deep.equal(['Tortoise']);
    const bagsOnly = { filter: {}, categoryIds: ['bags'], effect: 'only' as const };
    expect(await ids('running shoe', { changes: [bagsOnly, { ...hares, effect: 'hide' }] })).to.have.members([
      'shoe-1',
      'shoe-5',
      'shoe-7',
    ]);
    const raised = await ids('running shoe', { changes: [{ ...hares, effect: { factor: 1_000 } }] });
    expect(raised.slice(0, 3)).to.have.members(['shoe-0', 'shoe-3', 'shoe-6']);
    expect(raised.indexOf('part')).to.be.oneOf([-1, 9]);
    const lowered = await ids('running shoe', { changes: [{ ...hares, effect: { factor: 0.001 } }] });
    expect(lowered.slice(6, 9)).to.have.members(['shoe-0', 'shoe-3', 'shoe-6']);
    const same = { ...hares, effect: { factor: 1 } };
    expect(await ids('running shoe', { changes: [same] })).to.deep.equal(await ids('running shoe'));
  });

  it('says what it searched instead of a misspelt query', async () => {
    await put(productOf('mouse-1', 'Wireless mouse black'), productOf('mouse-2', 'Wireless mouse white'));
    expect((await search('thinkpda')).correctedQuery).to.equal('ThinkPad');
    expect((await search('wireles muose')).correctedQuery).to.equal('Wireless mouse');
    expect((await search('wirelessmouse')).correctedQuery).to.equal('Wireless mouse');
    for (const written of ['wireless mouse', 'laptops', 'think', 'zeppelin', '', 'lenovo zeppelin'])
      expect((await search(written)).correctedQuery, written).to.equal(null);
  });

  it('knows synonyms: both ways, one way, of several words, and circular ones', async () => {
    await driver.setSynonyms([
      synonym({ id: '1', terms: ['notebook computer', 'laptop'] }),
      synonym({ id: '2', kind: 'ONE_WAY', input: 'dock', terms: ['hub'] }),
      synonym({ id: '3', terms: ['mug', 'beaker'] }),
      synonym({ id: '4', terms: ['beaker', 'goblet'] }),
      synonym({ id: '5', terms: ['goblet', 'mug'] }),
    ]);
    expect(await ids('notebook computer')).to.include.members(['lap-1', 'lap-2']);
    expect(await ids('dock')).to.deep.equal(['hub-1']);
    expect(await ids('beaker')).to.deep.equal(['mug-1']);
    expect(await ids('goblet')).to.deep.equal(['mug-1']);
    await driver.setSynonyms([]);
    expect(await ids('goblet')).to.deep.equal([]);
  });

  it('keeps synonyms to their language', async () => {
    await driver.setSynonyms([
      synonym({ id: '1', locale: 'de', terms: ['rechner', 'laptop'] }),
      synonym({ id: '2', locale: 'en-GB', terms: ['satchel', 'bag'] }),
      synonym({ id: '3', locale: '*', terms: ['cup', 'mug'] }),
    ]);
    expect(await ids('rechner', { locale: 'de' })).to.include.members(['lap-1', 'lap-2']);
    expect(await ids('rechner', { locale: 'de-AT' })).to.include.members(['lap-1', 'lap-2']);
    expect(await ids('rechner', { locale: 'en' })).to.deep.equal([]);
    expect(await ids('satchel', { locale: 'en-GB' })).to.deep.equal(['bag-1']);
    expect(await ids('satchel', { locale: 'en-US' })).to.deep.equal([]);
    for (const locale of ['de', 'en', 'fr']) expect(await ids('cup', { locale })).to.deep.equal(['mug-1']);
  });

  it('takes long synonyms, says which it used, and what it will not do with one', async () => {
    const many = synonym({ id: 'many', terms: Array.from({ length: 50 }, (_, i) => `alias${i}`) });
    const more = synonym({
      id: 'more',
      terms: ['alias0', ...Array.from({ length: 9 }, (_, i) => `word${i}`)],
    });
    const long = synonym({
      id: 'long',
      kind: 'ONE_WAY',
      input: 'the thing that holds my coffee in',
      terms: ['mug'],
    });
    await driver.setSynonyms([many, more, long]);
    const found = await search('the thing that holds my coffee in');
    expect(found.ids[0]).to.equal('mug-1');
    expect(found.appliedSynonyms).to.deep.equal(['mug']);
    expect(driver.limitsOf(long)).to.deep.equal([]);
    expect(driver.limitsOf(more).join()).to.contain('"alias0" has 58 synonyms').and.to.not.contain('"word1"');
    expect(driver.limitsOf(synonym({ terms: ['mug', '!?'] })).join()).to.contain('"!?"');
    await put(productOf('alias', 'Alias1 thing'));
    expect(await ids('alias0')).to.deep.equal(['alias']);
  });

  it('knows quotes and a minus, and takes other signs of a query language as text', async () => {
    expect(await ids('laptop -lenovo')).to.have.members(['lap-2', 'bag-1']);
    expect(await ids('"laptop bag"')).to.deep.equal(['bag-1']);
    expect(await ids('laptop -"laptop bag"')).to.have.members(['lap-1', 'lap-2']);
    expect(await ids('"lenovo laptop')).to.include('lap-1');
    expect(await ids('laptop 17"')).to.include('lap-2');
    expect((await search('!!! ???')).total).to.equal(0);
  });

  it('shows a change in the next answer', async () => {
    await put({ ...shop[0]!, title: 'Lenovo Tablet', brand: 'Motorola' });
    expect(await ids('thinkpad')).to.deep.equal([]);
    expect(await ids('tablet')).to.deep.equal(['lap-1']);
    expect(await ids('', { filter: { brands: ['Lenovo'] } })).to.deep.equal([]);
    await driver.remove(['lap-1', 'never-there']);
    expect(await ids('tablet')).to.deep.equal([]);
    expect((await search('')).total).to.equal(shop.length - 1);
    await put(shop[0]!);
    expect(await ids('thinkpad')).to.deep.equal(['lap-1']);
  });

  it('forgets what it held when it is filled anew', async () => {
    await driver.fill(pages(shop.slice(0, 1)));
    expect(await ids('')).to.deep.equal(['lap-1']);
  });

  it('answers odd queries without an error', async () => {
    const odd = [
      '   ',
      'x'.repeat(10_240),
      '\u0000',
      '😀',
      '🏳️‍🌈 laptop',
      'مرحبا',
      'שלום',
      '__proto__',
      'constructor',
      '\ud800',
      '"',
      '\\',
      '-laptop',
      '"laptop',
      '笔记本电脑',
      'a b c d e f g h i j k l m n o p q r s t u v w',
      '<script>alert(1)</script> laptop',
      'laptop\u202e\u2066 potpal',
      '\u00ad\u200b',
      'key = "x" OR 1 = 1',
    ];
    for (const text of odd) {
      const { ids: found, total } = await search(text, { facets: ['__proto__', 'brand'] });
      expect(found.length, text.slice(0, 20)).to.be.at.most(20);
      expect(total).to.be.at.least(found.length);
      await driver.complete(text, { limit: 8, locale: 'en', changes: [] });
    }
    expect((await search('   ')).total).to.equal(shop.length);
  });

  it('completes what is being typed from titles, brands, categories and products', async () => {
    const completed = await driver.complete('lap', { limit: 8, locale: 'en', changes: [] });
    expect(completed).to.deep.include({ text: 'Laptops', kind: 'CATEGORY', id: 'laptops' });
    expect(completed.filter(({ kind }) => kind === 'PRODUCT').map(({ id }) => id)).to.include('lap-1');
    expect(await driver.complete('len', { limit: 8, locale: 'en', changes: [] })).to.deep.include({
      text: 'Lenovo',
      kind: 'BRAND',
      id: null,
    });
  });

  it('completes to nothing that only hidden products have', async () => {
    const changes = [{ filter: {}, categoryIds: ['laptops'], effect: 'hide' as const }];
    const named = async (prefix: string) =>
      (await driver.complete(prefix, { limit: 8, locale: 'en', changes })).map(({ text }) => text);
    expect(await named('lap')).to.not.include('Laptops');
    const visible = await search('', { changes });
    for (const { kind, id } of await driver.complete('lap', { limit: 8, locale: 'en', changes }))
      if (kind === 'PRODUCT') expect(visible.ids).to.include(id);
    expect(await named('len')).to.deep.equal([]);
  });
}
