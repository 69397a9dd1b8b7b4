import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { steadyProducts } from '../../plugins/catalog/steady-products.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Request } from '../../src/context.js';
import { definePlugin, type SteadyKey } from '../../src/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

/** More than enough that an operation is planned. */
const turns = 6;

interface Lamp {
  readonly name: string;
}

describe('What need not be asked for again', () => {
  it('is asked for again as soon as what it was made from has changed, and always where it came late or failed', async () => {
    let lamp: Lamp = { name: 'first' };
    let asked = 0;
    const lamps = definePlugin({
      name: 'lamps',
      provides: null,
      needs: [],
      sdl: 'type Lamp { name: String! late: String broken: String foreign: String } extend type Query { lamp: Lamp @public }',
      create: () => ({
        port: null,
        resolvers: {
          Query: { lamp: () => lamp },
          Lamp: {
            name: ({ name }: Lamp) => `${name} ${++asked}`,
            late: async () => 'late',
            broken: () => {
              throw new Error('secret');
            },
          },
        },
        steady: {
          Lamp: (of: Lamp, { caller }: Request) => ({ of, beside: caller.role }),
        },
      }),
    });
    const shades = definePlugin({
      name: 'shades',
      provides: null,
      needs: [],
      sdl: 'extend type Lamp { shade: String }',
      create: () => ({ port: null, resolvers: { Lamp: { shade: () => `shade ${++asked}` } } }),
    });
    const gateway = await openTestGateway([lamps, shades]);
    async function askings(query: string): Promise<number> {
      for (let turn = 0; turn < turns; turn++) await gateway.ask(query);
      const before = asked;
      for (let turn = 0; turn < turns; turn++) await gateway.ask(query);
      return asked - before;
    }
    try {
      expect(await askings('{ lamp { __typename name foreign } }')).to.equal(0);
      const known = asked;
      expect(
        (await gateway.ask('{ lamp { __typename name foreign } }', { role: 'SERVER' })).at('lamp.name'),
      ).to.equal(`first ${known + 1}`);
      lamp = { name: 'second' };
      expect((await gateway.ask('{ lamp { __typename name foreign } }')).at('lamp.name')).to.equal(
        `second ${known + 2}`,
      );
      expect(await askings('{ lamp { name late } }')).to.equal(turns);
      expect(await askings('{ lamp { name broken } }')).to.equal(turns);
      expect(await askings('{ lamp { name shade } }')).to.equal(2 * turns);
    } finally {
      await gateway.close();
    }
  });

  it('is said of a type by the plugin that declares it only', async () => {
    const thief = (type: string) =>
      definePlugin({
        name: 'thief',
        provides: null,
        needs: [],
        create: () => ({ port: null, steady: { [type]: (of: object) => ({ of, beside: '' }) } }),
      });
    const refusal = (type: string) =>
      openTestGateway([thief(type)]).then(
        () => 'opened',
        (error: Error) => error.message,
      );
    expect(await refusal('Money')).to.equal(
      'thief calls Money steady, which base declares; only base may do so',
    );
    expect(await refusal('Lamp')).to.equal('thief calls Lamp steady, which no SDL declares');
  });

  it('is written anew where its plugin fails to say what it hangs on, which is logged once', async () => {
    for (const steady of [
      () => {
        throw new Error('secret');
      },
      () => ({ of: 'a text', beside: '' }) as unknown as SteadyKey,
    ]) {
      let asked = 0;
      const lamps = definePlugin({
        name: 'lamps',
        provides: null,
        needs: [],
        sdl: 'type Lamp { name: String } extend type Query { lamp: Lamp @public }',
        create: () => ({
          port: null,
          resolvers: { Query: { lamp: () => ({}) }, Lamp: { name: () => `lamp ${++asked}` } },
          steady: { Lamp: steady },
        }),
      });
      const gateway = await openTestGateway([lamps]);
      try {
        for (let turn = 1; turn <= turns; turn++)
          expect((await gateway.ask('{ lamp { name } }')).at('lamp.name')).to.equal(`lamp ${turn}`);
        const told = gateway.system.log.lines.filter(({ level }) => level === 'error');
        expect(told.map(({ fields }) => `${fields.plugin} ${fields.type}`)).to.deep.equal(['lamps Lamp']);
      } finally {
        await gateway.close();
      }
    }
  });

  describe('of a product', () => {
    let gateway: TestGateway;
    before(async () => {
      gateway = await openTestGateway([store, queue, catalog]);
      await save({});
    });
    after(() => gateway.close());

    const query = `query ($context: ShopperContext) {
      product(id: "p", context: $context) { title inStock price { amount currency } categories { name parent { name } } }
    }`;
    const contexts = {
      plain: { channel: 'WEB' },
      francs: { channel: 'WEB', currency: 'CHF' },
      german: { channel: 'WEB', locale: 'de' },
      berne: { channel: 'WEB', storeId: 'berne' },
    };

    async function save(changes: Record<string, unknown>): Promise<void> {
      const product = {
        id: 'p',
        title: 'Lamp',
        categoryIds: ['lamps'],
        prices: [
          { currency: 'EUR', amount: '10.00' },
          { currency: 'CHF', amount: '11.00' },
          { currency: 'EUR', amount: '9.00', storeId: 'berne' },
        ],
        translations: [{ locale: 'de', title: 'Leuchte' }],
        stock: [{ quantity: 1 }],
        ...changes,
      };
      await mutate(
        'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { userErrors { code message } } }',
        {
          products: [product],
        },
      );
    }
    async function mutate(mutation: string, variables: Record<string, unknown>): Promise<void> {
      const { text } = await gateway.ask(mutation, { role: 'SERVER', variables });
      expect(text).to.contain('"userErrors":[]');
    }
    async function all(): Promise<Record<string, string>> {
      const answers: Record<string, string> = {};
      for (const [name, context] of Object.entries(contexts)) {
        for (let turn = 0; turn < turns; turn++) {
          const { data } = await gateway.ask(query, { variables: { context } });
          const { title, inStock, price, categories } = (data as { product: Record<string, unknown> })
            .product as {
            readonly title: string;
            readonly inStock: boolean;
            readonly price: { readonly amount: string; readonly currency: string };
            readonly categories: readonly {
              readonly name: string;
              readonly parent: { readonly name: string } | null;
            }[];
          };
          const where = categories.map((category) =>
            [category.parent?.name, category.name].filter(Boolean).join('/'),
          );
          answers[name] = `${title} ${price.amount} ${price.currency} ${inStock} ${where.join()}`;
        }
      }
      return answers;
    }

    it('shows quantities only to roles that may see them, even if another role has just asked', async () => {
      const asked = '{ product(id: "p") { title stock { quantity } } }';
      const seen: Record<string, unknown> = {};
      for (const role of ['SERVER', 'STOREFRONT', 'SERVER'] as const) {
        for (let turn = 0; turn < turns; turn++)
          seen[role] = (await gateway.ask(asked, { role })).at('product.stock');
      }
      expect(seen).to.deep.equal({ SERVER: [{ quantity: 1 }], STOREFRONT: null });
    });

    it('is kept apart by role', () => {
      const shelf = { numberOf: () => 0, inStock: () => true, inStore: () => true };
      const catalog = { shelf, collections: { changes: 0 } } as unknown as Catalog;
      const product = { id: 'p', prices: [] };
      const keyOf = steadyProducts(
        catalog,
        () => 0,
        () => 0,
      ).Product as (parent: unknown, request: unknown) => SteadyKey;
      const texts = (['STOREFRONT', 'SERVER', 'MERCHANDISER', 'ADMIN'] as const).map(
        (role) => keyOf({ product, context: null }, { caller: { role } }).beside,
      );
      expect(new Set(texts)).to.have.property('size', 4);
    });

    it('differs by language, currency and store, and follows every write at once', async () => {
      expect(await all()).to.deep.equal({
        plain: 'Lamp 10.00 EUR true Lamps',
        francs: 'Lamp 11.00 CHF true Lamps',
        german: 'Leuchte 10.00 EUR true Lamps',
        berne: 'Lamp 9.00 EUR false Lamps',
      });
      await save({ title: 'Lantern' });
      expect((await all()).plain).to.equal('Lantern 10.00 EUR true Lamps');
      await mutate(
        'mutation ($entries: [StockInput!]!) { setStock(entries: $entries) { userErrors { code } } }',
        {
          entries: [
            { productId: 'p', quantity: 0 },
            { productId: 'p', storeId: 'berne', quantity: 2 },
          ],
        },
      );
      expect((await all()).berne).to.equal('Lantern 9.00 EUR true Lamps');
      await mutate(
        'mutation ($entries: [StockInput!]!) { setStock(entries: $entries) { userErrors { code } } }',
        {
          entries: [{ productId: 'p', storeId: 'berne', quantity: 0 }],
        },
      );
      expect((await all()).plain).to.equal('Lantern 10.00 EUR false Lamps');
      await mutate(
        'mutation ($categories: [CategoryInput!]!) { saveCategories(categories: $categories) { userErrors { code } } }',
        {
          categories: [
            { id: 'home', name: 'At home' },
            { id: 'lamps', name: 'Light', parentId: 'home' },
          ],
        },
      );
      expect((await all()).plain).to.equal('Lantern 10.00 EUR false At home/Light');
    });
  });
});
