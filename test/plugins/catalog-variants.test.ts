import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import { type Catalog, variantsOf } from '../../src/ports/catalog.js';
import type { ReferenceKind, VariantFilter } from '../../src/ports/variants.js';
import { bootPlugins, createRandom, type TestSystem } from '../support/boot.js';
import { type StoreFiles, storeFiles } from '../support/store-files.js';

const size = (value: string) => ({ name: 'Size', value });
const colour = (value: string) => ({ name: 'Colour', value });

const shirt = {
  id: 'shirt',
  title: 'Shirt',
  handle: 'plain-shirt',
  prices: [{ amount: '20', currency: 'EUR' }],
  variants: [
    {
      id: 'shirt-s',
      sku: 'S-1',
      gtin: '4006381333931',
      selectedOptions: [size('S')],
      stock: [{ quantity: 1 }],
    },
    {
      id: 'shirt-m',
      sku: 'S-2',
      gtin: '036000291452',
      selectedOptions: [size('M')],
      stock: [{ quantity: 0 }],
    },
    { id: 'shirt-l', sku: 'S-3', selectedOptions: [size('L')], stock: [{ storeId: 'bern', quantity: 2 }] },
  ],
};

describe('variants', () => {
  let system: TestSystem;
  let catalog: Catalog;

  beforeEach(async () => {
    system = await bootPlugins([store, queue, catalogPlugin]);
    catalog = system.port('catalog');
  });
  afterEach(() => system.close());

  async function save(...products: object[]): Promise<void> {
    expect((await catalog.save(products)).userErrors).to.deep.equal([]);
  }
  const numberOf = (id: string) => catalog.shelf.numberOf(id);
  /** The place of the variant that passes, or -1. */
  const match = (id: string, filter: VariantFilter) => catalog.variants.matching(filter)(numberOf(id));
  const codesOf = async (inputs: object[]) =>
    (await catalog.save(inputs)).userErrors.map(({ code, path }) => `${code} ${path.join('.')}`);

  it('are one default variant for a product without options, with its codes and stock', async () => {
    await save({ id: 'mug', title: 'Mug', sku: 'M', gtin: '96385074', stock: [{ quantity: 3 }] });
    const [mug] = await catalog.products(['mug']);
    expect(variantsOf(mug!)).to.deep.equal([
      { id: 'mug', sku: 'M', gtin: '00000096385074', selectedOptions: [] },
    ]);
    expect(catalog.resolve('M')).to.deep.equal({ productId: 'mug', variantId: 'mug' });
    expect(await catalog.stock(['mug'])).to.deep.equal([{ online: 3 }]);
  });

  it('are in stock each by itself, and the product if one of them is', async () => {
    await save(shirt);
    const inStock = (storeId: string | null) =>
      [0, 1, 2].map((place) => catalog.variants.available(numberOf('shirt'), place, storeId));
    expect(inStock(null)).to.deep.equal([true, false, true]);
    expect(inStock('online')).to.deep.equal([true, false, false]);
    expect(inStock('bern')).to.deep.equal([false, false, true]);
    expect(catalog.shelf.inStore(numberOf('shirt'), 'bern')).to.equal(true);
    await catalog.setStock([{ variantId: 'shirt-l', storeId: 'bern', quantity: 0 }]);
    expect(catalog.shelf.inStore(numberOf('shirt'), 'bern')).to.equal(false);
    expect(catalog.shelf.inStock(numberOf('shirt'))).to.equal(true);
    await catalog.setStock([{ sku: 'S-1', quantity: 0 }]);
    expect(catalog.shelf.eligible(numberOf('shirt'))).to.equal(false);
    expect(await catalog.stock(['shirt'])).to.deep.equal([{ online: 0, bern: 0 }]);
  });

  it('are found by all selected options and stock at once, in one variant', async () => {
    await save({
      id: 'coat',
      title: 'Coat',
      variants: [
        { id: 'c1', selectedOptions: [size('M'), colour('red')], stock: [{ storeId: 'bern', quantity: 0 }] },
        { id: 'c2', selectedOptions: [size('M'), colour('blue')], stock: [{ storeId: 'bern', quantity: 1 }] },
        { id: 'c3', selectedOptions: [size('L'), colour('red')], stock: [{ storeId: 'bern', quantity: 1 }] },
      ],
    });
    const red = { name: 'Colour', values: ['red'] };
    const medium = { name: 'Size', values: ['M'] };
    expect(match('coat', { options: [red, medium] })).to.equal(0);
    expect(match('coat', { options: [red, medium], inStock: true, storeId: 'bern' })).to.equal(-1);
    expect(match('coat', { options: [medium], inStock: true, storeId: 'bern' })).to.equal(1);
    expect(match('coat', { options: [{ name: 'Size', values: ['S', 'L'] }] })).to.equal(2);
    expect(match('coat', { options: [{ name: 'Length', values: ['M'] }] })).to.equal(-1);
  });

  const references: readonly [what: string, reference: string, found: string | null, kind?: ReferenceKind][] =
    [
      ['a product id', 'shirt', 'shirt null'],
      ['a variant id', 'shirt-m', 'shirt shirt-m'],
      ['a SKU', 'S-2', 'shirt shirt-m'],
      ['an EAN-13', '4006381333931', 'shirt shirt-s'],
      ['a GTIN-14', '04006381333931', 'shirt shirt-s'],
      ['a UPC', '036000291452', 'shirt shirt-m'],
      ['the same as EAN-13', '0036000291452', 'shirt shirt-m'],
      ['a GTIN with blanks', '4 006381 333931', 'shirt shirt-s'],
      ['a Shopify GID of a product', 'gid://shopify/Product/shirt', 'shirt null'],
      ['a Shopify GID of a variant', 'gid://shopify/ProductVariant/shirt-l', 'shirt shirt-l'],
      ['a handle by its kind', 'plain-shirt', 'shirt null', 'handle'],
      ['a handle, which is no reference', 'plain-shirt', null],
      ['a SKU as a GTIN', 'S-2', null, 'gtin'],
      ['a code that nobody has', 'S-4', null],
      ['a GID of another kind', 'gid://shopify/Order/shirt', null],
    ];
  for (const [what, reference, found, kind] of references) {
    it(`are named by ${what}`, async () => {
      await save(shirt);
      const { productId, variantId } = catalog.resolve(reference, kind) ?? {};
      expect(productId === undefined ? null : `${productId} ${variantId}`).to.equal(found);
    });
  }

  it('keep their codes to themselves', async () => {
    await save(shirt);
    const other = (variant: object) => [
      { id: 'other', title: 'Other', variants: [{ id: 'o', selectedOptions: [], ...variant }] },
    ];
    expect(await codesOf(other({ id: 'shirt-m' }))).to.deep.equal([
      'CATALOG_VARIANT_TAKEN products.0.variants.0.id',
    ]);
    expect(await codesOf(other({ sku: 'S-2' }))).to.deep.equal([
      'CATALOG_SKU_TAKEN products.0.variants.0.sku',
    ]);
    expect(await codesOf(other({ gtin: '00036000291452' }))).to.deep.equal([
      'CATALOG_GTIN_TAKEN products.0.variants.0.gtin',
    ]);
    expect(await codesOf([{ id: 'x', title: 'X', sku: 'S-2', handle: 'plain-shirt' }])).to.deep.equal([
      'CATALOG_HANDLE_TAKEN products.0.handle',
      'CATALOG_SKU_TAKEN products.0.sku',
    ]);
    await save({ ...shirt, handle: 'other', variants: shirt.variants.slice(0, 1) });
    await save({ id: 'x', title: 'X', sku: 'S-2', handle: 'plain-shirt' }, ...other({ id: 'shirt-m' }));
    expect(catalog.resolve('S-2')).to.deep.equal({ productId: 'x', variantId: 'x' });
  });

  const several = (id: string, variantIds: readonly string[]) => ({
    id,
    title: id,
    variants: variantIds.map((variantId, i) => ({
      id: variantId,
      selectedOptions: [{ name: 'Size', value: String(i) }],
    })),
  });
  for (const [what, taken] of [
    ['one variant', { id: 'taken', title: 'Taken' }],
    ['several variants', several('taken', ['t-1', 't-2'])],
  ] as const) {
    it(`have no id of another product with ${what}, whichever is saved first`, async () => {
      const thief = several('thief', ['th-1', 'taken']);
      await save(taken);
      const { userErrors } = await catalog.save([thief]);
      expect(userErrors.map(({ message, path }) => `${path.join('.')}: ${message}`)).to.deep.equal([
        'products.0.variants.1.id: the id "taken" is that of a product; use one that no other product or variant has',
      ]);
      await save({ ...taken, title: 'Saved again' });
      await catalog.remove(['taken']);
      await save(thief);
      expect(catalog.resolve('taken')).to.deep.equal({ productId: 'thief', variantId: 'taken' });
      const second = await catalog.save([taken, { id: 'other', title: 'Other' }]);
      expect(second.saved.map(({ id }) => id)).to.deep.equal(['other']);
      expect(second.userErrors.map(({ message, path }) => `${path.join('.')}: ${message}`)).to.deep.equal([
        'products.0.id: the id "taken" is that of a variant of product "thief"; use one that no other product or variant has',
      ]);
      await save(several('thief', ['th-1']));
      await save(taken);
    });
  }

  it('may have the id of their own product', async () => {
    await save(several('own', ['own', 'own-2']));
    await save(several('own', ['own-2', 'own']));
    expect(catalog.resolve('own', 'variantId')).to.deep.equal({ productId: 'own', variantId: 'own' });
  });

  it('give a code to one of two savers at once', async () => {
    const saver = (id: string) => catalog.save([{ id, title: id, gtin: '4006381333931' }]);
    const results = await Promise.all(['a', 'b', 'c'].map(saver));
    expect(results.map(({ saved }) => saved.length).sort()).to.deep.equal([0, 0, 1]);
  });

  const faults: readonly [what: string, fault: object, expected: string][] = [
    ['a wrong check digit', { gtin: '4006381333932' }, 'CATALOG_GTIN_INVALID products.0.gtin'],
    ['a GTIN of 11 digits', { gtin: '40063813339' }, 'CATALOG_GTIN_INVALID products.0.gtin'],
    ['an ISBN with a wrong end', { gtin: '3-16-148410-1' }, 'CATALOG_GTIN_INVALID products.0.gtin'],
    [
      'stock of a product with variants',
      { variants: [{ id: 'a', selectedOptions: [] }], stock: [{ quantity: 1 }] },
      'CATALOG_STOCK_INVALID products.0.stock',
    ],
    [
      'two variants with the same options',
      {
        variants: [
          { id: 'a', selectedOptions: [size('S'), colour('red')] },
          { id: 'b', selectedOptions: [colour('red'), size('S')] },
        ],
      },
      'CATALOG_PRODUCT_INVALID products.0.variants.1.selectedOptions',
    ],
    [
      'two variants with one SKU',
      {
        variants: [
          { id: 'a', sku: 'x', selectedOptions: [size('S')] },
          { id: 'b', sku: 'x', selectedOptions: [size('M')] },
        ],
      },
      'CATALOG_PRODUCT_INVALID products.0.variants.1.sku',
    ],
    ['a handle with a slash', { handle: 'a/b' }, 'CATALOG_PRODUCT_INVALID products.0.handle'],
  ];
  for (const [what, fault, expected] of faults) {
    it(`refuse ${what}`, async () => {
      expect(await codesOf([{ id: 'p', title: 'P', ...fault }])).to.deep.equal([expected]);
      expect(await catalog.products(['p'])).to.deep.equal([null]);
    });
  }

  const messages: readonly [what: string, fault: object, message: string][] = [
    [
      'a list price below the price',
      { prices: [{ amount: '13', listAmount: '12', currency: 'EUR' }] },
      '"12" is below the amount "13"; listAmount is the price before a reduction, omit it if there is none',
    ],
    [
      'a price that ends before it begins',
      {
        prices: [
          {
            amount: '1',
            currency: 'EUR',
            validFrom: '2026-12-01T00:00:00+01:00',
            validUntil: '2026-11-01T00:00:00Z',
          },
        ],
      },
      '"2026-11-01T00:00:00.000Z" is not later than validFrom "2026-11-30T23:00:00.000Z"',
    ],
    [
      'a price from before 1970',
      { prices: [{ amount: '1', currency: 'EUR', validFrom: '1969-01-01T00:00:00Z' }] },
      'validFrom must be between the years 1970 and 2200, not 1969-01-01T00:00:00.000Z',
    ],
    [
      'two variants without options',
      { variants: ['a', 'b'].map((id) => ({ id, selectedOptions: [] })) },
      'the variant at index 0 has no options too; variants must differ in their options',
    ],
    [
      'a variant without options beside one that has some',
      {
        variants: [
          { id: 'a', selectedOptions: [size('S')] },
          { id: 'b', selectedOptions: [] },
        ],
      },
      'the variant "b" has no options and others of the product do; give it a value, for example of "Size"',
    ],
    [
      'an option that is selected twice',
      { variants: [{ id: 'a', selectedOptions: [size('S'), size('M')] }] },
      'the option "Size" is there twice; a variant has one value for each option',
    ],
  ];
  for (const [what, fault, message] of messages) {
    it(`refuse ${what} with the values received`, async () => {
      const { userErrors } = await catalog.save([{ id: 'p', title: 'P', ...fault }]);
      expect(userErrors.map((each) => each.message)).to.deep.equal([message]);
    });
  }

  it('keep codes apart that have one fingerprint', async () => {
    const [first, second] = ['SWXJ4Q4ZCHF', 'SACA86VUSR7'];
    expect(fingerprint(first)).to.equal(fingerprint(second));
    await save({ id: 'first', title: 'First', sku: first });
    await save({ id: 'second', title: 'Second', sku: second });
    expect(catalog.resolve(first)?.productId).to.equal('first');
    expect(catalog.resolve(second)?.productId).to.equal('second');
    for (const sku of [first, second]) {
      const { userErrors } = await catalog.save([{ id: 'third', title: 'Third', sku }]);
      expect(userErrors.map(({ code }) => code)).to.deep.equal(['CATALOG_SKU_TAKEN']);
    }
    await catalog.remove(['first']);
    expect(catalog.resolve(first)).to.equal(null);
    expect(catalog.resolve(second)?.productId).to.equal('second');
    await save({ id: 'third', title: 'Third', sku: first });
    expect((await catalog.productBy('sku', first))?.id).to.equal('third');
  });

  it('read an ISBN-10 as the GTIN of its ISBN-13', async () => {
    await save({ id: 'book', title: 'Book', gtin: '3-16-148410-X' });
    expect(catalog.resolve('978-3-16-148410-0')?.productId).to.equal('book');
  });

  it('need to be named when the stock of a product with several is set', async () => {
    await save(shirt);
    const { set, userErrors } = await catalog.setStock([
      { productId: 'shirt', quantity: 1 },
      { productId: 'shirt-m', quantity: 1 },
      { gtin: '4006381333931', quantity: 5 },
      { variantId: 'unknown', quantity: 1 },
      { quantity: 1 },
      { sku: 'S-1', gtin: '4006381333931', quantity: 1 },
    ]);
    expect(set).to.equal(2);
    expect(userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)).to.deep.equal([
      'CATALOG_STOCK_INVALID entries.4',
      'CATALOG_STOCK_INVALID entries.5',
      'CATALOG_VARIANT_NEEDED entries.0.productId',
      'CATALOG_PRODUCT_UNKNOWN entries.3.variantId',
    ]);
    const [stock] = await catalog.stockByVariant(['shirt']);
    expect(Object.fromEntries([...stock!].map(([id, levels]) => [id, { ...levels }]))).to.deep.equal({
      'shirt-s': { online: 5 },
      'shirt-m': { online: 1 },
      'shirt-l': { bern: 2 },
    });
  });

  it('have a bound of stock that is named when it is passed', async () => {
    const variants = Array.from({ length: 700 }, (_, at) => ({
      id: `v${at}`,
      selectedOptions: [size(`${at}`)],
    }));
    await save({ id: 'big', title: 'Big', variants });
    const storeId = (at: number) => `${at}`.padEnd(120, 'x');
    const feed = { source: 'feed'.padEnd(100, 'x'), version: 1 };
    let code = '';
    for (let at = 0; at < 10 && code === ''; at++) {
      const entries = variants.map(({ id }) => ({
        variantId: id,
        storeId: storeId(at),
        quantity: 1,
        ...feed,
      }));
      await catalog.setStock(entries).catch((error: { code: string }) => {
        code = error.code;
      });
    }
    expect(code).to.equal('CATALOG_STOCK_TOO_LARGE');
    const again = { variantId: 'v1', storeId: storeId(0), quantity: 2, ...feed };
    expect(await catalog.setStock([again])).to.deep.include({
      set: 1,
    });
  });

  it('take their stock along when others come and go, and leave none behind', async () => {
    await save(shirt);
    const [small, medium, large] = shirt.variants;
    const plain = (variant: object) => ({ ...variant, stock: undefined });
    await save({ ...shirt, variants: [plain(large!), plain(small!)] });
    expect([0, 1].map((place) => catalog.variants.available(numberOf('shirt'), place, 'bern'))).to.deep.equal(
      [true, false],
    );
    await save({ ...shirt, variants: [large, small, plain(medium!)].map((variant) => plain(variant!)) });
    expect(catalog.variants.available(numberOf('shirt'), 2, null), 'not stock-kept any more').to.equal(true);
  });

  it('are in stock again after a start as they were', async () => {
    const files: StoreFiles = storeFiles();
    const boot = () => bootPlugins([store, queue, catalogPlugin], { dataDir: files.dataDir });
    const seen = (of: TestSystem) => {
      const { variants, shelf, resolve } = of.port('catalog');
      const number = shelf.numberOf('shirt');
      return [
        [null, 'online', 'bern'].map((storeId) =>
          [0, 1, 2].map((at) => variants.available(number, at, storeId)),
        ),
        resolve('S-3'),
      ];
    };
    let other = await boot();
    try {
      await other.port('catalog').save([shirt]);
      const before = seen(other);
      await other.close();
      other = await boot();
      expect(seen(other)).to.deep.equal(before);
    } finally {
      await other.close();
      files.remove();
    }
  });

  it('answer 1,000 random filters as a plain reference does', async () => {
    const random = createRandom(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const sizes = ['S', 'M', 'L'];
    const colours = ['red', 'blue'];
    const stores = ['online', 'bern', 'lyon'];
    const all = sizes.flatMap((s) =>
      colours.map((c) => ({ id: `${s}-${c}`, selectedOptions: [size(s), colour(c)] })),
    );
    const levels = new Map<string, number>();
    let wrong = 0;
    for (let trial = 0; trial < 1_000; trial++) {
      if (trial % 50 === 0) {
        const variants = all
          .filter(() => random() < 0.7)
          .map((each) => ({ ...each, status: pick(['ACTIVE', 'ACTIVE', 'DRAFT']) }));
        if (variants.length === 0) continue;
        await save({ id: 'p', title: 'P', variants });
        const ids = new Set(variants.map(({ id }) => id));
        for (const key of levels.keys()) if (!ids.has(key.split(' ')[0]!)) levels.delete(key);
      }
      const [product] = await catalog.products(['p']);
      if (!product) continue;
      const variant = pick(variantsOf(product));
      const storeId = pick(stores);
      const quantity = pick([0, 0, 2]);
      await catalog.setStock([{ variantId: variant.id, storeId, quantity }]);
      levels.set(`${variant.id} ${storeId}`, quantity);
      const filter = {
        options: [
          ...(random() < 0.7 ? [{ name: 'Size', values: sizes.filter(() => random() < 0.5) }] : []),
          ...(random() < 0.5 ? [{ name: 'Colour', values: [pick(colours)] }] : []),
        ],
        inStock: random() < 0.7,
        storeId: pick([null, ...stores]),
      };
      const expected = variantsOf(product).findIndex(({ id, status = 'ACTIVE', selectedOptions }) => {
        const own = [...levels].filter(([key]) => key.startsWith(`${id} `));
        const here = own.filter(([key]) => filter.storeId === null || key === `${id} ${filter.storeId}`);
        const inStock = own.length === 0 || here.some(([, left]) => left > 0);
        return (
          status === 'ACTIVE' &&
          (inStock || !filter.inStock) &&
          filter.options.every(({ name, values }) =>
            selectedOptions.some((option) => option.name === name && values.includes(option.value)),
          )
        );
      });
      if (match('p', filter) !== expected) wrong++;
    }
    expect(wrong).to.equal(0);
  });
});
