import { expect } from 'chai';
import { createEngine, type Engine } from '../../plugins/search/drivers/embedded/engine.js';
import { editDistance } from '../../src/kit/edit-distance.js';
import type { Category, Product } from '../../src/ports/catalog.js';
import { productOf, queryOf } from '../contracts/search.js';
import { createRandom } from '../support/boot.js';
import { allInStock } from '../support/live-catalog.js';

function engineOf(products: readonly Product[], categories: readonly Category[] = []): Engine {
  const engine = createEngine({ language: 'en' }, allInStock);
  for (const product of products) put(engine, product, categories);
  engine.settle();
  return engine;
}

function put(engine: Engine, product: Product, categories: readonly Category[] = []): void {
  engine.put({
    product,
    categories: categories.filter(({ id }) => product.categoryIds.includes(id)),
    stock: {},
  });
}

const ids = (engine: Engine, text: string, other = {}): readonly string[] =>
  engine.search(queryOf(text, other)).ids;

describe('the embedded search engine', () => {
  it('finds the same during and after a merge as an index built anew', () => {
    const random = createRandom(5);
    const words = ['red', 'blue', 'lamp', 'desk', 'chair', 'sofa', 'small', 'large', 'oak', 'steel'];
    const title = (): string =>
      Array.from({ length: 3 }, () => words[Math.floor(random() * words.length)]!).join(' ');
    const current = new Map<string, Product>();
    const engine = createEngine({ language: 'en' }, allInStock);
    const change = (id: string): void => {
      if (random() < 0.1) {
        current.delete(id);
        engine.remove(id);
        return;
      }
      const product = productOf(id, title());
      current.set(id, product);
      put(engine, product);
    };
    for (let i = 0; i < 1_000; i++) change(`p${i}`);
    engine.settle();
    for (let i = 0; i < 3_000; i++) change(`p${Math.floor(random() * 1_500)}`);
    const work = engine.upkeep();
    expect(work).to.not.equal(null);
    const check = (): void => {
      for (const word of ['red', 'lamp', 'oak desk']) {
        const expected = [...current.values()].filter((product) =>
          word.split(' ').every((one) => product.title.split(' ').includes(one)),
        );
        const { total } = engine.search(queryOf(word, { limit: 1 }));
        expect(total, word).to.equal(expected.length);
      }
    };
    for (let step = work!.next(); !step.done; step = work!.next()) {
      for (let i = 0; i < 20; i++) change(`p${Math.floor(random() * 1_500)}`);
      check();
    }
    check();
    expect(engine.count()).to.equal(current.size);
  });

  it('wants the thing itself before what is for it', () => {
    const things = ['Acme', 'Globex', 'Initech', 'Umbra']
      .flatMap((brand, i) => [
        productOf(`bag-${i}`, `${brand} laptop bag black`, { brand }),
        productOf(`stand-${i}`, `${brand} stand for laptop`, { brand }),
        productOf(`bag-x-${i}`, `${brand} canvas bag`, { brand }),
        productOf(`laptop-${i}`, `${brand} 15 inch laptop 16 GB`, { brand }),
      ])
      .map((product) => ({ ...product, attributes: [{ name: 'Colour', value: 'Black' }] }));
    const engine = engineOf(things);
    expect(ids(engine, 'laptop', { limit: 4 })).to.have.members([
      'laptop-0',
      'laptop-1',
      'laptop-2',
      'laptop-3',
    ]);
    expect(ids(engine, 'laptop bag', { limit: 4 })).to.have.members(['bag-0', 'bag-1', 'bag-2', 'bag-3']);
  });

  it('takes an attribute for the kind of a thing only where it names one', () => {
    const typed = (id: string, title: string, name: string, value: string): Product => ({
      ...productOf(id, title),
      attributes: [{ name, value }],
    });
    const engine = engineOf([
      typed('protector', 'Acme X1', 'Device type', 'Desktop/Laptop'),
      typed('adapter', 'Acme X2', 'Power source type', 'Laptop'),
      typed('laptop', 'Acme X3', 'Product type', 'Laptop'),
    ]);
    expect(ids(engine, 'laptop')[0]).to.equal('laptop');
  });

  it('takes a category for what it is by its last word', () => {
    const categories = [
      { id: 'k', name: 'Keyboards', parentId: null, translations: {} },
      { id: 'kc', name: 'Keyboard covers', parentId: null, translations: {} },
    ];
    const engine = engineOf(
      [
        productOf('cover', 'Acme Flex', { categoryIds: ['kc'] }),
        productOf('keyboard', 'Acme Type', { categoryIds: ['k'] }),
      ],
      categories,
    );
    expect(ids(engine, 'keyboard')).to.deep.equal(['keyboard', 'cover']);
  });

  it('finds words written together or apart, with inches and decimals', () => {
    const engine = engineOf([
      productOf('playstation', 'PlayStation console'),
      productOf('screen', '17" screen'),
      productOf('hub', 'USB 3.0 hub'),
      productOf('router', 'Wi-Fi router'),
    ]);
    expect(ids(engine, 'play station')).to.deep.equal(['playstation']);
    expect(ids(engine, '17 inch screen')).to.deep.equal(['screen']);
    expect(ids(engine, 'usb3 hub')).to.deep.equal(['hub']);
    expect(ids(engine, 'wifi router')).to.deep.equal(['router']);
  });

  it('corrects to the word that fits the others, and leaves codes alone', () => {
    const engine = engineOf([
      ...Array.from({ length: 9 }, (_, i) => productOf(`house-${i}`, `Doll house ${i}`)),
      ...Array.from({ length: 3 }, (_, i) => productOf(`mouse-${i}`, `Wireless mouse ${i}`)),
      productOf('code', 'Cartridge XR1234'),
    ]);
    const { correctedQuery, ids: found } = engine.search(queryOf('wireless bouse'));
    expect(correctedQuery).to.equal('wireless mouse');
    expect(found).to.have.members(['mouse-0', 'mouse-1', 'mouse-2']);
    expect(engine.search(queryOf('xr1235')).correctedQuery).to.equal(null);
    expect(engine.search(queryOf('house')).correctedQuery).to.equal(null);
  });

  it('searches a translation where there is one, and the own text where there is none', () => {
    const engine = engineOf([
      productOf('a', 'Garden chair', { translations: { de: { title: 'Gartenstuhl' } } }),
      productOf('b', 'Garden table'),
    ]);
    expect(ids(engine, 'gartenstühle', { locale: 'de' })).to.deep.equal(['a']);
    expect(ids(engine, 'garden table', { locale: 'de' })).to.include('b');
    expect(ids(engine, 'gartenstuhl', { locale: 'en' })).to.deep.equal([]);
  });

  it('lets preferences order what matches equally well, and nothing more', () => {
    const engine = engineOf([
      productOf('a', 'Running shoe', { brand: 'Hare' }),
      productOf('b', 'Running shoe', { brand: 'Tortoise' }),
      productOf('c', 'Tortoise food', { brand: 'Tortoise' }),
    ]);
    const preferences = { brands: new Map([['Tortoise', 9]]), categories: new Map(), products: new Map() };
    expect(ids(engine, 'running shoe', { preferences })).to.deep.equal(['b', 'a']);
    expect(ids(engine, 'running shoe', { preferences: null })).to.deep.equal(['a', 'b']);
  });

  it('measures slips: lost, added, replaced and swapped letters', () => {
    for (const [a, b, distance] of [
      ['mouse', 'muse', 1],
      ['mouse', 'mousse', 1],
      ['mouse', 'mouze', 1],
      ['mouse', 'muose', 1],
      ['keyboard', 'kyeboadr', 2],
      ['mouse', 'house', 1],
      ['mouse', 'camera', 3],
    ] as const) {
      expect(editDistance(a, b, 2), `${a} ${b}`).to.equal(distance);
    }
  });
});
