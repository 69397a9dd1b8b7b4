import { expect } from 'chai';
import { createEngine, type Engine } from '../../plugins/search/drivers/embedded/engine.js';
import { editsAllowed } from '../../plugins/search/drivers/embedded/index/spelling.js';
import { createLocaleSynonyms } from '../../plugins/search/drivers/embedded/matching/synonyms.js';
import { preferenceBoost } from '../../plugins/search/drivers/shared/factors.js';
import { createPreferences } from '../../plugins/search/preferences.js';
import { settledAfterMs } from '../../plugins/search/query-log/popular-queries.js';
import { peopleMinDefault } from '../../plugins/search/query-log/query-log.js';
import type { Category, Product } from '../../src/ports/catalog.js';
import { productOf, queryOf } from '../contracts/search.js';
import { allInStock } from '../support/live-catalog.js';
import { openShop, type Shop } from '../support/shop.js';

const dayMs = 86_400_000;
function engineOf(
  products: readonly Product[],
  categories: readonly Category[] = [],
  synonyms = createLocaleSynonyms(),
): Engine {
  const engine = createEngine({ language: 'en', synonyms }, allInStock);
  for (const product of products)
    engine.put({
      product,
      categories: categories.filter(({ id }) => product.categoryIds.includes(id)),
      stock: {},
    });
  engine.settle();
  return engine;
}

const found = (engine: Engine, text: string) => engine.search(queryOf(text)).ids;
const others = Array.from({ length: 60 }, (_, at) => productOf(`other-${at}`, `Thing${at} made${at}`));

/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('what a word counts', () => {
  it('is most in a title, less in a description, least in an attribute', () => {
    const engine = engineOf([
      ...others,
      productOf('c', 'Plain stove', { attributes: [{ name: 'For', value: 'kettle' }] }),
      productOf('b', 'Plain stove', { description: 'Comes beside a kettle here' }),
      productOf('a', 'Plain kettle'),
    ]);
    expect(found(engine, 'kettle')).to.deep.equal(['a', 'b', 'c']);
  });

  it('is worth less each further time: two words twice each are as good as one of them four times and the other once', () => {
    /** Whether the first, which says one word so often, is found before the one that says both twice. */
    function isFirst(times: number): boolean {
      const spread = (id: string, ...words: readonly string[]) =>
        productOf(id, 'Stove', {
          description: Array.from(
            { length: 15 },
            (_, at) => `${words[at] ?? `z${id}${at}`} y${id}${at}`,
          ).join(' '),
        });
      const often = spread('often', ...Array.from({ length: times }, () => 'lantern'), 'candle');
      const both = spread('both', 'lantern', 'lantern', 'candle', 'candle');
      const trade = Array.from({ length: 300 }, (_, at) =>
        productOf(`trade-${at}`, `Thing${at}`, {
          description: Array.from({ length: 30 }, (__, word) => `fill${word}of${at}`).join(' '),
        }),
      );
      return found(engineOf([...trade, often, both]), 'lantern candle')[0] === 'often';
    }
    expect(isFirst(4)).to.equal(false);
    expect(isFirst(6)).to.equal(true);
  });
});

describe('words that were not written', () => {
  it('count less by synonyms', () => {
    const synonyms = createLocaleSynonyms();
    synonyms.set([
      { id: '1', locale: '*', kind: 'MULTI_WAY', input: null, terms: ['sofa', 'divan'], updatedAtMs: 0 },
    ]);
    const products = [...others, productOf('synonym', 'Divan'), productOf('written', 'Sofa')];
    const engine = engineOf(products, [], synonyms);
    expect(found(engine, 'sofa')).to.deep.equal(['written', 'synonym']);
  });

  it('are corrected from four letters on by one letter, from eight on by two', () => {
    expect(editsAllowed('tea')).to.equal(0);
    expect(editsAllowed('mugs')).to.equal(1);
    expect(editsAllowed('kettles')).to.equal(1);
    expect(editsAllowed('lanterns')).to.equal(2);
  });
});

describe('documents that hold only a part of the words', () => {
  const catalog = (full: number) =>
    engineOf([
      ...others,
      ...Array.from({ length: full }, (_, at) => productOf(`full${at}`, `Garden chair model${at}`)),
      ...Array.from({ length: 30 }, (_, at) => productOf(`chair${at}`, `Chair kind${at}`)),
      ...Array.from({ length: 30 }, (_, at) => productOf(`garden${at}`, `Garden sort${at}`)),
    ]);
  const partial = (full: number) =>
    found(catalog(full), 'garden chair').filter((id) => !id.startsWith('full')).length;

  it('follow if fewer than ten hold all of them', () => {
    expect(partial(5)).to.be.greaterThan(0);
    expect(partial(15)).to.equal(0);
  });
});

describe('preferences', () => {
  it('moves a product by at most a third, either way', () => {
    const preferences = (factor: number) => ({
      brands: new Map([['one', factor]]),
      categories: new Map(),
      products: new Map(),
    });
    expect(preferenceBoost(preferences(100), 'p', 'one', [])).to.be.within(1.15, 1.7);
    expect(preferenceBoost(preferences(0.001), 'p', 'one', [])).to.be.within(0.6, 0.87);
  });

  describe('of a shopper', () => {
    let shop: Shop;
    before(async () => {
      shop = await openShop();
      await shop.save(['a', 'b', 'c'].map((id) => ({ id, brand: `brand ${id}`, categoryIds: [`of ${id}`] })));
    });
    after(() => shop.close());
    const preferencesOf = async (session: string) => {
      const shopper = await shop.port('customers').recognise(shop.context({ sessionId: session }));
      const permit = await shop.port('consent').permit(shopper, 'PERSONALIZATION');
      return (await createPreferences(shop.port('events'), shop.port('catalog'))(permit!))!;
    };
    const did = (session: string, days: number, id: string, type: 'PRODUCT_VIEWED' | 'ORDER_COMPLETED') =>
      shop.did(session, type, [id], { at: new Date(shop.clock.nowMs() - days * dayMs) });

    it('prefers the only brand that was looked at by three tenths', async () => {
      await shop.consented('one');
      await did('one', 1, 'a', 'PRODUCT_VIEWED');
      expect((await preferencesOf('one')).brands.get('brand a')! - 1).to.be.within(0.15, 0.6);
    });

    it('halves what a look says in two weeks, and takes an order for four looks', async () => {
      await shop.consented('two');
      await did('two', 14, 'a', 'PRODUCT_VIEWED');
      await did('two', 0, 'b', 'PRODUCT_VIEWED');
      await did('two', 0, 'c', 'ORDER_COMPLETED');
      const { brands } = await preferencesOf('two');
      const [then, now, ordered] = ['a', 'b', 'c'].map((id) => brands.get(`brand ${id}`)! - 1);
      expect(then! / now!).to.be.within(0.35, 0.65);
      expect(ordered! / now!).to.be.within(2.5, 7);
    });

    it('knows a product that was published, and none that never was', async () => {
      await shop.save([
        { id: 'draft', brand: 'hidden', categoryIds: ['hidden'], status: 'DRAFT' },
        { id: 'archived', brand: 'former', categoryIds: ['former'], status: 'ARCHIVED' },
      ]);
      await shop.consented('four');
      await did('four', 0, 'draft', 'PRODUCT_VIEWED');
      await did('four', 0, 'archived', 'PRODUCT_VIEWED');
      const { brands, categories } = await preferencesOf('four');
      expect([...brands.keys(), ...categories.keys()]).to.deep.equal(['former', 'former']);
    });

    it('lowers what was dismissed', async () => {
      await shop.consented('three');
      await shop.did('three', 'PRODUCT_DISMISSED', ['a']);
      const preferences = await preferencesOf('three');
      expect(preferenceBoost(preferences, 'a', '', [])).to.be.lessThan(0.9);
      expect(preferenceBoost(preferences, 'b', '', [])).to.equal(1);
    });
  });
});

describe('what others search for', () => {
  it('is suggested once five people asked it, each for more than a minute', () => {
    expect(peopleMinDefault).to.be.within(3, 10);
    expect(settledAfterMs / 1000).to.be.within(30, 120);
  });
});
