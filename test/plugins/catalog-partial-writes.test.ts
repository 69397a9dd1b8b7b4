import { expect } from 'chai';
import fc from 'fast-check';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Catalog, Product } from '../../src/ports/catalog.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { openTestGateway } from '../support/gateway.js';
import { runs } from '../support/runs.js';

const size = (value: string) => [{ name: 'Size', value }];

const whole = {
  id: 'shirt',
  handle: 'shirt',
  title: 'Shirt',
  description: 'Soft',
  brand: 'Alder',
  categoryIds: ['tops'],
  tags: ['new'],
  prices: [
    { amount: '20', currency: 'EUR', listAmount: '25' },
    { amount: '18', currency: 'CHF' },
    { amount: '17', currency: 'CHF', storeId: 'bern' },
  ],
  options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
  variants: [
    { id: 's', sku: 'S-1', selectedOptions: size('S'), stock: [{ quantity: 1 }] },
    { id: 'm', sku: 'S-2', gtin: '4006381333931', selectedOptions: size('M') },
  ],
  attributes: [{ name: 'Fabric', value: 'cotton' }],
  media: [{ url: '/a.jpg', alt: 'Front', width: 10 }],
  sellers: [{ id: 'a', name: 'A' }],
  translations: [{ locale: 'de', title: 'Hemd' }],
  speakable: false,
  createdAt: '2025-01-01T00:00:00Z',
};

describe('partial writes in the graph', () => {
  it('tell an absent field from a null one', async () => {
    const shop = await openTestGateway([store, queue, catalogPlugin]);
    try {
      const catalog = shop.system.port('catalog');
      await catalog.save([whole]);
      const { errors, at } = await shop.ask(
        `mutation ($products: [ProductPatchInput!]!, $entries: [PriceEntryInput!]!) {
          updateProducts(products: $products) { saved unchanged products { title brand tags } userErrors { code } }
          setPrices(entries: $entries) { set userErrors { code } }
        }`,
        {
          role: 'SERVER',
          variables: {
            products: [{ id: 'S-1', title: 'Top', brand: null, source: 'content', version: 1 }],
            entries: [{ sku: 'S-2', amount: '1.50', currency: 'EUR' }],
          },
        },
      );
      expect(errors, JSON.stringify(errors)).to.equal(undefined);
      expect(at('updateProducts')).to.deep.equal({
        saved: 1,
        unchanged: 0,
        products: [{ title: 'Top', brand: null, tags: ['new'] }],
        userErrors: [],
      });
      expect(at('setPrices')).to.deep.equal({ set: 1, userErrors: [] });
    } finally {
      await shop.close();
    }
  });
});

describe('partial writes', () => {
  let system: TestSystem;
  let catalog: Catalog;

  beforeEach(async () => {
    system = await bootPlugins([store, queue, catalogPlugin]);
    catalog = system.port('catalog');
    expect((await catalog.save([whole])).userErrors).to.deep.equal([]);
  });
  afterEach(() => system.close());

  const shirt = async () => (await catalog.products(['shirt']))[0]!;
  const amounts = (prices: Product['prices'] = []) =>
    prices.map(({ currency, storeId, amountMinor }) => `${currency} ${storeId ?? '-'} ${amountMinor}`);
  const codes = (errors: readonly { code: string; path: readonly string[] }[]) =>
    errors.map(({ code, path }) => `${code} ${path.join('.')}`);

  it('leave all that they do not name, whatever they name', async () => {
    const values: Readonly<Record<string, readonly unknown[]>> = {
      title: ['Top', 'Blouse'],
      description: ['', 'Warm', null],
      brand: ['Beech', null],
      handle: ['top', null],
      tags: [[], ['sale', 'b'], null],
      categoryIds: [[], ['tops', 'all']],
      status: ['DRAFT', 'ACTIVE'],
      prices: [[{ amount: '5', currency: 'EUR' }], []],
      attributes: [[{ name: 'Fit', value: 'slim' }], []],
      media: [[{ url: '/b.jpg' }], []],
      sellers: [[], [{ id: 'b', name: 'B' }]],
      translations: [[{ locale: 'fr', title: 'Chemise' }], []],
      speakable: [true, false],
    };
    const patch = fc.record(
      Object.fromEntries(Object.entries(values).map(([field, all]) => [field, fc.constantFrom(...all)])),
      { requiredKeys: [] },
    );
    let expected: Record<string, unknown> = whole;
    await fc.assert(
      fc.asyncProperty(patch, fc.constantFrom('shirt', 'm', 'S-1', '4006381333931'), async (fields, id) => {
        // Prices of a patch that names a variant are the variant's.
        const { prices: _, ...rest } = fields as Record<string, unknown>;
        const given = id === 'shirt' ? fields : rest;
        const { userErrors } = await catalog.update([{ id, ...given }]);
        expect(userErrors).to.deep.equal([]);
        expected = { ...expected, ...given };
        const before = await shirt();
        const { saved } = await catalog.save([expected]);
        expect(saved, JSON.stringify(given)).to.deep.equal([]);
        expect(await shirt()).to.equal(before);
      }),
      { numRuns: runs(60) },
    );
  });

  it('add, change and remove variants by id', async () => {
    const result = await catalog.update([
      {
        productId: 'shirt',
        variants: [
          { id: 'm', gtin: null, stock: [{ quantity: 7 }] },
          { id: 'l', sku: 'S-3', selectedOptions: size('L'), stock: [{ storeId: 'bern', quantity: 2 }] },
        ],
        removeVariantIds: ['s'],
      },
    ]);
    expect(result.userErrors).to.deep.equal([]);
    expect((await shirt()).variants?.map(({ id, sku, gtin }) => `${id} ${sku} ${gtin}`)).to.deep.equal([
      'm S-2 undefined',
      'l S-3 undefined',
    ]);
    expect(await catalog.stock(['shirt'])).to.deep.equal([{ online: 7, bern: 2 }]);
    expect(catalog.resolve('S-1')).to.equal(null);
    const twice = await catalog.update([
      { id: 'shirt', variants: [{ id: 'x', selectedOptions: size('M') }] },
    ]);
    expect(codes(twice.userErrors)).to.deep.equal([
      'CATALOG_PRODUCT_INVALID products.0.variants.2.selectedOptions',
    ]);
  });

  it('add no variant for a wrong id, which could be bought without options', async () => {
    const { saved, userErrors } = await catalog.update([
      {
        id: 'shirt',
        variants: [
          { id: 's', status: 'DRAFT' },
          { id: 'sss', prices: [] },
        ],
      },
      { id: 'shirt', variants: [{ id: 'l', selectedOptions: size('L') }] },
      { id: 'shirt', variants: [{ id: 'l', sku: 'S-3' }] },
    ]);
    expect(codes(userErrors)).to.deep.equal(['CATALOG_VARIANT_UNKNOWN products.0.variants.1.id']);
    expect(userErrors[0]?.message).to.equal(
      'product "shirt" has no variant "sss"; give selectedOptions to add it',
    );
    expect(saved[0]?.variants?.map(({ id, sku, status }) => `${id} ${sku} ${status}`)).to.deep.equal([
      's S-1 undefined',
      'm S-2 undefined',
      'l S-3 undefined',
    ]);
  });

  const ofOnePrice: readonly [field: string, fields: object, shown: string][] = [
    ['listAmount', { listAmount: '25' }, '"25"'],
    ['minQuantity', { minQuantity: 10 }, '10'],
    ['validFrom', { validFrom: '2026-05-01T00:00:00Z' }, '"2026-05-01T00:00:00.000Z"'],
    ['validUntil', { validUntil: '2026-05-01T00:00:00Z' }, '"2026-05-01T00:00:00.000Z"'],
  ];
  for (const [field, fields, shown] of ofOnePrice) {
    it(`remove no prices for a ${field} without an amount`, async () => {
      const before = await shirt();
      const { set, userErrors } = await catalog.setPrices([
        { productId: 'shirt', currency: 'EUR', ...fields },
      ]);
      expect(set).to.equal(0);
      expect(codes(userErrors)).to.deep.equal(['CATALOG_PRICE_INVALID entries.0.amount']);
      expect(userErrors[0]?.message).to.contain(`the ${field} ${shown} needs an amount`);
      expect(await shirt()).to.equal(before);
    });
  }

  it('set prices of one currency, store and group, and leave the others', async () => {
    const { set, userErrors } = await catalog.setPrices([
      { sku: 'S-2', amount: '15', currency: 'EUR' },
      { productId: 'shirt', amount: '19', currency: 'CHF' },
      { productId: 'shirt', amount: '12', currency: 'CHF', validUntil: '2026-05-01T00:00:00Z' },
      { productId: 'shirt', currency: 'CHF', storeId: 'bern' },
      { sku: 'none', amount: '1', currency: 'EUR' },
      { sku: 'S-1', amount: '-1', currency: 'EUR' },
      { amount: '1', currency: 'EUR' },
    ]);
    expect(codes(userErrors)).to.deep.equal([
      'CATALOG_PRICE_INVALID entries.5.amount',
      'CATALOG_PRICE_INVALID entries.6',
      'CATALOG_PRODUCT_UNKNOWN entries.4.sku',
    ]);
    expect(set).to.equal(4);
    const { prices, variants } = await shirt();
    expect(amounts(prices)).to.deep.equal(['EUR - 2000', 'CHF - 1900', 'CHF - 1200']);
    expect(amounts(variants?.[1]?.prices)).to.deep.equal(['EUR - 1500']);
    const before = await shirt();
    await catalog.setPrices([{ sku: 'S-2', amount: '15.00', currency: 'EUR' }]);
    expect(await shirt(), 'equal prices write nothing').to.equal(before);
    await catalog.setPrices([{ sku: 'S-2', amount: null, currency: 'EUR', minQuantity: 1 }]);
    expect((await shirt()).variants?.[1]?.prices).to.equal(undefined);
  });

  it('of one feed are not blocked by the versions of another', async () => {
    await catalog.update([{ id: 'shirt', source: 'content', version: 9, title: 'Nine' }]);
    await catalog.update([{ id: 'shirt', source: 'content', version: 8, title: 'Eight' }]);
    await catalog.setPrices([{ sku: 'S-1', source: 'erp', version: 3, amount: '3', currency: 'EUR' }]);
    await catalog.setPrices([{ sku: 'S-1', source: 'erp', version: 2, amount: '2', currency: 'EUR' }]);
    await catalog.setPrices([{ sku: 'S-2', source: 'erp', version: 1, amount: '1', currency: 'EUR' }]);
    await catalog.setStock([
      { sku: 'S-1', source: 'wms', version: 5, quantity: 5 },
      { sku: 'S-1', source: 'wms', version: 4, quantity: 4 },
      { sku: 'S-2', source: 'wms', version: 1, quantity: 1 },
    ]);
    await catalog.setStock([{ sku: 'S-1', source: 'wms', version: 3, quantity: 3 }]);
    const { title, variants } = await shirt();
    expect(title).to.equal('Nine');
    expect(variants?.map(({ prices }) => amounts(prices))).to.deep.equal([['EUR - 300'], ['EUR - 100']]);
    expect(await catalog.stock(['shirt'])).to.deep.equal([{ online: 6 }]);
    await catalog.save([{ ...whole, title: 'Whole', version: 1 }]);
    expect((await shirt()).feedVersions, 'a save keeps the versions of feeds').to.deep.include({
      content: 9,
    });
  });

  it('at once to one product all hold', async () => {
    await Promise.all([
      catalog.update([{ id: 'shirt', title: 'T' }]),
      catalog.update([{ id: 'shirt', brand: 'B' }]),
      catalog.setPrices([{ productId: 'shirt', amount: '1', currency: 'EUR' }]),
      catalog.setPrices([{ sku: 'S-1', amount: '2', currency: 'CHF' }]),
      catalog.update([{ id: 'm', tags: ['x'] }]),
    ]);
    const { title, brand, tags, prices, variants } = await shirt();
    expect({ title, brand, tags }).to.deep.equal({ title: 'T', brand: 'B', tags: ['x'] });
    expect(amounts(prices)[0]).to.equal('EUR - 100');
    expect(amounts(variants?.[0]?.prices)).to.deep.equal(['CHF - 200']);
  });

  const faults: readonly [what: string, patch: object, expected: string][] = [
    ['no product', { title: 'x' }, 'CATALOG_PRODUCT_INVALID products.0'],
    ['two names', { id: 'shirt', productId: 'shirt' }, 'CATALOG_PRODUCT_INVALID products.0'],
    ['an unknown product', { id: 'none', title: 'x' }, 'CATALOG_PRODUCT_UNKNOWN products.0.productId'],
    ['no title', { id: 'shirt', title: null }, 'CATALOG_PRODUCT_INVALID products.0.title'],
    [
      'stock of several variants',
      { id: 'shirt', stock: [{ quantity: 1 }] },
      'CATALOG_VARIANT_NEEDED products.0.stock',
    ],
    ['a field nobody knows', { id: 'shirt', colour: 'red' }, 'CATALOG_PRODUCT_INVALID products.0'],
  ];
  for (const [what, patch, expected] of faults) {
    it(`refuse ${what}`, async () => {
      const before = await shirt();
      expect(codes((await catalog.update([patch])).userErrors)).to.deep.equal([expected]);
      expect(await shirt()).to.equal(before);
    });
  }
});
