import { expect } from 'chai';
import { packedProducts } from '../../plugins/catalog/packed-products.js';
import { store } from '../../plugins/store/plugin.js';
import type { Product, ProductVariant } from '../../src/ports/catalog.js';
import type { Collection, Document } from '../../src/ports/store.js';
import { bootPlugins, createRandom, type TestSystem } from '../support/boot.js';

const sizes = { name: 'Size', values: ['S', 'M', 'L'] };
const colours = { name: 'Colour', values: ['red', 'blue'] };

function product(id: string, variants: readonly ProductVariant[] | undefined): Product {
  return {
    id,
    sku: null,
    version: null,
    status: 'ACTIVE',
    title: id,
    description: '',
    brand: null,
    categoryIds: [],
    prices: [],
    options: [sizes, colours],
    ...(variants === undefined ? {} : { variants }),
    attributes: [],
    media: [],
    sellers: [],
    translations: {},
    speakable: true,
    createdAtMs: 1,
    updatedAtMs: 2,
  };
}

describe('products with their variants in columns', () => {
  let system: TestSystem;
  let stored: Collection<Document>;
  let products: Collection<Product>;
  beforeEach(async () => {
    system = await bootPlugins([store]);
    stored = await system.port('store').collection({ name: 'products', indexes: {} });
    products = packedProducts(stored as Parameters<typeof packedProducts>[0]);
  });
  afterEach(() => system.close());

  it('are read as they were written, by every way to read', async () => {
    const random = createRandom(4);
    const chance = (share: number) => random() < share;
    const variant = (id: string): ProductVariant => ({
      id,
      ...(chance(0.7) ? { sku: `sku ${id}` } : {}),
      ...(chance(0.7) ? { gtin: '04006381333931' } : {}),
      selectedOptions: [sizes, colours].flatMap(({ name, values }) =>
        chance(0.8) ? [{ name, value: values[Math.floor(random() * values.length)]! }] : [],
      ),
      ...(chance(0.3)
        ? { prices: [{ currency: 'EUR', amountMinor: 5, listAmountMinor: null, storeId: null }] }
        : {}),
      ...(chance(0.2) ? { status: 'DRAFT' as const } : {}),
    });
    const all = Array.from({ length: 200 }, (_, at) => {
      const count = Math.floor(random() * 5);
      const id = `p${String(at).padStart(3, '0')}`;
      return product(
        id,
        count === 0 ? undefined : Array.from({ length: count }, (_, n) => variant(`${id}-${n}`)),
      );
    });
    const heard: Product[] = [];
    products.watch((changes) => {
      for (const { document } of changes) if (document) heard.push(document);
    });
    await products.insert(all.slice(0, 100));
    await products.put(all.slice(100, 150));
    for (const each of all.slice(150)) await products.update(each.id, () => each);
    expect(heard).to.deep.equal(all);
    expect(await products.getMany(all.map(({ id }) => id))).to.deep.equal(all);
    const scanned: Product[] = [];
    for await (const page of products.scan()) scanned.push(...page);
    expect(scanned).to.deep.equal(all);
    const changed = await products.update('p000', (current) => ({ ...current!, title: 'Other' }));
    expect(changed).to.deep.equal({ ...all[0], title: 'Other' });
  });

  it('of earlier releases are read as they are, and a value that the options lack is kept', async () => {
    const [list, odd] = ['list', 'odd'].map((id) =>
      product(id, [
        { id: `${id}-1`, selectedOptions: [{ name: 'Size', value: id === 'odd' ? 'XXL' : 'S' }] },
      ]),
    );
    await stored.put([list!]);
    expect(await products.get('list')).to.deep.equal(list);
    await products.put([odd!]);
    expect(await products.get('odd')).to.deep.equal(odd);
  });

  it('share equal options in memory, and take half the bytes', async () => {
    const variants = (id: string) =>
      sizes.values.flatMap((size) =>
        colours.values.map((colour) => ({
          id: `${id}-${size}-${colour}`,
          sku: `${id}-${size}-${colour}`,
          selectedOptions: [
            { name: 'Size', value: size },
            { name: 'Colour', value: colour },
          ],
        })),
      );
    const [a, b] = ['a', 'b'].map((id) => product(id, variants(id)));
    await products.put([a!, b!]);
    const [first, second] = await products.getMany(['a', 'b']);
    expect(first?.variants?.[1]?.selectedOptions).to.equal(second?.variants?.[1]?.selectedOptions);
    const bytes = (variantsOf: unknown) => JSON.stringify(variantsOf).length;
    const raw = (await stored.get('a')) as unknown as { readonly variants: unknown };
    expect(bytes(raw.variants)).to.be.below(bytes(a!.variants) / 2);
  });
});
