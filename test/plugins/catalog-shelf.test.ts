import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import { bootPlugins } from '../support/boot.js';

const boot = (dataDir?: string) =>
  bootPlugins([store, queue, catalogPlugin], dataDir === undefined ? {} : { dataDir });

interface Model {
  readonly status: 'ACTIVE' | 'DRAFT' | 'ARCHIVED';
  readonly brand: string | null;
  readonly stock: Map<string, number>;
}

type Step =
  | {
      readonly kind: 'save';
      readonly id: string;
      readonly status: Model['status'];
      readonly brand: string | null;
    }
  | {
      readonly kind: 'stock';
      readonly id: string;
      readonly storeId: string | null;
      readonly quantity: number;
    }
  | { readonly kind: 'remove'; readonly id: string };

const ids = ['a', 'b', 'c'];
const stores = ['online', 'basel', 'lyon'];
const id = fc.constantFrom(...ids);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('save' as const),
    id,
    status: fc.constantFrom('ACTIVE' as const, 'DRAFT' as const, 'ARCHIVED' as const),
    brand: fc.constantFrom('Acme', 'Zeta', null),
  }),
  fc.record({
    kind: fc.constant('stock' as const),
    id,
    storeId: fc.constantFrom(null, 'basel', 'lyon'),
    quantity: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), id }),
);

async function take(catalog: Catalog, model: Map<string, Model>, each: Step): Promise<void> {
  const before = model.get(each.id);
  if (each.kind === 'remove') {
    await catalog.remove([each.id]);
    model.delete(each.id);
  } else if (each.kind === 'save') {
    const { status, brand } = each;
    await catalog.save([{ id: each.id, title: 'T', status, brand, categoryIds: brand ? [brand] : [] }]);
    model.set(each.id, { status, brand, stock: before?.stock ?? new Map() });
  } else {
    const { storeId, quantity } = each;
    const { set } = await catalog.setStock([{ productId: each.id, storeId, quantity }]);
    expect(set).to.equal(before ? 1 : 0);
    before?.stock.set(storeId ?? 'online', quantity);
  }
}

function expectShelf({ shelf }: Catalog, model: ReadonlyMap<string, Model>): void {
  for (const each of ids) {
    const number = shelf.numberOf(each);
    const product = model.get(each);
    const kept = (product?.stock.size ?? 0) > 0;
    const somewhere = [...(product?.stock.values() ?? [])].some((quantity) => quantity > 0);
    const available = product !== undefined && (!kept || somewhere);
    expect(shelf.eligible(number), `${each} eligible`).to.equal(available && product.status === 'ACTIVE');
    expect(shelf.inStock(number), `${each} in stock`).to.equal(available);
    for (const storeId of stores) {
      const inStore = product !== undefined && (!kept || (product.stock.get(storeId) ?? 0) > 0);
      expect(shelf.inStore(number, storeId), `${each} in ${storeId}`).to.equal(inStore);
    }
    if (!product) continue;
    expect(shelf.idOf(number)).to.equal(each);
    expect(shelf.brand(number)).to.equal(product.brand);
    expect(shelf.categories(number)).to.deep.equal(product.brand ? [product.brand] : []);
  }
}

/** Overwrites all that a careless reader could: every property of every object and list below the value. */
function overwrite(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Reflect.ownKeys(value)) {
    if (Array.isArray(value) && key === 'length') continue;
    overwrite(Reflect.get(value, key));
    Reflect.set(value, key, typeof Reflect.get(value, key) === 'function' ? () => 'X' : 'X');
  }
}

describe('the shelf', () => {
  it('shows every acknowledged write at once, and the same after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
        try {
          const model = new Map<string, Model>();
          const first = await boot(dataDir);
          for (const each of steps) {
            await take(first.port('catalog'), model, each);
            expectShelf(first.port('catalog'), model);
          }
          await first.close();
          const second = await boot(dataDir);
          expectShelf(second.port('catalog'), model);
          await second.close();
        } finally {
          rmSync(dataDir, { recursive: true, force: true });
        }
      }),
      { numRuns: 5, seed: 7 },
    );
  });

  it('cannot be changed by a plugin, nor can other answers of the catalog', async () => {
    const system = await boot();
    try {
      const catalog = system.port('catalog');
      const input = {
        id: 'p',
        sku: 's',
        title: 'T',
        categoryIds: ['c'],
        prices: [{ amount: '1', currency: 'EUR' }],
      };
      const told: unknown[] = [];
      catalog.watch((changes) => told.push(changes));
      const { saved } = await catalog.save([input]);
      const number = catalog.shelf.numberOf('p');
      const scanned: unknown[] = [];
      for await (const page of catalog.scan()) scanned.push(page);
      const values: Record<string, unknown> = {
        shelf: catalog.shelf,
        'categories of a product': catalog.shelf.categories(number),
        'no categories': catalog.shelf.categories(-1),
        saved,
        told,
        scanned,
        products: await catalog.products(['p']),
        productBySku: await catalog.productBy('sku', 's'),
        stock: await catalog.stock(['p']),
        categories: catalog.categories(),
        category: catalog.category('c'),
        children: catalog.children('c'),
        descendants: catalog.descendants('c'),
      };
      for (const value of Object.values(values)) overwrite(value);
      expect(catalog.shelf.eligible(number)).to.equal(true);
      expect(catalog.shelf.categories(number)).to.deep.equal(['c']);
      expect(catalog.shelf.categories(-1)).to.deep.equal([]);
      const expected = { title: 'T', categoryIds: ['c'], sku: 's' };
      expect((await catalog.products(['p']))[0]).to.deep.include(expected);
      for await (const [product] of catalog.scan()) expect(product).to.deep.include(expected);
      expect(catalog.categories().map(({ name }) => name)).to.deep.equal(['C']);
    } finally {
      await system.close();
    }
  });

  it('is scanned in the order of ids as it is, whether products were in memory or not', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-scan-'));
    const named = ['b', '\u{1f600}', 'a', '\ue000', '\ufffd', 'a-1', 'gone', 'é'];
    const product = (id: string) => ({
      id,
      title: `Title of ${id}`,
      prices: [{ currency: 'EUR', amount: '1' }],
    });
    const scanned = async (catalog: Catalog) => {
      const found: string[] = [];
      for await (const page of catalog.scan()) for (const { title } of page) found.push(title);
      return found;
    };
    const expected = named
      .filter((id) => id !== 'gone')
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((id) => (id === 'b' ? 'Another title' : `Title of ${id}`));
    try {
      for (const begins of [true, false]) {
        const system = await boot(dataDir);
        try {
          const catalog = system.port('catalog');
          if (begins) {
            await catalog.save(named.map(product));
            await catalog.save([{ ...product('b'), title: 'Another title' }]);
            await catalog.setStock([{ productId: 'only stock', storeId: null, quantity: 3 }]);
            await catalog.remove(['gone']);
          }
          expect(await scanned(catalog)).to.deep.equal(expected);
        } finally {
          await system.close();
        }
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('keeps the number of a product that is removed and comes back, and knows nobody else', async () => {
    const system = await boot();
    try {
      const catalog = system.port('catalog');
      const many = Array.from({ length: 1_000 }, (_, i) => ({
        id: `p${i}`,
        title: 'T',
        stock: [{ storeId: `s${i % 3}`, quantity: 1 }],
      }));
      await catalog.save(many);
      await catalog.save(many.map((each) => ({ ...each, id: `${each.id}x` })));
      const number = catalog.shelf.numberOf('p500x');
      await catalog.remove(['p500x']);
      expect(catalog.shelf.eligible(number)).to.equal(false);
      await catalog.save([{ id: 'p500x', title: 'T' }]);
      expect(catalog.shelf.numberOf('p500x')).to.equal(number);
      expect(catalog.shelf.inStore(catalog.shelf.numberOf('p7x'), 's1')).to.equal(true);
      expect(catalog.shelf.inStore(catalog.shelf.numberOf('p7x'), 's2')).to.equal(false);
      expect(catalog.shelf.size).to.equal(2_000);
      expect(catalog.shelf.numberOf('ghost')).to.equal(-1);
      expect([
        catalog.shelf.eligible(-1),
        catalog.shelf.inStock(-1),
        catalog.shelf.inStore(-1, 's1'),
      ]).to.deep.equal([false, false, false]);
      expect([catalog.shelf.knowsStore('s1'), catalog.shelf.knowsStore('s9')]).to.deep.equal([true, false]);
    } finally {
      await system.close();
    }
  });
});
