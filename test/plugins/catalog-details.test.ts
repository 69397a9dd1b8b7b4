import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { unitPriceOf } from '../../src/ports/unit-price.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

const size = (value: string) => [{ name: 'Size', value }];

const wine = {
  id: 'wine',
  handle: 'red-wine',
  title: 'Wine',
  tags: ['organic', 'organic', 'red'],
  prices: [{ amount: '6.00', currency: 'EUR' }],
  contents: { value: 750, unit: 'ML' },
  options: [
    {
      name: 'Size',
      values: ['S', 'L'],
      translations: [{ locale: 'de', label: 'Größe', values: [{ value: 'S', label: 'klein' }] }],
    },
  ],
  variants: [
    { id: 'wine-s', selectedOptions: size('S') },
    {
      id: 'wine-l',
      selectedOptions: size('L'),
      contents: { value: 1.5, unit: 'L' },
      prices: [{ amount: '10', currency: 'EUR' }],
    },
  ],
  attributes: [
    { name: 'Grape', value: ['Merlot', 'Syrah'], label: 'Grapes' },
    {
      name: 'origin',
      value: 'France',
      label: 'Origin',
      translations: [{ locale: 'de', label: 'Herkunft', value: 'Frankreich' }],
    },
  ],
  rating: { average: 4.25, count: 12 },
  relations: [
    { kind: 'ACCESSORY', productId: 'opener' },
    { kind: 'ACCESSORY', productId: 'opener' },
    { kind: 'UPSELL', productId: 'secret' },
    { kind: 'UPSELL', productId: 'unknown' },
  ],
};

describe('the details of a product', () => {
  let shop: TestGateway;

  before(async () => {
    shop = await openTestGateway([store, queue, catalogPlugin]);
    const { at, errors } = await shop.ask(
      'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { userErrors { code message path } } }',
      {
        role: 'SERVER',
        variables: {
          products: [
            wine,
            { id: 'opener', title: 'Opener' },
            { id: 'secret', title: 'Secret', status: 'DRAFT' },
            {
              id: 'set',
              title: 'Set',
              bundleOf: [
                { productId: 'wine', variantId: 'wine-l', quantity: 2 },
                { productId: 'opener' },
                { productId: 'secret' },
              ],
            },
          ],
        },
      },
    );
    expect(errors, JSON.stringify(errors)).to.equal(undefined);
    expect(at('saveProducts.userErrors')).to.deep.equal([]);
  });
  after(() => shop.close());

  const fields = `tags rating { average count } unitPrice { amount currency per { value unit } }
    options { name label values { value label } } attributes { name value label text }
    variants { id unitPrice { amount per { value unit } } } related { id } upsells: related(kind: UPSELL) { id }`;

  it('are shown in the words of the shopper', async () => {
    const { at, errors } = await shop.ask(
      `{ product(handle: "red-wine", context: { channel: WEB, locale: "de-CH", currency: EUR }) { ${fields} } }`,
    );
    expect(errors, JSON.stringify(errors)).to.equal(undefined);
    expect(at('product')).to.deep.equal({
      tags: ['organic', 'red'],
      rating: { average: 4.25, count: 12 },
      unitPrice: { amount: '8.00', currency: 'EUR', per: { value: 1, unit: 'L' } },
      options: [
        {
          name: 'Size',
          label: 'Größe',
          values: [
            { value: 'S', label: 'klein' },
            { value: 'L', label: 'L' },
          ],
        },
      ],
      attributes: [
        { name: 'Grape', value: 'Merlot', label: 'Grapes', text: 'Merlot' },
        { name: 'Grape', value: 'Syrah', label: 'Grapes', text: 'Syrah' },
        { name: 'origin', value: 'France', label: 'Herkunft', text: 'Frankreich' },
      ],
      variants: [
        { id: 'wine-s', unitPrice: { amount: '8.00', per: { value: 1, unit: 'L' } } },
        { id: 'wine-l', unitPrice: { amount: '6.67', per: { value: 1, unit: 'L' } } },
      ],
      related: [{ id: 'opener' }],
      upsells: [],
    });
  });

  it('name unpublished products to those who may see them only', async () => {
    const asked = `{ product(id: "wine") { related { id } } set: product(id: "set") {
      bundleOf { quantity product { id } variant { id } } } }`;
    const seen = async (role: 'STOREFRONT' | 'SERVER') => {
      const { at } = await shop.ask(asked, { role });
      const parts = at('set.bundleOf') as {
        quantity: number;
        product: { id: string };
        variant: { id: string } | null;
      }[];
      return [
        (at('product.related') as { id: string }[]).map(({ id }) => id),
        parts.map(({ quantity, product, variant }) => `${quantity} ${product.id} ${variant?.id ?? 'any'}`),
      ];
    };
    expect(await seen('STOREFRONT')).to.deep.equal([['opener'], ['2 wine wine-l', '1 opener any']]);
    expect(await seen('SERVER')).to.deep.equal([
      ['opener', 'secret'],
      ['2 wine wine-l', '1 opener any', '1 secret any'],
    ]);
  });

  it('stay when another field is changed', async () => {
    const catalog = shop.system.port('catalog');
    const [before] = await catalog.products(['wine']);
    expect((await catalog.update([{ id: 'wine', brand: 'Alder' }])).userErrors).to.deep.equal([]);
    const [after] = await catalog.products(['wine']);
    expect(after).to.deep.equal({ ...before, brand: 'Alder', updatedAtMs: after!.updatedAtMs });
    expect((await catalog.save([{ ...wine, brand: 'Alder' }])).unchanged).to.equal(1);
  });

  const faults: readonly [what: string, fault: object, path: string][] = [
    ['an average of 6', { rating: { average: 6, count: 1 } }, 'rating.average'],
    ['a rating by nobody', { rating: { average: 3, count: 0 } }, 'rating.count'],
    ['an unknown relation', { relations: [{ kind: 'FRIEND', productId: 'a' }] }, 'relations.0.kind'],
    ['a bundle of nothing', { bundleOf: [{ productId: 'a', quantity: 0 }] }, 'bundleOf.0.quantity'],
    ['no contents', { contents: { value: 0, unit: 'KG' } }, 'contents.value'],
    ['a unit that is none', { contents: { value: 1, unit: 'STONE' } }, 'contents.unit'],
    ['an attribute without a value', { attributes: [{ name: 'a', value: [] }] }, 'attributes.0.value'],
    [
      'a translation of several values',
      { attributes: [{ name: 'a', value: ['x', 'y'], translations: [{ locale: 'de', value: 'z' }] }] },
      'attributes.0.translations',
    ],
    ['a picture without width', { media: [{ url: '/a.jpg', width: 0 }] }, 'media.0.width'],
  ];
  for (const [what, fault, path] of faults) {
    it(`are refused with ${what}`, async () => {
      const { userErrors } = await shop.system.port('catalog').save([{ id: 'p', title: 'P', ...fault }]);
      expect(userErrors.map((error) => error.path.join('.'))).to.deep.equal([`products.0.${path}`]);
    });
  }
});

describe('a unit price', () => {
  it('is the price of the base amount, across units', () => {
    const per = (
      amount: number,
      value: number,
      unit: 'G' | 'KG' | 'OZ',
      base?: { value: number; unit: 'G' },
    ) => unitPriceOf(amount, { value, unit }, base).amountMinor;
    expect(per(250, 500, 'G')).to.equal(500);
    expect(per(250, 0.5, 'KG', { value: 100, unit: 'G' })).to.equal(50);
    expect(per(100, 1, 'OZ', { value: 28.349523125, unit: 'G' })).to.equal(100);
  });
});
