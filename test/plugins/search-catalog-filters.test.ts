import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { search } from '../../plugins/search/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { ProductFilter, SearchQuery } from '../../src/ports/search.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const plugins = [store, queue, catalog, customers, consent, events, speech, merchandising, search];
const euro = (amount: string, other: object = {}) => ({ amount, currency: 'EUR', ...other });

describe('search by catalog data', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople(plugins);
  });
  afterEach(() => people.close());

  async function save(...products: readonly object[]): Promise<void> {
    const { userErrors } = await people
      .port('catalog')
      .save(products.map((product) => ({ title: 'Shirt', prices: [euro('10')], ...product })));
    expect(userErrors).to.deep.equal([]);
  }
  async function setStock(...entries: readonly object[]): Promise<void> {
    const { userErrors } = await people.port('catalog').setStock(entries);
    expect(userErrors).to.deep.equal([]);
  }
  async function found(filter: ProductFilter, other: Partial<SearchQuery> = {}): Promise<readonly string[]> {
    const { ids } = await people.port('search').search({
      text: 'shirt',
      filter,
      sort: 'RELEVANCE',
      facets: [],
      limit: 100,
      offset: 0,
      locale: 'en',
      currency: 'EUR',
      storeId: null,
      preferences: null,
      ...other,
    });
    return ids;
  }
  const searched = async (field: string, context = ''): Promise<readonly string[]> => {
    const answer = await people.ask(
      `{ shopper(context: { channel: WEB, sessionId: "s" ${context} }) { ${field} { products { nodes { id } } } } }`,
    );
    expect(answer.errors).to.equal(undefined);
    const name = field.slice(0, field.indexOf('('));
    return (answer.at(`shopper.${name}.products.nodes`) as { id: string }[]).map(({ id }) => id);
  };

  const variant = (id: string, options: Readonly<Record<string, string>>, other: object = {}) => ({
    id,
    selectedOptions: Object.entries(options).map(([name, value]) => ({ name, value })),
    ...other,
  });
  const size = (...values: string[]) => ({ name: 'Size', values });
  const colour = (...values: string[]) => ({ name: 'Colour', values });

  describe('options', () => {
    it('must all be those of one variant, and that one in stock in the store of the shopper', async () => {
      await save(
        {
          id: 'mixed',
          variants: [
            variant(
              'mixed-m-red',
              { Size: 'M', Colour: 'red' },
              { stock: [{ storeId: 'bern', quantity: 0 }] },
            ),
            variant(
              'mixed-l-blue',
              { Size: 'L', Colour: 'blue' },
              { stock: [{ storeId: 'bern', quantity: 5 }] },
            ),
          ],
        },
        { id: 'plain' },
      );
      expect(await found({ options: [size('M'), colour('red')] })).to.deep.equal(['mixed']);
      expect(await found({ options: [size('M'), colour('blue')] })).to.deep.equal([]);
      expect(await found({ options: [size('M')], inStock: true }, { storeId: 'bern' })).to.deep.equal([]);
      expect(await found({ options: [size('M')], inStock: false }, { storeId: 'bern' })).to.deep.equal([
        'mixed',
      ]);
      await setStock({ variantId: 'mixed-m-red', storeId: 'bern', quantity: 1 });
      expect(await found({ options: [size('M')], inStock: true }, { storeId: 'bern' })).to.deep.equal([
        'mixed',
      ]);
      expect(await found({ options: [size('M')], inStock: true }, { storeId: 'basel' })).to.deep.equal([]);
    });

    it('are counted as facets without their own part of the filter', async () => {
      await save({ id: 'a', variants: [variant('a-m', { Size: 'M' }), variant('a-l', { Size: 'L' })] });
      const answer = await people.ask(
        '{ shopper(context: { channel: WEB, sessionId: "s" }) { search(query: "shirt", filter: { options: [{ name: "Size", values: ["XL"] }] }, facets: ["Size"]) { total facets { values { value count } } } } }',
      );
      expect(answer.at('shopper.search')).to.deep.equal({
        total: 0,
        facets: [
          {
            values: [
              { value: 'L', count: 1 },
              { value: 'M', count: 1 },
            ],
          },
        ],
      });
    });

    it('that no product has, and that are too many, are named', async () => {
      await save({ id: 'a', variants: [variant('a-m', { Size: 'M' })] });
      const ask = (options: string) =>
        people.ask(
          `{ shopper(context: { channel: WEB, sessionId: "s" }) { search(query: "shirt", filter: { options: ${options} }) { total } } }`,
        );
      const unknown = await ask('[{ name: "Sise", values: ["M"] }]');
      expect(unknown.warnings.map(({ message }) => message)).to.deep.equal([
        'filter.options: no product has "Sise"; use the name of an option',
      ]);
      const many = await ask(`[${Array(6).fill('{ name: "Size", values: ["M"] }').join()}]`);
      expect(many.errors?.[0]?.message).to.equal('filter.options: 6 of them; at most 5 are allowed');
    });

    it('and stock match as a plain search does, in random shops', async function () {
      this.timeout(60_000);
      const random = createRandom(7);
      const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
      const some = <T>(values: readonly T[]): T[] => values.filter(() => random() < 0.5);
      const sizes = ['S', 'M', 'L'];
      const colours = ['red', 'blue', 'green'];
      const stores = ['bern', 'basel', 'chur'];
      const shop = Array.from({ length: 30 }, (_, at) => ({
        id: `p${at}`,
        variants: sizes
          .flatMap((each) => colours.map((other) => ({ Size: each, Colour: other })))
          .filter(() => random() < 0.4)
          .map((options, i) => ({ id: `p${at}-${i}`, options, active: random() < 0.9 })),
      })).filter(({ variants }) => variants.length > 0);
      await save(
        ...shop.map(({ id, variants }) => ({
          id,
          variants: variants.map((each) =>
            variant(each.id, each.options, { status: each.active ? 'ACTIVE' : 'DRAFT' }),
          ),
        })),
      );
      const stock = new Map<string, Map<string, number>>();
      const all = shop.flatMap(({ variants }) => variants);
      let wrong = 0;
      let matched = 0;
      const trials = runs(1_000);
      for (let trial = 0; trial < trials; trial++) {
        const changed = Array.from({ length: 3 }, () => ({
          variantId: pick(all).id,
          storeId: pick(stores),
          quantity: random() < 0.5 ? 0 : 2,
        }));
        for (const { variantId, storeId, quantity } of changed) {
          const levels = stock.get(variantId) ?? new Map<string, number>();
          stock.set(variantId, levels.set(storeId, quantity));
        }
        await setStock(...changed);
        const wanted = { Size: some(sizes), Colour: some(colours) };
        const options = [
          ...(wanted.Size.length > 0 ? [size(...wanted.Size)] : []),
          ...(wanted.Colour.length > 0 ? [colour(...wanted.Colour)] : []),
        ];
        const inStock = pick([true, true, false, null]);
        const storeId = pick([...stores, null]);
        const isThere = (id: string): boolean => {
          const levels = stock.get(id);
          if (!levels) return true;
          return storeId === null ? [...levels.values()].some((n) => n > 0) : (levels.get(storeId) ?? 0) > 0;
        };
        const expected = shop
          .filter(({ variants }) => {
            const fitting = variants.filter(
              (each) =>
                each.active &&
                (wanted.Size.length === 0 || wanted.Size.includes(each.options.Size)) &&
                (wanted.Colour.length === 0 || wanted.Colour.includes(each.options.Colour)),
            );
            const sold = fitting.some(({ id }) => isThere(id));
            if (inStock === true) return sold;
            if (options.length === 0) return inStock === null || !sold;
            return fitting.length > 0 && (inStock === null || !sold);
          })
          .map(({ id }) => id);
        const ids = await found({ options, inStock }, { storeId });
        matched += expected.length;
        if ([...ids].sort().join() !== [...expected].sort().join()) wrong++;
      }
      expect(wrong).to.equal(0);
      expect(matched).to.be.greaterThan(trials);
    });
  });

  describe('codes', () => {
    const hits = async (query: string, args = '') => {
      const answer = await people.ask(
        `{ shopper(context: { channel: WEB, sessionId: "s" }) { search(query: "${query}" ${args}) { total correctedQuery facets { values { value count } } hits { position product { id } variant { id price { amount } } } } } }`,
      );
      expect(answer.errors).to.equal(undefined);
      const found = answer.at('shopper.search.hits') as {
        readonly position: number;
        readonly product: { readonly id: string };
        readonly variant: { readonly id: string } | null;
      }[];
      return {
        total: answer.at('shopper.search.total'),
        facets: answer.at('shopper.search.facets'),
        found: found.map(({ product, variant: each }) => [product.id, each?.id ?? null]),
      };
    };
    beforeEach(() =>
      save(
        {
          id: 'polo',
          title: 'Polo',
          brand: 'Hare',
          variants: [
            variant('polo-s', { Size: 'S' }, { sku: 'PO-01', gtin: '4006381333931' }),
            variant('polo-m', { Size: 'M' }, { sku: 'Xl-7', gtin: '036000291452' }),
            variant('polo-x', { Size: 'XXL' }, { sku: 'PO-99', status: 'DRAFT' }),
          ],
        },
        { id: 'tie', title: 'Tie PO-01', brand: 'Hare' },
        { id: 'mug', title: 'Mug', sku: 'MUG-1', gtin: '96385074' },
      ),
    );

    const codes: readonly (readonly [string, string, string])[] = [
      ['PO-01', 'polo', 'polo-s'],
      [' po-01 ', 'polo', 'polo-s'],
      ['4006381333931', 'polo', 'polo-s'],
      ['04006381333931', 'polo', 'polo-s'],
      ['Xl-7', 'polo', 'polo-m'],
      ['xL-7', 'polo', 'polo-m'],
      ['036000291452', 'polo', 'polo-m'],
      ['0036000291452', 'polo', 'polo-m'],
      ['00036000291452', 'polo', 'polo-m'],
      ['MUG-1', 'mug', 'mug'],
      ['96385074', 'mug', 'mug'],
    ];
    for (const [code, productId, variantId] of codes) {
      it(`find the product of ${code} first, and its variant`, async () => {
        expect((await hits(code)).found[0]).to.deep.equal([productId, variantId]);
      });
    }

    it('come before what their words find, on one page or two, and are counted once', async () => {
      const { total, found: both, facets } = await hits('PO-01', 'facets: ["brand"]');
      expect(both).to.deep.equal([
        ['polo', 'polo-s'],
        ['tie', null],
      ]);
      expect({ total, facets }).to.deep.equal({
        total: 2,
        facets: [{ values: [{ value: 'Hare', count: 2 }] }],
      });
      expect((await hits('PO-01', 'first: 1')).found).to.deep.equal([['polo', 'polo-s']]);
      const answer = await people.ask(
        '{ shopper(context: { channel: WEB, sessionId: "s" }) { search(query: "PO-01", first: 1) { products { pageInfo { endCursor } } } } }',
      );
      const cursor = answer.at('shopper.search.products.pageInfo.endCursor') as string;
      expect((await hits('PO-01', `first: 1, after: "${cursor}"`)).found).to.deep.equal([['tie', null]]);
    });

    it('are never corrected, whatever page or field is requested', async () => {
      await save({ id: 'mouse', title: 'Mouse' }, { id: 'mause', title: 'Keyboard' });
      const corrected = async (fields: string, filter = '') => {
        const answer = await people.ask(
          `{ shopper(context: { channel: WEB, sessionId: "s" }) { search(query: "mause" ${filter}) { correctedQuery ${fields} } } }`,
        );
        expect(answer.errors).to.equal(undefined);
        return answer.at('shopper.search.correctedQuery');
      };
      expect(await corrected('products { totalCount }')).to.equal(null);
      expect(await corrected('total')).to.equal(null);
      expect(await corrected('total', 'filter: { ids: ["mouse"] }')).to.equal('Mouse');
    });

    it('are no ids if products have their words', async () => {
      await save({ id: 'tie', title: 'Scarf' }, { id: 'silk', title: 'Tie of silk' }, { id: 'Q77' });
      expect((await hits('tie')).found).to.deep.equal([['silk', null]]);
      expect((await hits('Q77')).found).to.deep.equal([['Q77', null]]);
    });

    it('of products that the filter leaves out, or of unpublished variants, find nothing', async () => {
      expect((await hits('4006381333931', 'filter: { brands: ["Tortoise"] }')).found).to.deep.equal([]);
      expect((await hits('PO-99')).found).to.not.deep.include(['polo', 'polo-x']);
    });

    it('and options say which variant matched', async () => {
      const filter = 'filter: { options: [{ name: "Size", values: ["M"] }] }';
      expect((await hits('polo', filter)).found).to.deep.equal([['polo', 'polo-m']]);
      expect((await hits('polo')).found).to.deep.equal([['polo', null]]);
    });
  });

  it('finds products by tags, rating and collection', async () => {
    await save(
      { id: 'a', tags: ['summer', 'new'], rating: { average: 4.5, count: 10 }, brand: 'Hare' },
      { id: 'b', tags: ['winter'], rating: { average: 3, count: 2 }, brand: 'Tortoise' },
      { id: 'c', brand: 'Hare', options: [{ name: 'Colour', values: ['red'] }] },
    );
    expect(await found({ tags: ['summer', 'winter'] })).to.have.members(['a', 'b']);
    expect(await found({ tags: ['autumn'] })).to.deep.equal([]);
    expect(await found({ ratingMin: 4 })).to.deep.equal(['a']);
    expect(await found({ ratingMin: 0 })).to.have.members(['a', 'b']);
    const { userErrors } = await people.port('catalog').collections.save([
      { id: 'chosen', title: 'Chosen', productIds: ['c', 'gone', 'a'] },
      { id: 'hares', title: 'Hares', filter: { brands: ['Hare'], tags: ['new'] } },
      { id: 'reds', title: 'Reds', filter: { attributes: [{ name: 'Colour', values: ['red'] }] } },
      { id: 'draft', title: 'Draft', productIds: ['a'], published: false },
    ]);
    expect(userErrors).to.deep.equal([]);
    expect(await found({ collectionId: 'chosen' })).to.have.members(['a', 'c']);
    expect(await found({ collectionId: 'hares' })).to.deep.equal(['a']);
    expect(await found({ collectionId: 'reds' })).to.deep.equal(['c']);
    const ofC = await people.ask('{ product(id: "c") { collections { id } } }');
    expect(ofC.at('product.collections')).to.deep.equal([{ id: 'chosen' }, { id: 'reds' }]);
    expect(await found({ collectionId: 'draft' })).to.deep.equal([]);
    expect(await found({ collectionId: 'unknown' })).to.deep.equal([]);
    expect(await found({ collectionId: 'chosen' }, { text: '' })).to.deep.equal(['c', 'a']);
    expect(await found({ collectionId: 'chosen' }, { text: '', limit: 1, offset: 1 })).to.deep.equal(['a']);
    const unknown = await people.ask('{ products(filter: { collectionId: "draft" }) { totalCount } }');
    expect(unknown.warnings.map(({ message }) => message)).to.deep.equal([
      'filter.collectionId: there is no published collection "draft"',
    ]);
  });

  it('leaves out products without a price in the currency of the shopper, unless the filter says so', async () => {
    await save({ id: 'euros' }, { id: 'dollars', prices: [{ amount: '9', currency: 'USD' }] });
    expect(await searched('search(query: "shirt")')).to.deep.equal(['euros']);
    expect(await searched('search(query: "shirt")', 'currency: "USD"')).to.deep.equal(['dollars']);
    expect(
      await searched('search(query: "shirt", filter: { brands: ["x"], purchasable: true })'),
    ).to.deep.equal([]);
    expect(await searched('search(query: "shirt", filter: { purchasable: false })')).to.deep.equal([
      'dollars',
    ]);
    expect(await searched('search(query: "shirt", filter: { purchasable: null })')).to.have.members([
      'euros',
      'dollars',
    ]);
    const listed = await people.ask('{ products(filter: { tags: null }) { totalCount } }');
    expect(listed.at('products.totalCount')).to.equal(2);
    const ofShopper = await people.ask(
      '{ products(context: { channel: WEB, currency: "USD" }) { nodes { id } } }',
    );
    expect(ofShopper.at('products.nodes')).to.deep.equal([{ id: 'dollars' }]);
  });

  it('by purchasable leaves nothing out where the shop keeps its prices elsewhere, and names its currencies to others', async () => {
    await save({ id: 'bare', prices: [] });
    expect(await searched('search(query: "shirt")')).to.deep.equal(['bare']);
    await save({ id: 'euros' });
    expect(await searched('search(query: "shirt")')).to.deep.equal(['euros']);
    expect(await searched('search(query: "shirt")', 'currency: "CHF"')).to.deep.equal([]);
    const { warnings } = await people.ask(
      '{ products(context: { channel: WEB, currency: "CHF" }) { totalCount } }',
    );
    expect(warnings.map(({ code }) => code)).to.deep.equal(['CONTEXT_CURRENCY_UNKNOWN']);
  });
});
