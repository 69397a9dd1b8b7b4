import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { variantsOf } from '../../src/ports/catalog.js';
import { priceOf } from '../../src/ports/prices.js';
import type { Document } from '../../src/ports/store.js';
import { bootPlugins } from '../support/boot.js';
import { storeFiles } from '../support/store-files.js';

/** Documents as they were written before products had variants. */
const product = {
  id: 'mug',
  sku: 'M-1',
  version: 3,
  status: 'ACTIVE',
  title: 'Mug',
  description: '',
  brand: null,
  categoryIds: [],
  prices: [{ currency: 'EUR', amountMinor: 990, listAmountMinor: null, storeId: null }],
  options: [{ name: 'Colour', values: ['red'] }],
  attributes: [],
  media: [{ url: '/mug.jpg', alt: null }],
  sellers: [],
  translations: {},
  speakable: true,
  createdAtMs: 5,
  updatedAtMs: 6,
};

describe('a data directory from before variants', () => {
  it('is a shop whose products have one variant each', async () => {
    const files = storeFiles();
    const alone = await bootPlugins([store], { dataDir: files.dataDir });
    const write = async (name: string, document: Document) =>
      (await alone.port('store').collection<Document>({ name, indexes: {} })).put([document]);
    await write('products', product);
    await write('stock', { id: 'mug', levels: [{ storeId: 'bern', quantity: 2 }] } as Document);
    await write('skus', { id: 'M-1', productId: 'mug', claimedAtMs: 5 } as Document);
    await alone.close();
    const system = await bootPlugins([store, queue, catalog], { dataDir: files.dataDir });
    try {
      const port = system.port('catalog');
      const mug = (await port.productBy('sku', 'M-1'))!;
      expect(variantsOf(mug).map(({ id, sku }) => `${id} ${sku}`)).to.deep.equal(['mug M-1']);
      expect(priceOf(mug, { currency: 'EUR', storeId: 'bern', atMs: 0 })?.amountMinor).to.equal(990);
      const number = port.shelf.numberOf('mug');
      expect(['bern', 'lyon'].map((storeId) => port.variants.available(number, 0, storeId))).to.deep.equal([
        true,
        false,
      ]);
      const input = {
        id: 'mug',
        sku: 'M-1',
        version: 3,
        title: 'Mug',
        prices: [{ amount: '9.90', currency: 'EUR' }],
        options: [{ name: 'Colour', values: ['red'] }],
        media: [{ url: '/mug.jpg' }],
        stock: [{ storeId: 'bern', quantity: 2 }],
      };
      expect(await port.save([input])).to.deep.include({ unchanged: 1, userErrors: [] });
      const size = (value: string) => [{ name: 'Size', value }];
      const variants = [
        { id: 'mug', sku: 'M-1', selectedOptions: size('small') },
        {
          id: 'mug-l',
          sku: 'M-2',
          selectedOptions: size('large'),
          stock: [{ storeId: 'lyon', quantity: 1 }],
        },
      ];
      const { sku: _, stock: __, ...rest } = input;
      expect((await port.save([{ ...rest, variants }])).userErrors).to.deep.equal([]);
      const stock = (await port.stockByVariant(['mug']))[0]!;
      expect(stock.get('mug'), 'the stock of the variant that kept the id').to.deep.include({ bern: 2 });
      expect(port.resolve('M-2')).to.deep.equal({ productId: 'mug', variantId: 'mug-l' });
    } finally {
      await system.close();
      files.remove();
    }
  });
});
