import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

describe('collections', () => {
  let shop: TestGateway;

  beforeEach(async () => {
    shop = await openTestGateway([store, queue, catalogPlugin]);
    const port = shop.system.port('catalog');
    const { userErrors } = await port.saveCategories([
      { id: 'tops', name: 'Tops' },
      { id: 'shirts', name: 'Shirts', parentId: 'tops' },
    ]);
    expect(userErrors).to.deep.equal([]);
    await port.save([
      { id: 'shirt', title: 'Shirt', brand: 'Alder', categoryIds: ['shirts'], tags: ['new', 'cotton'] },
      {
        id: 'coat',
        title: 'Coat',
        brand: 'Beech',
        tags: ['new'],
        attributes: [{ name: 'Weight', value: 2 }],
      },
      { id: 'mug', title: 'Mug' },
    ]);
  });
  afterEach(() => shop.close());

  async function save(collections: readonly object[]) {
    const { at, errors } = await shop.ask(
      `mutation ($collections: [CollectionInput!]!) {
        saveCollections(collections: $collections) { collections { id } userErrors { code path } } }`,
      { role: 'MERCHANDISER', variables: { collections } },
    );
    expect(errors, JSON.stringify(errors)).to.equal(undefined);
    const faults = at('saveCollections.userErrors') as { code: string; path: string[] }[];
    return faults.map(({ code, path }) => `${code} ${path.join('.')}`);
  }

  async function of(productId: string, role: 'STOREFRONT' | 'SERVER' = 'STOREFRONT'): Promise<string[]> {
    const { at } = await shop.ask(`{ product(id: "${productId}") { collections { id } } }`, { role });
    return (at('product.collections') as { id: string }[]).map(({ id }) => id);
  }

  it('hold the products that were chosen, and those that a filter chooses, as they are now', async () => {
    expect(
      await save([
        { id: 'gifts', title: 'Gifts', productIds: ['mug', 'coat', 'mug', 'unknown'] },
        { id: 'tops', title: 'All tops', filter: { categoryIds: ['tops'] } },
        { id: 'new-alder', title: 'New', filter: { tags: ['new', 'x'], brands: ['Alder'] } },
        { id: 'heavy', title: 'Heavy', filter: { attributes: [{ name: 'Weight', values: ['2'] }] } },
        { id: 'hidden', title: 'Hidden', published: false, filter: { tags: ['new'] } },
      ]),
    ).to.deep.equal([]);
    expect(await of('shirt')).to.deep.equal(['tops', 'new-alder']);
    expect(await of('coat')).to.deep.equal(['gifts', 'heavy']);
    expect(await of('coat', 'SERVER')).to.deep.equal(['gifts', 'heavy', 'hidden']);
    const port = shop.system.port('catalog');
    const [coat, shirt] = await port.products(['coat', 'shirt']);
    const gifts = port.collections.get('gifts')!;
    expect([coat, shirt].map((product) => port.collections.placeOf(gifts, product!))).to.deep.equal([1, -1]);
    await port.update([{ id: 'shirt', brand: 'Beech' }]);
    expect(await of('shirt')).to.deep.equal(['tops']);
    await save([{ id: 'gifts', title: 'Gifts', productIds: ['shirt'] }]);
    expect([await of('shirt'), await of('coat')]).to.deep.equal([['tops', 'gifts'], ['heavy']]);
    const { at } = await shop.ask('mutation { removeCollections(ids: ["tops", "none"]) { removedIds } }', {
      role: 'SERVER',
    });
    expect(at('removeCollections.removedIds')).to.deep.equal(['tops']);
    expect(await of('shirt')).to.deep.equal(['gifts']);
  });

  it('are shown by id or handle in the words of the shopper', async () => {
    await save([
      {
        id: 'a',
        handle: 'spring',
        title: 'Spring',
        description: 'Light',
        image: { url: '/a.jpg' },
        translations: [{ locale: 'de', title: 'Frühling' }],
        productIds: ['mug'],
      },
      { id: 'b', title: 'Secret', published: false, productIds: ['mug'] },
    ]);
    const context = 'context: { channel: WEB, locale: "de-CH" }';
    const { at, errors } = await shop.ask(
      `{ collections { id title } secret: collection(id: "b") { id }
         spring: collection(handle: "spring", ${context}) { title description image { url type } handle published } }`,
    );
    expect(errors, JSON.stringify(errors)).to.equal(undefined);
    expect(at('collections')).to.deep.equal([{ id: 'a', title: 'Spring' }]);
    expect(at('secret')).to.equal(null);
    expect(at('spring')).to.deep.equal({
      title: 'Frühling',
      description: 'Light',
      image: { url: '/a.jpg', type: 'IMAGE' },
      handle: 'spring',
      published: true,
    });
  });

  it('are refused without a choice of products, or with the handle of another', async () => {
    await save([{ id: 'a', handle: 'spring', title: 'Spring', productIds: ['mug'] }]);
    expect(
      await save([
        { id: 'b', title: 'B' },
        { id: 'c', title: 'C', productIds: [], filter: { tags: ['x'] } },
        { id: 'd', title: 'D', filter: { tags: [] } },
        { id: 'e', title: 'E', handle: 'spring', productIds: [] },
      ]),
    ).to.deep.equal([
      'CATALOG_COLLECTION_INVALID collections.0',
      'CATALOG_COLLECTION_INVALID collections.1',
      'CATALOG_COLLECTION_INVALID collections.2.filter',
      'CATALOG_HANDLE_TAKEN collections.3.handle',
    ]);
  });
});
