import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Catalog, ProductChange } from '../../src/ports/catalog.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

describe('the catalog', () => {
  let system: TestSystem;
  let catalog: Catalog;

  beforeEach(async () => {
    system = await bootPlugins([store, queue, catalogPlugin]);
    catalog = system.port('catalog');
  });
  afterEach(() => system.close());

  const mug = { id: 'mug', title: 'Mug', prices: [{ amount: '9.90', currency: 'EUR' }] };
  const one = async (id: string) => (await catalog.products([id]))[0] ?? null;

  describe('refuses, naming the place, what no shop can sell', () => {
    const cases: readonly [what: string, fault: object, code: string, path: string][] = [
      ['a blank title', { title: ' \u0000 ' }, 'CATALOG_PRODUCT_INVALID', 'title'],
      ['a title too long', { title: 'x'.repeat(501) }, 'CATALOG_PRODUCT_INVALID', 'title'],
      [
        'a description of a megabyte',
        { description: 'x'.repeat(1 << 20) },
        'CATALOG_PRODUCT_INVALID',
        'description',
      ],
      ['an empty id', { id: '' }, 'CATALOG_PRODUCT_INVALID', 'id'],
      ['an id with NUL', { id: 'a\u0000b' }, 'CATALOG_PRODUCT_INVALID', 'id'],
      ['an id with half a character', { id: 'a\ud800' }, 'CATALOG_PRODUCT_INVALID', 'id'],
      ['the id __proto__', { id: '__proto__' }, 'CATALOG_PRODUCT_INVALID', 'id'],
      ['an id too long', { id: 'x'.repeat(129) }, 'CATALOG_PRODUCT_INVALID', 'id'],
      ['a field nobody knows', { colour: 'red' }, 'CATALOG_PRODUCT_INVALID', ''],
      ['a negative price', price('-1'), 'CATALOG_PRICE_INVALID', 'prices.0.amount'],
      ['a missing price', price(undefined), 'CATALOG_PRICE_INVALID', 'prices.0.amount'],
      ['a price that is no number', price('1e3'), 'CATALOG_PRICE_INVALID', 'prices.0.amount'],
      ['a price beyond reason', price('10000000000.01'), 'CATALOG_PRICE_INVALID', 'prices.0.amount'],
      ['a third of a cent', price('1.333'), 'CATALOG_PRICE_INVALID', 'prices.0.amount'],
      ['yen with a fraction', price('1.5', 'JPY'), 'CATALOG_PRICE_INVALID', 'prices.0.amount'],
      ['a currency that is none', price('1', 'EURO'), 'CATALOG_PRICE_INVALID', 'prices.0.currency'],
      [
        'a reduction upwards',
        { prices: [{ amount: '2', listAmount: '1', currency: 'EUR' }] },
        'CATALOG_PRICE_INVALID',
        'prices.0.listAmount',
      ],
      [
        'two prices for one place',
        { prices: [...price('1').prices, ...price('2').prices] },
        'CATALOG_PRICE_INVALID',
        'prices.1',
      ],
      [
        'a script as a picture',
        { media: [{ url: 'javascript:alert(1)' }] },
        'CATALOG_PRODUCT_INVALID',
        'media.0.url',
      ],
      [
        'an attribute of infinity',
        attribute(Number.POSITIVE_INFINITY),
        'CATALOG_PRODUCT_INVALID',
        'attributes.0.value',
      ],
      ['an attribute of an object', attribute({ a: 1 }), 'CATALOG_PRODUCT_INVALID', 'attributes.0.value'],
      [
        'a language that is none',
        { translations: [{ locale: '!!' }] },
        'CATALOG_PRODUCT_INVALID',
        'translations.0.locale',
      ],
      ['less than no stock', { stock: [{ quantity: -1 }] }, 'CATALOG_STOCK_INVALID', 'stock.0.quantity'],
      ['half a piece', { stock: [{ quantity: 0.5 }] }, 'CATALOG_STOCK_INVALID', 'stock.0.quantity'],
      ['the year 275760', { createdAt: new Date(8.64e15) }, 'CATALOG_PRODUCT_INVALID', 'createdAt'],
    ];
    for (const [what, fault, code, path] of cases) {
      it(what, async () => {
        const { saved, unchanged, userErrors } = await catalog.save([mug, { ...mug, id: 'bad', ...fault }]);
        expect(saved.map(({ id }) => id)).to.deep.equal(['mug']);
        expect(unchanged).to.equal(0);
        expect(userErrors.map((error) => error.code)).to.deep.equal([code]);
        expect(userErrors[0]!.path.join('.')).to.equal(path ? `products.1.${path}` : 'products.1');
      });
    }

    it('what is no product at all', async () => {
      const { userErrors } = await catalog.save([null, 'x', 1, []]);
      expect(userErrors.map(({ path }) => path)).to.deep.equal([
        ['products', '0'],
        ['products', '1'],
        ['products', '2'],
        ['products', '3'],
      ]);
    });

    it('a product larger than every backend takes', async () => {
      const translations = ['de', 'fr', 'it', 'es', 'nl', 'pl', 'pt', 'da', 'sv'].map((locale) => ({
        locale,
        description: 'x'.repeat(60_000),
      }));
      const { userErrors } = await catalog.save([{ ...mug, translations }]);
      expect(userErrors[0]?.code).to.equal('CATALOG_PRODUCT_TOO_LARGE');
    });

    it('the second of one id in one call', async () => {
      const { saved, userErrors } = await catalog.save([mug, { ...mug, title: 'Other' }]);
      expect(saved.map(({ title }) => title)).to.deep.equal(['Mug']);
      expect(userErrors).to.have.length(1);
      expect(userErrors[0]).to.deep.include({ code: 'CATALOG_DUPLICATE_ID', path: ['products', '1', 'id'] });
    });

    it('a batch of more than 1,000, whole', async () => {
      const many = Array.from({ length: 1_001 }, (_, i) => ({ ...mug, id: `mug-${i}` }));
      const error = await catalog.save(many).catch((reason: unknown) => reason);
      expect(error).to.include({ kind: 'invalid', code: 'CATALOG_BATCH_TOO_LARGE' });
      expect(catalog.shelf.size).to.equal(0);
    });
  });

  it('keeps markup, emoji and right-to-left text as text, without what cannot be shown', async () => {
    await catalog.save([
      { ...mug, title: '<script>alert(1)</script>\u0000 ☕️ قهوة\ud800', description: 'a\r\nb\u0007' },
    ]);
    expect(await one('mug')).to.include({
      title: '<script>alert(1)</script> ☕️ قهوة',
      description: 'a\nb',
    });
  });

  it('saves the same product twice as one', async () => {
    const first = await catalog.save([mug]);
    system.clock.advance(1_000);
    const second = await catalog.save([mug]);
    expect(second).to.deep.equal({ saved: [], unchanged: 1, userErrors: [] });
    expect(await one('mug')).to.deep.equal(first.saved[0]);
  });

  it('ignores what is older than what it has', async () => {
    await catalog.save([{ ...mug, version: 2, title: 'New' }]);
    const late = await catalog.save([{ ...mug, version: 1, title: 'Old', stock: [{ quantity: 3 }] }]);
    expect(late).to.deep.include({ saved: [], unchanged: 1 });
    expect(await one('mug')).to.include({ title: 'New', version: 2 });
    expect(Object.keys((await catalog.stock(['mug']))[0]!)).to.deep.equal([]);
    await catalog.save([{ ...mug, title: 'Newer' }]);
    expect(await one('mug'), 'a save without a version').to.include({ title: 'Newer', version: 2 });
  });

  it('ends at the highest version, in whatever order saves come at once', async () => {
    const versions = [3, 1, 5, 2, 4];
    await Promise.all(versions.map((version) => catalog.save([{ ...mug, version, title: `v${version}` }])));
    expect(await one('mug')).to.include({ title: 'v5', version: 5 });
  });

  it('keeps the day a product came into the shop', async () => {
    const startMs = system.clock.nowMs();
    await catalog.save([mug, { ...mug, id: 'old', createdAt: '2020-02-29T00:00:00Z' }]);
    system.clock.advance(5_000);
    await catalog.save([{ ...mug, title: 'Cup' }]);
    expect(await one('mug')).to.include({ createdAtMs: startMs, updatedAtMs: startMs + 5_000 });
    expect((await one('old'))?.createdAtMs).to.equal(Date.UTC(2020, 1, 29));
  });

  describe('SKUs', () => {
    it('name one product, also when two want one at once', async () => {
      const results = await Promise.all(
        ['a', 'b', 'c'].map((id) => catalog.save([{ ...mug, id, sku: 'S1' }])),
      );
      const winners = results.flatMap(({ saved }) => saved.map(({ id }) => id));
      expect(winners).to.have.length(1);
      expect((await catalog.productBy('sku', 'S1'))?.id).to.equal(winners[0]);
      const refused = results.flatMap(({ userErrors }) => userErrors);
      expect(refused.map(({ code }) => code)).to.deep.equal(['CATALOG_SKU_TAKEN', 'CATALOG_SKU_TAKEN']);
      expect(refused[0]?.message).to.include(`"${winners[0]}"`);
    });

    it('are free again once their product gave them up or is gone', async () => {
      await catalog.save([{ ...mug, sku: 'S1' }]);
      await catalog.save([{ ...mug, sku: 'S2' }]);
      expect(await catalog.productBy('sku', 'S1')).to.equal(null);
      expect((await catalog.save([{ ...mug, id: 'b', sku: 'S1' }])).userErrors).to.deep.equal([]);
      await catalog.remove(['mug']);
      expect((await catalog.save([{ ...mug, id: 'c', sku: 'S2' }])).userErrors).to.deep.equal([]);
      expect((await catalog.productBy('sku', 'S2'))?.id).to.equal('c');
    });

    it('can be saved again by their own product', async () => {
      await catalog.save([{ ...mug, sku: 'S1' }]);
      expect(await catalog.save([{ ...mug, sku: 'S1', title: 'Cup' }])).to.deep.include({ userErrors: [] });
    });
  });

  describe('categories', () => {
    const tree = [
      { id: 'beans', name: 'Beans', parentId: 'coffee' },
      { id: 'coffee', name: 'Coffee', parentId: 'kitchen' },
      { id: 'kitchen', name: 'Kitchen' },
      { id: 'audio', name: 'Audio' },
    ];

    it('come parents first, in whatever order they were saved', async () => {
      const { userErrors } = await catalog.saveCategories(tree);
      expect(userErrors).to.deep.equal([]);
      expect(catalog.categories().map(({ id }) => id)).to.deep.equal(['audio', 'kitchen', 'coffee', 'beans']);
      expect(catalog.descendants('kitchen')).to.deep.equal(['kitchen', 'coffee', 'beans']);
      expect(catalog.descendants('nowhere')).to.deep.equal([]);
      expect(catalog.children('kitchen').map(({ id }) => id)).to.deep.equal(['coffee']);
    });

    it('never close a circle', async () => {
      await catalog.saveCategories(tree);
      const own = await catalog.saveCategories([{ id: 'audio', name: 'Audio', parentId: 'audio' }]);
      const long = await catalog.saveCategories([{ id: 'kitchen', name: 'Kitchen', parentId: 'beans' }]);
      const fresh = await catalog.saveCategories([
        { id: 'x', name: 'X', parentId: 'y' },
        { id: 'y', name: 'Y', parentId: 'x' },
        { id: 'z', name: 'Z', parentId: 'y' },
        { id: 'fine', name: 'Fine' },
      ]);
      expect(own.userErrors.map(({ code }) => code)).to.deep.equal(['CATALOG_CATEGORY_CIRCLE']);
      expect(long.userErrors[0]?.message).to.include('kitchen → beans → coffee → kitchen');
      expect(fresh.saved.map(({ id }) => id)).to.deep.equal(['fine']);
      expect(fresh.userErrors.map(({ path }) => path[1])).to.deep.equal(['0', '1', '2']);
      expect(catalog.category('kitchen')?.parentId).to.equal(null);
    });

    it('need a parent that is known', async () => {
      const { userErrors } = await catalog.saveCategories([{ id: 'a', name: 'A', parentId: 'nobody' }]);
      expect(userErrors[0]).to.deep.include({
        code: 'CATALOG_CATEGORY_UNKNOWN',
        path: ['categories', '0', 'parentId'],
      });
    });

    it('come to be with the first product in them, and are named later', async () => {
      await catalog.save([{ ...mug, categoryIds: ['running-shoes', 'running-shoes'] }]);
      expect(catalog.category('running-shoes')).to.include({ name: 'Running shoes', parentId: null });
      expect((await one('mug'))?.categoryIds).to.deep.equal(['running-shoes']);
      await catalog.saveCategories([{ id: 'running-shoes', name: 'Runners' }]);
      expect(catalog.category('running-shoes')?.name).to.equal('Runners');
    });
  });

  describe('stock', () => {
    it('is set in the order of the entries; unknown products are refused', async () => {
      await catalog.save([mug]);
      const { set, userErrors } = await catalog.setStock([
        { productId: 'mug', quantity: 5 },
        { productId: 'ghost', quantity: 5 },
        { productId: 'mug', storeId: 'basel', quantity: 1 },
        { productId: 'mug', quantity: 7 },
        { productId: 'mug', quantity: -1 },
      ]);
      expect(set).to.equal(3);
      expect({ ...(await catalog.stock(['mug', 'ghost']))[0] }).to.deep.equal({ online: 7, basel: 1 });
      expect(userErrors.map(({ code, path }) => [code, path[1]])).to.deep.equal([
        ['CATALOG_STOCK_INVALID', '4'],
        ['CATALOG_PRODUCT_UNKNOWN', '1'],
      ]);
    });

    it('of stores that write at once is kept whole', async () => {
      await catalog.save([mug]);
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          catalog.setStock([{ productId: 'mug', storeId: `s${i}`, quantity: i }]),
        ),
      );
      expect(Object.keys((await catalog.stock(['mug']))[0]!)).to.have.length(20);
    });
  });

  it('tells its watchers before a write is acknowledged', async () => {
    const heard: ProductChange[] = [];
    const stop = catalog.watch((changes) => heard.push(...changes));
    await catalog.save([mug]);
    expect(heard.map(({ id, product }) => [id, product?.title])).to.deep.equal([['mug', 'Mug']]);
    await catalog.remove(['mug', 'ghost']);
    expect(heard.at(-1)).to.deep.equal({ id: 'mug', product: null });
    stop();
    await catalog.save([mug]);
    expect(heard).to.have.length(2);
  });

  it('answers null for ids that nothing can have', async () => {
    expect(await catalog.products(['', '\u0000', '__proto__', 'x'.repeat(600)])).to.deep.equal([
      null,
      null,
      null,
      null,
    ]);
    expect(await catalog.productBy('sku', '')).to.equal(null);
    expect(await catalog.remove(['', '\ud800'])).to.deep.equal([]);
  });
});

function price(amount: string | undefined, currency = 'EUR') {
  return { prices: [{ amount, currency }] };
}

function attribute(value: unknown) {
  return { attributes: [{ name: 'Size', value }] };
}
