import { expect } from 'chai';
import { createEngine, type Engine } from '../../plugins/search/drivers/embedded/engine.js';
import { createLocaleSynonyms } from '../../plugins/search/drivers/embedded/matching/synonyms.js';
import type { Product } from '../../src/ports/catalog.js';
import type { DriverQuery } from '../../src/ports/search-driver.js';
import { productOf, queryOf } from '../contracts/search.js';
import { allInStock } from '../support/live-catalog.js';

function shop(language: string, products: readonly Product[], catalog = allInStock): Engine {
  const engine = createEngine({ language }, catalog);
  for (const product of products) engine.put({ product, categories: [], stock: {} });
  engine.settle();
  return engine;
}

/** A product for each title; its id is the title. */
const titled = (...titles: readonly string[]): Product[] => titles.map((title) => productOf(title, title));
const copies = (title: string, count: number): Product[] =>
  Array.from({ length: count }, (_, i) => productOf(`${title} ${i}`, title));
const ids = (engine: Engine, text: string, other: Partial<DriverQuery> = {}): readonly string[] =>
  engine.search(queryOf(text, other)).ids;

describe('words in the embedded search engine', () => {
  const forms: readonly (readonly [string, string, string, ...string[]])[] = [
    ['en', 'boxes', 'Storage Box', 'Boxing Gloves'],
    ['en', 'movie posters', 'Poster for a movie'],
    ['en', 'up', 'Pillow up', 'UPS unit'],
    ['de', 'leder', 'Schuh aus Leder', 'LED Lampe'],
    ['de', 'rote', 'Tasse rot', 'Rate Monitor', 'Brot'],
    ['de', 'maschinen', 'Küchenmaschine', 'Kuchen'],
    ['de', 'kissen', 'Nackenkissen'],
    ['de', 'mühle', 'Kaffeemühle', 'Müsli'],
    ['de', 'kaffeemuehlen', 'Kaffeemühle'],
    ['sv', 'koppar', 'Kaffekopp'],
    ['nl', 'fietsen', 'Fiets'],
    ['nl', 'pannen', 'Koekenpan'],
    ['es', 'luces', 'Luz'],
    ['fr', 'couteaux', 'Couteau'],
    ['fr', 'chevaux', 'Cheval'],
    ['it', 'coltelli', 'Coltello'],
    ['pt', 'bolo', 'Forma de bolo', 'Bola de futebol'],
    ['pt', 'animais', 'Cama para animal'],
    ['ru', 'чашки', 'Красная чашка'],
    ['zh', '蓝牙音箱', '蓝牙 音箱'],
  ];
  for (const [language, query, right, ...others] of forms) {
    it(`finds "${right}" by "${query}" in ${language}${others.map((other) => `, and not "${other}"`).join('')}`, () => {
      expect(ids(shop(language, titled(right, ...others)), query)).to.deep.equal([right]);
    });
  }

  it('finds a compound after what has the word itself', () => {
    const found = ids(shop('de', titled('Nackenkissen weich', 'Kissen weich')), 'kissen');
    expect(found).to.deep.equal(['Kissen weich', 'Nackenkissen weich']);
  });

  it('corrects no word that has another form, and spells a correction as the catalog does', () => {
    const engine = shop('de', [...titled('Kaffeemühle, ziegelrot'), ...copies('Monitor mit Rate', 20)]);
    expect(engine.search(queryOf('rote', { locale: 'de' }))).to.deep.include({
      correctedQuery: null,
      ids: ['Kaffeemühle, ziegelrot'],
    });
    expect(engine.search(queryOf('kaffemuehle', { locale: 'de' })).correctedQuery).to.equal('Kaffeemühle');
  });

  it('takes another gender for a colour of the catalog, and for nothing else', () => {
    const colour = (value: string) => ({ attributes: [{ name: 'color', value }] });
    const engine = shop('es', [
      productOf('falda', 'Falda larga', colour('rojo')),
      productOf('camisa', 'Camisa roja corta'),
      productOf('puerto', 'Puerto USB'),
      productOf('puerta', 'Puerta larga'),
    ]);
    expect(ids(engine, 'falda roja')[0]).to.equal('falda');
    expect(ids(engine, 'puerta')).to.deep.equal(['puerta']);
  });

  it('knows the thing before a colour in languages that put it last', () => {
    const colour = { attributes: [{ name: 'couleur', value: 'rouge' }] };
    const engine = shop('fr', [
      productOf('coussin', 'Coussin de chaise rouge', colour),
      productOf('chaise', 'Chaise haute rouge', colour),
      ...['Table', 'Coussin', 'Tapis'].flatMap((thing) =>
        copies(`${thing} rouge`, 4).map((product) => ({ ...product, ...colour })),
      ),
    ]);
    expect(ids(engine, 'chaise rouge')[0]).to.equal('chaise');
  });

  it('searches the synonyms of a corrected word', () => {
    const synonyms = createLocaleSynonyms();
    synonyms.set([
      { id: 's', locale: '*', kind: 'MULTI_WAY', input: null, terms: ['laptop', 'notebook'], updatedAtMs: 0 },
    ]);
    const engine = createEngine({ language: 'en', synonyms }, allInStock);
    for (const product of [...copies('Laptop', 6), ...copies('Notebook', 7)])
      engine.put({ product, categories: [], stock: {} });
    engine.settle();
    const { total, correctedQuery } = engine.search(queryOf('labtop'));
    expect({ total, correctedQuery }).to.deep.equal({ total: 13, correctedQuery: 'Laptop' });
  });

  it('corrects to words that only synonyms have', () => {
    const synonyms = createLocaleSynonyms();
    const couch = { id: 's', locale: '*', kind: 'ONE_WAY', input: 'couch', terms: ['settee'] } as const;
    synonyms.set([{ ...couch, updatedAtMs: 0 }]);
    const engine = createEngine({ language: 'en', synonyms }, allInStock);
    for (const product of titled('Blue settee', 'Blue chair'))
      engine.put({ product, categories: [], stock: {} });
    const { ids: found, correctedQuery } = engine.search(queryOf('blue cuoch'));
    expect({ found, correctedQuery }).to.deep.equal({ found: ['Blue settee'], correctedQuery: 'blue couch' });
  });

  it('reads a word as two that a product has, also where the second is the end of another', () => {
    const english = shop('en', titled('Fire pit', 'Fire wood'));
    expect(english.search(queryOf('firepit'))).to.deep.include({
      ids: ['Fire pit'],
      correctedQuery: 'Fire pit',
    });
    const german = shop('de', titled('Damenschuh, Leder', 'Damenschuh, Stoff', 'Gürtel, Leder'));
    const query = queryOf('Lederschuhe', { locale: 'de' });
    expect(german.search(query)).to.deep.include({ ids: ['Damenschuh, Leder'], correctedQuery: null });
  });

  it('takes no brand for a compound', () => {
    const brand = { brand: 'Morgenrot' };
    const engine = shop('de', [
      productOf('shirt', 'Morgenrot Shirt', brand),
      productOf('socks', 'Socken', brand),
      ...titled('Roter Teller'),
    ]);
    expect(ids(engine, 'rote')).to.deep.equal(['Roter Teller']);
  });

  it('finds phrases in quotes, and nothing with what stands after a minus', () => {
    const engine = shop('en', [
      productOf('bag', 'Laptop bag 15"', { attributes: [{ name: 'colour', value: 'light blue' }] }),
      productOf('for', 'Blue bag for a laptop', { attributes: [{ name: 'light', value: 'none' }] }),
      productOf('sleeve', 'Laptop sleeve', { description: 'Not a laptop bag' }),
      ...titled('T-shirt', 'Freezer -18 °C'),
    ]);
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['"laptop bag"', ['bag', 'sleeve']],
      ['"laptop bags"', ['bag', 'sleeve']],
      ['„bag for“ laptop', ['for']],
      ['bag "light blue"', ['bag']],
      ['laptop -sleeves', ['bag', 'for']],
      ['laptop -"laptop bag"', ['for']],
      ['laptop -bag', []],
      ['laptop 15" "laptop', ['bag']],
      ['t-shirt', ['T-shirt']],
      ['freezer -18', ['Freezer -18 °C']],
    ];
    for (const [text, expected] of cases) expect(ids(engine, text), text).to.have.members(expected);
    expect(ids(engine, '-sleeve')).to.deep.equal(['sleeve']);
    expect(engine.search(queryOf('labtop -sleeve "laptop bag"')).correctedQuery).to.equal(
      'Laptop -sleeve "laptop bag"',
    );
    expect(engine.search(queryOf('"labtop bag"')).total).to.equal(0);
  });

  it('finds sizes and codes however they are written', () => {
    const engine = shop(
      'en',
      titled(
        'Elbow 3/4" copper',
        'Elbow 3 way 4" copper',
        'Lumber 2 in. x 4 in. x 8 ft.',
        'Padlock',
        'Mouse',
        'Wrist pillow',
      ),
    );
    expect(ids(engine, '3/4" copper elbow')[0]).to.equal('Elbow 3/4" copper');
    expect(ids(engine, '¾ elbow')).to.deep.equal(['Elbow 3/4" copper']);
    for (const size of ['2x4x8', '2 x 4 x 8', '2×4×8'])
      expect(ids(engine, size)).to.deep.equal(['Lumber 2 in. x 4 in. x 8 ft.']);
    expect(ids(engine, 'pad locks')).to.deep.equal(['Padlock']);
    expect(ids(engine, 'mouse 🖱️')).to.deep.equal(['Mouse']);
    const gtin = { attributes: [{ name: 'EAN', value: '0095205603217' }] };
    expect(ids(shop('en', [productOf('p', 'Filter', gtin)]), '095205603217')).to.deep.equal(['p']);
  });

  for (const [query, title] of [
    ['12v battery', 'Battery 12 volt'],
    ['12 volt battery', 'Battery 12V'],
    ['battery 12 volts', 'Battery 12 V'],
    ['2tb disk', 'Disk 2 TB'],
    ['2 tb disk', 'Disk 2TB'],
    ['2 tb disk', 'Disk 2000 GB'],
    ['0.5 kg flour', 'Flour 500 g'],
    ['5gal bucket', 'Bucket 5-gallon'],
    ['24 zoll monitor', 'Monitor 24"'],
    ['1.5 litre kettle', 'Kettle 1,5 l'],
  ] as const) {
    it(`finds "${title}" by "${query}"`, () => {
      const others = titled(
        'Battery pliers 12 inch V shape',
        'Disk 2 Terra',
        'Monitor 42"',
        'Kettle 5 l',
        'Bucket 6 gallon',
      );
      expect(ids(shop('en', [...titled(title), ...others]), query)[0]).to.equal(title);
    });
  }

  it('takes no letter of a brand for a word', () => {
    const engine = shop('en', [
      productOf('c2g', 'C2G USB-A cable', { brand: 'C2G' }),
      productOf('usb-c', 'Hama USB-C cable', { brand: 'Hama' }),
    ]);
    expect(ids(engine, 'usb-c cable')[0]).to.equal('usb-c');
  });

  it('never finds more by a filter, and sorts full matches before part matches', () => {
    const engine = shop('en', [
      productOf('both', 'Wireless mouse', { brand: 'Cherry', prices: [price(30)] }),
      productOf('part', 'Wireless keyboard adapter', { brand: 'Cherry', prices: [price(10)] }),
      ...copies('Wireless mouse', 12),
    ]);
    expect(ids(engine, 'wireless mouse', { filter: { brands: ['Cherry'] } })).to.deep.equal(['both']);
    const few = shop('en', [
      productOf('full', 'Dell laptop', { prices: [price(900)] }),
      productOf('part', 'Dell power adapter', { prices: [price(10)] }),
      ...copies('HP laptop', 5),
      ...copies('Desk', 20),
    ]);
    expect(ids(few, 'dell laptop', { sort: 'PRICE_ASC' })).to.deep.equal(['full', 'part']);
    expect(ids(few, 'dell laptop', { sort: 'PRICE_ASC', offset: 1 })).to.deep.equal(['part']);
  });

  const suggested = (engine: Engine, prefix: string, locale: string): readonly string[] =>
    engine
      .complete(prefix, { limit: 3, locale, changes: [] })
      .flatMap(({ kind, text }) => (kind === 'QUERY' ? [text] : []));

  it('suggests words as titles spell them, and none of a single stop word', () => {
    const german = shop('de', titled('Große Küchenmaschine'));
    expect(suggested(german, 'küch', 'de')).to.deep.equal(['Küchenmaschine']);
    expect(suggested(german, 'große kuch', 'de')).to.deep.equal(['Große Küchenmaschine']);
    expect(suggested(shop('ja', titled('綿シャツ', 'シャツ 白')), 'シャ', 'ja')[0]).to.equal('シャツ');
    const english = shop('en', titled('Brother TN-2110 toner', 'TV with stand', 'TV wire'));
    expect(suggested(english, 'tn-21', 'en')).to.deep.equal(['TN-2110']);
    expect(suggested(english, 'tv wi', 'en')).to.deep.equal(['TV wire']);
  });

  it('lists what is sold out last', () => {
    const catalog = { ...allInStock, inStock: (id: string) => id !== 'gone' };
    const gone = { ...productOf('gone', 'Mouse'), createdAtMs: 2_000 };
    const there = { ...productOf('there', 'Pad for a mouse'), createdAtMs: 1_000 };
    const engine = shop('en', [gone, there], catalog);
    expect(ids(engine, 'mouse')).to.deep.equal(['there', 'gone']);
    expect(ids(engine, '')).to.deep.equal(['there', 'gone']);
  });
});

function price(euros: number) {
  return { currency: 'EUR', amountMinor: 100 * euros, listAmountMinor: null, storeId: null };
}
