import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { gatewayTarget } from '../../scripts/import/gateway-target.js';
import { importRows } from '../../scripts/import/import-rows.js';
import type { Loss } from '../../scripts/import/imported-product.js';
import { parseMapping } from '../../scripts/import/mapping/mapping.js';
import { readFileRows } from '../../scripts/import/read/read-rows.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

interface Fault {
  readonly code: string;
  readonly path: readonly string[];
}

describe('the catalog in the graph', () => {
  let shop: TestGateway;

  before(async () => {
    shop = await openTestGateway([store, queue, catalog]);
    const { at } = await shop.ask(
      `mutation($categories: [CategoryInput!]!, $products: [ProductInput!]!) {
        saveCategories(categories: $categories) { userErrors { code } }
        saveProducts(products: $products) { saved unchanged products { id } userErrors { code path } }
      }`,
      {
        role: 'SERVER',
        variables: {
          categories: [
            { id: 'kitchen', name: 'Kitchen', translations: [{ locale: 'de', name: 'Küche' }] },
            {
              id: 'mugs',
              name: 'Mugs',
              parentId: 'kitchen',
              translations: [{ locale: 'de', name: 'Becher' }],
            },
          ],
          products: [
            {
              id: 'mug',
              sku: 'M-1',
              title: 'Mug <b>',
              brand: 'Tonart',
              categoryIds: ['mugs'],
              prices: [
                { amount: '9.90', currency: 'EUR', listAmount: '12' },
                { amount: '8', currency: 'EUR', storeId: 'basel' },
                { amount: 10.5, currency: 'CHF' },
              ],
              attributes: [{ name: 'Volume (ml)', value: 300 }],
              options: [{ name: 'Colour', values: ['red', 'blue'] }],
              media: [{ url: '/mug.jpg' }],
              sellers: [{ id: 'a', name: 'A' }],
              translations: [{ locale: 'de', title: 'Becher' }],
              stock: [{ quantity: 0 }, { storeId: 'basel', quantity: 3 }],
            },
            { id: 'draft', title: 'Draft', status: 'DRAFT' },
            { id: 'bad', title: ' ' },
          ],
        },
      },
    );
    expect(at('saveProducts.saved')).to.equal(2);
    expect(at('saveProducts.userErrors')).to.deep.equal([
      { code: 'CATALOG_PRODUCT_INVALID', path: ['products', '2', 'title'] },
    ]);
  });
  after(() => shop.close());

  const everything = `id sku status title description brand inStock createdAt updatedAt
    categories { name parent { name children { id } } } price { amount currency } listPrice { amount }
    prices { price { amount currency } listPrice { amount } storeId } options { name values { value available } }
    attributes { name value } media { url alt } image { url } sellers { id name } stock { storeId quantity }`;

  it('answers every field of a product, in its own words without a context', async () => {
    const { at, errors } = await shop.ask(`{ product(sku: "M-1") { ${everything} } }`, { role: 'SERVER' });
    expect(errors).to.equal(undefined);
    expect(at('product')).to.deep.include({
      id: 'mug',
      status: 'ACTIVE',
      title: 'Mug <b>',
      description: '',
      inStock: true,
      createdAt: '2026-01-15T12:00:00.000Z',
      price: { amount: '9.90', currency: 'EUR' },
      listPrice: { amount: '12.00' },
      attributes: [{ name: 'Volume (ml)', value: 300 }],
      options: [
        {
          name: 'Colour',
          values: [
            { value: 'red', available: true },
            { value: 'blue', available: true },
          ],
        },
      ],
      image: { url: '/mug.jpg' },
      categories: [{ name: 'Mugs', parent: { name: 'Kitchen', children: [{ id: 'mugs' }] } }],
      stock: [
        { storeId: 'basel', quantity: 3 },
        { storeId: 'online', quantity: 0 },
      ],
    });
  });

  const contexts: readonly [what: string, context: string, product: object][] = [
    [
      'a Swiss shopper',
      'locale: "de-CH", currency: CHF',
      { title: 'Becher', price: { amount: '10.50' }, inStock: true },
    ],
    [
      'the store',
      'currency: EUR, storeId: "basel"',
      { title: 'Mug <b>', price: { amount: '8.00' }, inStock: true },
    ],
    [
      'another store',
      'currency: EUR, storeId: "lyon"',
      { title: 'Mug <b>', price: { amount: '9.90' }, inStock: false },
    ],
    ['a currency it is not sold in', 'currency: USD', { title: 'Mug <b>', price: null, inStock: true }],
  ];
  for (const [what, context, product] of contexts) {
    it(`answers in the words, at the price and with the stock of ${what}`, async () => {
      const { at } = await shop.ask(
        `{ product(id: "mug", context: { channel: WEB, ${context} }) { title price { amount } inStock } }`,
      );
      expect(at('product')).to.deep.equal(product);
    });
  }

  it('shows a storefront nothing but what is for sale, and no quantities', async () => {
    const query = '{ mug: product(id: "mug") { stock { quantity } } draft: product(id: "draft") { title } }';
    const storefront = await shop.ask(query);
    expect(storefront.data).to.deep.equal({ mug: { stock: null }, draft: null });
    const merchandiser = await shop.ask(query, { role: 'MERCHANDISER' });
    expect(merchandiser.at('draft.title')).to.equal('Draft');
    expect(merchandiser.at('mug.stock')).to.have.length(2);
  });

  it('shows a storefront the categories of published products, and empty ones that were saved', async () => {
    const write = (mutation: string) => shop.ask(`mutation { ${mutation} }`, { role: 'SERVER' });
    const product = (status: string) =>
      `saveProducts(products: [{ id: "secret-shoe", title: "Shoe", status: ${status}, categoryIds: ["secret-shoes", "launch-2027"] }]) { saved userErrors { code } }`;
    const ask = async (role: 'STOREFRONT' | 'MERCHANDISER') => {
      const { at } = await shop.ask(
        '{ categories { id children { id } } product(id: "mug") { categories { parent { children { id } } } } }',
        { role },
      );
      return JSON.stringify([at('categories'), at('product')]);
    };
    await write(
      'saveCategories(categories: [{ id: "launch", name: "Launch" }, { id: "launch-2027", name: "Launch 2027", parentId: "launch" }, { id: "empty", name: "Empty" }, { id: "secret-mugs", name: "Secret mugs", parentId: "kitchen" }]) { userErrors { code } }',
    );
    for (const status of ['DRAFT', 'ARCHIVED']) {
      await write(product(status));
      await write(
        `saveProducts(products: [{ id: "secret-mug", title: "Mug", status: ${status}, categoryIds: ["secret-mugs"] }]) { saved }`,
      );
      const shown = await ask('STOREFRONT');
      expect(shown, status).to.not.match(/secret|2027/);
      expect(shown).to.contain('"kitchen"').and.contain('"launch"').and.contain('"empty"');
      expect(await ask('MERCHANDISER'))
        .to.contain('launch-2027')
        .and.contain('secret-shoes')
        .and.contain('secret-mugs');
    }
    await write(product('ACTIVE'));
    expect(await ask('STOREFRONT'))
      .to.contain('launch-2027')
      .and.contain('secret-shoes');
    await write('removeProducts(ids: ["secret-shoe"]) { removedIds }');
    expect(await ask('STOREFRONT'), 'named by a product only').to.not.contain('secret-shoes');
    await write('removeProducts(ids: ["secret-mug"]) { removedIds }');
  });

  for (const mutation of [
    'saveProducts(products: [{ id: "x", title: "X" }]) { saved }',
    'removeProducts(ids: ["mug"]) { removedIds }',
    'setStock(entries: [{ productId: "mug", quantity: 9 }]) { set }',
    'saveCategories(categories: [{ id: "x", name: "X" }]) { userErrors { code } }',
  ]) {
    it(`lets only a server ${mutation.split('(')[0]}`, async () => {
      for (const role of ['STOREFRONT', 'MERCHANDISER'] as const) {
        const { errors } = await shop.ask(`mutation { ${mutation} }`, { role });
        expect(errors?.[0]?.extensions.kind, role).to.equal('denied');
      }
    });
  }

  it('asks for exactly one of id and SKU', async () => {
    for (const args of ['(id: "mug", sku: "M-1")', '(context: { channel: WEB })']) {
      const { errors } = await shop.ask(`{ product${args} { id } }`);
      expect(errors?.[0]?.extensions.code, args).to.equal('CATALOG_PRODUCT_ARGUMENTS');
    }
    const { data } = await shop.ask('{ a: product(id: "") { id } b: product(sku: "ghost") { id } }');
    expect(data).to.deep.equal({ a: null, b: null });
  });

  it('shows stock that was set in the next answer', async () => {
    await shop.ask('mutation { saveProducts(products: [{ id: "pot", title: "Pot" }]) { saved } }', {
      role: 'SERVER',
    });
    const inStock = async () => (await shop.ask('{ product(id: "pot") { inStock } }')).at('product.inStock');
    expect(await inStock()).to.equal(true);
    for (const quantity of [0, 2, 0]) {
      const { at } = await shop.ask(
        `mutation { setStock(entries: [{ productId: "pot", quantity: ${quantity} }, { productId: "ghost", quantity: 1 }]) { set userErrors { code path } } }`,
        { role: 'SERVER' },
      );
      expect(at('setStock.set')).to.equal(1);
      expect((at('setStock.userErrors') as Fault[]).map(({ path }) => path[1])).to.deep.equal(['1']);
      expect(await inStock()).to.equal(quantity > 0);
    }
    const { at } = await shop.ask('mutation { removeProducts(ids: ["pot", "ghost"]) { removedIds } }', {
      role: 'SERVER',
    });
    expect(at('removeProducts.removedIds')).to.deep.equal(['pot']);
    expect(await inStock()).to.equal(undefined);
  });

  it('leaves out, of what is imported, only the value that GraphQL does not take', async () => {
    const rows = Array.from({ length: 7 }, (_, i) => ({
      line: i + 1,
      row: { id: `live-${i}`, title: 'Lamp', locale: i === 4 ? 'no locale' : 'de', german: 'Lampe' },
    }));
    const read = async function* () {
      yield* rows;
    };
    const mapping = parseMapping({
      id: 'id',
      title: 'title',
      translations: [{ locale: { source: 'locale' }, title: 'german' }],
    });
    const losses: Loss[] = [];
    const target = gatewayTarget(shop.url, testKeys.SERVER);
    const sum = await importRows(read, { mapping, target, onLoss: (loss) => losses.push(loss) });
    expect(sum).to.include({ rows: 7, saved: 7, rejected: 0, losses: 1 });
    expect(losses[0]).to.include({ line: 5, column: 'translations.0.locale' });
  });

  it('is imported into while it runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-import-'));
    try {
      const path = join(directory, 'products.csv');
      const rows = Array.from(
        { length: 450 },
        (_, i) => `${i === 321 ? 'x'.repeat(600) : `imported-${i}`},Lamp,Home>Lamps`,
      );
      writeFileSync(path, ['id,title,group', ...rows].join('\n'));
      const mapping = parseMapping({ id: 'id', title: 'title', categories: { source: 'group' } });
      const rejected: number[] = [];
      const run = (key: string) =>
        importRows(() => readFileRows(path), {
          mapping,
          target: gatewayTarget(shop.url, key),
          onRejected: ({ line }) => rejected.push(line),
        });
      expect(await run(testKeys.SERVER)).to.include({ rows: 450, saved: 449, rejected: 1 });
      expect(await run(testKeys.SERVER)).to.include({ rows: 450, saved: 0, unchanged: 449 });
      expect(rejected).to.deep.equal([323, 323]);
      const refused = run(testKeys.STOREFRONT);
      expect(String(await refused.catch((error: unknown) => error))).to.include('STOREFRONT key may not');
      const { at } = await shop.ask(
        '{ product(id: "imported-7") { title categories { id parent { id } } } }',
      );
      expect(at('product')).to.deep.equal({
        title: 'Lamp',
        categories: [{ id: 'home/lamps', parent: { id: 'home' } }],
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
